"""What property staff were asked to reactivate, on both databases."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from bot.conversations.log.reactivations import Reactivations, reactivations
from bot.conversations.store import ConversationStore, Proof
from tests.unit.conversations.factories import IDLE, NOON

ROME = ZoneInfo("Europe/Rome")


def wish(store: ConversationStore, company: str, invite: str, kind: str = "reactivation", days: int = 0) -> None:
    at = NOON + timedelta(days=days)
    talk = store.open("widget", "it", Proof(client="x"), at, IDLE)[0].id
    store.add_request(talk, kind=kind, company=company, invite_id=invite, now=at)


def of_the_day(engine: Engine, channel: str | None = None) -> Reactivations:
    return reactivations(engine, NOON.date(), NOON.date(), channel, ROME)


def test_wishes_by_company_with_how_many_are_open_and_how_long_the_others_took(
    engine: Engine, store: ConversationStore
) -> None:
    for invite in ("one", "two", "three"):
        wish(store, "brenta", invite)
    wish(store, "adige", "four")
    wish(store, "brenta", "five", kind="reminder")  # a mail, nothing that staff does
    wish(store, "brenta", "six", days=1)
    store.close_reactivations("brenta", ["one"], NOON + timedelta(minutes=50))
    store.close_reactivations("brenta", ["two"], NOON + timedelta(days=9))
    found = of_the_day(engine)
    assert found.asked == {"brenta": 3, "adige": 1}
    assert found.open == {"brenta": 1, "adige": 1}
    assert found.within == {"1": 1, "more": 1}


def test_they_belong_to_the_channel_of_the_conversation(engine: Engine, store: ConversationStore) -> None:
    wish(store, "brenta", "one")
    assert of_the_day(engine, "widget").asked == {"brenta": 1}
    assert of_the_day(engine, "staff").asked == {}
