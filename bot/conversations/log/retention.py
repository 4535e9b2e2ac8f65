"""What is deleted, when, and the record of it: texts after days, figures after months, one conversation on request.

Texts are all that a person, the bot or support said, and all that tells who it was. What stays of a conversation are
figures: intents, findings, outcome, times. Deleting goes in small transactions; each batch stands in the record
(`deletion`) that is written with it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, or_, select, text, update
from sqlalchemy.engine import Connection, Engine

from bot.conversations.log.rebuild import rebuild_one
from bot.conversations.log.reviews import forget_reviews
from bot.conversations.log.search import forget_deleted
from bot.conversations.log.tables import daily_figure, deletion, logged_conversation, turn
from bot.conversations.store import LONGEST
from bot.conversations.tables import (
    conversation,
    handoff,
    handoff_note,
    mail,
    mailbox_number,
    message,
    rating,
    request,
    tracker_event,
    vault_key,
    vault_value,
)
from bot.database import insert_missing, lift_time_limit

logger = logging.getLogger(__name__)

AT_ONCE = 100
_STRAGGLERS = timedelta(hours=1)  # a turn that was under way during an erasure has ended long before


class UnknownConversation(LookupError):
    """There is nothing of such a conversation."""


def months_before(now: datetime, months: int) -> datetime:
    """The moment so many calendar months ago; the last day of a shorter month stands for days that it has not."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    for day in range(now.day, now.day - 4, -1):
        try:
            return now.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError(f"no moment {months} months before {now}")


def purge_texts(engine: Engine, before: datetime, now: datetime, actor: str) -> dict[str, int]:
    """Delete the texts of conversations that ended before a moment; how many rows of which table."""
    is_due = and_(logged_conversation.c.has_texts.is_(True), logged_conversation.c.ended_at < before)

    def take(connection: Connection, ids: Sequence[str]) -> Counter[str]:
        return _take_texts(connection, ids, now)

    counts = _in_batches(engine, "texts", is_due, take, now, actor)
    counts += _drop_stray(engine, before - LONGEST)
    _leave_no_trace(engine, counts)
    return dict(counts)


def purge_figures(engine: Engine, before: datetime, now: datetime, actor: str) -> dict[str, int]:
    """Delete all that is left of conversations that ended before a moment; how many rows of which table."""

    def take(connection: Connection, ids: Sequence[str]) -> Counter[str]:
        counts = _take_texts(connection, ids, now)
        for table, column in ((turn, turn.c.conversation_id), (logged_conversation, logged_conversation.c.id)):
            counts[table.name] = connection.execute(delete(table).where(column.in_(ids))).rowcount
        counts["conversation"] += connection.execute(delete(conversation).where(conversation.c.id.in_(ids))).rowcount
        return counts

    counts: Counter[str] = Counter()
    for has_texts in (False, True):  # each is an index of its own
        is_due = and_(logged_conversation.c.has_texts.is_(has_texts), logged_conversation.c.ended_at < before)
        counts += _in_batches(engine, "figures", is_due, take, now, actor)
    counts += _drop_days(engine, before, now, actor)
    _leave_no_trace(engine, counts)
    return dict(counts)


def count_due(engine: Engine, texts_before: datetime, figures_before: datetime) -> Mapping[str, Mapping[str, int]]:
    """What both purges would find at this moment, with nothing deleted: conversations and rows of their texts."""
    has_old_texts = and_(logged_conversation.c.has_texts, logged_conversation.c.ended_at < texts_before)
    with engine.connect() as connection:
        lift_time_limit(connection)
        return {
            "texts": _counted(connection, has_old_texts),
            "figures": _counted(connection, logged_conversation.c.ended_at < figures_before),
        }


def erase(engine: Engine, conversation_id: str, *, actor: str, reason: str | None, now: datetime) -> dict[str, int]:
    """Destroy the key, the texts and the session of one conversation, and put that on record; rows of which table.

    From then on nothing is written about it (`bot.conversations.log.writer.ConversationErased`); Rasa's processes let
    go of its tracker within seconds. `UnknownConversation` if there is nothing of it.
    """
    if not _is_known(engine, conversation_id):
        raise UnknownConversation(conversation_id)
    rebuild_one(engine, conversation_id)  # one from before there was a log: its figures stay, too
    with engine.begin() as connection:
        _mark_erased(connection, conversation_id, now)
        counts = _take_texts(connection, [conversation_id], now)
        counts["conversation"] = connection.execute(
            delete(conversation).where(conversation.c.id == conversation_id)
        ).rowcount
        row = {"conversation_id": conversation_id, "kind": "erase", "actor": actor, "reason": reason, "at": now}
        found = {name: count for name, count in counts.items() if count}
        connection.execute(insert(deletion).values(**row, counts=found))
    _leave_no_trace(engine, found)
    return found


