"""The outbox: mails that people asked for in the chat, for the mail process to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.engine import Engine, Row

from bot.conversations.tables import mail, mailbox_number, request

MailKind = Literal["recovery", "reminder", "reactivated"]
MailState = Literal["waiting", "sent", "dead"]
_AT_ONCE = 50


@dataclass(frozen=True)
class Mail:
    """A mail in the outbox. `subject` is the reference of an address (recovery) or the id of an invite (the others)."""

    id: int
    conversation_id: str
    kind: MailKind
    subject: str
    state: MailState
    tries: int
    due_at: datetime
    failure: str | None
    created_at: datetime


class Outbox:
    """Puts mails in, and gives those that are due to one mail process at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_recovery(self, conversation_id: str, address: str, now: datetime) -> int:
        """Ask for a recovery mail to the address behind a reference; numbers of earlier mails stop counting."""
        with self._engine.begin() as connection:
            added = connection.execute(
                insert(mail).values(
                    conversation_id=conversation_id,
                    kind="recovery",
                    subject=address,
                    state="waiting",
                    tries=0,
                    due_at=now,
                    created_at=now,
                )
            )
            mail_id: int = added.inserted_primary_key[0]
            connection.execute(delete(mailbox_number).where(mailbox_number.c.conversation_id == conversation_id))
            connection.execute(
                insert(mailbox_number).values(
                    conversation_id=conversation_id, mail_id=mail_id, address=address, tries=0
                )
            )
        return mail_id

    def collect_requests(self, now: datetime) -> None:
        """Put a mail in for every wish for one that has none yet: reminders, news of a reactivation."""
        is_for_mail = request.c.kind.in_(("reminder", "reactivated"))
        is_open = and_(is_for_mail, request.c.state == "open", request.c.invite_id.is_not(None))
        with self._engine.begin() as connection:
            for wish in connection.execute(select(request).where(is_open).limit(_AT_ONCE)).all():
                taken = connection.execute(update(request).where(request.c.id == wish.id, is_open).values(state="done"))
                if taken.rowcount:
                    connection.execute(
                        insert(mail).values(
                            conversation_id=wish.conversation_id,
                            kind=wish.kind,
                            subject=wish.invite_id,
                            state="waiting",
                            tries=0,
                            due_at=now,
                            created_at=wish.created_at,
                        )
                    )

    def due(self, now: datetime) -> Sequence[Mail]:
        """Mails to be sent now, the longest waiting first."""
        is_due = and_(mail.c.state == "waiting", mail.c.due_at <= now)
        query = select(mail).where(is_due).order_by(mail.c.due_at, mail.c.id).limit(_AT_ONCE)
        with self._engine.connect() as connection:
            return [_mail(row) for row in connection.execute(query)]

    def claim(self, due: Mail, until: datetime) -> bool:
        """Take a mail for one try that ends before ``until``; False if another process was faster."""
        is_as_read = and_(mail.c.id == due.id, mail.c.state == "waiting", mail.c.due_at == due.due_at)
        with self._engine.begin() as connection:
            taken = connection.execute(update(mail).where(is_as_read).values(due_at=until, tries=mail.c.tries + 1))
        return bool(taken.rowcount)

    def sent(self, mail_id: int) -> None:
        """Note that a mail was handed over, or that there is nobody to send it to."""
        self._change(mail_id, state="sent", failure=None)

    def failed(self, mail_id: int, failure: str, retry_at: datetime | None) -> None:
        """Note why a try failed; without a next time the mail is dead."""
        if retry_at is None:
            self._change(mail_id, state="dead", failure=failure)
        else:
            self._change(mail_id, due_at=retry_at, failure=failure)

    def counts(self) -> dict[str, int]:
        """How many mails are waiting and how many are dead."""
        states = ("waiting", "dead")
        query = select(mail.c.state, func.count()).where(mail.c.state.in_(states)).group_by(mail.c.state)
        with self._engine.connect() as connection:
            counted = dict(connection.execute(query).all())
        return {state: counted.get(state, 0) for state in states}

    def listed(self, state: MailState | None = None) -> Sequence[Mail]:
        """The mails in a state, or all that are not sent, oldest first."""
        wanted = mail.c.state == state if state else mail.c.state != "sent"
        with self._engine.connect() as connection:
            return [_mail(row) for row in connection.execute(select(mail).where(wanted).order_by(mail.c.id))]

    def retry(self, mail_ids: Sequence[int], now: datetime) -> int:
        """Let dead mails be tried anew, those named or all; how many they were."""
        is_meant = mail.c.state == "dead" if not mail_ids else and_(mail.c.state == "dead", mail.c.id.in_(mail_ids))
        with self._engine.begin() as connection:
            changed = connection.execute(update(mail).where(is_meant).values(state="waiting", tries=0, due_at=now))
        return int(changed.rowcount)

    def _change(self, mail_id: int, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(mail).where(mail.c.id == mail_id).values(**values))


def _mail(row: Row) -> Mail:
    return Mail(
        row.id,
        row.conversation_id,
        row.kind,
        row.subject,
        row.state,
        row.tries,
        row.due_at,
        row.failure,
        row.created_at,
    )
