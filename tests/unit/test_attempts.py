"""How often people may guess and ask within the hour."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

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
    number_attempts=2,
    client_number_attempts=4,
    target_number_attempts=3,
)
KINDS: tuple[Kind, ...] = ("code", "mail", "number")


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
            attempts.count(kind, "talk", "client", "three")
        attempts.count(kind, "another talk", "client", "three")

    def test_a_client_cannot_go_on_in_other_conversations(self, attempts: Attempts, kind: Kind) -> None:
        for number in range(4):
            attempts.count(kind, f"talk {number}", "client", f"target {number}")
        with pytest.raises(TooManyAttempts):
            attempts.count(kind, "talk 5", "client", "target 5")
        attempts.count(kind, "talk 6", "another client", "target 5")

    def test_a_target_cannot_be_tried_from_everywhere(self, attempts: Attempts, kind: Kind) -> None:
        for number in range(3):
            attempts.count(kind, f"talk {number}", f"client {number}", "target")
        with pytest.raises(TooManyAttempts):
            attempts.count(kind, "talk 5", "client 5", "target")
        attempts.count(kind, "talk 6", "client 6", "another target")


class Meeting(MemoryStorage):
    """A storage in which two who look at a count before they add to it see the same."""

    barrier: threading.Barrier | None = None

    def get(self, key: str) -> int:
        counted = super().get(key)
        if self.barrier:
            with contextlib.suppress(threading.BrokenBarrierError):
                self.barrier.wait(0.2)
        return counted


def test_of_two_attempts_at_once_only_one_takes_the_last_place() -> None:
    storage = Meeting()
    attempts = Attempts(FixedWindowRateLimiter(storage), LIMITS)
    attempts.count("mail", "talk", "client")
    storage.barrier = threading.Barrier(2)

    def is_let_through(_number: int) -> bool:
        try:
            attempts.count("mail", "talk", "client")
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(is_let_through, range(2))) == [False, True]


def test_codes_and_mails_are_counted_apart(attempts: Attempts) -> None:
    for _ in range(2):
        attempts.count("code", "talk", "client")
    attempts.count("mail", "talk", "client")


class TestGuesses:
    def test_the_same_one_is_counted_once_in_a_conversation(self, attempts: Attempts) -> None:
        for _ in range(5):
            attempts.count("code", "talk", "client", "one", guess="one")
        attempts.count("code", "talk", "client", "two", guess="two")
        with pytest.raises(TooManyAttempts):
            attempts.count("code", "talk", "client", "three", guess="three")
        attempts.count("code", "talk", "client", "one", guess="one")

    def test_one_that_was_refused_is_refused_again(self, attempts: Attempts) -> None:
        for code in ("one", "two"):
            attempts.count("code", "talk", "client", code, guess=code)
        for _ in range(2):
            with pytest.raises(TooManyAttempts):
                attempts.count("code", "talk", "client", "three", guess="three")

    def test_in_another_conversation_it_is_counted_anew(self, attempts: Attempts) -> None:
        for number in range(3):
            attempts.count("code", f"talk {number}", "", "one", guess="one")
        with pytest.raises(TooManyAttempts):
            attempts.count("code", "talk 4", "", "one", guess="one")


def test_targets_are_kept_as_keyed_hashes(attempts: Attempts, storage: MemoryStorage) -> None:
    attempts.count("mail", "talk", "client", "ada.neri@example.com", guess="ada.neri@example.com")
    assert any("target" in key for key in storage.storage)
    assert not any("ada" in key for key in storage.storage)
