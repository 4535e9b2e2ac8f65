"""The part of a conversation that a turn works on."""

from __future__ import annotations

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.recent_turns import KEPT_TURNS, MOST_TURNS, recent_turns

BEGINNING = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME)]


def turn(number: int, *happened: Event) -> list[Event]:
    return [UserUttered(f"messaggio {number}", {"name": "greet"}), *happened, ActionExecuted(ACTION_LISTEN_NAME)]


def tracker_of(domain: Domain, *events: Event) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("conversation", [*BEGINNING, *events], domain.slots)


def texts(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def test_a_short_conversation_stays_whole(domain: Domain) -> None:
    tracker = tracker_of(domain, *(event for number in range(MOST_TURNS) for event in turn(number)))

    assert recent_turns(tracker, domain) is tracker


def test_of_a_long_conversation_the_last_turns_remain(domain: Domain) -> None:
    tracker = tracker_of(domain, *(event for number in range(MOST_TURNS + 1) for event in turn(number)))

    recent = recent_turns(tracker, domain)

    assert texts(recent) == texts(tracker)[-KEPT_TURNS:]
    assert recent.sender_id == tracker.sender_id
    assert recent.latest_action_name == ACTION_LISTEN_NAME
    assert recent.latest_message == tracker.latest_message


def test_slots_set_long_ago_are_kept(domain: Domain) -> None:
    early = turn(0, SlotSet("tier", "code"), SlotSet("invite_status", "expired"), SlotSet("email_status", "typo"))
    forgotten = turn(1, SlotSet("email_status", None))
    later = [event for number in range(2, 40) for event in turn(number)]
    tracker = tracker_of(domain, *early, *forgotten, *later)

    recent = recent_turns(tracker, domain)

    assert recent.current_slot_values() == tracker.current_slot_values()
    assert recent.get_slot("invite_status") == "expired"


def test_a_conversation_is_not_cut_inside_a_form(domain: Domain) -> None:
    form = next(iter(domain.form_names))
    before = [event for number in range(10) for event in turn(number)]
    inside = [event for number in range(10, 10 + KEPT_TURNS + 3) for event in turn(number, ActionExecuted(form))]
    inside.insert(1, ActiveLoop(form))
    tracker = tracker_of(domain, *before, *inside)

    recent = recent_turns(tracker, domain)

    assert texts(recent)[0] == "messaggio 10"
    assert recent.active_loop_name == form
    assert len(texts(recent)) == KEPT_TURNS + 3


def test_a_form_without_end_is_kept_whole(domain: Domain) -> None:
    form = next(iter(domain.form_names))
    first, *others = [turn(number, ActionExecuted(form)) for number in range(MOST_TURNS + 5)]
    first.insert(1, ActiveLoop(form))
    tracker = tracker_of(domain, *first, *(event for one in others[:-1] for event in one), *others[-1])
    tracker.update(ActiveLoop(form))

    recent = recent_turns(tracker, domain)

    assert texts(recent) == texts(tracker)
