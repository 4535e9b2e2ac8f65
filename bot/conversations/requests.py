"""What people ask of a company's staff or of the mail, in the conversation store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from bot.conversations.tables import request


@dataclass(frozen=True)
class ReactivationRequest:
    """The wish that an invite be reactivated: the first one for it, however many tenants or chats asked."""

    id: int
    company: str
    invite_id: str
    created_at: datetime


class RequestStore:
    """Requests: added by a conversation, done by a colleague of the company or by the mail process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_request(self, conversation_id: str, *, kind: str, company: str, invite_id: str, now: datetime) -> None:
        """Keep a wish for a company's staff or for the mail; the same one twice in a conversation is one."""
        values = {"conversation_id": conversation_id, "kind": kind, "invite_id": invite_id}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(request).values(**values, company=company, state="open", created_at=now))
        except IntegrityError:
            with self._engine.connect() as connection:
                if connection.execute(select(request.c.id).filter_by(**values)).first() is None:
                    raise

    def open_reactivations(self, company: str | None = None) -> Sequence[ReactivationRequest]:
        """The open wishes for a reactivation, of one company or of all, an invite each; oldest first."""
        first = func.min(request.c.id)
        # Once a conversation's texts are deleted, its wish has lost its invite: it is a figure.
        is_meant = [request.c.kind == "reactivation", request.c.state == "open", request.c.invite_id.is_not(None)]
        query = (
            select(first, request.c.company, request.c.invite_id, func.min(request.c.created_at))
            .where(*is_meant, *([request.c.company == company] if company else []))
            .group_by(request.c.company, request.c.invite_id)
            .order_by(first)
        )
        with self._engine.connect() as connection:
            return [ReactivationRequest(*row) for row in connection.execute(query)]

    def drop_reactivations(self, company: str, invite_ids: Sequence[str]) -> None:
        """Mark the open wishes for these invites as done, with no news for anybody: nothing is left to be granted."""
        is_open = [request.c.company == company, request.c.kind == "reactivation", request.c.state == "open"]
        with self._engine.begin() as connection:
            connection.execute(
                update(request).where(*is_open, request.c.invite_id.in_(invite_ids)).values(state="done")
            )

    def close_reactivations(self, company: str, invite_ids: Sequence[str], now: datetime) -> int:
        """Mark the open wishes for these invites as done and have the mail process tell, once an invite; how many."""
        wished = [request.c.company == company, request.c.kind == "reactivation", request.c.invite_id.in_(invite_ids)]
        told: set[str] = set()
        with self._engine.begin() as connection:
            # The state is part of the condition: of two colleagues at once, one closes a wish.
            rows = connection.execute(
                select(request.c.id, request.c.conversation_id, request.c.invite_id, request.c.created_at)
                .where(*wished, request.c.state == "open")
                .order_by(request.c.id)
            ).all()
            for row in rows:
                is_open = [request.c.id == row.id, request.c.state == "open"]
                done_after = (now - row.created_at).total_seconds()
                closing = update(request).where(*is_open).values(state="done", done_after=done_after)
                closed = connection.execute(closing).rowcount
                if closed and row.invite_id not in told:
                    told.add(row.invite_id)
                    self._announce(connection, row.conversation_id, company, row.invite_id, now)
        return len(told)

    @staticmethod
    def _announce(connection: Connection, conversation_id: str, company: str, invite_id: str, now: datetime) -> None:
        """Ask for the mail that tells of a reactivation; one that this conversation got before is sent anew."""
        key = {"conversation_id": conversation_id, "kind": "reactivated", "invite_id": invite_id}
        again = update(request).filter_by(**key).values(state="open", created_at=now, done_after=None)
        if not connection.execute(again).rowcount:
            connection.execute(insert(request).values(**key, company=company, state="open", created_at=now))
