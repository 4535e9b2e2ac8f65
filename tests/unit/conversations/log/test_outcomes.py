from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import Engine

from bot.conversations.log.outcomes import COME_BACK, Facts, is_final, outcome
from bot.conversations.log.settling import settle
from bot.conversations.log.tables import logged_conversation
from tests.unit.conversations.factories import IDLE, NOON, seconds
from tests.unit.conversations.log.talks import logged

ANSWERED = Facts(has_answer=True, has_case=True)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (ANSWERED, "resolved"),
        (Facts(has_answer=True, came_back=True), "unresolved"),
        (Facts(thumb="up"), "resolved"),
        (Facts(thumb="up", has_answer=True, came_back=True), "resolved"),
        (Facts(thumb="down", has_answer=True), "unresolved"),
        (Facts(handed_off=True, thumb="up", has_answer=True), "handed_off"),
        (Facts(is_out_of_scope=True), "out_of_scope"),
        (Facts(is_out_of_scope=True, unsure_turns=1), "out_of_scope"),
        (Facts(is_out_of_scope=True, has_case=True), "abandoned"),
        (Facts(is_out_of_scope=True, has_answer=True), "resolved"),
        (Facts(unsure_turns=1), "unresolved"),
        (Facts(has_case=True, has_failed=True), "unresolved"),
        (Facts(has_case=True), "abandoned"),
        (Facts(), "abandoned"),
    ],
)
def test_each_conversation_has_one_outcome(facts: Facts, expected: str) -> None:
    assert outcome(facts) == expected


@pytest.mark.parametrize(
    ("facts", "after", "expected"),
    [
        (Facts(), IDLE - seconds(1), False),
        (Facts(), IDLE, True),
        (ANSWERED, IDLE, False),
        (ANSWERED, COME_BACK - seconds(1), False),
        (ANSWERED, COME_BACK, True),
        (Facts(has_answer=True, came_back=True), IDLE, True),
        (Facts(has_answer=True, thumb="up"), IDLE, True),
        (Facts(has_answer=True, handed_off=True), IDLE, True),
    ],
)
def test_an_answer_waits_seven_days_for_a_come_back(facts: Facts, after: timedelta, expected: bool) -> None:
    assert is_final(facts, NOON, NOON + after, IDLE) is expected


class TestSettling:
    def test_an_idle_conversation_is_settled(self, engine: Engine) -> None:
        held(engine, "first", has_answer=False, outcome="abandoned")
        assert settle(engine, NOON + IDLE - seconds(1), IDLE) == 0
        assert settle(engine, NOON + IDLE, IDLE) == 1
        assert logged(engine, "first").is_settled
        assert settle(engine, NOON + IDLE, IDLE) == 0

    def test_who_comes_back_in_time_was_not_helped(self, engine: Engine) -> None:
        held(engine, "first")
        held(engine, "again", after=COME_BACK)
        settle(engine, NOON + COME_BACK + IDLE, IDLE)
        assert (logged(engine, "first").outcome, logged(engine, "first").is_settled) == ("unresolved", True)
        assert (logged(engine, "again").outcome, logged(engine, "again").is_settled) == ("resolved", False)

    def test_who_does_not_was(self, engine: Engine) -> None:
        held(engine, "first")
        settle(engine, NOON + COME_BACK, IDLE)
        assert (logged(engine, "first").outcome, logged(engine, "first").is_settled) == ("resolved", True)

    def test_even_if_nobody_looked_for_weeks(self, engine: Engine) -> None:
        held(engine, "first")
        held(engine, "late", after=COME_BACK + seconds(1))
        held(engine, "other")
        held(engine, "in time", after=COME_BACK - seconds(1), person="else")
        settle(engine, NOON + 3 * COME_BACK, IDLE)
        assert logged(engine, "first").outcome == "resolved"

    @pytest.mark.parametrize(
        ("later", "is_come_back"),
        [
            ({"intent": "invite_code_already_used"}, True),
            ({"intent": "talk_to_human"}, True),
            ({"intent": "how_to_register"}, False),
            ({"intent": None}, False),
            ({"person": "somebody else"}, False),
            ({"person": None}, False),
        ],
    )
    def test_a_come_back_is_about_the_same_matter(
        self, engine: Engine, later: dict[str, object], is_come_back: bool
    ) -> None:
        held(engine, "first")
        held(engine, "again", after=timedelta(days=1), **later)
        settle(engine, NOON + timedelta(days=2), IDLE)
        assert logged(engine, "first").outcome == ("unresolved" if is_come_back else "resolved")

    def test_administrators_come_every_day(self, engine: Engine) -> None:
        held(engine, "first", channel="staff")
        held(engine, "again", channel="staff", after=timedelta(days=1))
        settle(engine, NOON + COME_BACK, IDLE)
        assert logged(engine, "first").outcome == "resolved"

    def test_many_are_settled_in_one_go(self, engine: Engine) -> None:
        for number in range(1200):
            held(engine, f"talk {number}", has_answer=False, outcome="abandoned", person=None)
        assert settle(engine, NOON + IDLE, IDLE) == 1200


def held(engine: Engine, name: str, after: timedelta = timedelta(), **changes: object) -> None:
    """A conversation with an answer, at one moment."""
    at: datetime = NOON + after
    row = {
        "id": name,
        "channel": "widget",
        "language": "it",
        "tier": "anonymous",
        "person": "ada",
        "started_at": at,
        "ended_at": at,
        "turns": 1,
        "intent": "invite_code_expired",
        "unsure_turns": 0,
        "has_answer": True,
        "outcome": "resolved",
        "has_texts": True,
        **changes,
    }
    with engine.begin() as connection:
        connection.execute(insert(logged_conversation).values(row))
