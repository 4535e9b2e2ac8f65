"""How a conversation came out (docs/decisions/0009): a pure rule over a few facts, one outcome each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

Outcome = Literal["resolved", "handed_off", "unresolved", "abandoned", "out_of_scope"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

COME_BACK = timedelta(days=7)


@dataclass(frozen=True)
class Facts:
    """What an outcome follows from. ``thumb`` is "up", "down" or None."""

    handed_off: bool = False
    thumb: str | None = None
    has_answer: bool = False
    has_case: bool = False
    unsure_turns: int = 0
    has_failed: bool = False
    is_out_of_scope: bool = False
    came_back: bool = False


def outcome(facts: Facts) -> Outcome:
    """The outcome; of several that fit, the first in this order counts."""
    if facts.handed_off:
        return "handed_off"
    if facts.thumb:
        return "resolved" if facts.thumb == "up" else "unresolved"
    if facts.has_answer:
        return "unresolved" if facts.came_back else "resolved"
    if facts.is_out_of_scope and not facts.has_case:
        return "out_of_scope"
    if facts.unsure_turns or facts.has_failed:
        return "unresolved"
    return "abandoned"


def is_final(facts: Facts, ended_at: datetime, now: datetime, idle: timedelta) -> bool:
    """Whether the outcome will not change by itself: nobody can go on, and a come-back has come or cannot any more."""
    if now < ended_at + idle:
        return False
    waits_for_come_back = facts.has_answer and not (facts.handed_off or facts.thumb or facts.came_back)
    return not waits_for_come_back or now >= ended_at + COME_BACK
