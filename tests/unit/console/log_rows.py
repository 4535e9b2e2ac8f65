"""Conversations of the log, as they are written by the projection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.engine import Engine

from bot.conversations.log.tables import conversation_label, logged_conversation, turn
from tests.unit.conversations.factories import NOON


def log_conversation(engine: Engine, ident: str, *texts: str, minutes: float = 0, **changes: Any) -> None:
    """A conversation that began so many minutes after noon; intents and findings become its labels."""
    began = NOON + timedelta(minutes=minutes)
    findings = changes.pop("findings", [])
    row = {
        "id": ident,
        "channel": "widget",
        "language": "it",
        "tier": "anonymous",
        "started_at": began,
        "ended_at": began + timedelta(minutes=1),
        "turns": len(texts),
        "unsure_turns": 0,
        "lowest_confidence": 0.9,
        "outcome": "resolved",
        "has_texts": True,
        "intent": "reset_password",
        **changes,
    }
    labels = [("intent", row["intent"]), *(("finding", finding) for finding in findings)]
    with engine.begin() as connection:
        connection.execute(insert(logged_conversation).values(**row))
        for number, text in enumerate(texts, 1):
            connection.execute(
                insert(turn).values(
                    conversation_id=ident,
                    number=number,
                    side="person",
                    at=began,
                    text=text,
                    answers=[{"text": "Ecco come si fa."}],
                    intent=row["intent"],
                    confidence=0.9,
                    ranking=[{"name": row["intent"], "confidence": 0.9}],
                    actions=["utter_reset_password"],
                    findings=findings,
                    milliseconds=12.0,
                )
            )
        for kind, name in labels:
            connection.execute(
                insert(conversation_label).values(conversation_id=ident, kind=kind, name=name, started_at=began)
            )
