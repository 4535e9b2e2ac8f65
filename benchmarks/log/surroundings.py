"""What stands around the log: sessions, cases for a person, wishes for a reactivation, messages and tracker events.

Messages are kept for thirty days, as by the default of retention. Events stand for the last three alone: no page of
the console but a conversation's test story reads them, and there are a dozen a turn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np

Row = dict[str, Any]

_OPEN = timedelta(hours=6)  # cases that are younger wait for somebody
_WITH_MESSAGES, _WITH_EVENTS = timedelta(days=30), timedelta(days=3)
_WISHES = 0.03  # of the conversations
_COMPANIES = 60
_EVENTS_A_TURN = 12


def sessions(talks: list[Row]) -> Iterator[Row]:
    """A session of each conversation."""
    for talk in talks:
        yield {
            "id": talk["id"],
            "token_hash": hashlib.sha256(talk["id"].encode()).hexdigest(),
            "channel": talk["channel"],
            "language": "it",
            "tier": talk["tier"],
            "client": "somewhere",
            "created_at": talk["started_at"],
            "expires_at": talk["started_at"] + timedelta(hours=1),
        }


def cases_of(chance: np.random.Generator, talks: list[Row], first: int, end: datetime) -> Iterator[Row]:
    """A case of each conversation that was handed to a person; the latest are open."""
    handed = [talk for talk in talks if talk["handed_off"]]
    for number, talk in enumerate(handed, first):
        opened = talk["started_at"] + timedelta(minutes=4)
        is_open = opened > end - _OPEN
        yield {
            "conversation_id": talk["id"],
            "number": f"P-{number:07d}",
            "kind": str(chance.choice(("asked", "failures", "limits"), p=(0.7, 0.2, 0.1))),
            "reason": "non riesco a entrare",
            "contact": "chat",
            "state": "open" if is_open else "closed",
            "closed_at": None if is_open else opened + timedelta(hours=2),
            "created_at": opened,
        }


def wishes_of(chance: np.random.Generator, talks: list[Row]) -> Iterator[Row]:
    """Wishes for a reactivation, of some companies many; one in ten is never done."""
    for talk in talks:
        if chance.random() >= _WISHES:
            continue
        is_done = chance.random() < 0.9
        yield {
            "conversation_id": talk["id"],
            "kind": "reactivation",
            "company": f"company-{int(_COMPANIES * chance.random() ** 2):02d}",
            "invite_id": f"invite-{talk['id'][-7:]}",
            "state": "done" if is_done else "open",
            "created_at": talk["started_at"] + timedelta(minutes=2),
            "done_after": round(float(chance.exponential(86_400)), 1) if is_done else None,
        }


def messages_of(talks: list[Row], turns: list[Row], end: datetime) -> Iterator[Row]:
    """What was said and answered in the conversations of the last thirty days."""
    recent = {talk["id"] for talk in talks if talk["started_at"] > end - _WITH_MESSAGES}
    for row in turns:
        if row["conversation_id"] not in recent:
            continue
        for side, text in (("person", row["text"]), ("bot", "Il codice è scaduto giovedì.")):
            if text is not None:
                yield {
                    "conversation_id": row["conversation_id"],
                    "side": side,
                    "text": text,
                    "state": "done",
                    "created_at": row["at"],
                }


def events_of(talks: list[Row], turns: list[Row], end: datetime) -> Iterator[Row]:
    """About as many and as long events as Rasa stores, in the conversations of the last three days."""
    recent = {talk["id"] for talk in talks if talk["started_at"] > end - _WITH_EVENTS}
    for row in turns:
        if row["conversation_id"] not in recent:
            continue
        for number in range(_EVENTS_A_TURN):
            at = row["at"].timestamp() + number / 1000
            event = {"event": "slot", "timestamp": at, "name": f"slot_{number}", "value": "x" * 300}
            yield {
                "sender_id": row["conversation_id"],
                "type_name": "slot",
                "timestamp": at,
                "data": json.dumps(event),
            }
