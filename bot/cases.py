"""The catalogue of intents (`cases.yml`): which exist, whom they concern, how the bot offers them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml

CHANNELS = ("widget", "staff")


@dataclass(frozen=True)
class Case:
    """One intent. ``channel`` is None where it concerns everyone, ``button`` where the bot never offers it."""

    intent: str
    family: str
    channel: str | None = None
    button: str | None = None

    def concerns(self, channel: str) -> bool:
        """Whether people on this channel have this case."""
        return self.channel in (None, channel)


@functools.lru_cache(maxsize=1)
def cases() -> dict[str, Case]:
    """All intents by name, in the order of the catalogue."""
    entries = yaml.safe_load(Path(__file__).with_name("cases.yml").read_text(encoding="utf-8"))
    return {intent: Case(intent, **entry) for intent, entry in entries.items()}
