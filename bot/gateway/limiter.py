"""How often a client may begin conversations, and how fast a conversation may send messages."""

from __future__ import annotations

import logging
import time
from typing import Any

from anyio import to_thread
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from bot.gateway.metrics import Metrics
from bot.gateway.problems import Problem
from bot.settings import Settings

logger = logging.getLogger(__name__)

_REDIS_SECONDS = 0.5


class Limiter:
    """Counts in memory, or in Redis for several gateway processes."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._limiter = FixedWindowRateLimiter(_storage(settings.redis_url))
        self._sessions = RateLimitItemPerHour(settings.session_limit)
        self._requests = RateLimitItemPerMinute(settings.client_request_limit)
        self._messages = RateLimitItemPerMinute(settings.message_limit)
        self._is_shared = bool(settings.redis_url)
        self._metrics = metrics
        self._is_counting = True

    async def count_session(self, client: str) -> None:
        """Count a conversation begun by a client; `Problem` 429 if there were too many."""
        await self._count("sessions", self._sessions, client, "Too many conversations were begun from here.")

    async def count_request(self, client: str) -> None:
        """Count a request about a conversation that a client made; `Problem` 429 if there were too many."""
        await self._count("requests", self._requests, client, "Too many requests came from here in a short time.")

    async def count_message(self, conversation_id: str) -> None:
        """Count a message of a conversation; `Problem` 429 if there were too many."""
        await self._count("messages", self._messages, conversation_id, "Too many messages in a short time.")

    async def _count(self, name: str, limit: RateLimitItem, key: str, detail: str) -> None:
        if self._is_shared:
            # In a thread, because Redis may keep us waiting: the asynchronous client of `limits` wants a newer
            # redis package than Rasa has.
            wait = await to_thread.run_sync(self._seconds_to_wait, name, limit, key)
        else:
            wait = self._seconds_to_wait(name, limit, key)
        if wait:
            self._metrics.limit_refusals.labels(name).inc()
            raise Problem(429, f"{detail} Try again in {wait} seconds.", {"Retry-After": str(wait)})

    def _seconds_to_wait(self, name: str, limit: RateLimitItem, key: str) -> int:
        try:
            is_within = self._limiter.hit(limit, name, key)
            resets_at = 0 if is_within else self._limiter.get_window_stats(limit, name, key).reset_time
        except StorageError as error:
            # Without Redis nobody is counted: better than turning everybody away.
            if self._is_counting:
                cause = type(error.storage_error).__name__
                logger.error("Limits are not counted, Redis does not answer: %s", cause)
            self._is_counting = False
            return 0
        self._is_counting = True
        return 0 if is_within else max(1, int(resets_at - time.time()) + 1)


def _storage(redis_url: str) -> Any:
    if not redis_url:
        return storage_from_string("memory://")
    return storage_from_string(
        redis_url, wrap_exceptions=True, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS
    )
