"""The part of a conversation that a turn works on."""

from __future__ import annotations

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    ConversationPaused,
    ConversationResumed,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
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


def test_of_a_long_form_the_turn_that_began_it_and_the_last_ones_remain(domain: Domain) -> None:
    form = next(iter(domain.form_names))
    tracker = tracker_of(domain, *(event for number in range(3) for event in turn(number)), *long_form(form, 3, 40))

    recent = recent_turns(tracker, domain)

    assert texts(recent) == ["messaggio 3", *texts(tracker)[-KEPT_TURNS:]]
    assert recent.active_loop_name == form
    assert recent.active_loop.trigger_message == tracker.active_loop.trigger_message


def test_a_form_may_be_shortened_again_and_again_without_growing(domain: Domain) -> None:
    form = next(iter(domain.form_names))
    tracker = tracker_of(domain, *long_form(form, 0, MOST_TURNS))
    sizes = []
    for number in range(MOST_TURNS, MOST_TURNS + 100):
        for event in turn(number, ActionExecuted(form), SlotSet("topic", "invite")):
            tracker.update(event, domain)
        tracker = recent_turns(tracker, domain)
        sizes.append(len(tracker.events))

    assert max(sizes[-20:]) == max(sizes[20:40])


def test_slots_set_in_the_midst_of_a_form_are_kept(domain: Domain) -> None:
    form = next(iter(domain.form_names))
    events = long_form(form, 0, 40)
    midst = events.index(next(event for event in events if getattr(event, "text", "") == "messaggio 20"))
    tracker = tracker_of(domain, *events[: midst + 1], SlotSet("invite_status", "expired"), *events[midst + 1 :])

    recent = recent_turns(tracker, domain)

    assert recent.current_slot_values() == tracker.current_slot_values()
    assert recent.get_slot("invite_status") == "expired"


def test_support_may_take_over_and_give_back_in_the_midst_of_a_form(domain: Domain) -> None:
    form = next(iter(domain.form_names))
    begun = [*long_form(form, 0, 1), ConversationPaused()]
    silent = [UserUttered(f"ancora {number}", {"name": "greet"}) for number in range(MOST_TURNS)]
    given_back = [ConversationResumed(), *long_form(form, 1, 20)]

    assert recent_turns(tracker_of(domain, *begun, *silent), domain).is_paused()
    assert not recent_turns(tracker_of(domain, *begun, *silent, *given_back), domain).is_paused()


def test_a_form_is_not_cut_behind_a_turn_that_leads_away_from_it(domain: Domain) -> None:
    form = next(iter(domain.form_names))
    events = long_form(form, 0, MOST_TURNS + 1)
    last_kept = events.index(next(event for event in events if getattr(event, "text", "") == "messaggio 9"))
    tracker = tracker_of(domain, *events[:last_kept], ActionExecutionRejected(form), *events[last_kept:])

    recent = recent_turns(tracker, domain)

    assert texts(recent) == ["messaggio 0", *texts(tracker)[-KEPT_TURNS - 1 :]]


def long_form(form: str, first: int, turns: int) -> list[Event]:
    began, *others = [turn(first + number, ActionExecuted(form)) for number in range(turns)]
    began.insert(1, ActiveLoop(form))
    return [*began, *(event for other in others for event in other)]


def test_a_paused_conversation_stays_paused(domain: Domain) -> None:
    silent = [UserUttered(f"messaggio {number}", {"name": "greet"}) for number in range(MOST_TURNS + 1)]
    tracker = tracker_of(domain, *turn(0), ConversationPaused(), *silent)

    recent = recent_turns(tracker, domain)

    assert len(texts(recent)) == KEPT_TURNS
    assert recent.is_paused()
