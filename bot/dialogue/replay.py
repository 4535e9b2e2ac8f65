"""Past conversations through a new model: what would be understood, done or said otherwise.

Nothing is done: no action runs, nothing is written, nobody is told anything. Each message is understood anew; what
actions found and set stays as it was recorded, and before each recorded action the model says which one it would take.
From the first difference of a turn on, the rest of that turn is not compared: it belongs to another course.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered, deserialise_events

from bot.dialogue.graph_runner import run_models_in_order
from bot.dialogue.live_tracker import LiveTracker

_FALLBACK = "nlu_fallback"
_PLACEHOLDER = re.compile(r"\{[^{}\n]+\}")


class UnusableModel(Exception):
    """The file holds no model that can be loaded."""


@dataclass(frozen=True)
class Difference:
    """A turn that would go another way; intents are None where the bot would not act, actions where they agree."""

    conversation_id: str
    number: int  # of the person's message, from 1
    text: str
    intent_before: str | None
    intent_after: str | None
    confidence_before: float
    confidence_after: float
    action_before: str | None
    action_after: str | None
    response: str | None = None  # the one that was said and has other words now, where nothing else differs


def load(model: Path) -> MessageProcessor:
    """The model's processor; `UnusableModel` if it has none."""
    if not model.is_file():
        raise UnusableModel(f"there is no file {model}")
    run_models_in_order()
    try:
        processor = Agent.load(str(model)).processor
    except Exception as error:  # Rasa raises whatever the unpacking of a wrong file raises
        raise UnusableModel(f"{model} is not a model of Rasa: {type(error).__name__}") from error
    if processor is None:
        raise UnusableModel(f"{model} is not a model of Rasa")
    return processor


def replay(
    processor: MessageProcessor, conversations: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]
) -> Iterator[tuple[int, list[Difference]]]:
    """For each conversation, given as its id and its stored events: how many messages it has, and the differences."""
    loop = asyncio.new_event_loop()
    try:
        for ident, events in conversations:
            run = _Run(processor, ident)
            loop.run_until_complete(run.through(deserialise_events([dict(event) for event in events])))
            yield run.messages, run.differences
    finally:
        loop.close()


class _Run:
    def __init__(self, processor: MessageProcessor, ident: str) -> None:
        self._processor = processor
        self._tracker = LiveTracker(ident, processor.domain.slots)
        self._said: tuple[UserUttered, UserUttered] | None = None  # as recorded and as understood now
        self._is_same_course = False
        self.messages = 0
        self.differences: list[Difference] = []

    async def through(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, UserUttered):
                self._end_turn()
                understood = await self._understand(event)
                self._said, self._is_same_course = (event, understood), True
                self.messages += 1
                self._tracker.update(understood)
                continue
            if isinstance(event, ActionExecuted) and event.action_name != ACTION_SESSION_START_NAME:
                self._compare(event)
            elif isinstance(event, BotUttered):
                self._compare_words(event)
            self._tracker.update(event)
        self._end_turn()

    async def _understand(self, recorded: UserUttered) -> UserUttered:
        metadata = {**(recorded.metadata or {}), "channel": recorded.input_channel or "widget"}
        message = UserMessage(recorded.text, metadata=metadata, sender_id=self._tracker.sender_id)
        parsed = await self._processor.parse_message(message, self._tracker)
        return UserUttered(
            recorded.text,
            parsed["intent"],
            parsed["entities"],
            parsed,
            timestamp=recorded.timestamp,
            input_channel=recorded.input_channel,
            metadata=recorded.metadata,
        )

    def _compare(self, recorded: ActionExecuted) -> None:
        if not self._is_same_course or self._said is None or self._tracker.is_paused():
            return
        prediction = self._processor._predict_next_with_tracker(self._tracker)
        chosen = int(np.argmax(prediction.probabilities))
        predicted = self._processor.domain.action_names_or_texts[chosen]
        if predicted != recorded.action_name:
            self._note(recorded.action_name, predicted)

    def _compare_words(self, recorded: BotUttered) -> None:
        """Note a response that would be said in other words; the course goes on as it was."""
        name = (recorded.metadata or {}).get("utter_action")
        if not name or not recorded.text or not self._is_same_course or self._said is None:
            return
        channel = self._said[0].input_channel
        if not could_say(self._processor.domain.responses.get(name, ()), recorded.text, channel):
            self._note(None, None, response=name)
            self._is_same_course = True

    def _end_turn(self) -> None:
        """Note a message that is understood otherwise even where the same is done."""
        if self._said is not None and self._is_same_course:
            before, after = self._said
            if _acted_on(before) != _acted_on(after):
                self._note(None, None)

    def _note(self, action_before: str | None, action_after: str | None, response: str | None = None) -> None:
        if self._said is None:
            return
        before, after = self._said
        self._is_same_course = False
        self.differences.append(
            Difference(
                self._tracker.sender_id,
                self.messages,
                before.text or "",
                _acted_on(before),
                _acted_on(after),
                _confidence(before),
                _confidence(after),
                action_before,
                action_after,
                response,
            )
        )


def could_say(variations: Sequence[Mapping[str, Any]], text: str, channel: str | None) -> bool:
    """Whether one of a response's variations, those of the channel if it has any, gives a text for some values."""
    own = [variation for variation in variations if variation.get("channel") == channel]
    others = [variation for variation in variations if not variation.get("channel")]
    return any(_pattern(str(variation.get("text") or "")).fullmatch(text) for variation in own or others)


def _pattern(template: str) -> re.Pattern[str]:
    """A template as Rasa fills it in: what stands in braces may be anything."""
    return re.compile(".*".join(map(re.escape, _PLACEHOLDER.split(template))), re.DOTALL)


def _acted_on(message: UserUttered) -> str | None:
    name = message.intent_name
    return None if name == _FALLBACK else name


def _confidence(message: UserUttered) -> float:
    """Of the likeliest intent, whether or not it is acted on."""
    ranking = (message.parse_data or {}).get("intent_ranking") or [message.intent]
    best = [candidate for candidate in ranking if candidate.get("name") != _FALLBACK]
    return round(float(best[0].get("confidence") or 0.0), 4) if best else 0.0
