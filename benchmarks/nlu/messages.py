"""Messages with their case: those that the model learns from, and the held-out ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.cases import cases
from bot.privacy.detection import mask
from bot.privacy.values import reference_to
from tests.nlu.held_out import Message, held_out_messages

DATA = Path(__file__).parents[2] / "data" / "nlu"


def training_messages() -> list[Message]:
    """What the model learns from. Cases of both channels count as written in the widget."""
    from rasa.shared.nlu.training_data.loading import load_data

    examples = load_data(str(DATA)).intent_examples
    known = cases()
    return [
        Message(example.get("text"), example.get("intent"), known[example.get("intent")].channel or "widget")
        for example in examples
    ]


def test_messages() -> list[Message]:
    """The held-out messages as Rasa gets them: personal values masked."""
    return [replace(message, text=masked(message.text)) for message in held_out_messages()]


def masked(text: str) -> str:
    """The text as the gateway hands it to Rasa, with one reference of each kind."""
    return mask(text, lambda kind, _: reference_to(kind, 1)).text or " "
