"""What people say in the benchmark, and the load that they make together."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp

CODE = "{code}"  # where a message names its code: each bot is sent it as it knows codes


@dataclass(frozen=True)
class Conversation:
    """Six to eight messages; the one with a code makes the bot look it up in the account store."""

    code: str
    finding: str  # a pattern of what the answer says that stands in the account store alone
    messages: tuple[str, ...]


CONVERSATIONS = (
    Conversation(
        "SCAD-2345",
        r"è scaduto \w+ \d+ \w+ \d{4}",
        ("buongiorno", "il codice {code} risulta scaduto", "grazie mille", "come faccio a registrarmi?", "ok", "ciao"),
    ),
    Conversation(
        "VERD-2345",
        r"è valido fino a \w+ \d+ \w+ \d{4}",
        (
            "ciao",
            "cosa sai fare?",
            "il codice {code} non funziona",
            "ho capito, grazie",
            "ho dimenticato la password",
            "sei un robot?",
            "arrivederci",
        ),
    ),
    Conversation(
        "USAT-2345",
        r"è già stato usato \w+ \d+ \w+ \d{4}",
        (
            "salve",
            "come faccio a registrarmi?",
            "il codice {code} è già stato usato",
            "grazie",
            "come aggiungo un secondo appartamento al mio account?",
            "perfetto",
            "cosa sai fare?",
            "buona giornata",
        ),
    ),
    Conversation(
        "REVC-2345",
        r"è stato ritirato",
        (
            "buonasera",
            "sei una persona vera?",
            "non mi accetta il codice {code}",
            "va bene",
            "grazie mille",
            "a presto",
        ),
    ),
)
FORM_BEGINS = "il codice d'invito risulta scaduto"
FORM_ASKS = "otto caratteri"  # what the form says as long as it waits for a code
# Each leads away from a form, which then asks again; none ends it.
QUESTIONS = (
    "come faccio a registrarmi?",
    "ho dimenticato la password",
    "cosa sai fare?",
    "come aggiungo un secondo appartamento al mio account?",
)


class Talk(Protocol):
    """One conversation with a bot."""

    async def say(self, client: aiohttp.ClientSession, text: str) -> str:
        """Send a message and wait for its whole answer: its texts. None at all is an error."""


class Bot(Protocol):
    """A running bot."""

    async def open(self, client: aiohttp.ClientSession, code: str) -> Talk:
        """Begin a conversation in which the person has this code."""


@dataclass
class Load:
    """Seconds of the messages of one run, and of the run."""

    plain: list[float] = field(default_factory=list)
    looked_up: list[float] = field(default_factory=list)
    missed: int = 0  # messages with a code whose answer does not tell the finding
    seconds: float = 0.0

    def __add__(self, other: Load) -> Load:
        return Load(
            self.plain + other.plain,
            self.looked_up + other.looked_up,
            self.missed + other.missed,
            self.seconds + other.seconds,
        )

    @property
    def messages_a_second(self) -> float:
        return (len(self.plain) + len(self.looked_up)) / self.seconds


async def load(bot: Bot, at_once: int, count: int) -> Load:
    """Hold ``count`` conversations, ``at_once`` of them at a time, each person answering at once."""
    result = Load()
    waiting = iter(list(itertools.islice(itertools.cycle(CONVERSATIONS), count)))
    # No limit of its own, and a client that keeps its connections, as browsers do.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        began = time.perf_counter()
        await asyncio.gather(*(_people(bot, client, waiting, result) for _ in range(at_once)))
        result.seconds = time.perf_counter() - began
    return result


async def _people(bot: Bot, client: aiohttp.ClientSession, waiting: Iterator[Conversation], result: Load) -> None:
    for conversation in waiting:
        talk = await bot.open(client, conversation.code)
        for text in conversation.messages:
            began = time.perf_counter()
            answer = await talk.say(client, text)
            spent = time.perf_counter() - began
            if CODE not in text:
                result.plain.append(spent)
                continue
            result.looked_up.append(spent)
            result.missed += re.search(conversation.finding, answer) is None


async def long_conversation(bot: Bot, in_form: bool, count: int = 204) -> list[float]:
    """Seconds of each message of one long conversation without look-ups; `RuntimeError` if a form ended by itself."""
    first = (FORM_BEGINS,) if in_form else ()
    times = []
    async with aiohttp.ClientSession() as client:
        talk = await bot.open(client, CONVERSATIONS[0].code)
        for text in itertools.islice(itertools.chain(first, itertools.cycle(QUESTIONS)), count):
            began = time.perf_counter()
            answer = await talk.say(client, text)
            times.append(time.perf_counter() - began)
            if in_form and FORM_ASKS not in answer:
                raise RuntimeError(f"the form has ended at {text!r}")
    return times
