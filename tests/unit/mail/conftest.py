"""A post office over both stores with the demo data, and a real SMTP server to deliver to."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.message import Message as Mail
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import update

from actions.accounts import schema as accounts_schema
from actions.accounts.demo import load_demo
from actions.accounts.models import AccountRow
from actions.accounts.store import SqlAccounts
from bot.conversations import schema as conversations_schema
from bot.conversations.mailbox_numbers import MailboxNumbers
from bot.conversations.outbox import Outbox
from bot.conversations.store import ConversationStore, Proof
from bot.database import open_engine
from bot.mail.worker import Postman
from bot.privacy.vault import Vault
from bot.settings import Settings
from tests.service import free_port

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


class Inbox(Message):
    """Keeps what a real SMTP server receives; refuses what it is told to refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Mail] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message: Mail) -> None:
        self.messages.append(message)


@dataclass
class PostOffice:
    """Both stores, a clock that stands, and the mail process with its server."""

    settings: Settings
    inbox: Inbox
    now: datetime = NOW
    conversations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        engine = open_engine(self.settings.conversations_database())
        self.engine = engine
        self.accounts_engine = open_engine(self.settings.accounts_database())
        self.accounts = SqlAccounts(self.accounts_engine)
        self.store = ConversationStore(engine)
        self.outbox = Outbox(engine)
        self.vault = Vault(engine, self.settings.key("vault"), now=lambda: self.now)
        self.numbers = MailboxNumbers(engine, self.settings.key("mailbox numbers"), self.vault.resolve)

    def begin(self) -> str:
        """A new anonymous conversation."""
        conversation, _ = self.store.open("widget", "it", Proof(), NOW, timedelta(hours=1))
        return conversation.id

    def ask_for(self, address: str, conversation: str | None = None) -> str:
        """Ask for a recovery mail; the conversation."""
        conversation = conversation or self.begin()
        self.outbox.add_recovery(conversation, self.vault.store(conversation, "email", address), self.now)
        return conversation

    def send(self) -> int:
        """One look of the mail process."""
        return Postman(self.settings, now=lambda: self.now).send_due()

    def texts(self) -> list[str]:
        """The bodies of what arrived."""
        return [message.get_payload(decode=True).decode() for message in self.inbox.messages]

    def number(self) -> str:
        """The number in the latest mail."""
        found = re.search(r"\b\d{6}\b", self.texts()[-1])
        assert found
        return found.group()

    def lock(self, login: str) -> None:
        """Lock an account."""
        with self.accounts_engine.begin() as connection:
            connection.execute(update(AccountRow).where(AccountRow.login == login).values(locked_at=NOW))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def smtp_url(inbox: Inbox) -> Iterator[str]:
    port = free_port()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    yield f"smtp://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def office(tmp_path: Path, inbox: Inbox, smtp_url: str) -> PostOffice:
    settings = Settings(home=tmp_path, secret="s" * 32, smtp_url=smtp_url)
    accounts_schema.upgrade(settings.accounts_database())
    conversations_schema.upgrade(settings.conversations_database())
    engine = open_engine(settings.accounts_database())
    load_demo(engine, NOW.date(), ZoneInfo("Europe/Rome"))
    engine.dispose()
    return PostOffice(settings, inbox)


def subject_of(message: Mail) -> str:
    """The subject as people read it."""
    return str(email.header.make_header(email.header.decode_header(message["Subject"])))
