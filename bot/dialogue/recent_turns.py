"""The part of a conversation that its next turn works on."""

from __future__ import annotations

from collections.abc import Sequence

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

# Rules see at most three states back and actions 60 events: both lie well within these turns.
KEPT_TURNS = 8
MOST_TURNS = 2 * KEPT_TURNS  # beyond them a tracker is shortened: not at every turn, since it costs a replay


def recent_turns(tracker: DialogueStateTracker, domain: Domain) -> DialogueStateTracker:
    """The tracker, or one with its last turns alone, begun with the slots as they stood before.

    A conversation is never cut inside a form: how a form goes on depends on how it began.
    """
    events = list(tracker.events)
    turns = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(turns) <= MOST_TURNS:
        return tracker
    for place in reversed(turns[: 1 - KEPT_TURNS]):
        before = DialogueStateTracker.from_events(tracker.sender_id, events[:place], domain.slots)
        if before.active_loop_name is None and before.latest_action_name == ACTION_LISTEN_NAME:
            recent = [*_summary(before, events[place].timestamp), *events[place:]]
            return DialogueStateTracker.from_events(tracker.sender_id, recent, domain.slots)
    return tracker


def _summary(before: DialogueStateTracker, timestamp: float) -> Sequence[Event]:
    slots = [slot for slot in before.slots.values() if slot.has_been_set]
    return [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=timestamp),
        SessionStarted(timestamp=timestamp),
        *(SlotSet(slot.name, slot.value, timestamp=timestamp) for slot in slots),
        ActionExecuted(ACTION_LISTEN_NAME, timestamp=timestamp),
    ]
