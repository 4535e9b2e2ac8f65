"""What people ask of a company's staff or of the mail, in the conversation store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from bot.conversations.tables import request

_LISTED = 100


@dataclass(frozen=True)
class ReactivationRequest:
    """A tenant's wish that an invite be reactivated."""

    id: int
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

    def open_reactivations(self, company: str) -> Sequence[ReactivationRequest]:
        """The company's open wishes for a reactivation, oldest first."""
        query = (
            select(request.c.id, request.c.invite_id, request.c.created_at)
            .where(request.c.company == company, request.c.kind == "reactivation", request.c.state == "open")
            .order_by(request.c.id)
            .limit(_LISTED)
        )
        with self._engine.connect() as connection:
            return [ReactivationRequest(row.id, row.invite_id, row.created_at) for row in connection.execute(query)]

    def close_reactivations(self, company: str, invite_ids: Sequence[str], now: datetime) -> int:
        """Mark the open wishes for these invites as done and have the mail process tell, once an invite; how many."""
        wished = [request.c.company == company, request.c.kind == "reactivation", request.c.invite_id.in_(invite_ids)]
        told: set[str] = set()
        with self._engine.begin() as connection:
            # The state is part of the condition: of two colleagues at once, one closes a wish.
            rows = connection.execute(
                select(request.c.id, request.c.conversation_id, request.c.invite_id)
                .where(*wished, request.c.state == "open")
                .order_by(request.c.id)
            ).all()
            for row in rows:
                is_open = [request.c.id == row.id, request.c.state == "open"]
                closed = connection.execute(update(request).where(*is_open).values(state="done")).rowcount
                if closed and row.invite_id not in told:
                    told.add(row.invite_id)
                    self._announce(connection, row.conversation_id, company, row.invite_id, now)
        return len(told)

    @staticmethod
    def _announce(connection: Connection, conversation_id: str, company: str, invite_id: str, now: datetime) -> None:
        """Ask for the mail that tells of a reactivation; one that this conversation got before is sent anew."""
        key = {"conversation_id": conversation_id, "kind": "reactivated", "invite_id": invite_id}
        again = update(request).filter_by(**key).values(state="open", created_at=now)
        if not connection.execute(again).rowcount:
            connection.execute(insert(request).values(**key, company=company, state="open", created_at=now))
