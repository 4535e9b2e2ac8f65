"""The one base class of all actions: a time budget, a catch-all, and a turn to work with.

The SDK's server answers a failing action with the whole tracker in the body, and Rasa writes that body into its log.
So no exception may leave `run`: the person gets a kind sentence, the log an error id and the exception's type.
"""

from __future__ import annotations

import abc
import asyncio
import functools
import logging
import uuid
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.attempts import TooManyAttempts
from actions.services import Services, services
from actions.turn import Event, Turn
from bot.tiers import TierMissing, tiers

logger = logging.getLogger(__name__)


class PortiereAction(Action, abc.ABC):  # type: ignore[misc]  # the SDK is not typed
    """An action that answers one turn. Subclasses give ``name`` and ``answer``.

    ``services`` is the seam for tests; the SDK creates actions without arguments and gets the process's own.
    """

    def __init__(self, services: Services | None = None) -> None:
        self._services = services

    @functools.cached_property
    def services(self) -> Services:
        """The stores, limits and clock of this process, opened on first use."""
        return self._services or services()

    @abc.abstractmethod
    def name(self) -> str:
        """The action's name in the domain."""

    @abc.abstractmethod
    def answer(self, turn: Turn) -> list[Event]:
        """Answer one turn in a worker thread; may block, within the budget."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        """Answer within the time budget; on any failure say kindly that the data can't be reached."""
        try:
            turn, events = await asyncio.wait_for(
                asyncio.to_thread(self._answer, tracker), self.services.settings.action_seconds
            )
        except TooManyAttempts:
            await asyncio.to_thread(self.services.call_support, tracker.sender_id, "limits")
            return [FollowupAction("utter_too_many_attempts")]
        except Exception as error:  # the catch-all that this class exists for
            error_id = uuid.uuid4().hex[:12]
            logger.error("Action %s failed: error %s, %s", self.name(), error_id, type(error).__name__)
            return [FollowupAction("utter_service_unavailable")]
        for message in turn.messages:
            dispatcher.utter_message(**message)
        return events

    def _answer(self, tracker: Tracker) -> tuple[Turn, list[Event]]:
        turn = Turn(tracker, self.services)
        events = self.answer(turn)
        _check_tier(turn, events)
        return turn, events


def _check_tier(turn: Turn, events: list[Event]) -> None:
    """Raise `TierMissing` if an action tells more than this conversation has proven, by its slots or its own words."""
    proven = turn.speaker.tier
    slots = [event for event in events if event["event"] == "slot"]
    tier = next((event["value"] for event in slots if event["name"] == "tier"), None)
    if tier is None and proven == "anonymous" and turn.slot("tier") == "code":
        tier = "code"
    told = [(event["name"], event["value"]) for event in slots]
    told += [(name, value) for message in turn.messages for name, value in message.items()]
    for name, value in told:
        if not tiers().allows(tier or proven, tiers().needed_for(name, value)):
            raise TierMissing(name)
