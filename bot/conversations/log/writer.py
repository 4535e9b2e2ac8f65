"""Writes the log, in the transaction that stores the tracker's events: what was answered is logged, and only that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, text, tuple_, update
from sqlalchemy.engine import Connection

from bot.conversations.log.outcomes import outcome
from bot.conversations.log.projection import Event, LoggedTurn, Projection, higher_tier, labels, project
from bot.conversations.log.standing import facts_of
from bot.conversations.log.tables import conversation_label, logged_conversation, turn
from bot.moments import Moment

_CHANNEL, _LANGUAGE = "widget", "it"  # of trackers that tell neither


class ConversationErased(Exception):
    """The texts of this conversation were deleted; nothing may be written about it any more."""


def write(
    connection: Connection,
    conversation_id: str,
    new: Sequence[Event],
    every: Callable[[], Sequence[Event]],
    known_labels: set[tuple[str, str]] | None = None,
    *,
    is_paused: bool = False,
) -> None:
    """Log new events of a conversation. ``every`` reads all its events, for one that began before there was a log.

    ``known_labels`` are intents and findings that need not be noted again; new ones are added. ``is_paused`` tells
    that support had the conversation before these events.

    To be called after the events were inserted in the same transaction: on SQLite that takes the writer's place,
    on PostgreSQL the conversation's row is locked here, so that an erasure comes wholly before or wholly after.
    """
    row = connection.execute(_ROW, {"conversation": conversation_id}).one_or_none()
    if row is None:
        add(connection, conversation_id, project(every()))
        return
    if not row.has_texts:
        raise ConversationErased(conversation_id)
    projection = project(new, has_begun=True, is_paused=is_paused)
    if projection.rest is not None:
        _continue(connection, conversation_id, row.last_number, projection.rest)
    for number, logged in enumerate(projection.turns, row.last_number + 1):
        connection.execute(_INSERT_TURN, turn_values(conversation_id, number, logged))
    add_labels(connection, conversation_id, row.started_at, projection, known_labels)
    before = dict(row._mapping)
    values = {**conversation_values(conversation_id, projection, before), "is_settled": False}
    _update(connection, conversation_id, values, before)


def add(connection: Connection, conversation_id: str, projection: Projection, **known: Any) -> None:
    """Log a conversation that is not in the log; ``known`` are columns that its events do not tell."""
    if not projection.turns:
        return
    values = {**conversation_values(conversation_id, projection, None), **known}
    values["outcome"] = "abandoned"
    connection.execute(_INSERT_CONVERSATION, values)
    connection.execute(_INSERT_TURN, numbered(conversation_id, projection))
    add_labels(connection, conversation_id, values["started_at"], projection)
    result = outcome(facts_of(connection, values))
    if result != values["outcome"]:
        connection.execute(_UPDATE, {"outcome": result, "conversation": conversation_id})


def replace_all(
    connection: Connection, conversation_id: str, projection: Projection, values: dict[str, Any], before: dict[str, Any]
) -> None:
    """Bring the rows of a conversation to what its events say; rows that say it already are left alone."""
    is_of = turn.c.conversation_id == conversation_id
    stored = {row.number: row._mapping for row in connection.execute(select(turn).where(is_of))}
    for row in numbered(conversation_id, projection):
        known = stored.pop(row["number"], None)
        if known is None:
            connection.execute(_INSERT_TURN, row)
        elif any(known[name] != value for name, value in row.items()):
            connection.execute(update(turn).where(turn.c.id == known["id"]).values(row))
    if stored:
        connection.execute(delete(turn).where(is_of, turn.c.number.in_(list(stored))))
    is_label = conversation_label.c.conversation_id == conversation_id
    known_labels = {(row.kind, row.name) for row in connection.execute(select(conversation_label).where(is_label))}
    if surplus := known_labels.difference(labels(projection.turns)):
        is_surplus = tuple_(conversation_label.c.kind, conversation_label.c.name).in_(list(surplus))
        connection.execute(delete(conversation_label).where(is_label, is_surplus))
    add_labels(connection, conversation_id, values["started_at"], projection, known_labels)
    _update(connection, conversation_id, values, before)


def _update(connection: Connection, conversation_id: str, values: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Bring a conversation's row to these values and the outcome that follows, where they differ from before."""
    values = {**values, "outcome": outcome(facts_of(connection, values))}
    changed = {name: value for name, value in values.items() if value != before[name]}
    if changed:
        connection.execute(_UPDATE, {**changed, "conversation": conversation_id})


def numbered(conversation_id: str, projection: Projection) -> list[dict[str, Any]]:
    """The columns of all turns of a conversation; the number 0 is kept for the opening."""
    first = 0 if projection.turns and projection.turns[0].side == "bot" else 1
    return [turn_values(conversation_id, number, logged) for number, logged in enumerate(projection.turns, first)]


