"""The conversation store as the gateway and the actions use it: short transactions, no personal values."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from bot.conversations.handoffs import Handoffs, side_of
from bot.conversations.log.standing import note_rating
from bot.conversations.requests import RequestStore
from bot.conversations.tables import conversation, message, rating

LONGEST = timedelta(hours=24)
# A message that nobody has answered for so long counts as failed: whoever was answering it has died.
ABANDONED = timedelta(seconds=30)
_BUBBLE = ("buttons", "image", "custom")

# What every message needs is built once: building a statement costs more than running it.
_AUTHENTICATED = select(conversation).where(
    conversation.c.token_hash == bindparam("token_hash"),
    conversation.c.channel == bindparam("channel"),
    conversation.c.expires_at > bindparam("now"),
)
_DATES = select(conversation.c.created_at, conversation.c.expires_at).where(
    conversation.c.id == bindparam("conversation_id")
)
_KNOWN_TURN = select(message.c.id, message.c.state, message.c.created_at).where(
    message.c.conversation_id == bindparam("conversation_id"),
    message.c.client_message_id == bindparam("client_message_id"),
)
_ANSWERED = update(message).where(message.c.id == bindparam("turn_id"), message.c.state != "done").values(state="done")
_NEW_MESSAGE = insert(message)

Bubble = dict[str, Any]


@dataclass(frozen=True)
class Proof:
    """Who a conversation is held with, as the gateway has proven it."""

    tier: str = "anonymous"
    account_id: str | None = None
    subject: str | None = None
    company: str | None = None
    client: str = ""

    @property
    def role(self) -> str | None:
        """The role that a staff token gave; administrators are the only staff so far."""
        return self.tier if self.tier == "administrator" else None


@dataclass(frozen=True)
class Conversation:
    """A conversation that a token belongs to."""

    id: str
    channel: str
    language: str
    proof: Proof
    expires_at: datetime


@dataclass(frozen=True)
class Turn:
    """A person's message: the caller's to answer, being answered by somebody else, or answered."""

    id: int
    state: Literal["new", "waiting", "done"]
    messages: Sequence[Bubble] = ()


class ConversationStore(RequestStore):
    """Conversations, their messages, and what is to be done for people afterwards."""

    def open(
        self, channel: str, language: str, proof: Proof, now: datetime, idle: timedelta
    ) -> tuple[Conversation, str]:
        """Begin a conversation; its token is returned once and kept as a hash only."""
        token = secrets.token_urlsafe(32)
        opened = Conversation(secrets.token_urlsafe(16), channel, language, proof, now + idle)
        with self._engine.begin() as connection:
            connection.execute(
                insert(conversation).values(
                    id=opened.id,
                    token_hash=_hash(token),
                    channel=channel,
                    language=language,
                    tier=proof.tier,
                    account_id=proof.account_id,
                    subject=proof.subject,
                    company=proof.company,
                    client=proof.client,
                    created_at=now,
                    expires_at=opened.expires_at,
                )
            )
        return opened, token

    def authenticate(self, token: str, channel: str, now: datetime) -> Conversation | None:
        """The conversation of a token on its own channel, unless it has ended."""
        values = {"token_hash": _hash(token), "channel": channel, "now": now}
        with self._engine.connect() as connection:
            row = connection.execute(_AUTHENTICATED, values).one_or_none()
        return _conversation(row) if row else None

    def end(self, conversation_id: str, now: datetime) -> None:
        """End a conversation before its time: its token opens nothing any more."""
        is_this = and_(conversation.c.id == conversation_id, conversation.c.expires_at > now)
        with self._engine.begin() as connection:
            connection.execute(update(conversation).where(is_this).values(expires_at=now))

    def proof(self, conversation_id: str) -> Proof | None:
        """What is proven in a conversation at this moment; None if there is no such conversation."""
        found = self.conversation(conversation_id)
        return found.proof if found else None

    def conversation(self, conversation_id: str) -> Conversation | None:
        """A conversation, whether or not it has ended; None if there is none."""
        query = select(conversation).where(conversation.c.id == conversation_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return _conversation(row) if row else None

    def begin_turn(
        self, conversation_id: str, text: str, client_message_id: str | None, now: datetime, idle: timedelta
    ) -> Turn:
        """Keep the person's message, and with it the conversation; the same client message id is kept once.

        A message whose answer failed before, or never came (`ABANDONED`), becomes new again.
        """
        try:
            with self._engine.begin() as connection:
                known = self._known_turn(connection, conversation_id, client_message_id, now)
                if known is not None:
                    return known
                inserted = connection.execute(
                    _NEW_MESSAGE,
                    {
                        "conversation_id": conversation_id,
                        "side": "person",
                        "text": text,
                        "client_message_id": client_message_id,
                        "state": "waiting",
                        "created_at": now,
                    },
                )
                self._keep_open(connection, conversation_id, now, idle)
                return Turn(inserted.inserted_primary_key[0], "new")
        except IntegrityError:  # the same message came twice at once: the other one is being answered
            with self._engine.begin() as connection:
                known = self._known_turn(connection, conversation_id, client_message_id, now)
            if known is None:
                raise
            return known

    def finish_turn(self, conversation_id: str, turn_id: int | None, bubbles: Sequence[Bubble], now: datetime) -> None:
        """Keep the answer to a message, unless it has one; without a message it is the greeting."""
        with self._engine.begin() as connection:
            if turn_id is not None and not connection.execute(_ANSWERED, {"turn_id": turn_id}).rowcount:
                return
            if bubbles:
                connection.execute(_NEW_MESSAGE, [_row(conversation_id, turn_id, bubble, now) for bubble in bubbles])

    def fail_turn(self, turn_id: int) -> None:
        """Mark a message that got no answer, so that it can be sent again."""
        is_waiting = and_(message.c.id == turn_id, message.c.state == "waiting")
        with self._engine.begin() as connection:
            connection.execute(update(message).where(is_waiting).values(state="failed"))

    def is_empty(self) -> bool:
        """Whether no conversation was ever held."""
        with self._engine.connect() as connection:
            return connection.scalar(select(conversation.c.id).limit(1)) is None

    def history(self, conversation_id: str, now: datetime) -> Sequence[Bubble]:
        """All messages of both sides in order, with their time."""
        query = select(message).where(message.c.conversation_id == conversation_id).order_by(message.c.id)
        with self._engine.connect() as connection:
            return [
                {
                    **side_of(row),
                    **_bubble(row),
                    "time": row.created_at.isoformat(),
                    **(
                        {"client_message_id": row.client_message_id}
                        if row.side == "person" and row.client_message_id
                        else {}
                    ),
                    **({"state": "failed"} if _has_failed(row, now) else {}),
                }
                for row in connection.execute(query)
            ]

    def offered(self, conversation_id: str, payload: str) -> str | None:
        """The title of the button that offered this payload in the conversation; None if none did."""
        query = (
            select(message.c.content)
            .where(message.c.conversation_id == conversation_id, message.c.side == "bot")
            .order_by(message.c.id.desc())
        )
        with self._engine.connect() as connection:
            for content in connection.scalars(query):
                for button in (content or {}).get("buttons", ()):
                    if button["payload"] == payload:
                        return str(button["title"])
        return None

    def open_handoff(
        self, conversation_id: str, *, reason: str, contact: str, now: datetime, kind: str = "asked"
    ) -> str:
        """Open a hand-off case and return its number, short enough to be read out."""
        return Handoffs(self._engine).open(conversation_id, kind=kind, reason=reason, contact=contact, now=now)

    def rate(self, conversation_id: str, *, thumb: str, remark: str | None, now: datetime) -> None:
        """Keep what the person thought of the conversation; the last one counts."""
        values = {"thumb": thumb, "remark": remark, "created_at": now}
        is_this = rating.c.conversation_id == conversation_id
        try:
            with self._engine.begin() as connection:
                note_rating(connection, conversation_id, thumb)
                if not connection.execute(update(rating).where(is_this).values(values)).rowcount:
                    connection.execute(insert(rating).values(conversation_id=conversation_id, **values))
        except IntegrityError:  # the first two came at once: one of them is the last
            with self._engine.begin() as connection:
                note_rating(connection, conversation_id, thumb)
                if not connection.execute(update(rating).where(is_this).values(values)).rowcount:
                    raise

    @staticmethod
    def _keep_open(connection: Connection, conversation_id: str, now: datetime, idle: timedelta) -> None:
        """Let the conversation live on, but never longer than `LONGEST` altogether, nor after it was ended.

        Its end is moved in steps of a twentieth of the idle time: most messages have nothing to write here. One that
        its person has ended meanwhile stays so.
        """
        began, ends = connection.execute(_DATES, {"conversation_id": conversation_id}).one()
        until = min(now + idle, began + LONGEST)
        if ends > now and until - ends > idle / 20:
            is_as_read = and_(conversation.c.id == conversation_id, conversation.c.expires_at == ends)
            connection.execute(update(conversation).where(is_as_read).values(expires_at=until))

    @staticmethod
    def _known_turn(
        connection: Connection, conversation_id: str, client_message_id: str | None, now: datetime
    ) -> Turn | None:
        if client_message_id is None:
            return None
        values = {"conversation_id": conversation_id, "client_message_id": client_message_id}
        row = connection.execute(_KNOWN_TURN, values).one_or_none()
        if row is None:
            return None
        if row.state == "done":
            return Turn(row.id, "done", _answer(connection, row.id))
        if not _has_failed(row, now):
            return Turn(row.id, "waiting")
        # Of several that try at once, one finds the row as it was read. Its attempt has 30 seconds again.
        is_as_read = and_(message.c.id == row.id, message.c.state == row.state, message.c.created_at == row.created_at)
        taken = connection.execute(update(message).where(is_as_read).values(state="waiting", created_at=now))
        return Turn(row.id, "new") if taken.rowcount else Turn(row.id, "waiting")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _conversation(row: Row) -> Conversation:
    proof = Proof(row.tier, row.account_id, row.subject, row.company, row.client)
    return Conversation(row.id, row.channel, row.language, proof, row.expires_at)


def _has_failed(row: Row, now: datetime) -> bool:
    return bool(row.state == "failed" or (row.state == "waiting" and row.created_at <= now - ABANDONED))


def _answer(connection: Connection, turn_id: int) -> list[Bubble]:
    query = select(message.c.text, message.c.content).where(message.c.answers == turn_id).order_by(message.c.id)
    return [_bubble(row) for row in connection.execute(query)]


def _bubble(row: Row) -> Bubble:
    return {"text": row.text, **(row.content or {})}


def _row(conversation_id: str, turn_id: int | None, bubble: Bubble, now: datetime) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "side": "bot",
        "text": bubble.get("text", ""),
        "content": {key: bubble[key] for key in _BUBBLE if key in bubble} or None,
        "answers": turn_id,
        "state": "done",
        "created_at": now,
    }
