"""What actions work with, wired in one place and opened on first use."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from actions.accounts.interface import Accounts
from actions.accounts.store import SqlAccounts
from actions.attempts import Attempts
from bot.conversations.mailbox_numbers import MailboxNumbers
from bot.conversations.outbox import Outbox
from bot.conversations.store import ConversationStore
from bot.database import open_engine
from bot.privacy.vault import Vault
from bot.settings import Settings
from bot.settings import settings as process_settings


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

    def today(self) -> date:
        """The current day in the portal's zone."""
        return self.now().astimezone(self.zone).date()


@functools.lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process."""
    settings = process_settings()
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
