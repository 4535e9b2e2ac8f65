"""Reminders that people asked for in the chat: which are due, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.engine import Engine

from bot.conversations.tables import request

_TEXT = Path(__file__).with_name("reminder.it.txt")
_AT_ONCE = 50


@dataclass(frozen=True)
class Reminder:
    """A wish for a reminder about the account behind an invite."""

    id: int
    invite_id: str


def due_reminders(engine: Engine) -> list[Reminder]:
    """The oldest reminders that were not sent yet."""
    query = (
        select(request.c.id, request.c.invite_id)
        .where(request.c.kind == "reminder", request.c.state == "open")
        .order_by(request.c.id)
        .limit(_AT_ONCE)
    )
    with engine.connect() as connection:
        return [Reminder(row.id, row.invite_id) for row in connection.execute(query)]


def mark_done(engine: Engine, reminder: Reminder) -> None:
    """Note that a reminder needs no more work."""
    with engine.begin() as connection:
        connection.execute(update(request).where(request.c.id == reminder.id).values(state="done"))


def letter(login: str, sender: str) -> EmailMessage:
    """The mail to a login address; nothing in it was written by the person in the chat."""
    subject, _, text = _TEXT.read_text(encoding="utf-8").partition("\n\n")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, login, subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by another machine
    message.set_content(text.format(login=login))
    return message
