"""What people say in the benchmark, and the load that they make together."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp

CODE = "{code}"  # where a message names its code: each bot is sent it as it knows codes
# Six to eight messages each; a message with a code makes the bot look it up in the account store.
CONVERSATIONS = (
    (
        "SCAD-2345",
        ("buongiorno", "il codice {code} risulta scaduto", "grazie mille", "come faccio a registrarmi?", "ok", "ciao"),
    ),
    (
        "VERD-2345",
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
    (
        "USAT-2345",
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
    (
        "REVC-2345",
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


class Talk(Protocol):
    """One conversation with a bot."""

    async def say(self, client: aiohttp.ClientSession, text: str) -> None:
        """Send a message and wait for its whole answer; an answer without a text is an error."""


class Bot(Protocol):
    """A running bot."""

    async def open(self, client: aiohttp.ClientSession, code: str) -> Talk:
        """Begin a conversation in which the person has this code."""


@dataclass
class Load:
    """Seconds of the messages of one run, and of the run."""

    plain: list[float] = field(default_factory=list)
    looked_up: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other: Load) -> Load:
        return Load(self.plain + other.plain, self.looked_up + other.looked_up, self.seconds + other.seconds)

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


async def _people(
    bot: Bot, client: aiohttp.ClientSession, waiting: Iterator[tuple[str, tuple[str, ...]]], result: Load
) -> None:
    for code, messages in waiting:
        talk = await bot.open(client, code)
        for text in messages:
            began = time.perf_counter()
            await talk.say(client, text)
            times = result.looked_up if CODE in text else result.plain
            times.append(time.perf_counter() - began)


async def long_conversation(bot: Bot, count: int = 204) -> list[float]:
    """Seconds of each message of one long conversation without look-ups."""
    messages = [text for _, texts in CONVERSATIONS for text in texts if CODE not in text]
    times = []
    async with aiohttp.ClientSession() as client:
        talk = await bot.open(client, CONVERSATIONS[0][0])
        for text in itertools.islice(itertools.cycle(messages), count):
            began = time.perf_counter()
            await talk.say(client, text)
            times.append(time.perf_counter() - began)
    return times
