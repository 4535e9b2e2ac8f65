"""What actions work with, wired in one place and opened on first use."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from actions.accounts.interface import Accounts
from actions.accounts.store import SqlAccounts
from actions.attempts import Attempts
from bot.conversations.handoffs import IN_CHAT
from bot.conversations.mailbox_numbers import MailboxNumbers
from bot.conversations.outbox import Outbox
from bot.conversations.store import ConversationStore
from bot.database import open_engine
from bot.privacy.vault import Vault
from bot.settings import Settings
from bot.settings import settings as process_settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """Stores, limits, settings and clock."""

    accounts: Accounts
    conversations: ConversationStore
    vault: Vault
    outbox: Outbox
    mailbox_numbers: MailboxNumbers
    attempts: Attempts
    settings: Settings
    now: Callable[[], datetime] = field(default=lambda: datetime.now(timezone.utc))

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days are counted."""
        return ZoneInfo(self.settings.timezone)

    def call_support(self, conversation_id: str, kind: str) -> None:
        """Open a case where the bot can't help any more, so that support sees it and may step in.

        What goes wrong here is not the person's matter: they are answered all the same.
        """
        try:
            self.conversations.open_handoff(conversation_id, kind=kind, reason="", contact=IN_CHAT, now=self.now())
        except Exception as error:  # it may be anything, as in actions
            logger.error("No case was opened: %s", type(error).__name__)

    def today(self) -> date:
        """The current day in the portal's zone."""
        return self.now().astimezone(self.zone).date()


@functools.lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process."""
    return open_services(process_settings())


def open_services(settings: Settings) -> Services:
    """The services over the stores that the settings name."""
    conversations = open_engine(settings.conversations_database())
    vault = Vault(conversations, settings.key("vault"))
    limiter = FixedWindowRateLimiter(storage_from_string(settings.redis_url or "memory://"))
    return Services(
        accounts=SqlAccounts(open_engine(settings.accounts_database())),
        conversations=ConversationStore(conversations),
        vault=vault,
        outbox=Outbox(conversations),
        mailbox_numbers=MailboxNumbers(conversations, settings.key("mailbox numbers"), vault.resolve),
        attempts=Attempts(limiter, settings),
        settings=settings,
    )
