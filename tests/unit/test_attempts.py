"""How often people may guess and ask within the hour."""

from __future__ import annotations

import pytest
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from actions.attempts import Attempts, Kind, TooManyAttempts
from bot.settings import Settings

LIMITS = Settings(
    secret="s" * 32,
    code_attempts=2,
    client_code_attempts=4,
    target_code_attempts=3,
    mail_requests=2,
    client_mail_requests=4,
    target_mail_requests=3,
)
KINDS: tuple[Kind, ...] = ("code", "mail")


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def attempts(storage: MemoryStorage) -> Attempts:
    return Attempts(FixedWindowRateLimiter(storage), LIMITS)


@pytest.mark.parametrize("kind", KINDS)
class TestLimits:
    def test_a_conversation_has_its_own(self, attempts: Attempts, kind: Kind) -> None:
        for target in ("one", "two"):
            attempts.count(kind, "talk", "client", target)
        with pytest.raises(TooManyAttempts):
            attempts.check(kind, "talk", "client", "three")
        attempts.check(kind, "another talk", "client", "three")

    def test_a_client_cannot_go_on_in_other_conversations(self, attempts: Attempts, kind: Kind) -> None:
        for number in range(4):
            attempts.count(kind, f"talk {number}", "client", f"target {number}")
        with pytest.raises(TooManyAttempts):
            attempts.check(kind, "talk 5", "client", "target 5")
        attempts.check(kind, "talk 5", "another client", "target 5")

    def test_a_target_cannot_be_tried_from_everywhere(self, attempts: Attempts, kind: Kind) -> None:
        for number in range(3):
            attempts.count(kind, f"talk {number}", f"client {number}", "target")
        with pytest.raises(TooManyAttempts):
            attempts.check(kind, "talk 5", "client 5", "target")
        attempts.check(kind, "talk 5", "client 5", "another target")


def test_codes_and_mails_are_counted_apart(attempts: Attempts) -> None:
    for _ in range(2):
        attempts.count("code", "talk", "client")
    attempts.check("mail", "talk", "client")


def test_targets_are_kept_as_keyed_hashes(attempts: Attempts, storage: MemoryStorage) -> None:
    attempts.count("mail", "talk", "client", "ada.neri@example.com")
    assert any("target" in key for key in storage.storage)
    assert not any("ada" in key for key in storage.storage)
