"""Outcomes that change by time alone: a conversation falls idle, a person comes back, or seven days pass without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, and_, bindparam, func, or_, select, update
from sqlalchemy.engine import Engine, Row

from bot.cases import cases
from bot.conversations.log.outcomes import COME_BACK, is_final, outcome
from bot.conversations.log.standing import facts_of
from bot.conversations.log.tables import logged_conversation

_AT_ONCE = 500
_NO_DISTINCTION = "staff"  # administrators come every day, with other customers: that says nothing of the last one
_FOR_A_PERSON = "handoff"


def settle(engine: Engine, now: datetime, idle: timedelta) -> int:
    """Bring the outcomes of idle conversations up to date; how many changed. `idle` is when nobody can go on."""
    changed, after = 0, None
    while True:
        rows = _unsettled(engine, now - idle, after)
        if not rows:
            return changed
        changed += _settle(engine, rows, now, idle)
        after = rows[-1]


def _unsettled(engine: Engine, until: datetime, after: Row | None) -> Sequence[Row]:
    table = logged_conversation.c
    query = select(logged_conversation).where(table.is_settled.is_(False), table.ended_at <= until)
    if after is not None:
        is_same_moment = and_(table.ended_at == after.ended_at, table.id > after.id)
        is_later = or_(table.ended_at > after.ended_at, is_same_moment)
        query = query.where(table.ended_at >= after.ended_at, is_later)  # the first is what an index can use
    with engine.connect() as connection:
        return connection.execute(query.order_by(table.ended_at, table.id).limit(_AT_ONCE)).all()


def _settle(engine: Engine, rows: Sequence[Row], now: datetime, idle: timedelta) -> int:
    with engine.connect() as connection:
        later = connection.execute(_LATER, {"conversations": [row.id for row in rows]}).all()
        ended = {row.id: row for row in rows}
        returned = {found.id for found in later if _is_come_back(ended[found.id], found)}
        facts = [(row, facts_of(connection, row._mapping, came_back=row.id in returned)) for row in rows]
    changes = [
        {"as_read": row, "outcome": outcome(of_row), "is_settled": is_final(of_row, row.ended_at, now, idle)}
        for row, of_row in facts
    ]
    changes = [change for change in changes if change["is_settled"] or change["outcome"] != change["as_read"].outcome]
    with engine.begin() as connection:
        return sum(_change(connection, **change) for change in changes)


def _change(connection: Any, as_read: Row, **values: Any) -> int:
    """Change a row unless a message, a rating or a hand-off came since it was read: then it is looked at again."""
    is_as_read = [_is(column, as_read._mapping) for column in _READ]
    changing = update(logged_conversation).where(logged_conversation.c.id == as_read.id, *is_as_read)
    return int(connection.execute(changing.values(values)).rowcount)


def _is(column: Column[Any], row: Mapping[Any, Any]) -> Any:
    value = row[column.name]
    return column.is_(None) if value is None else column == value


def _is_come_back(ended: Row, later: Row) -> bool:
    """Whether a later conversation of the same person is about the same matter, or asks for a human, in time."""
    if later.began > ended.ended_at + COME_BACK:
        return False
    families = {_family(later.intent), _family(ended.intent)}
    return ended.intent is None or len(families) == 1 or _family(later.intent) == _FOR_A_PERSON


def _family(intent: str | None) -> str | None:
    return cases()[intent].family if intent in cases() else intent


def _later() -> Any:
    """For each of some conversations: the cases that the same person brought up later, and when they first did."""
    ended, later = logged_conversation.alias("ended"), logged_conversation.alias("later")
    is_same_person = and_(
        later.c.person == ended.c.person,
        later.c.channel == ended.c.channel,
        later.c.started_at > ended.c.ended_at,
        later.c.intent.is_not(None),
    )
    needs_it = and_(ended.c.has_answer, ended.c.handed_off.is_(False), ended.c.thumb.is_(None))
    return (
        select(ended.c.id, later.c.intent, func.min(later.c.started_at).label("began"))
        .join(later, is_same_person)
        .where(
            ended.c.id.in_(bindparam("conversations", expanding=True)),
            ended.c.channel != _NO_DISTINCTION,
            needs_it,
        )
        .group_by(ended.c.id, later.c.intent)
    )


_LATER = _later()
_READ = [logged_conversation.c[name] for name in ("ended_at", "thumb", "handed_off", "outcome")]
