"""The held-out messages of this folder: written apart from the training data, and never copied into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Message:
    """A message, the case that it is, and the channel that it is written in."""

    text: str
    intent: str
    channel: str


def held_out_messages() -> list[Message]:
    """All messages of all families."""
    return [
        Message(text, test["intent"], family["channel"])
        for path in sorted(FOLDER.glob("*.yml"))
        for family in [yaml.safe_load(path.read_text(encoding="utf-8"))]
        for test in family["tests"]
        for text in test["messages"]
    ]
