"""Rasa's trackers in the conversation store, on both databases."""

from __future__ import annotations

import pytest
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from bot.conversations.tables import tracker_event
from bot.conversations.tracker_store import ConversationTrackerStore
from bot.dialogue.recent_turns import MOST_TURNS

SENDER = "conversation"
DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [greet]
    slots:
      tier: {type: text, influence_conversation: false, mappings: [{type: custom}]}
    """
)


@pytest.fixture
def store(url: str) -> ConversationTrackerStore:
    return ConversationTrackerStore(DOMAIN, url=url)


@pytest.fixture
def other_process(url: str) -> ConversationTrackerStore:
    """A store that knows nothing of what the first one keeps in memory."""
    return ConversationTrackerStore(DOMAIN, url=url)


async def begin(store: ConversationTrackerStore) -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker(SENDER, append_action_listen=False)
    tell(tracker, ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME))
    await store.save(tracker)
    return tracker


async def take_turn(store: ConversationTrackerStore, text: str, *happened: Event) -> DialogueStateTracker:
    tracker = await store.retrieve(SENDER)
    assert tracker is not None
    tell(tracker, UserUttered(text, {"name": "greet"}), *happened, BotUttered("Ecco"), ActionExecuted("action_listen"))
    await store.save(tracker)
    return tracker


def tell(tracker: DialogueStateTracker, *events: Event) -> None:
    for event in events:
        tracker.update(event, DOMAIN)


def texts(tracker: DialogueStateTracker | None) -> list[str]:
    assert tracker is not None
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def test_nobody_has_no_tracker(store: ConversationTrackerStore) -> None:
    assert await store.retrieve("nobody") is None
    assert await store.retrieve_full_tracker("nobody") is None


async def test_each_event_is_written_once(store: ConversationTrackerStore, engine: Engine) -> None:
    await begin(store)
    for number in range(5):
        await take_turn(store, f"messaggio {number}")

    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tracker_event)) == 3 + 5 * 3


async def test_another_process_goes_on_where_the_first_stopped(
    store: ConversationTrackerStore, other_process: ConversationTrackerStore
) -> None:
    await begin(store)
    await take_turn(store, "primo", SlotSet("tier", "code"))
    await take_turn(other_process, "secondo")
    tracker = await take_turn(store, "terzo")

    assert texts(tracker) == ["primo", "secondo", "terzo"]
    assert tracker.get_slot("tier") == "code"


async def test_a_turn_that_fails_leaves_no_trace(store: ConversationTrackerStore) -> None:
    await begin(store)
    await take_turn(store, "primo")
    failed = await store.retrieve(SENDER)
    assert failed is not None
    tell(failed, UserUttered("perso", {"name": "greet"}))

    assert texts(await store.retrieve(SENDER)) == ["primo"]


async def test_a_long_conversation_is_stored_whole_and_worked_on_in_part(
    store: ConversationTrackerStore, other_process: ConversationTrackerStore
) -> None:
    await begin(store)
    await take_turn(store, "messaggio 0", SlotSet("tier", "code"))
    for number in range(1, 60):
        await take_turn(store, f"messaggio {number}")

    worked_on = await store.retrieve(SENDER)
    whole = await other_process.retrieve_full_tracker(SENDER)
    afresh = await other_process.retrieve(SENDER)

    assert len(texts(worked_on)) <= MOST_TURNS
    assert len(texts(afresh)) <= MOST_TURNS
    assert texts(whole) == [f"messaggio {number}" for number in range(60)]
    assert worked_on is not None
    assert afresh is not None
    assert worked_on.get_slot("tier") == afresh.get_slot("tier") == "code"
    assert worked_on.latest_message.text == afresh.latest_message.text == "messaggio 59"


async def test_a_summary_of_old_turns_is_not_stored(store: ConversationTrackerStore, engine: Engine) -> None:
    await begin(store)
    for number in range(3 * MOST_TURNS):
        await take_turn(store, f"messaggio {number}", SlotSet("tier", "code"))

    with engine.connect() as connection:
        count = connection.scalar(select(func.count()).where(tracker_event.c.type_name == "session_started"))
        assert count == 1
        assert connection.scalar(select(func.count()).select_from(tracker_event)) == 3 + 3 * MOST_TURNS * 4


async def test_a_turn_keeps_what_it_needs_while_many_others_speak(
    store: ConversationTrackerStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.conversations.tracker_store._KEPT_TRACKERS", 2)
    await begin(store)
    for number in range(MOST_TURNS + 3):
        await take_turn(store, f"messaggio {number}")
    under_way = await store.retrieve(SENDER)
    assert under_way is not None
    for number in range(5):
        other = await store.get_or_create_tracker(f"other {number}", append_action_listen=False)
        tell(other, UserUttered("ciao", {"name": "greet"}))
        await store.save(other)
    tell(under_way, UserUttered("dimmi", {"name": "greet"}), BotUttered("Ecco"), ActionExecuted("action_listen"))
    await store.save(under_way)
    assert texts(await store.retrieve_full_tracker(SENDER))[-1] == "dimmi"
    assert len(store._live) <= 3
