from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from sqlalchemy.engine import Engine

from actions.accounts import schema as accounts_schema
from actions.accounts.demo import load_demo
from actions.accounts.store import SqlAccounts
from bot.conversations import schema as conversations_schema
from bot.conversations.store import ConversationStore, Proof
from bot.database import open_engine
from bot.mail.transport import Folder, Smtp
from bot.mail.worker import send_due
from tests.service import free_port

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
SENDER = "portiere@portal.example.com"


class Inbox(Message):
    """Keeps what a real SMTP server receives."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[email.message.Message] = []

    def handle_message(self, message: email.message.Message) -> None:
        self.messages.append(message)


@pytest.fixture
def accounts(tmp_path: Path) -> SqlAccounts:
    url = f"sqlite:///{tmp_path}/accounts.db"
    accounts_schema.upgrade(url)
    engine = open_engine(url)
    load_demo(engine, NOW.date(), ZoneInfo("Europe/Rome"))
    return SqlAccounts(engine)


@pytest.fixture
def conversations(tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path}/conversations.db"
    conversations_schema.upgrade(url)
    return open_engine(url)


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Smtp]]:
    received = Inbox()
    port = free_port()
    server = Controller(received, hostname="127.0.0.1", port=port)
    server.start()
    yield received, Smtp(f"smtp://127.0.0.1:{port}")
    server.stop()


def ask_for_reminder(conversations: Engine, invite_id: str) -> None:
    store = ConversationStore(conversations)
    conversation, _ = store.open("widget", "it", Proof(), NOW, timedelta(hours=1))
    store.add_request(conversation.id, kind="reminder", company="studio-brennero", invite_id=invite_id, now=NOW)


def test_the_owner_of_the_account_gets_the_exact_login_address(
    accounts: SqlAccounts, conversations: Engine, inbox: tuple[Inbox, Smtp]
) -> None:
    ask_for_reminder(conversations, accounts.find_invite("USAT2345").id)
    received, smtp = inbox
    assert send_due(conversations, accounts, smtp, SENDER) == 1
    (message,) = received.messages
    assert message["To"] == "maria.rossi@googlemail.com"
    assert "maria.rossi@googlemail.com" in message.get_payload(decode=True).decode()


def test_a_reminder_is_sent_once(accounts: SqlAccounts, conversations: Engine, inbox: tuple[Inbox, Smtp]) -> None:
    ask_for_reminder(conversations, accounts.find_invite("USAT2345").id)
    received, smtp = inbox
    send_due(conversations, accounts, smtp, SENDER)
    send_due(conversations, accounts, smtp, SENDER)
    assert len(received.messages) == 1


def test_a_code_without_an_account_sends_nothing(
    accounts: SqlAccounts, conversations: Engine, inbox: tuple[Inbox, Smtp]
) -> None:
    ask_for_reminder(conversations, accounts.find_invite("SCAD2345").id)
    received, smtp = inbox
    assert send_due(conversations, accounts, smtp, SENDER) == 0
    assert received.messages == []


def test_a_mail_that_could_not_be_sent_is_sent_later(
    accounts: SqlAccounts, conversations: Engine, inbox: tuple[Inbox, Smtp]
) -> None:
    ask_for_reminder(conversations, accounts.find_invite("USAT2345").id)
    with pytest.raises(OSError, match="refused"):
        send_due(conversations, accounts, Smtp("smtp://127.0.0.1:1"), SENDER)
    received, smtp = inbox
    send_due(conversations, accounts, smtp, SENDER)
    assert len(received.messages) == 1


def test_without_a_server_mails_lie_in_a_folder_for_their_owner_alone(
    accounts: SqlAccounts, conversations: Engine, tmp_path: Path
) -> None:
    ask_for_reminder(conversations, accounts.find_invite("USAT2345").id)
    send_due(conversations, accounts, Folder(tmp_path / "mailbox"), SENDER)
    (path,) = (tmp_path / "mailbox").glob("*.eml")
    assert path.stat().st_mode & 0o077 == 0
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["Subject"] == "Promemoria per accedere al portale"


def test_a_wrong_smtp_url_is_named() -> None:
    with pytest.raises(ValueError, match="PORTIERE_SMTP_URL"):
        Smtp("mail.example.com")
