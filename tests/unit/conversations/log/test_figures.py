"""Figures by the day agree with the log itself, on both databases."""

from __future__ import annotations

import datetime as clock
from collections import Counter
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.engine import Engine

from benchmarks.log.generate import END, fill
from bot.conversations.log import figures
from bot.conversations.log.figures import in_period, refresh
from bot.conversations.log.tables import conversation_label, daily_figure, logged_conversation, turn
from bot.conversations.store import ConversationStore, Proof
from tests.unit.console.log_rows import log_conversation
from tests.unit.conversations.factories import IDLE, NOON

ROME = ZoneInfo("Europe/Rome")


def test_a_year_agrees_with_direct_counts(engine: Engine) -> None:
    fill(engine, 400)
    now = END + timedelta(days=1)
    refresh(engine, ROME, now)
    total, days = in_period(engine, clock.date(2025, 10, 1), clock.date(2026, 11, 2), None, ROME, now)
    with engine.connect() as connection:
        outcomes = select(logged_conversation.c.outcome, func.count()).group_by(logged_conversation.c.outcome)
        label = conversation_label.c
        intents = select(label.name, func.count()).where(label.kind == "intent").group_by(label.name)
        spoken = select(func.count()).where(turn.c.side == "person")
        expected = {("outcome", name): count for name, count in connection.execute(outcomes)}
        expected |= {("intent", name): count for name, count in connection.execute(intents)}
        expected["messages", ""] = connection.scalar(spoken)
    assert total["conversations", ""] == 400
    assert {key: total[key] for key in expected} == expected
    assert sum(of["conversations", ""] for of in days.values()) == 400
    assert sum(count for (kind, _), count in total.items() if kind == "hour") == 400
    assert sum(count for (kind, _), count in total.items() if kind == "milliseconds") == expected["messages", ""]


def test_today_is_counted_as_it_stands(engine: Engine) -> None:
    log_conversation(engine, "early", "ciao")
    now = NOON + timedelta(hours=1)
    assert refresh(engine, ROME, now) == 0
    total, _ = in_period(engine, NOON.date(), NOON.date(), None, ROME, now)
    assert total["conversations", ""] == 1
    log_conversation(engine, "late", "ciao", minutes=30, channel="staff")
    assert in_period(engine, NOON.date(), NOON.date(), None, ROME, now)[0]["conversations", ""] == 2
    assert in_period(engine, NOON.date(), NOON.date(), "staff", ROME, now)[0]["conversations", ""] == 1


@pytest.mark.parametrize("days", [8, 40])  # with the keeper at work all the time, and with a long pause
def test_an_outcome_that_settles_days_later_moves_the_figures(engine: Engine, days: int) -> None:
    log_conversation(engine, "one", "ciao", is_settled=False, outcome="resolved")
    refresh(engine, ROME, NOON + timedelta(days=1))
    with engine.begin() as connection:
        connection.execute(update(logged_conversation).values(is_settled=True, outcome="unresolved"))
    refresh(engine, ROME, NOON + timedelta(days=days))
    total, _ = in_period(engine, NOON.date(), NOON.date(), None, ROME, NOON + timedelta(days=days))
    assert (total["outcome", "unresolved"], total["outcome", "resolved"], total["unsettled", "resolved"]) == (1, 0, 0)


def test_what_is_counted_outlives_the_conversations(engine: Engine) -> None:
    log_conversation(engine, "one", "ciao")
    refresh(engine, ROME, NOON + timedelta(days=20))
    with engine.begin() as connection:
        connection.execute(delete(logged_conversation))
    refresh(engine, ROME, NOON + timedelta(days=21))
    total, _ = in_period(engine, NOON.date(), NOON.date(), None, ROME, NOON + timedelta(days=21))
    assert total["conversations", ""] == 1


@pytest.mark.parametrize(("day", "hours"), [(clock.date(2026, 3, 29), 23), (clock.date(2026, 10, 25), 25)])
def test_the_days_on_which_clocks_change_have_all_their_hours(engine: Engine, day: clock.date, hours: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ROME).astimezone(timezone.utc)
    for hour in range(-1, 26):
        began = midnight + timedelta(hours=hour, minutes=30)
        log_conversation(engine, f"c{hour}", "ciao", minutes=(began - NOON) / timedelta(minutes=1))
    with engine.connect() as connection:
        counted = figures.count_day(connection, day, ROME)
    assert counted["widget", "conversations", ""] == hours


def test_what_is_said_to_a_person_is_a_message_but_none_of_the_bots(engine: Engine) -> None:
    log_conversation(engine, "one", "ciao", "una persona")
    with engine.begin() as connection:
        connection.execute(update(turn).where(turn.c.number == 2).values(intent=None, milliseconds=None))
        counted = figures.count_day(connection, NOON.date(), ROME)
    assert (counted["widget", "messages", ""], counted["widget", "to_support", ""]) == (2, 1)
    assert sum(count for (_, kind, _), count in counted.items() if kind == "milliseconds") == 1


def test_cases_count_by_what_opened_them(engine: Engine, store: ConversationStore) -> None:
    for number, kind in enumerate(("asked", "failures", "failures")):
        talk = store.open("widget", "it", Proof(client="x"), NOON, IDLE)[0].id
        log_conversation(engine, talk, "una persona")
        store.open_handoff(talk, reason="aiuto", contact="chat", kind=kind, now=NOON + timedelta(minutes=number))
    with engine.connect() as connection:
        counted = figures.count_day(connection, NOON.date(), ROME)
    assert (counted["widget", "case", "asked"], counted["widget", "case", "failures"]) == (1, 2)


def test_counting_twice_changes_nothing(engine: Engine) -> None:
    fill(engine, 50)
    counts = []
    for _ in range(2):
        refresh(engine, ROME, END + timedelta(days=1))
        with engine.connect() as connection:
            counts.append(Counter(tuple(row) for row in connection.execute(select(daily_figure))))
    assert counts[0] == counts[1]
