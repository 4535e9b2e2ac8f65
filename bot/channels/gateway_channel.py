"""What the widget channel and the staff channel share: they take calls from the gateway and nobody else.

Rasa's own REST channel lets its caller choose sender, metadata and channel name. Here the gateway proves itself by
a shared secret, and the channel's name, and so the audience, follow from the address that it calls.
"""

from __future__ import annotations

import hmac
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from rasa.core.actions.action import action_for_name_or_text
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, SESSION_START_METADATA_SLOT
from rasa.shared.core.events import ActionExecuted, SlotSet
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.settings import settings

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Portiere-Secret"  # noqa: S105 - a header's name
GREETING = "utter_greet"
_SHOWN = ("text", "buttons", "image", "custom")

Handler = Callable[[Request, dict[str, Any]], Awaitable[list[dict[str, Any]]]]


class Answer(OutputChannel):
    """Collects the messages of one turn, one bubble a response, in the form of the gateway's API."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.messages: list[dict[str, Any]] = []

    def name(self) -> str:  # type: ignore[override]  # Rasa declares a classmethod; both are called on objects
        """The channel's name: Rasa picks responses written for this channel by it."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one response whole."""
        shown = {key: message[key] for key in _SHOWN if message.get(key)}
        if "buttons" in shown:
            shown["buttons"] = [{"title": b["title"], "payload": b["payload"]} for b in shown["buttons"]]
        if shown:
            self.messages.append(shown)


class GatewayChannel(InputChannel):
    """An input channel behind the gateway. Subclasses name the channel and its audience."""

    channel: ClassVar[str]
    opening: ClassVar[tuple[str, ...]] = (GREETING,)
    """The actions that a conversation begins with, in order."""

    @classmethod
    def name(cls) -> str:
        """The channel's name, in URLs, trackers and responses."""
        return cls.channel

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayChannel:
        """Create the channel; `credentials.yml` only switches it on, the secret comes from the settings."""
        return cls(settings().inner_secret("rasa"))

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Routes under ``/webhooks/<channel>/``: ``ready``, ``sessions`` and ``messages``."""
        blueprint = Blueprint(f"{self.channel}_channel")

        @blueprint.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            is_ready = _agent(request).is_ready()
            return response.json({"ready": is_ready}, status=200 if is_ready else 503)

        @blueprint.post("/sessions")
        async def sessions(request: Request) -> HTTPResponse:
            return await self._guarded(request, self._open)

        @blueprint.post("/messages")
        async def messages(request: Request) -> HTTPResponse:
            async def handle(_: Request, call: dict[str, Any]) -> list[dict[str, Any]]:
                answer = Answer(self.channel)
                await on_new_message(self._user_message(call, answer))
                return answer.messages

            return await self._guarded(request, handle)

        return blueprint

    async def _guarded(self, request: Request, handle: Handler) -> HTTPResponse:
        """Check the secret, and never let an exception (its text may hold a message) leave or reach a log."""
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, ""), self._secret):
            return response.json({"error": "forbidden"}, status=403)
        try:
            return response.json({"messages": await handle(request, request.json)})
        except Exception as error:  # an entry point: it answers with an error id whatever happened
            error_id = uuid.uuid4().hex[:12]
            logger.error("Turn failed: error %s, %s", error_id, type(error).__name__)
            return response.json({"error": error_id}, status=500)

    async def _open(self, request: Request, call: dict[str, Any]) -> list[dict[str, Any]]:
        """Begin a conversation: Rasa's session, the slots that only the server may set, the greeting."""
        processor = _agent(request).processor
        if processor is None:
            raise RuntimeError("no model is loaded")
        answer = Answer(self.channel)
        sender, metadata = call["conversation_id"], call["metadata"]
        async with processor.lock_store.lock(sender):
            tracker = await processor.fetch_tracker_with_initial_session(sender, answer, metadata)
            tracker.update(SlotSet("audience", self.channel))
            tracker.update(SlotSet("tier", metadata["tier"]))
            tracker.update(SlotSet("knows_account", bool(metadata.get("account_id"))))
            # Rasa's session start forgets it again; an action before the first message has nothing else to go by.
            tracker.update(SlotSet(SESSION_START_METADATA_SLOT, metadata))
            for name in self.opening:
                action = action_for_name_or_text(name, processor.domain, processor.action_endpoint)
                events = await action.run(answer, processor.nlg, tracker, processor.domain)
                tracker.update_with_events([ActionExecuted(name), *events], processor.domain)
                await processor.execute_side_effects(events, tracker, answer)
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
            await processor.save_tracker(tracker)
        return answer.messages

    def _user_message(self, call: dict[str, Any], answer: Answer) -> UserMessage:
        return UserMessage(
            text=call["payload"] if "payload" in call else as_plain_text(call["text"]),
            output_channel=answer,
            sender_id=call["conversation_id"],
            input_channel=self.channel,
            metadata={**call["metadata"], "channel": self.channel},
        )


def as_plain_text(text: str) -> str:
    """Typed text that Rasa cannot take for an intent payload, which is what a leading ``/`` means to it."""
    stripped = text.strip()
    return stripped.lstrip("/").lstrip() or "…" if stripped.startswith("/") else stripped


def _agent(request: Request) -> Agent:
    agent: Agent = request.app.ctx.agent
    return agent
