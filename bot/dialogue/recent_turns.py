"""The part of a conversation that its next turn works on."""

from __future__ import annotations

from collections.abc import Sequence

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ConversationPaused,
    ConversationResumed,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.live_tracker import LiveTracker

# Rules see at most three states back. Actions are sent the last events of what is kept: never fewer than these turns,
# which take about 35 events, and at most 60 (`bot.channels.action_endpoint`).
KEPT_TURNS = 8
MOST_TURNS = 2 * KEPT_TURNS  # beyond them a tracker is shortened: not at every turn, since it costs a replay


def recent_turns(tracker: DialogueStateTracker, domain: Domain) -> DialogueStateTracker:
    """The tracker, or one with its last turns alone, begun with the slots as they stood before.

    How a form goes on depends on how it began: inside one the turn that began it is kept, too.
    """
    events = list(tracker.events)
    turns = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(turns) <= MOST_TURNS:
        return tracker
    recent = _shortened(events, turns[: 1 - KEPT_TURNS], DialogueStateTracker(tracker.sender_id, domain.slots))
    if sum(isinstance(event, UserUttered) for event in recent) == len(turns):
        return tracker
    return LiveTracker.from_events(tracker.sender_id, recent, domain.slots)


def _shortened(events: Sequence[Event], places: Sequence[int], before: DialogueStateTracker) -> Sequence[Event]:
    """The events behind the last place where they can be cut, after what stands for all before it.

    ``places`` are those of messages; ``before`` is a tracker without events.
    """
    head: Sequence[Event] = []
    form, form_head, form_end = (
        None,
        head,
        0,
    )  # the form that is filled in, and what there is up to its first turn's end
    walked = cut = 0
    for place in places:
        for event in events[walked:place]:
            before.update(event)
        walked = place
        if before.latest_action_name != ACTION_LISTEN_NAME:
            continue
        if before.active_loop_name is None:
            form, head = None, _summary(before, events[place].timestamp)
        else:
            if before.active_loop_name != form:
                form, form_end = before.active_loop_name, _end_of_turn(events, place)
                form_head = [*head, *events[cut:form_end]]
            if before.is_active_loop_rejected:
                continue
            head = [*form_head, *_changes(before, events[form_end:place], events[place].timestamp)]
        cut = place
    return [*head, *events[cut:]]


def _end_of_turn(events: Sequence[Event], place: int) -> int:
    """Where the turn before a message ends: behind the bot's last listening."""
    return next(
        number
        for number in range(place, 0, -1)
        if isinstance(last := events[number - 1], ActionExecuted) and last.action_name == ACTION_LISTEN_NAME
    )


def _summary(before: DialogueStateTracker, timestamp: float) -> Sequence[Event]:
    """What stands for everything up to here, outside any form."""
    slots = [slot for slot in before.slots.values() if slot.has_been_set]
    return [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=timestamp),
        SessionStarted(timestamp=timestamp),
        *(SlotSet(slot.name, slot.value, timestamp=timestamp) for slot in slots),
        ActionExecuted(ACTION_LISTEN_NAME, timestamp=timestamp),
        *([ConversationPaused(timestamp=timestamp)] if before.is_paused() else []),
    ]


def _changes(before: DialogueStateTracker, dropped: Sequence[Event], timestamp: float) -> Sequence[Event]:
    """What stands for turns inside a form: the slots that they set, as they are at their end."""
    names = dict.fromkeys(event.key for event in dropped if isinstance(event, SlotSet))
    pause = ConversationPaused if before.is_paused() else ConversationResumed
    slots = [SlotSet(name, before.get_slot(name), timestamp=timestamp) for name in names]
    return [*slots, pause(timestamp=timestamp)] if dropped else []
