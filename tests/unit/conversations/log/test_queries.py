"""Pages of the log on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import null, select, update
from sqlalchemy.engine import Engine

from bot.conversations.log import queries, search
from bot.conversations.log.filters import Filters
from bot.conversations.log.queries import PAGE, BadKey, ConversationLog
from bot.conversations.log.tables import turn
from tests.unit.console.log_rows import log_conversation
from tests.unit.conversations.factories import NOON


@pytest.fixture
def log(engine: Engine) -> ConversationLog:
    return ConversationLog(engine)


def found(log: ConversationLog, **filters: object) -> list[str]:
    return [listed.id for listed in log.page(Filters(**filters)).conversations]  # type: ignore[arg-type]


def test_labels_and_traits_are_combined(engine: Engine, log: ConversationLog) -> None:
    log_conversation(engine, "both", "a", minutes=1, findings=["ended"], outcome="unresolved", thumb="down")
    log_conversation(engine, "one", "a", minutes=2, findings=["ended"])
    log_conversation(engine, "other", "a", minutes=3, intent="check_contract", outcome="unresolved", thumb="down")
    assert found(log, finding="ended") == ["one", "both"]
    assert found(log, finding="ended", outcome="unresolved", thumb="down") == ["both"]
    assert found(log, finding="ended", intent="check_contract") == []
    assert log.findings() == ["ended"]


def test_words_are_found_whatever_their_case(engine: Engine, log: ConversationLog) -> None:
    log_conversation(engine, "old", "La CALDAIA è spenta", minutes=1)
    log_conversation(engine, "new", "caldaia e codice", minutes=2)
    log_conversation(engine, "none", "codice", minutes=3)
    assert found(log, words="caldaia") == ["new", "old"]
    assert found(log, words="codice Caldaia") == ["new"]
    assert found(log, words='"; drop table turn -- *') == []
    assert found(log, words="!?") == []


class TestManyMatches:
    """Words that stand in more turns than are read at once."""

    @pytest.fixture(autouse=True)
    def few_are_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search, "_FEW", 3)
        monkeypatch.setattr(queries, "_FEW", 3)
        for size in ("_FIRST_STRETCH", "_FIRST_BATCH"):
            monkeypatch.setattr(search, size, 4)

    def test_the_newest_come_first_whatever_their_ids(self, engine: Engine, log: ConversationLog) -> None:
        minutes = [(number * 37) % 60 for number in range(60)]
        for minute in minutes:
            log_conversation(engine, f"c{minute:02}", "caldaia", minutes=minute)
        first = log.page(Filters(words="caldaia"))
        second = log.page(Filters(words="caldaia"), older_than=first.older)
        shown = [listed.id for page in (first, second) for listed in page.conversations]
        assert shown == [f"c{minute:02}" for minute in reversed(range(60))]
        assert second.older is None

    def test_a_period_long_ago_is_one_page(
        self, engine: Engine, log: ConversationLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "_PATIENCE", 0.0)
        day = 24 * 60
        for number in range(250):
            log_conversation(engine, f"late{number}", "caldaia", minutes=30 * day + number)
        for number in range(20):
            log_conversation(engine, f"old{number:02}", "caldaia", minutes=number)
        page = log.page(Filters(words="caldaia", since=NOON, until=NOON + timedelta(days=1)))
        assert [listed.id for listed in page.conversations] == [f"old{number:02}" for number in reversed(range(20))]
        assert page.older is None

    def test_a_conversation_is_shown_once_though_the_words_stand_in_it_often(
        self, engine: Engine, log: ConversationLog
    ) -> None:
        for number in range(PAGE + 5):
            log_conversation(engine, f"c{number:02}", *["caldaia"] * 3)  # all at the same moment
        with engine.begin() as connection:
            for row in connection.execute(select(turn.c.id, turn.c.number, turn.c.at)).all():
                connection.execute(
                    update(turn).where(turn.c.id == row.id).values(at=row.at + timedelta(minutes=row.number))
                )
        first = log.page(Filters(words="caldaia"))
        second = log.page(Filters(words="caldaia"), older_than=first.older)
        shown = [listed.id for page in (first, second) for listed in page.conversations]
        assert len(shown) == len(set(shown)) == PAGE + 5


def test_what_filters_leave_little_of_is_searched_whole(
    engine: Engine, log: ConversationLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_FEW", 3)
    monkeypatch.setattr(queries, "_PATIENCE", 0.0)
    for number in range(200):
        log_conversation(engine, f"c{number:03}", "caldaia", minutes=number, thumb="down" if number in (3, 5) else None)
    log_conversation(engine, "other", "codice", thumb="down")
    page = log.page(Filters(words="caldaia", thumb="down"))
    assert [listed.id for listed in page.conversations] == ["c005", "c003"]
    assert page.older is None
    assert found(log, words="!?", thumb="down") == []


def test_words_of_deleted_texts_are_not_found(engine: Engine, log: ConversationLog) -> None:
    log_conversation(engine, "gone", "la caldaia")
    with engine.begin() as connection:
        connection.execute(update(turn).values(text=null()))
    assert found(log, words="caldaia") == []


def test_pages_meet_without_gap_or_overlap(engine: Engine, log: ConversationLog) -> None:
    for number in range(2 * PAGE + 5):
        log_conversation(engine, f"c{number:03}", "ciao", minutes=number // 4)
    first = log.page(Filters())
    second = log.page(Filters(), older_than=first.older)
    third = log.page(Filters(), older_than=second.older)
    shown = [listed.id for page in (first, second, third) for listed in page.conversations]
    assert len(shown) == len(set(shown)) == 2 * PAGE + 5
    assert first.newer is None
    assert third.older is None
    assert log.page(Filters(), newer_than=third.newer).conversations == second.conversations


@pytest.mark.parametrize("key", ["x", "e30", "WyJhIiwgImIiXQ"])
def test_a_key_of_nobodys_making_is_refused(key: str, log: ConversationLog) -> None:
    with pytest.raises(BadKey):
        log.page(Filters(), older_than=key)
