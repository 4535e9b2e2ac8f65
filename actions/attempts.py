"""How often people may guess or ask: counted for a conversation, a client address and a target, found or not alike."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from typing import Literal

from limits import RateLimitItem, RateLimitItemPerHour
from limits.strategies import RateLimiter

from bot.settings import Settings

Kind = Literal["code", "number", "mail"]


class TooManyAttempts(Exception):
    """Someone has tried more often than a person does who misreads or waits."""


class Attempts:
    """Counts within the hour, in memory or Redis. Targets are kept as keyed hashes only."""

    def __init__(self, limiter: RateLimiter, settings: Settings) -> None:
        self._limiter = limiter
        self._settings = settings
        self._key = settings.key("attempts")

    def check(self, kind: Kind, conversation_id: str, client: str, target: str = "") -> None:
        """Raise `TooManyAttempts` if the conversation, the client or the target has used up this hour's attempts."""
        for limit, key in self._limits(kind, conversation_id, client, target):
            if not self._limiter.test(limit, kind, key):
                raise TooManyAttempts

    def count(self, kind: Kind, conversation_id: str, client: str, target: str = "") -> None:
        """Count one attempt."""
        for limit, key in self._limits(kind, conversation_id, client, target):
            self._limiter.hit(limit, kind, key)

    def _limits(
        self, kind: Kind, conversation_id: str, client: str, target: str
    ) -> Iterator[tuple[RateLimitItem, str]]:
        chosen = self._settings
        of_conversation, of_client, of_target = {
            "code": (chosen.code_attempts, chosen.client_code_attempts, chosen.target_code_attempts),
            "number": (chosen.number_attempts, chosen.client_number_attempts, chosen.number_attempts),
            "mail": (chosen.mail_requests, chosen.client_mail_requests, chosen.target_mail_requests),
        }[kind]
        yield RateLimitItemPerHour(of_conversation), f"conversation {conversation_id}"
        if client:
            yield RateLimitItemPerHour(of_client), f"client {client}"
        if target:
            digest = hmac.new(self._key, f"{kind}\0{target}".encode(), hashlib.sha256).hexdigest()
            yield RateLimitItemPerHour(of_target), f"target {digest}"
