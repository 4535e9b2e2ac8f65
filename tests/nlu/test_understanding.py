"""How the trained model understands messages that it has never seen: a floor for each intent and for the whole."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from bot.cli.parse import understand
from tests.nlu.held_out import Message, held_out_messages

FLOOR_OF_AN_INTENT = 0.75  # share of an intent's messages that must be understood rightly
FLOOR_OF_ALL = 0.93
MOST_ACTED_ON_WRONGLY = 0.03  # share of all messages, with those that are wrongly taken for none of the cases
FLOOR_OF_OUT_OF_SCOPE = 0.93  # share of other matters that the bot must not act on as if they were its own

Understood = tuple[Message, dict[str, Any]]


@pytest.fixture(scope="module")
def understood() -> list[Understood]:
    messages = held_out_messages()
    results: list[Understood] = []
    for channel in ("widget", "staff"):
        here = [message for message in messages if message.channel == channel]
        texts = (message.text.replace("\n", " ") for message in here)
        results += list(zip(here, understand(texts, channel), strict=True))
    return results


def test_each_intent_is_understood(understood: list[Understood]) -> None:
    by_intent: dict[str, list[bool]] = defaultdict(list)
    for message, result in understood:
        by_intent[message.intent].append(result["intent"] == message.intent)
    shares = {intent: sum(right) / len(right) for intent, right in by_intent.items()}
    assert {intent: share for intent, share in shares.items() if share < FLOOR_OF_AN_INTENT} == {}


def test_all_messages_together_are_understood(understood: list[Understood]) -> None:
    right = sum(result["intent"] == message.intent for message, result in understood)
    assert right / len(understood) >= FLOOR_OF_ALL


def test_the_bot_seldom_acts_on_the_wrong_case(understood: list[Understood]) -> None:
    wrong = sum(not result["fallback"] and result["intent"] != message.intent for message, result in understood)
    assert wrong / len(understood) <= MOST_ACTED_ON_WRONGLY


def test_other_matters_are_kept_out(understood: list[Understood]) -> None:
    others = [result for message, result in understood if message.intent == "out_of_scope"]
    kept_out = sum(result["fallback"] or result["intent"] == "out_of_scope" for result in others)
    assert kept_out / len(others) >= FLOOR_OF_OUT_OF_SCOPE
