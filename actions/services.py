"""What actions work with, wired in one place and opened on first use."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from limits import RateLimitItemPerHour
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from actions.accounts.interface import Accounts
from actions.accounts.store import SqlAccounts
from bot.conversations.store import ConversationStore
from bot.database import open_engine
from bot.privacy.vault import Vault
from bot.settings import Settings
from bot.settings import settings as process_settings


class TooManyAttempts(Exception):
    """Someone has tried more codes than a person who misreads one."""


@dataclass(frozen=True)
class Services:
    """Stores, limits, settings and clock."""

    accounts: Accounts
    conversations: ConversationStore
    vault: Vault
    limiter: RateLimiter
    settings: Settings
    now: Callable[[], datetime] = field(default=lambda: datetime.now(timezone.utc))

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days are counted."""
        return ZoneInfo(self.settings.timezone)

    def today(self) -> date:
        """The current day in the portal's zone."""
        return self.now().astimezone(self.zone).date()

    def check_attempts(self, conversation_id: str, client: str) -> None:
        """Raise `TooManyAttempts` if the conversation or the client address used up its wrong guesses of this hour."""
        for limit, key in self._attempt_limits(conversation_id, client):
            if not self.limiter.test(limit, key):
                raise TooManyAttempts

    def count_attempt(self, conversation_id: str, client: str) -> None:
        """Count one wrong guess."""
        for limit, key in self._attempt_limits(conversation_id, client):
            self.limiter.hit(limit, key)

    def _attempt_limits(self, conversation_id: str, client: str) -> list[tuple[RateLimitItemPerHour, str]]:
        limits = [(RateLimitItemPerHour(self.settings.code_attempts), f"conversation {conversation_id}")]
        if client:
            limits.append((RateLimitItemPerHour(self.settings.client_code_attempts), f"client {client}"))
        return limits


@functools.lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process."""
    settings = process_settings()
    conversations = open_engine(settings.conversations_database())
    return Services(
        accounts=SqlAccounts(open_engine(settings.accounts_database())),
        conversations=ConversationStore(conversations),
        vault=Vault(conversations, settings.key("vault")),
        limiter=FixedWindowRateLimiter(storage_from_string(settings.redis_url or "memory://")),
        settings=settings,
    )
