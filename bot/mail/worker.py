"""The mail process: looks addresses up and sends, apart from the chat, so that no answer waits for or tells of it."""

from __future__ import annotations

import logging
import smtplib
import time
import uuid
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from actions.accounts.interface import Accounts
from actions.accounts.store import SqlAccounts
from bot.database import open_engine
from bot.mail.reactivations import send_reactivations
from bot.mail.reminders import due_reminders, letter, mark_done
from bot.mail.transport import Transport, transport
from bot.settings import Settings

logger = logging.getLogger(__name__)

_LOOK_EVERY = 5.0  # seconds
_LONGEST_PAUSE = 600.0  # seconds between tries while mails cannot be sent


def serve(settings: Settings) -> None:
    """Send what is due until the process is ended; pauses grow while something fails."""
    conversations = open_engine(settings.conversations_database())
    accounts = SqlAccounts(open_engine(settings.accounts_database()))
    mails = transport(settings)
    pause = _LOOK_EVERY
    while True:
        try:
            send_due(conversations, accounts, mails, settings.mail_from)
            send_reactivations(conversations, accounts, mails, settings.mail_from, ZoneInfo(settings.timezone))
            pause = _LOOK_EVERY
        except (OSError, smtplib.SMTPException, SQLAlchemyError) as error:
            logger.error("Mail not sent: error %s, %s", uuid.uuid4().hex[:12], type(error).__name__)
            pause = min(2 * pause, _LONGEST_PAUSE)
        time.sleep(pause)


def send_due(conversations: Engine, accounts: Accounts, mails: Transport, sender: str) -> int:
    """Send every reminder that is due, each marked as done only once it was handed over; how many were sent."""
    sent = 0
    for reminder in due_reminders(conversations):
        account = accounts.account_of_invite(reminder.invite_id)
        if account is not None:
            mails.send(letter(account.login, sender))
            sent += 1
        mark_done(conversations, reminder)
    return sent
