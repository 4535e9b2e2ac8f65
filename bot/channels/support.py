"""What the support team does in a running conversation: take it over, write in it, give it back to the bot.

A conversation that is taken over is paused: Rasa keeps what is said in it and does not act. The pause and every message
of the support team are events of the tracker, so that they outlive this process. The caller holds Rasa's lock.
"""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import action_for_name_or_text
from rasa.core.channels.channel import OutputChannel
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker

BACK = "utter_assistant_back"


class NotTakenOver(Exception):
    """Nobody of the support team has this conversation: what they would say would talk over the bot."""


async def take_over(processor: MessageProcessor, sender: str) -> None:
    """Silence the bot; a form that it was filling in is left, and everything is kept that was told so far."""
    tracker = await _tracker(processor, sender)
    if tracker.is_paused():
        return
    left: list[Event] = []
    if tracker.active_loop_name is not None:
        left = [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
    if left or tracker.latest_action_name != ACTION_LISTEN_NAME:
        left.append(ActionExecuted(ACTION_LISTEN_NAME))
    tracker.update_with_events([*left, ConversationPaused()], processor.domain)
    await processor.save_tracker(tracker)


async def say(processor: MessageProcessor, sender: str, *, user: str, text: str, message_id: str) -> None:
    """Keep a message of the support team; the same id is kept once. `NotTakenOver` if the bot is not silent."""
    tracker = await _tracker(processor, sender)
    if any(isinstance(event, BotUttered) and _id(event) == message_id for event in tracker.events):
        return
    if not tracker.is_paused():
        raise NotTakenOver
    tracker.update(BotUttered(text, metadata={"support": user, "support_message_id": message_id}), processor.domain)
    await processor.save_tracker(tracker)


async def give_back(processor: MessageProcessor, sender: str, answer: OutputChannel) -> None:
    """Let the bot answer again; it says so, once."""
    tracker = await _tracker(processor, sender)
    if not tracker.is_paused():
        return
    tracker.update(ConversationResumed(), processor.domain)
    await run_action(processor, tracker, BACK, answer)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME), processor.domain)
    await processor.save_tracker(tracker)


async def run_action(
    processor: MessageProcessor, tracker: DialogueStateTracker, name: str, answer: OutputChannel
) -> None:
    """Run an action, or say a response, that no message has led to."""
    action = action_for_name_or_text(name, processor.domain, processor.action_endpoint)
    events = await action.run(answer, processor.nlg, tracker, processor.domain)
    tracker.update_with_events([ActionExecuted(name), *events], processor.domain)
    await processor.execute_side_effects(events, tracker, answer)


async def _tracker(processor: MessageProcessor, sender: str) -> DialogueStateTracker:
    tracker = await processor.tracker_store.retrieve(sender)
    if tracker is None:
        raise LookupError("there is no such conversation")
    return tracker


def _id(event: BotUttered) -> Any:
    return (event.metadata or {}).get("support_message_id")