def turn_values(conversation_id: str, number: int, logged: LoggedTurn) -> dict[str, Any]:
    """The columns of a turn."""
    return {
        "conversation_id": conversation_id,
        "number": number,
        "side": logged.side,
        "at": logged.at,
        "text": logged.text,
        "answers": logged.answers or None,
        "support_user": logged.support_user,
        "intent": logged.intent,
        "confidence": logged.confidence,
        "is_unsure": logged.is_unsure,
        "ranking": logged.ranking,
        "actions": logged.actions,
        "slots": logged.slots or None,
        "findings": logged.findings,
        "milliseconds": logged.milliseconds,
    }


def conversation_values(conversation_id: str, projection: Projection, before: dict[str, Any] | None) -> dict[str, Any]:
    """The columns of a conversation, the outcome aside, after some turns; ``before`` are its columns until now."""
    turns, traits = projection.turns, projection.traits
    spoken = [logged for logged in turns if logged.side == "person"]
    confidences = [logged.confidence for logged in spoken if logged.confidence is not None]
    case = next((logged.case for logged in spoken if logged.case), None)
    has_answer = any(logged.is_answer for logged in turns)
    if before is None:
        return {
            "id": conversation_id,
            "channel": traits.channel or _CHANNEL,
            "language": traits.language or _LANGUAGE,
            "tier": traits.tier,
            "company": traits.company,
            "person": traits.account or traits.client,
            "started_at": turns[0].at,
            "ended_at": turns[-1].at,
            "turns": len(spoken),
            "intent": case,
            "lowest_confidence": min(confidences, default=None),
            "unsure_turns": sum(logged.is_unsure for logged in spoken),
            "has_answer": has_answer,
            "handed_off": traits.handed_off,
            "thumb": None,
            "is_settled": False,
            "has_texts": True,
        }
    if before["lowest_confidence"] is not None:
        confidences.append(before["lowest_confidence"])
    kept = {name: before[name] for name in ("channel", "language", "started_at", "thumb", "has_texts")}
    return {
        **kept,
        "id": conversation_id,
        "tier": higher_tier(before["tier"], traits.tier),
        "company": traits.company or before["company"],
        "person": traits.account or before["person"],
        "ended_at": turns[-1].at if turns else before["ended_at"],
        "turns": before["turns"] + len(spoken),
        "intent": before["intent"] or case,
        "lowest_confidence": min(confidences, default=None),
        "unsure_turns": before["unsure_turns"] + sum(logged.is_unsure for logged in spoken),
        "has_answer": before["has_answer"] or has_answer,
        "handed_off": before["handed_off"] or traits.handed_off,
    }


def add_labels(
    connection: Connection,
    conversation_id: str,
    started_at: datetime,
    projection: Projection,
    known: set[tuple[str, str]] | None = None,
) -> None:
    """Note the intents and findings of new turns, those that are new to the conversation."""
    found = labels([*([projection.rest] if projection.rest else []), *projection.turns])
    rows = [
        {"conversation_id": conversation_id, "kind": kind, "name": name, "started_at": started_at}
        for kind, name in found
        if known is None or (kind, name) not in known
    ]
    if known is not None:
        known.update(found)
    if rows:
        connection.execute(_INSERT_MISSING_LABEL, rows)


def _continue(connection: Connection, conversation_id: str, number: int, rest: LoggedTurn) -> None:
    """Add to the latest turn what was said or set after it was saved."""
    is_latest = (turn.c.conversation_id == conversation_id, turn.c.number == number)
    row = connection.execute(select(turn).where(*is_latest)).one()
    merged = replace(
        rest,
        answers=[*(row.answers or []), *rest.answers],
        actions=[*row.actions, *rest.actions],
        slots={**(row.slots or {}), **rest.slots},
        findings=list(dict.fromkeys([*row.findings, *rest.findings])),
    )
    values = turn_values(conversation_id, number, merged)
    changed = {name: values[name] for name in ("answers", "actions", "slots", "findings")}
    connection.execute(update(turn).where(*is_latest).values(changed))


def _row_statement() -> Any:
    conversation = bindparam("conversation")
    last = select(func.coalesce(func.max(turn.c.number), -1)).where(turn.c.conversation_id == conversation)
    found = select(logged_conversation, last.scalar_subquery().label("last_number"))
    return found.where(logged_conversation.c.id == conversation).with_for_update(of=logged_conversation)


# Made once: building a statement takes SQLAlchemy as long as running it.
_ROW = _row_statement()
_INSERT_TURN = insert(turn).inline()
_INSERT_CONVERSATION = insert(logged_conversation).inline()
_UPDATE = update(logged_conversation).where(logged_conversation.c.id == bindparam("conversation"))
# As text: SQLAlchemy 1.4 compiles an insertion with "on conflict" anew each time.
_INSERT_MISSING_LABEL = text(
    "INSERT INTO conversation_label (conversation_id, kind, name, started_at) "
    "VALUES (:conversation_id, :kind, :name, :started_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("started_at", type_=Moment()))
