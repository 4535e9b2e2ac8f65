"""The dashboard tells what happened, and no count that could point at a person."""

from __future__ import annotations

import csv
import datetime as clock
import io
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy.engine import Engine

from bot.console.dashboard import reactivation_tables, share, told
from bot.conversations.log.reactivations import Reactivations
from bot.conversations.log.settling import settle
from bot.conversations.store import ConversationStore, Proof
from tests.unit.console.log_rows import log_conversation
from tests.unit.console.visitor import Visitor, words_of
from tests.unit.conversations.factories import IDLE, NOON

NewVisitor = Callable[[], Visitor]
DAY = "since=2026-03-01&until=2026-03-01"


@pytest.fixture
async def lead(visitor: NewVisitor) -> Visitor:
    member = visitor()
    await member.sign_in("lead")
    return member


def count(engine: Engine) -> None:
    """What the keeper does by itself."""
    from zoneinfo import ZoneInfo

    from bot.console.access import now
    from bot.conversations.log.figures import refresh

    refresh(engine, ZoneInfo("Europe/Rome"), now())


async def table(lead: Visitor, name: str) -> dict[str, str]:
    answer = await lead.http.get(f"/console/dashboard/{name}.csv?{DAY}")
    assert answer.status_code == 200
    return {row["name"]: row["count"] for row in csv.DictReader(io.StringIO(answer.text))}


async def test_an_empty_log_has_an_empty_dashboard(lead: Visitor) -> None:
    assert "Niente in questo periodo." in words_of(await lead.open("/console/dashboard"))


async def test_figures_of_a_day_on_the_page_and_as_csv(engine: Engine, lead: Visitor) -> None:
    for number in range(12):
        outcome = "unresolved" if number < 6 else "resolved"
        log_conversation(engine, f"c{number}", "ciao", outcome=outcome, is_settled=True, findings=["ended"])
    count(engine)
    shown = words_of(await lead.open(f"/console/dashboard?{DAY}"))
    assert "Conversazioni 12" in shown
    assert "Risolte 50%" in shown
    assert "Password dimenticata 12" in shown
    assert "contratto finito 12" in shown
    assert (await table(lead, "outcomes"))["unresolved"] == "6"
    assert (await table(lead, "hours"))["6-13"] == "12"


async def test_shares_are_of_all_conversations_though_some_outcomes_may_still_change(
    engine: Engine, lead: Visitor
) -> None:
    """After three days an answer still waits for a come-back, while who has left has left."""
    days_ago = clock.datetime.now(clock.timezone.utc) - clock.timedelta(days=3)
    minutes = (days_ago - NOON) / clock.timedelta(minutes=1)
    for number in range(100):
        is_helped = number < 80
        came_out = {"outcome": "resolved" if is_helped else "abandoned", "has_answer": is_helped}
        log_conversation(engine, f"c{number}", "ciao", minutes=minutes, **came_out, is_settled=False)
    settle(engine, clock.datetime.now(clock.timezone.utc), clock.timedelta(hours=1))
    count(engine)
    shown = words_of(await lead.open("/console/dashboard?days=7"))
    assert "Risolte 80%" in shown
    assert "Passate a una persona 0%" in shown
    assert "Esito ancora provvisorio 80%" in shown
    answer = await lead.http.get("/console/dashboard/outcomes.csv?days=7")
    assert "resolved,80" in answer.text
    assert "abandoned,20" in answer.text


async def test_few_are_not_told_neither_on_the_page_nor_as_csv(engine: Engine, lead: Visitor) -> None:
    for number in range(3):
        log_conversation(engine, f"c{number}", "ciao", is_settled=True)
    count(engine)
    shown = words_of(await lead.open(f"/console/dashboard?{DAY}"))
    assert "Conversazioni troppo pochi" in shown
    assert "Password dimenticata <5" in shown
    assert (await table(lead, "intents")) == {"reset_password": "<5"}


def test_one_hidden_count_takes_the_next_smallest_with_it() -> None:
    assert told([("a", 20), ("b", 3), ("c", 9), ("d", 0)]) == [("a", 20), ("b", None), ("c", None), ("d", 0)]
    assert told([("a", 20), ("b", 3), ("c", 2)]) == [("a", 20), ("b", None), ("c", None)]
    assert told([("a", 5), ("b", 0)]) == [("a", 5), ("b", 0)]


def test_several_hidden_counts_that_the_sum_gives_away_do_so_as_well() -> None:
    assert told([("a", 20), ("b", 1), ("c", 1), ("d", 9)]) == [("a", 20), ("b", None), ("c", None), ("d", None)]
    assert told([("a", 20), ("b", 4), ("c", 4), ("d", 9)]) == [("a", 20), ("b", None), ("c", None), ("d", None)]


def test_a_share_tells_neither_a_few_nor_all_but_a_few() -> None:
    assert share(20, 100) == 0.2
    assert share(3, 100) is None
    assert share(97, 100) is None
    assert share(100, 100) == 1
    assert share(0, 100) == 0


async def test_a_quiet_day_does_not_follow_from_the_sum_of_all(engine: Engine, lead: Visitor) -> None:
    for day, count_of_day in enumerate((20, 2, 9)):
        for number in range(count_of_day):
            log_conversation(engine, f"c{day}-{number}", "ciao", minutes=24 * 60 * day, is_settled=True)
    count(engine)
    period = "since=2026-03-01&until=2026-03-03"
    assert "Conversazioni 31" in words_of(await lead.open(f"/console/dashboard?{period}"))
    volume = (await lead.http.get(f"/console/dashboard/volume.csv?{period}")).text
    assert volume.split() == ["name,count", "2026-03-01,20", "2026-03-02,<5", "2026-03-03,<5"]


async def test_what_staff_were_asked_to_reactivate(engine: Engine, lead: Visitor) -> None:
    store = ConversationStore(engine)
    for number in range(12):
        talk = store.open("widget", "it", Proof(client="x"), NOON, IDLE)[0].id
        store.add_request(talk, kind="reactivation", company="brenta", invite_id=f"i{number}", now=NOON)
        store.add_request(talk, kind="reminder", company="adige", invite_id=f"i{number}", now=NOON)
    store.close_reactivations("brenta", [f"i{number}" for number in range(5)], NOON + clock.timedelta(hours=3))
    shown = words_of(await lead.open(f"/console/dashboard?{DAY}"))
    assert "brenta 12" in shown
    assert "adige" not in shown
    assert "entro 4 ore 5" in shown
    assert await table(lead, "open_reactivations") == {"brenta": "7"}
    store.close_reactivations("brenta", [f"i{number}" for number in range(9)], NOON)
    assert await table(lead, "open_reactivations") == {"brenta": "<5"}


def test_how_few_were_done_does_not_follow_from_what_is_open() -> None:
    found = Reactivations(Counter(brenta=12, adige=20), Counter(brenta=9, adige=10))
    assert reactivation_tables(found)["open_reactivations"] == [("adige", None), ("brenta", None)]


@pytest.mark.parametrize(
    "query", ["days=8", "since=2026-13-01", "since=2026-03-02&until=2026-03-01", "since=1900-01-01"]
)
async def test_a_period_that_makes_no_sense_is_said_to_be_wrong(query: str, lead: Visitor) -> None:
    assert "Il periodo non è valido" in words_of(await lead.open(f"/console/dashboard?{query}"))


async def test_a_table_that_is_not_there_is_not_there(lead: Visitor) -> None:
    assert (await lead.http.get("/console/dashboard/secrets.csv")).status_code == 404
    assert (await lead.http.get("/console/dashboard?channel=phone")).status_code == 404
