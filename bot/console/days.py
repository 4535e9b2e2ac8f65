"""Days as people fill them in."""

from __future__ import annotations

import datetime as clock
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from bot.conversations.log.figures import midnight


def beginning_of(text: str, zone: ZoneInfo, *, after: bool = False) -> datetime:
    """When a day such as 2026-03-01 begins in a zone, with ``after`` the day after it; `ValueError` if it is none."""
    try:
        day = clock.date.fromisoformat(text) + timedelta(days=1 if after else 0)
        return midnight(day, zone).astimezone(timezone.utc)
    except OverflowError as error:
        raise ValueError("no such day") from error