def _mark_erased(connection: Connection, conversation_id: str, now: datetime) -> None:
    """See that the conversation has a row: it tells a turn that is still under way that nothing may be written."""
    talk = connection.execute(select(conversation).where(conversation.c.id == conversation_id)).one_or_none()
    values = {
        "id": conversation_id,
        "channel": talk.channel if talk else "widget",
        "language": talk.language if talk else "it",
        "tier": talk.tier if talk else "anonymous",
        "started_at": talk.created_at if talk else now,
        "ended_at": talk.created_at if talk else now,
        "turns": 0,
        "unsure_turns": 0,
        "outcome": "abandoned",
        "has_texts": False,
    }
    connection.execute(insert_missing(connection, logged_conversation).values(values))


def drop_stragglers(engine: Engine, now: datetime) -> int:
    """Delete what a turn that was under way during an erasure has put into the vault afterwards; rows.

    Where the journal could not be emptied after a deletion, it is now.
    """
    recent = select(deletion.c.kind, deletion.c.conversation_id).where(deletion.c.at > now - _STRAGGLERS)
    with engine.begin() as connection:
        deletions = connection.execute(recent).all()
        ids = [row.conversation_id for row in deletions if row.kind == "erase"]
        dropped = sum(_take_values(connection, ids).values()) if ids else 0
    if deletions:
        _empty_journal(engine)  # whoever was reading then has done so by now
    return dropped


def _take_texts(connection: Connection, ids: Sequence[str], now: datetime) -> Counter[str]:
    """Delete the texts of some conversations; their rows come first: a turn being saved waits, or is waited for."""
    is_any = logged_conversation.c.id.in_(ids)
    with_texts = connection.execute(
        update(logged_conversation).where(is_any, logged_conversation.c.has_texts).values(has_texts=False)
    ).rowcount
    connection.execute(update(logged_conversation).where(is_any).values(person=None))
    counts = Counter({"texts": with_texts})
    has_text = or_(turn.c.text.is_not(None), turn.c.answers.is_not(None), turn.c.slots.is_not(None))
    for name, statement in {
        "turn": update(turn)
        .where(turn.c.conversation_id.in_(ids), has_text)
        .values(text=None, answers=None, slots=None),
        "tracker_event": delete(tracker_event).where(tracker_event.c.sender_id.in_(ids)),
        "message": delete(message).where(message.c.conversation_id.in_(ids)),
        "mailbox_number": delete(mailbox_number).where(mailbox_number.c.conversation_id.in_(ids)),
        "mail": delete(mail).where(mail.c.conversation_id.in_(ids)),
        "request": update(request)
        .where(request.c.conversation_id.in_(ids), request.c.invite_id.is_not(None))
        .values(invite_id=None),
        "rating": update(rating)
        .where(rating.c.conversation_id.in_(ids), rating.c.remark.is_not(None))
        .values(remark=None),
        "handoff_note": delete(handoff_note).where(
            handoff_note.c.handoff_id.in_(select(handoff.c.id).where(handoff.c.conversation_id.in_(ids)))
        ),
        "handoff": update(handoff)
        .where(
            handoff.c.conversation_id.in_(ids),
            or_(handoff.c.reason != "", handoff.c.contact != "", handoff.c.state != "closed"),
        )
        .values(reason="", contact="", state="closed", closed_at=func.coalesce(handoff.c.closed_at, now)),
    }.items():
        counts[name] = connection.execute(statement).rowcount
    counts["review"] = forget_reviews(connection, ids)  # there is nothing left that it is about
    anonymous = {"account_id": None, "subject": None, "client": ""}
    connection.execute(update(conversation).where(conversation.c.id.in_(ids)).values(anonymous))
    return counts + _take_values(connection, ids)


def _take_values(connection: Connection, ids: Sequence[str]) -> Counter[str]:
    return Counter(
        {
            table.name: connection.execute(delete(table).where(table.c.conversation_id.in_(ids))).rowcount
            for table in (vault_key, vault_value)
        }
    )


