"""Six-digit numbers that prove a mailbox: ten minutes, five tries, once, in the conversation that asked for the mail.

Only a keyed hash is kept, over conversation, address and number: a row copied elsewhere proves nothing there. A mail
to an address without an account has such a row as well, with a number that nobody was sent. The number follows from
the key and the mail: one that is sent again, because nobody knows whether it arrived, holds the same.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.engine import Engine

from bot.conversations.tables import conversation, mailbox_number

VALID_FOR = timedelta(minutes=10)
MOST_TRIES = 5
_DIGITS = 6
_NO_DIGEST = "0" * 64


class MailboxNumbers:
    """Makes numbers for mails and checks those that people type."""

    def __init__(self, engine: Engine, key: bytes, resolve: Callable[[str, str], str | None]) -> None:
        """``resolve`` gives the address behind a reference of a conversation."""
        self._engine = engine
        self._key = key
        self._resolve = resolve

    def make(self, mail_id: int, account_id: str | None, now: datetime) -> str | None:
        """The number for a mail that is about to be sent, good from now on.

        None if nobody needs it any more: a later mail has taken its place, it was used, or the conversation has ended.
        """
        is_latest = mailbox_number.c.mail_id == mail_id
        is_unused = or_(mailbox_number.c.digest.is_not(None), mailbox_number.c.expires_at.is_(None))
        talk = select(mailbox_number).join(conversation, conversation.c.id == mailbox_number.c.conversation_id)
        with self._engine.connect() as connection:
            is_wanted = and_(is_latest, is_unused, conversation.c.expires_at > now)
            row = connection.execute(talk.where(is_wanted)).one_or_none()
        if row is None:
            return None
        number = self._number(row.conversation_id, mail_id)
        values = {
            "digest": self._digest(row.conversation_id, row.address, number),
            "account_id": account_id,
            "expires_at": now + VALID_FOR,
        }
        with self._engine.begin() as connection:
            changed = connection.execute(update(mailbox_number).where(is_latest, is_unused).values(**values))
        return number if changed.rowcount else None

    def address(self, conversation_id: str) -> str | None:
        """The address that the latest mail of a conversation was asked for, whether or not anything is on file."""
        is_here = mailbox_number.c.conversation_id == conversation_id
        with self._engine.connect() as connection:
            reference = connection.scalar(select(mailbox_number.c.address).where(is_here))
        return self._resolve(conversation_id, reference) if reference else None

    def prove(self, conversation_id: str, number: str, now: datetime) -> str | None:
        """The account whose mailbox a number proves; the conversation has the tier `mailbox` from then on.

        None if the number is wrong, used, replaced, too old or was never sent: all take the same steps.
        """
        is_here = mailbox_number.c.conversation_id == conversation_id
        is_alive = and_(is_here, mailbox_number.c.tries < MOST_TRIES, mailbox_number.c.expires_at > now)
        with self._engine.begin() as connection:
            tried = connection.execute(
                update(mailbox_number).where(is_alive).values(tries=mailbox_number.c.tries + 1)
            ).rowcount
            row = connection.execute(select(mailbox_number).where(is_here)).one_or_none()
        expected = row.digest if row is not None and row.digest else _NO_DIGEST
        typed = self._digest(conversation_id, row.address if row is not None else "", number)
        is_right = hmac.compare_digest(typed, expected)
        if not (is_right and tried and row is not None and row.account_id):
            return None
        with self._engine.begin() as connection:
            is_unused = and_(is_here, mailbox_number.c.digest == typed)
            if not connection.execute(update(mailbox_number).where(is_unused).values(digest=None)).rowcount:
                return None
            is_open = and_(conversation.c.id == conversation_id, conversation.c.tier == "anonymous")
            proven = update(conversation).where(is_open).values(tier="mailbox", account_id=row.account_id)
            return str(row.account_id) if connection.execute(proven).rowcount else None

    def _number(self, conversation_id: str, mail_id: int) -> str:
        message = "\0".join(("number", conversation_id, str(mail_id)))
        drawn = int.from_bytes(hmac.digest(self._key, message.encode(), "sha256"), "big")
        return f"{drawn % 10**_DIGITS:0{_DIGITS}}"

    def _digest(self, conversation_id: str, address: str, number: str) -> str:
        value = self._resolve(conversation_id, address) or ""
        message = "\0".join((conversation_id, value, number))
        return hmac.new(self._key, message.encode(), hashlib.sha256).hexdigest()
