"""Mails to tenants whose wish came true: their invite code is valid again."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select, update
from sqlalchemy.engine import Engine

from actions.accounts.interface import Accounts
from actions.invite_codes import format_code
from bot.conversations.tables import request
from bot.mail.transport import Transport

_TEXT = Path(__file__).with_name("reactivated.it.txt")
_AT_ONCE = 50


@dataclass(frozen=True)
class Announcement:
    """A reactivated invite that its tenant is to be told of."""

    id: int
    company: str
    invite_id: str


def send_reactivations(conversations: Engine, accounts: Accounts, mails: Transport, sender: str, zone: ZoneInfo) -> int:
    """Tell those who asked for it, at the address that the company has on file; how many were told.

    Each is marked as done only once its mail was handed over. A contact without an address is told nothing: the
    administrator who reactivated the invite has the text to pass on.
    """
    sent = 0
    for due in _due(conversations):
        rows = accounts.invites(due.company, [due.invite_id])
        if rows and rows[0].invite and rows[0].contact.email:
            company = accounts.company(due.company)
            until = format_date(rows[0].invite.expires_at.astimezone(zone), "d MMMM y", locale="it")
            values = {"code": format_code(rows[0].invite.code), "until": until, "company": company.name}
            mails.send(_letter(rows[0].contact.email, sender, values))
            sent += 1
        with conversations.begin() as connection:
            connection.execute(update(request).where(request.c.id == due.id).values(state="done"))
    return sent


def _due(engine: Engine) -> list[Announcement]:
    query = (
        select(request.c.id, request.c.company, request.c.invite_id)
        .where(request.c.kind == "reactivated", request.c.state == "open")
        .order_by(request.c.id)
        .limit(_AT_ONCE)
    )
    with engine.connect() as connection:
        return [Announcement(row.id, row.company, row.invite_id) for row in connection.execute(query)]


def _letter(address: str, sender: str, values: dict[str, str]) -> EmailMessage:
    subject, _, text = _TEXT.read_text(encoding="utf-8").partition("\n\n")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, address, subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by another machine
    message.set_content(text.format(**values))
    return message
