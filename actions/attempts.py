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

_ONCE = RateLimitItemPerHour(1)


class TooManyAttempts(Exception):
    """Someone has tried more often than a person does who misreads or waits."""


class Attempts:
    """Counts within the hour, in memory or Redis. Targets and guesses are kept as keyed hashes only."""

    def __init__(self, limiter: RateLimiter, settings: Settings) -> None:
        self._limiter = limiter
        self._settings = settings
        self._key = settings.key("attempts")

    def count(self, kind: Kind, conversation_id: str, client: str, target: str = "", *, guess: str = "") -> None:
        """Count one attempt; `TooManyAttempts` if it is one too many for the conversation, the client or the target.

        A guess that was let through is counted once in a conversation: whoever asks again learns nothing new.
        """
        known = f"{conversation_id} {self._digest(kind, guess)}"
        if guess and not self._limiter.test(_ONCE, "guess", known):
            return
        # All three are hit before any is looked at: of many attempts at once, each finds its own place in the row.
        within = [
            self._limiter.hit(limit, kind, key) for limit, key in self._limits(kind, conversation_id, client, target)
        ]
        if not all(within):
            raise TooManyAttempts
        if guess:
            self._limiter.hit(_ONCE, "guess", known)

    def _limits(
        self, kind: Kind, conversation_id: str, client: str, target: str
    ) -> Iterator[tuple[RateLimitItem, str]]:
        chosen = self._settings
        of_conversation, of_client, of_target = {
            "code": (chosen.code_attempts, chosen.client_code_attempts, chosen.target_code_attempts),
            "number": (chosen.number_attempts, chosen.client_number_attempts, chosen.target_number_attempts),
            "mail": (chosen.mail_requests, chosen.client_mail_requests, chosen.target_mail_requests),
        }[kind]
        yield RateLimitItemPerHour(of_conversation), f"conversation {conversation_id}"
        if client:
            yield RateLimitItemPerHour(of_client), f"client {client}"
        if target:
            yield RateLimitItemPerHour(of_target), f"target {self._digest(kind, target)}"

    def _digest(self, kind: Kind, value: str) -> str:
        return hmac.new(self._key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()
