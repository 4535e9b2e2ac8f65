"""The comparison of servers counts as a look-up only what was looked up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp
import pytest

from benchmarks.servers.conversations import CONVERSATIONS, load, long_conversation

FINDINGS = {
    "SCAD-2345": "Il codice è scaduto martedì 10 novembre 2026.",
    "VERD-2345": "Il codice è valido fino a sabato 12 dicembre 2026 e nessuno l'ha usato.",
    "USAT-2345": "Il codice è già stato usato lunedì 2 novembre 2026.",
    "REVC-2345": "Il codice è stato ritirato.",
}


@dataclass(frozen=True)
class Parrot:
    """A bot that gives the same answer to everything, or the finding of the person's code."""

    answer: str | None = None

    async def open(self, client: aiohttp.ClientSession, code: str) -> Parrot:
        return Parrot(self.answer or FINDINGS[code])

    async def say(self, client: aiohttp.ClientSession, text: str) -> str:
        return self.answer or ""


def test_an_answer_with_the_finding_is_a_look_up() -> None:
    result = asyncio.run(load(Parrot(), 2, 8))

    assert len(result.looked_up) == 8
    assert result.missed == 0


def test_a_general_answer_to_a_code_is_none() -> None:
    result = asyncio.run(load(Parrot("Il codice non risulta. È scaduto?"), 1, len(CONVERSATIONS)))

    assert result.missed == len(CONVERSATIONS)


def test_a_form_that_ends_by_itself_is_no_long_form() -> None:
    assert len(asyncio.run(long_conversation(Parrot("Ciao!"), in_form=False, count=12))) == 12
    with pytest.raises(RuntimeError):
        asyncio.run(long_conversation(Parrot("Ciao!"), in_form=True, count=12))
