"""The log anew from the stored trackers: the same rows as the live projection writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import and_, exists, func, literal, select, true, update
from sqlalchemy.engine import Connection, Engine

from bot.conversations.log.projection import project
from bot.conversations.log.tables import logged_conversation
from bot.conversations.log.writer import add, conversation_values, replace_all
from bot.conversations.tables import conversation, handoff, rating, tracker_event
from bot.database import lift_time_limit

_AT_ONCE = 200
_EVENTS_AT_ONCE = 500

OnRebuilt = Callable[[int], None]


def rebuild(engine: Engine, on_rebuilt: OnRebuilt = lambda _: None) -> int:
    """Project every stored tracker anew, one transaction each; how many. ``on_rebuilt`` is told how many are done.

    Conversations whose texts were deleted keep the figures that they have.
    """
    done = 0
    for conversation_id in _in_trackers(engine):
        rebuild_one(engine, conversation_id)
        done += 1
        on_rebuilt(done)
    return done


def log_missing(engine: Engine) -> int:
    """Log the conversations that were held before there was a log; how many were looked at."""
    done = 0
    for conversation_id in _not_logged(engine):
        rebuild_one(engine, conversation_id)
        done += 1
    return done


def count_projected(engine: Engine) -> int:
    """About how many conversations a rebuild goes through."""
    has_no_texts = exists().where(and_(logged_conversation.c.id == conversation.c.id, ~logged_conversation.c.has_texts))
    with engine.connect() as connection:
        lift_time_limit(connection)
        return connection.scalar(select(func.count()).select_from(conversation).where(~has_no_texts)) or 0


def rebuild_one(engine: Engine, conversation_id: str) -> None:
    """Project one conversation anew; turns keep their ids."""
    is_this = logged_conversation.c.id == conversation_id
    with engine.begin() as connection:
        # An update that changes nothing takes the row, on either database, before the events are read.
        connection.execute(update(logged_conversation).where(is_this).values(id=logged_conversation.c.id))
        row = connection.execute(select(logged_conversation).where(is_this)).one_or_none()
        if row is not None and not row.has_texts:
            return
        projection = project(_events(connection, conversation_id))
        known = _known_otherwise(connection, conversation_id)
        if row is None:
            add(connection, conversation_id, projection, **known)
        elif projection.turns:
            values = conversation_values(conversation_id, projection, None)
            values |= {"thumb": row.thumb, "handed_off": values["handed_off"] or row.handed_off, **known}
            replace_all(connection, conversation_id, projection, values, dict(row._mapping))


def _known_otherwise(connection: Connection, conversation_id: str) -> dict[str, Any]:
    """What no event tells: the rating, and a hand-off that was opened elsewhere."""
    thumb = connection.scalar(select(rating.c.thumb).where(rating.c.conversation_id == conversation_id))
    case = connection.scalar(select(literal(1)).where(handoff.c.conversation_id == conversation_id).limit(1))
    return {**({"thumb": thumb} if thumb else {}), **({"handed_off": True} if case else {})}


def _events(connection: Connection, conversation_id: str) -> Iterator[dict[str, Any]]:
    is_of = tracker_event.c.sender_id == conversation_id
    query = select(tracker_event.c.data).where(is_of).order_by(tracker_event.c.id)
    for data in connection.scalars(query.execution_options(yield_per=_EVENTS_AT_ONCE)):
        yield json.loads(data)


def _in_trackers(engine: Engine) -> Iterator[str]:
    """The ids of stored trackers as they began, so that the ids of turns follow the time; some at a time."""
    sender, event = tracker_event.c.sender_id, tracker_event.c.id
    earlier = tracker_event.alias("earlier")
    is_first = ~exists().where(earlier.c.sender_id == sender, earlier.c.id < event)
    return _in_pages(engine, event, select(sender, event).where(is_first))


def _not_logged(engine: Engine) -> Iterator[str]:
    is_logged = exists().where(logged_conversation.c.id == conversation.c.id)
    return _in_pages(engine, conversation.c.id, select(conversation.c.id, conversation.c.id).where(~is_logged))


def _in_pages(engine: Engine, order: Any, query: Any) -> Iterator[str]:
    """The first column of a query, in the order of the second, some at a time, so that no look-up lasts."""
    is_next = true()
    while True:
        with engine.connect() as connection:
            lift_time_limit(connection)
            found = connection.execute(query.where(is_next).order_by(order).limit(_AT_ONCE)).all()
        if not found:
            return
        yield from (row[0] for row in found)
        is_next = order > found[-1][1]
