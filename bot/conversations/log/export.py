"""The log as lines of JSON, one a turn, read some conversations at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.engine import Engine, Row

from bot.conversations.log.tables import logged_conversation, turn

_AT_ONCE = 200


@dataclass(frozen=True)
class Selection:
    """Which conversations are meant; ``since`` and ``until`` say when they began, the latter not included."""

    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None
    outcome: str | None = None


def exported_turns(engine: Engine, selection: Selection) -> Iterator[dict[str, Any]]:
    """The turns of conversations in the order in which these began, each as one JSON object; texts as in the log."""
    after: Row | None = None
    while True:
        with engine.connect() as connection:
            talks = connection.execute(_page(selection, after)).all()
            if not talks:
                return
            of_page = turn.c.conversation_id.in_([talk.id for talk in talks])
            turns = connection.execute(select(turn).where(of_page).order_by(turn.c.conversation_id, turn.c.number))
            by_talk: dict[str, list[Row]] = {}
            for row in turns:
                by_talk.setdefault(row.conversation_id, []).append(row)
        for talk in talks:
            for row in by_talk.get(talk.id, ()):
                yield _line(talk, row)
        after = talks[-1]


def _page(selection: Selection, after: Row | None) -> Any:
    table = logged_conversation.c
    chosen: Sequence[Any] = [
        *([table.started_at >= selection.since] if selection.since else []),
        *([table.started_at < selection.until] if selection.until else []),
        *([table.channel == selection.channel] if selection.channel else []),
        *([table.outcome == selection.outcome] if selection.outcome else []),
    ]
    query = select(table.id, table.channel, table.outcome, table.started_at).where(*chosen)
    if after is not None:
        is_same_moment = and_(table.started_at == after.started_at, table.id > after.id)
        is_later = or_(table.started_at > after.started_at, is_same_moment)
        query = query.where(table.started_at >= after.started_at, is_later)  # the first is what an index can use
    return query.order_by(table.started_at, table.id).limit(_AT_ONCE)


def _line(talk: Row, row: Row) -> dict[str, Any]:
    said = "\n".join(answer["text"] for answer in row.answers or () if answer.get("text")) or None
    return {
        "conversation": talk.id,
        "channel": talk.channel,
        "outcome": talk.outcome,
        "turn": row.number,
        "time": row.at.isoformat(timespec="milliseconds"),
        "side": row.side,
        "text": said if row.side == "bot" else row.text,
        "answer": None if row.side == "bot" else said,
        "intent": row.intent,
        "confidence": row.confidence,
        "fallback": row.is_unsure,
        "actions": row.actions,
        "slots": row.slots or {},
        "findings": row.findings,
        "milliseconds": row.milliseconds,
    }
