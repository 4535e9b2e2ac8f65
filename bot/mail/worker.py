"""The mail process: looks addresses up and sends, apart from the chat, so that no answer waits for or tells of it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.exc import SQLAlchemyError

from actions.accounts.interface import Accounts
from actions.accounts.store import SqlAccounts
from actions.email_spelling import check_spelling
from actions.invite_codes import format_code
from actions.open_requests import open_requests
from bot.conversations.mailbox_numbers import MailboxNumbers
from bot.conversations.outbox import Mail, Outbox
from bot.conversations.requests import RequestStore
from bot.database import DATABASE_TROUBLE, open_engine
from bot.mail.letters import letter, paragraphs, stamp
from bot.mail.recovery import Lookup
from bot.mail.transport import MailNotTaken, MailRefused, Transport, transport
from bot.privacy.vault import Vault
from bot.settings import Settings

logger = logging.getLogger(__name__)

_LOOK_EVERY = 1.0  # seconds
_LONGEST_PAUSE = 60.0  # seconds between looks while the databases do not answer
CLAIM = timedelta(minutes=2)  # twice as long as one mail may take: a process that needs more has died
_SETTLE_EVERY = timedelta(minutes=1)
_FIRST_WAIT = timedelta(seconds=30)  # before the second try; doubled each time


class Postman:
    """Sends what is due, one mail after the other."""

    def __init__(
        self,
        settings: Settings,
        mails: Transport | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        conversations = open_engine(settings.conversations_database())
        self._accounts: Accounts = SqlAccounts(open_engine(settings.accounts_database()))
        self._vault = Vault(conversations, settings.key("vault"))
        self._outbox = Outbox(conversations)
        self._requests = RequestStore(conversations)
        self._settle_at: datetime | None = None
        self._numbers = MailboxNumbers(conversations, settings.key("mailbox numbers"), self._vault.resolve)
        self._mails = mails or transport(settings)
        self._name_key = settings.key("mail names")
        self._sender = settings.mail_from
        self._most_tries = settings.mail_tries
        self._zone = ZoneInfo(settings.timezone)
        self._now = now

    def send_due(self) -> int:
        """Try every mail that is due, each noted as sent only once it was handed over; how many were sent."""
        self._settle_requests()
        self._outbox.collect_requests(self._now())
        sent = 0
        for mail in self._outbox.due(self._now()):
            if not self._outbox.claim(mail, self._now() + CLAIM):
                continue
            if mail.tries >= self._most_tries:  # the last try ended without a word: its process died, or the database
                self._bury(mail.id, mail.tries, mail.failure or "unfinished")
            else:
                sent += self._try(mail)
        return sent

    def _settle_requests(self) -> None:
        """Have tenants told whose wish was granted by a process that ended before it could see to that."""
        now = self._now()
        if self._settle_at is None or now >= self._settle_at:
            open_requests(self._accounts, self._requests, now)
            self._settle_at = now + _SETTLE_EVERY

    def _try(self, mail: Mail) -> bool:
        try:
            message = self._letter(mail)
            if message is not None:
                stamp(message, self._name(mail), self._now())
                self._mails.send(message, mail.conversation_id)
        except (MailRefused, MailNotTaken) as error:
            self._note_failure(mail, str(error), is_final=isinstance(error, MailRefused))
            return False
        except DATABASE_TROUBLE:
            raise  # all mails have this trouble: the claim ends by itself
        except Exception as error:  # one mail must not keep the others from being sent
            self._note_failure(mail, type(error).__name__, is_final=False)
            return False
        self._outbox.sent(mail.id)
        return message is not None

    def _name(self, mail: Mail) -> str:
        """What the mail is called in its Message-ID: nobody can tell conversation or count from it."""
        return hmac.new(self._name_key, f"{mail.conversation_id} {mail.id}".encode(), hashlib.sha256).hexdigest()[:32]

    def _letter(self, mail: Mail) -> EmailMessage | None:
        """The mail as it goes out; None if there is nobody to write to, or a later one has taken its place."""
        if mail.kind == "reminder":
            account = self._accounts.account_of_invite(mail.subject)
            return letter("reminder", account.login, self._sender, login=account.login) if account else None
        if mail.kind == "reactivated":
            return self._news_of_reactivation(mail.subject)
        typed = self._vault.resolve(mail.conversation_id, mail.subject)
        address = check_spelling(typed or "").address
        if address is None:
            return None
        recovery = Lookup(self._accounts, self._zone, self._now()).recovery(address)
        account_id = recovery.account.id if recovery.account else None
        number = self._numbers.make(mail.id, account_id, self._now())
        if number is None:
            return None
        facts = {"findings": paragraphs(recovery.findings)}
        if recovery.account:
            facts |= {"login": recovery.account.login, "number": number}
        return letter(recovery.text, recovery.recipient, self._sender, **facts)

    def _news_of_reactivation(self, invite_id: str) -> EmailMessage | None:
        """To the address that the company has on file; without one the administrator has the text to pass on."""
        found = self._accounts.addressee(invite_id)
        if found is None or found.invite is None or not found.contact.email:
            return None
        until = format_date(found.invite.expires_at.astimezone(self._zone), "d MMMM y", locale="it")
        return letter(
            "reactivated",
            found.contact.email,
            self._sender,
            code=format_code(found.invite.code),
            until=until,
            company=self._accounts.company(found.invite.company).name,
        )

    def _note_failure(self, mail: Mail, failure: str, *, is_final: bool) -> None:
        tries = mail.tries + 1
        if is_final or tries >= self._most_tries:
            self._bury(mail.id, tries, failure)
            return
        self._outbox.failed(mail.id, failure, self._now() + _FIRST_WAIT * 2**mail.tries)
        logger.warning("Mail %s not sent, try %s: %s", mail.id, tries, failure)

    def _bury(self, mail_id: int, tries: int, failure: str) -> None:
        self._outbox.failed(mail_id, failure, None)
        logger.error("Mail %s is dead after %s tries: %s. See `portiere mail list`", mail_id, tries, failure)


def serve(settings: Settings) -> None:
    """Send what is due until the process is ended; pauses grow while the databases do not answer."""
    postman = Postman(settings)
    if not settings.smtp_url and not settings.demo:
        logger.warning("Mails are not sent but written to files: set PORTIERE_SMTP_URL")
    pause = _LOOK_EVERY
    while True:
        try:
            postman.send_due()
            pause = _LOOK_EVERY
        except SQLAlchemyError as error:
            logger.error("Mails cannot be looked up: error %s, %s", uuid.uuid4().hex[:12], type(error).__name__)
            pause = min(2 * pause, _LONGEST_PAUSE)
        time.sleep(pause)
