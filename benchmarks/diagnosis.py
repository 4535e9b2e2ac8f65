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
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from rasa_sdk import Tracker

from actions.accounts import schema as accounts_schema
from actions.accounts.store import SqlAccounts
from actions.customer_facts import ActionDiagnoseCustomer
from actions.customers import ActionFindCustomer
from actions.services import Services
from actions.turn import Turn
from benchmarks import accounts as rows
from bot.conversations import schema as conversations_schema
from bot.conversations.store import ConversationStore
from bot.database import open_engine
from bot.privacy.vault import Vault
from bot.settings import Settings

SIZES = (2_000, 20_000, 200_000)
COMPANY_SIZE = 20_000
TURNS = 200
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


def services_over(url: str, folder: Path, stack: ExitStack) -> Services:
    """Services as the action server has them."""
    accounts, conversations = open_engine(url), open_engine(f"sqlite:///{folder / 'conversations.db'}")
    stack.callback(accounts.dispose)
    stack.callback(conversations.dispose)
    return Services(
        accounts=SqlAccounts(accounts),
        conversations=ConversationStore(conversations),
        vault=Vault(conversations, b"k" * 32),
        limiter=FixedWindowRateLimiter(MemoryStorage()),
        settings=Settings(home=folder),
        now=lambda: datetime.now(timezone.utc),
    )


def turn(services: Services, company: str, text: str, conversation: str, slots: dict[str, object]) -> Turn:
    """A message of an administrator."""
    metadata = {"tier": "administrator", "company": company, "subject": "bench", "client": ""}
    latest = {"text": text, "intent": {}, "entities": [], "metadata": metadata}
    return Turn(Tracker(conversation, slots, latest, [], False, None, {}, None), services)


def diagnose(services: Services, company: str, text: str, conversation: str) -> bool:
    """Search, and diagnose whoever is found; whether somebody was."""
    events = ActionFindCustomer(services).answer(turn(services, company, text, conversation, {}))
    slots = {event["name"]: event["value"] for event in events}
    if slots["customer_match"] != "found":
        return False
    ActionDiagnoseCustomer(services).answer(turn(services, company, text, conversation, slots))
    return True


def measure(services: Services, size: int) -> dict[str, str]:
    """Median and 95th percentile in milliseconds of each kind of sentence, and how many led to a diagnosis."""
    cells = {}
    for kind, sentence in SENTENCES.items():
        chance = random.Random(7)
        times, found = [], 0
        for number in range(TURNS):
            person = chance.randrange(size)
            text, company = sentence(person, chance), rows.company(person)
            began = time.perf_counter()
            found += diagnose(services, company, text, f"{kind}-{number // 10}")
            times.append((time.perf_counter() - began) * 1000)
        times.sort()
        median, slow = times[TURNS // 2], times[TURNS * 95 // 100]
        cells[kind] = f"{median:.1f} / {slow:.1f} ms ({found * 100 // TURNS} %)"
    return cells


def main() -> None:
    """Load, measure, write the table."""
    rows.name, rows._PER_COMPANY = name, COMPANY_SIZE
    lines = [
        "# Diagnosis of a customer named in a sentence",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} processors; {TURNS} messages each: search, look-up, "
        "findings and vault (on SQLite), without Rasa. p50 / p95, and in brackets how many messages led to exactly one "
        "customer and so to a diagnosis; the others ask back.",
        "`python -m benchmarks diagnosis` makes this file.",
    ]
    for backend in ("sqlite", "postgresql"):
        table: dict[str, list[str]] = {kind: [] for kind in SENTENCES}
        for size in SIZES:
            with ExitStack() as stack:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                url = stack.enter_context(rows.database(backend, folder))
                accounts_schema.upgrade(url)
                conversations_schema.upgrade(f"sqlite:///{folder / 'conversations.db'}")
                services = services_over(url, folder, stack)
                rows.load(services.accounts._engine, size, folder)  # type: ignore[attr-defined]
                for kind, cell in measure(services, size).items():
                    table[kind].append(cell)
                    print(backend, size, kind, cell, flush=True)
        lines += [
            "",
            f"## {backend}",
            "",
            f"| | {' | '.join(f'{size:,} contacts' for size in SIZES)} |",
            f"|---|{'---|' * len(SIZES)}",
            *(f"| {kind} | {' | '.join(cells)} |" for kind, cells in table.items()),
        ]
    (Path(__file__).parent / "results" / "diagnosis.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
