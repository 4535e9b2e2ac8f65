"""How a logged conversation stands: the facts that its outcome follows from, and what changes them from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Text, and_, bindparam, cast, exists, or_, select, update
from sqlalchemy.engine import Connection

from bot.conversations.log.outcomes import Facts, outcome
from bot.conversations.log.projection import FAILURES
from bot.conversations.log.tables import conversation_label, logged_conversation, turn


def facts_of(connection: Connection, row: Mapping[str, Any], *, came_back: bool = False) -> Facts:
    """The facts of a conversation, given the columns of its row; its turns are asked only if the outcome needs them."""
    known = {name: row[name] for name in ("handed_off", "thumb", "has_answer", "unsure_turns")}
    facts = Facts(**known, has_case=row["intent"] is not None, came_back=came_back)
    if facts.handed_off or facts.thumb or facts.has_answer:
        return facts
    is_out_of_scope, has_failed = connection.execute(_UNANSWERED, {"conversation": row["id"]}).one()
    return replace(facts, is_out_of_scope=bool(is_out_of_scope), has_failed=bool(has_failed))


def note_rating(connection: Connection, conversation_id: str, thumb: str) -> None:
    """The person has rated the conversation; to be called first in the transaction that keeps the rating.

    First, because an erasure takes the conversation's row first, too: so neither waits for the other's rows in a ring.
    """
    _change(connection, conversation_id, thumb=thumb)


def note_handoff(connection: Connection, conversation_id: str) -> None:
    """The conversation was handed to a person; to be called first in the transaction that opens the case."""
    _change(connection, conversation_id, handed_off=True)


def keeps_texts(connection: Connection, conversation_id: str) -> bool:
    """Whether texts about the conversation may be written; until this transaction ends, none are deleted meanwhile."""
    is_this = logged_conversation.c.id == conversation_id
    held = update(logged_conversation).where(is_this, logged_conversation.c.has_texts).values(has_texts=True)
    if connection.execute(held).rowcount:
        return True
    return connection.scalar(select(logged_conversation.c.id).where(is_this)) is None  # not in the log yet


def _change(connection: Connection, conversation_id: str, **values: Any) -> None:
    is_this = logged_conversation.c.id == conversation_id
    if not connection.execute(update(logged_conversation).where(is_this).values(**values)).rowcount:
        return  # from before there was a log: a rebuild reads ratings and hand-offs
    row = connection.execute(select(logged_conversation).where(is_this)).one()
    result = outcome(facts_of(connection, row._mapping))
    connection.execute(update(logged_conversation).where(is_this).values(outcome=result))


def _unanswered() -> Any:
    conversation = bindparam("conversation")
    out_of_scope = exists().where(
        and_(
            conversation_label.c.conversation_id == conversation,
            conversation_label.c.kind == "intent",
            conversation_label.c.name == "out_of_scope",
        )
    )
    is_failure = or_(*(cast(turn.c.actions, Text).contains(f'"{name}"') for name in FAILURES))
    failed = exists().where(and_(turn.c.conversation_id == conversation, is_failure))
    return select(out_of_scope, failed)


_UNANSWERED = _unanswered()
