"""Hand-off cases and what the support team says in a conversation. Texts hold references, never personal values."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, insert, select, update
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Select

from bot.conversations.log.standing import keeps_texts, note_handoff
from bot.conversations.tables import conversation, handoff, handoff_note, message

IN_CHAT = "chat"  # the contact of somebody who is written to in the conversation itself
LISTED = 100
_TRIES = 4


@dataclass(frozen=True)
class Case:
    """A hand-off case. ``channel``, ``began_at`` and ``expires_at`` are its conversation's."""

    id: int
    number: str
    conversation_id: str
    channel: str
    kind: str
    reason: str
    contact: str
    state: str
    taken_by: str | None
    created_at: datetime
    taken_at: datetime | None
    closed_at: datetime | None
    began_at: datetime
    expires_at: datetime

    def is_live(self, now: datetime) -> bool:
        """Whether the person's token still holds: what is written now can reach them."""
        return self.expires_at > now


@dataclass(frozen=True)
class Note:
    """What a supporter wrote down for the others."""

    user_name: str
    text: str
    created_at: datetime


@dataclass(frozen=True)
class News:
    """A message that somebody who listens to a conversation wants to know of."""

    id: int
    conversation_id: str
    content: dict[str, Any]


class Handoffs:
    """Cases: opened by a conversation, taken, noted on and closed by the support team."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, conversation_id: str, *, kind: str, reason: str, contact: str, now: datetime) -> str:
        """Open a case and return its number, short enough to be read out.

        A conversation has one case at a time: a further wish while it is unclosed is added to it.
        """
        wish = {"kind": kind, "reason": reason, "contact": contact}
        for _ in range(_TRIES):
            with contextlib.suppress(IntegrityError):  # the number is taken, or another wish was quicker
                return self._open(conversation_id, wish, now)
        return self._open(conversation_id, wish, now)

    def _open(self, conversation_id: str, wish: dict[str, str], now: datetime) -> str:
        is_unclosed = (handoff.c.conversation_id == conversation_id, handoff.c.state != "closed")
        with self._engine.begin() as connection:
            note_handoff(connection, conversation_id)
            found = connection.execute(select(handoff).where(*is_unclosed)).one_or_none()
            if found is None:
                number = f"P-{secrets.randbelow(900_000) + 100_000}"
                values = {"conversation_id": conversation_id, "number": number, "state": "open", "created_at": now}
                connection.execute(insert(handoff).values(**wish, **values))
                return number
            reasons = [found.reason, wish["reason"]] if wish["reason"] not in found.reason else [found.reason]
            contact = found.contact if wish["contact"] in ("", IN_CHAT) else wish["contact"]
            added = {"reason": "\n".join(filter(None, reasons)), "contact": contact or wish["contact"]}
            connection.execute(update(handoff).where(handoff.c.id == found.id).values(added))
            return str(found.number)

    def queue(self, user: str, now: datetime, page: int = 0) -> tuple[Sequence[Case], bool]:
        """Unclosed cases and whether there are more: one's own, whose person is there, the others, others' own."""
        is_open = handoff.c.state == "open"
        place = case(
            (handoff.c.taken_by == user, 0), (and_(is_open, conversation.c.expires_at > now), 1), (is_open, 2), else_=3
        )
        return self._listed(_CASES.where(handoff.c.state != "closed").order_by(place, handoff.c.id), page)

    def closed(self, page: int = 0) -> tuple[Sequence[Case], bool]:
        """Closed cases, the latest first, and whether there are more."""
        is_closed = handoff.c.state == "closed"
        return self._listed(_CASES.where(is_closed).order_by(handoff.c.closed_at.desc(), handoff.c.id.desc()), page)

    def _listed(self, query: Select, page: int) -> tuple[Sequence[Case], bool]:
        with self._engine.connect() as connection:
            rows = connection.execute(query.offset(page * LISTED).limit(LISTED + 1)).all()
        return [_case(row) for row in rows[:LISTED]], len(rows) > LISTED

    def waiting(self) -> int:
        """How many cases nobody has taken."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.count()).where(handoff.c.state == "open")) or 0

    def case(self, number: str) -> Case | None:
        """The case of a number."""
        with self._engine.connect() as connection:
            row = connection.execute(_CASES.where(handoff.c.number == number)).one_or_none()
        return _case(row) if row else None

    def cases_of(self, conversation_id: str) -> Sequence[Case]:
        """The cases of a conversation, oldest first."""
        query = _CASES.where(handoff.c.conversation_id == conversation_id).order_by(handoff.c.id)
        with self._engine.connect() as connection:
            return [_case(row) for row in connection.execute(query)]

    def running(self, conversation_ids: Collection[str], now: datetime) -> frozenset[str]:
        """Those of some conversations that go on: what is written now can reach the person."""
        is_live = (conversation.c.id.in_(conversation_ids), conversation.c.expires_at > now)
        with self._engine.connect() as connection:
            return frozenset(connection.scalars(select(conversation.c.id).where(*is_live)))

    def standing(self, conversation_id: str) -> dict[str, str] | None:
        """How a conversation's case stands for the person: open, or taken and by whom; None if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(_STANDING, {"conversation": conversation_id}).first()
        if row is None:
            return None
        return {"state": row.state, **({"support": speaking_name(row.taken_by)} if row.taken_by else {})}

    def take(self, number: str, user: str, now: datetime) -> bool:
        """Give an open case to a supporter; false if it is not open: of two at once, one gets it."""
        values = {"state": "taken", "taken_by": user, "taken_at": now}
        return self._change(number, handoff.c.state == "open", **values)

    def assign(self, number: str, user: str, before: str) -> bool:
        """Pass a case on from one supporter to another; false if it is not the first one's any more."""
        return self._change(number, _is_of(before), taken_by=user)

    def release(self, number: str, user: str) -> bool:
        """Put a case back into the queue; false if it is not this supporter's."""
        return self._change(number, _is_of(user), state="open", taken_by=None, taken_at=None)

    def close(self, number: str, now: datetime, user: str | None = None) -> bool:
        """Close a case that nobody has, or the one of ``user``; false if it is not so any more."""
        is_as_known = handoff.c.state == "open" if user is None else handoff.c.taken_by == user
        return self._change(number, handoff.c.state != "closed", is_as_known, state="closed", closed_at=now)

    def _change(self, number: str, *conditions: Any, **values: Any) -> bool:
        """Change a case of which all this holds; whether it did."""
        is_meant = (handoff.c.number == number, *conditions)
        with self._engine.begin() as connection:
            return bool(connection.execute(update(handoff).where(*is_meant).values(values)).rowcount)

    def is_taken(self, conversation_id: str) -> bool:
        """Whether somebody of the support team has the conversation."""
        query = select(handoff.c.id).where(handoff.c.conversation_id == conversation_id, handoff.c.state == "taken")
        with self._engine.connect() as connection:
            return connection.scalar(query.limit(1)) is not None

    def add_note(self, case: Case, user: str, text: str, now: datetime) -> bool:
        """Keep a note on a case; false if the texts of its conversation were deleted: this would stay behind."""
        with self._engine.begin() as connection:
            if not keeps_texts(connection, case.conversation_id):
                return False
            values = {"handoff_id": case.id, "user_name": user, "text": text, "created_at": now}
            connection.execute(insert(handoff_note).values(values))
        return True

    def notes(self, case_id: int) -> Sequence[Note]:
        """The notes on a case, oldest first."""
        query = select(handoff_note).where(handoff_note.c.handoff_id == case_id).order_by(handoff_note.c.id)
        with self._engine.connect() as connection:
            return [Note(row.user_name, row.text, row.created_at) for row in connection.execute(query)]

    def say(
        self, conversation_id: str, user: str, text: str, message_id: str, now: datetime, change: str | None = None
    ) -> None:
        """Keep what a supporter says; the same id is kept once.

        With ``change`` it has no words: "taken" if they took the conversation, "given_back" if the bot has it again.
        """
        values = {
            "conversation_id": conversation_id,
            "side": "bot",
            "text": text,
            "content": {"handoff": change} if change else None,
            "client_message_id": message_id,
            "support_user": user,
            "state": "done",
            "created_at": now,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(message).values(values))
        except IntegrityError:
            with self._engine.connect() as connection:
                if not _is_kept(connection, conversation_id, message_id):
                    raise

    def keep_open(self, conversation_id: str, now: datetime, until: datetime) -> None:
        """Let a conversation that goes on live until then at least: the person is spoken to."""
        ends = conversation.c.expires_at
        is_shorter = (conversation.c.id == conversation_id, ends > now, ends < until)
        with self._engine.begin() as connection:
            connection.execute(update(conversation).where(*is_shorter).values(expires_at=until))

    def news(self, conversation_ids: Collection[str], after: int) -> Sequence[News]:
        """What was said after one message without the person having asked, in order, as their history shows it."""
        values = {"conversations": list(conversation_ids), "after": after}
        with self._engine.connect() as connection:
            return [
                News(row.id, row.conversation_id, {**side_of(row), "text": row.text, **(row.content or {})})
                for row in connection.execute(_NEWS, values)
            ]

    def latest_message(self) -> int:
        """The id of the latest message of all."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.max(message.c.id))) or 0


def speaking_name(user: str) -> str:
    """What a supporter is called towards the person: "Anna" for the user anna.bianchi."""
    return re.split(r"[\W_]", user, maxsplit=1)[0].capitalize() or user


def side_of(row: Row) -> dict[str, str]:
    """Whose a message is, as a history says it: the support team's have the name of who wrote them."""
    return {"side": "support", "support": speaking_name(row.support_user)} if row.support_user else {"side": row.side}


def _is_of(user: str) -> Any:
    return and_(handoff.c.state == "taken", handoff.c.taken_by == user)


def _is_kept(connection: Connection, conversation_id: str, message_id: str) -> bool:
    is_this = (message.c.conversation_id == conversation_id, message.c.client_message_id == message_id)
    return connection.scalar(select(message.c.id).where(*is_this)) is not None


def _case(row: Row) -> Case:
    return Case(**row._mapping)


_CASES = select(
    handoff,
    conversation.c.channel,
    conversation.c.created_at.label("began_at"),
    conversation.c.expires_at,
).join(conversation, conversation.c.id == handoff.c.conversation_id)
_STANDING = (
    select(handoff.c.state, handoff.c.taken_by)
    .where(handoff.c.conversation_id == bindparam("conversation"), handoff.c.state != "closed")
    .order_by(handoff.c.id.desc())
    .limit(1)
)
_NEWS = (
    select(message)
    .where(
        message.c.conversation_id.in_(bindparam("conversations", expanding=True)),
        message.c.id > bindparam("after"),
        message.c.side == "bot",
        message.c.answers.is_(None),
    )
    .order_by(message.c.id)
)
