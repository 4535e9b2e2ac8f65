"""Rows of the conversation store, sound unless a test says otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
IDLE = timedelta(minutes=60)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def conversation_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": "first",
        "token_hash": "0" * 64,
        "channel": "widget",
        "language": "it",
        "tier": "anonymous",
        "client": "somewhere",
        "created_at": NOON,
        "expires_at": NOON + IDLE,
        **changes,
    }


def message_row(**changes: Any) -> dict[str, Any]:
    """A person's message that nobody has answered yet."""
    return {
        "conversation_id": "first",
        "side": "person",
        "text": "Ciao",
        "state": "waiting",
        "created_at": NOON,
        **changes,
    }
