"""What it costs to find a customer in a sentence and to diagnose them, by the size of the store.

    python -m benchmarks diagnosis

Loads 2,000, 20,000 and 200,000 contacts (companies of up to 20,000, with few first names and many surnames, as in
life) into SQLite and PostgreSQL, runs the actions as the action server does, vault included, and writes
`benchmarks/results/diagnosis.md`.
"""

from __future__ import annotations

import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from rasa_sdk import Tracker

from actions.accounts import schema as accounts_schema
from actions.customer_facts import ActionDiagnoseCustomer
from actions.customers import ActionFindCustomer
from actions.services import Services, open_services
from actions.turn import Turn
from benchmarks import accounts as rows
from bot.conversations import schema as conversations_schema
from bot.settings import Settings

SIZES = (2_000, 20_000, 200_000)
COMPANY_SIZE = 20_000
TURNS = 200
# What `customer_match` comes to, in words.
OUTCOMES = {
    "found": "diagnosed",
    "several": "choice",
    "nearest": "nearest",
    "unknown": "nobody",
    "unnamed": "asked whom",
}
_SYLLABLES = ("ba", "ne", "ro", "li", "ca", "ve", "to", "mi", "zan", "ber", "gal", "mar", "pel", "tos", "fer", "con")
_FIRST = (
    "Maria", "Luca", "Giulia", "Paolo", "Elena", "Sara", "Davide", "Anna", "Franz", "Irene",
    "Marco", "Chiara", "Andrea", "Silvia", "Martina", "Stefano", "Laura", "Matteo", "Ada", "Ugo",
)  # fmt: skip


def surname(number: int) -> str:
    """One of 4,096 surnames."""
    parts = [_SYLLABLES[number // 16**place % 16] for place in range(3)]
    return "".join(parts).capitalize() + "i"


def name(number: int) -> str:
    """First name and surname: of 20,000 contacts, about five share a surname."""
    return f"{_FIRST[number // 7 % len(_FIRST)]} {surname(number * 2_654_435_761 % 4_096)}"


def misspelt(text: str, chance: random.Random) -> str:
    """The text without one of the letters of its last word."""
    at = chance.randrange(text.rindex(" ") + 2, len(text) - 1)
    return text[:at] + text[at + 1 :]


SENTENCES: dict[str, Callable[[int, random.Random], str]] = {
    "full name": lambda n, _: f"perché {name(n)} non riesce più ad accedere al portale?",
    "full name with a slip": lambda n, chance: f"perché {misspelt(name(n), chance)} non riesce ad accedere?",
    "surname in lower case": lambda n, _: f"{surname(n * 2_654_435_761 % 4_096).lower()} non entra, controlli?",
    "first name only": lambda n, _: f"la cliente {_FIRST[n // 7 % len(_FIRST)]} non riesce a entrare",
    "address and unit": lambda n, _: f"via Roma {n // 20} int. {n % 20} non vede l'appartamento",
    "a name that nobody has": lambda n, _: f"il sig. Wolfgang Pfitscher{n % 7} non riesce ad accedere",
    "no name at all": lambda n, _: "un mio cliente non riesce più ad accedere, da cosa può dipendere?",
}


@contextmanager
def loaded(backend: str, size: int) -> Iterator[Services]:
    """The action server's services over stores with so many contacts."""
    with ExitStack() as stack:
        stack.enter_context(patch.multiple(rows, name=name, _PER_COMPANY=COMPANY_SIZE))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(rows.database(backend, folder))
        settings = Settings(home=folder, accounts_url=url)
        accounts_schema.upgrade(url)
        conversations_schema.upgrade(settings.conversations_database())
        services = open_services(settings)
        engine = services.accounts._engine  # type: ignore[attr-defined]
        stack.callback(engine.dispose)
        rows.load(engine, size, folder)
        yield services


def turn(services: Services, company: str, text: str, conversation: str, slots: dict[str, object]) -> Turn:
    """A message of an administrator."""
    metadata = {"tier": "administrator", "company": company, "subject": "bench", "client": ""}
    latest = {"text": text, "intent": {}, "entities": [], "metadata": metadata}
    return Turn(Tracker(conversation, slots, latest, [], False, None, {}, None), services)


def diagnose(services: Services, company: str, text: str, conversation: str) -> str:
    """Search, and diagnose whoever is found; `customer_match`: what the search came to."""
    events = ActionFindCustomer(services).answer(turn(services, company, text, conversation, {}))
    slots = {event["name"]: event["value"] for event in events}
    if slots["customer_match"] == "found":
        ActionDiagnoseCustomer(services).answer(turn(services, company, text, conversation, slots))
    return str(slots["customer_match"])


def measure(services: Services, size: int, turns: int) -> Iterator[tuple[str, dict[str, list[float]]]]:
    """Of each kind of sentence, the milliseconds of its messages by what they came to."""
    for kind, sentence in SENTENCES.items():
        chance = random.Random(7)
        times: dict[str, list[float]] = {}
        for number in range(turns):
            person = chance.randrange(size)
            text, company = sentence(person, chance), rows.company(person)
            began = time.perf_counter()
            outcome = diagnose(services, company, text, f"{kind}-{number // 10}")
            times.setdefault(outcome, []).append((time.perf_counter() - began) * 1000)
        yield kind, times


def cell(times: dict[str, list[float]]) -> str:
    """Share, median and 95th percentile of each outcome that is more than an accident."""
    turns = sum(map(len, times.values()))
    parts = []
    for outcome, words in OUTCOMES.items():
        measured = sorted(times.get(outcome, ()))
        if len(measured) * 20 >= turns:
            median, slow = measured[len(measured) // 2], measured[len(measured) * 95 // 100]
            parts.append(f"{len(measured) * 100 // turns} % {words}: {median:.1f} / {slow:.1f} ms")
    return "<br>".join(parts)


def main() -> None:
    """Load, measure, write the table; sizes can be given as arguments."""
    sizes = [int(size) for size in sys.argv[1:]] or list(SIZES)
    lines = [
        "# Diagnosis of a customer named in a sentence",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} processors; {TURNS} messages each: search, look-up, "
        "findings and vault (on SQLite), without Rasa. Each cell says which share of the messages came to what, with "
        "p50 / p95: one customer diagnosed, a choice of several, the nearest offered, nobody found, or asked whom is "
        "meant. Shares under 5 % are left out. In a company of 20,000 about five contacts share each of the 4,096 "
        "surnames, so a surname alone always ends in a choice there.",
        "`python -m benchmarks diagnosis` makes this file.",
    ]
    for backend in ("sqlite", "postgresql"):
        table: dict[str, list[str]] = {kind: [] for kind in SENTENCES}
        for size in sizes:
            with loaded(backend, size) as services:
                for kind, times in measure(services, size, TURNS):
                    table[kind].append(cell(times))
                    print(backend, size, kind, table[kind][-1], flush=True)
        lines += [
            "",
            f"## {backend}",
            "",
            f"| | {' | '.join(f'{size:,} contacts' for size in sizes)} |",
            f"|---|{'---|' * len(sizes)}",
            *(f"| {kind} | {' | '.join(cells)} |" for kind, cells in table.items()),
        ]
    if sizes == list(SIZES):
        (Path(__file__).parent / "results" / "diagnosis.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