def _in_batches(
    engine: Engine,
    kind: str,
    is_due: Any,
    take: Callable[[Connection, Sequence[str]], Counter[str]],
    now: datetime,
    actor: str,
) -> Counter[str]:
    """Delete what is due, some conversations at a time, with a record of all batches so far in each transaction."""
    counts: Counter[str] = Counter()
    record: int | None = None
    due = select(logged_conversation.c.id).where(is_due).order_by(logged_conversation.c.ended_at).limit(AT_ONCE)
    while True:
        with engine.begin() as connection:
            ids = connection.scalars(due.with_for_update(skip_locked=True)).all()
            if not ids:
                return counts
            taken = take(connection, ids)
            taken["conversations"] = len(ids)
            counts += taken
            if record is None:
                values = {"kind": kind, "actor": actor, "counts": dict(counts), "at": now}
                record = connection.execute(insert(deletion).values(values)).inserted_primary_key[0]
            else:
                connection.execute(update(deletion).where(deletion.c.id == record).values(counts=dict(counts)))


def _drop_days(engine: Engine, before: datetime, now: datetime, actor: str) -> Counter[str]:
    """Delete the counts of days whose conversations are gone: a count of one would tell of somebody for ever."""
    with engine.begin() as connection:
        dropped = connection.execute(delete(daily_figure).where(daily_figure.c.day < before.date())).rowcount
        if dropped:
            values = {"kind": "figures", "actor": actor, "counts": {daily_figure.name: dropped}, "at": now}
            connection.execute(insert(deletion).values(values))
    return Counter({daily_figure.name: dropped} if dropped else {})


def _drop_stray(engine: Engine, before: datetime) -> Counter[str]:
    """Delete sessions in which nothing was ever said, and keys that no conversation with texts needs."""
    logged = logged_conversation.c
    is_needed = exists().where(logged.id == vault_key.c.conversation_id, logged.has_texts.is_(True))
    keys = select(vault_key.c.conversation_id).where(vault_key.c.created_at < before, ~is_needed)
    is_logged = exists().where(logged.id == conversation.c.id)
    sessions = select(conversation.c.id).where(conversation.c.created_at < before, ~is_logged)
    counts: Counter[str] = Counter()
    while True:
        with engine.begin() as connection:
            lift_time_limit(connection)
            stray_keys = connection.scalars(keys.limit(AT_ONCE)).all()
            stray_sessions = connection.scalars(sessions.limit(AT_ONCE)).all()
            if not stray_keys and not stray_sessions:
                return counts
            counts += _take_values(connection, stray_keys)
            gone = connection.execute(delete(conversation).where(conversation.c.id.in_(stray_sessions)))
            counts["conversation"] += gone.rowcount


def _counted(connection: Connection, is_due: Any) -> dict[str, int]:
    due = select(logged_conversation.c.id).where(is_due)
    counts = {"conversations": connection.scalar(select(func.count()).select_from(due.subquery())) or 0}
    for table, column in (
        (turn, turn.c.conversation_id),
        (tracker_event, tracker_event.c.sender_id),
        (message, message.c.conversation_id),
        (vault_value, vault_value.c.conversation_id),
    ):
        query = select(func.count()).select_from(table).where(column.in_(due))
        counts[table.name] = connection.scalar(query) or 0
    return counts


def _is_known(engine: Engine, conversation_id: str) -> bool:
    columns = (logged_conversation.c.id, conversation.c.id, tracker_event.c.sender_id, vault_key.c.conversation_id)
    with engine.connect() as connection:
        return any(connection.execute(select(one).where(one == conversation_id).limit(1)).first() for one in columns)


def _leave_no_trace(engine: Engine, deleted: Mapping[str, int]) -> None:
    """On SQLite: what was deleted must not linger in the search index or the journal.

    PostgreSQL's own go their way by its settings.
    """
    if deleted and engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            forget_deleted(connection)
        _empty_journal(engine)


def _empty_journal(engine: Engine) -> None:
    """On SQLite: nobody may be reading meanwhile. Otherwise it is tried again each minute (`drop_stragglers`)."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            is_busy, *_ = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        if is_busy:
            logger.warning("The database's journal could not be emptied of deleted texts: it is tried again")
