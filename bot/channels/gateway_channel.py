"""What the widget channel and the staff channel share: they take calls from the gateway and nobody else.

Rasa's own REST channel lets its caller choose sender, metadata and channel name. Here the gateway proves itself by
a shared secret, and the channel's name, and so the audience, follow from the address that it calls.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME, SESSION_START_METADATA_SLOT
from rasa.shared.core.events import ActionExecuted, SlotSet
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels import support
from bot.conversations.bubbles import bubble
from bot.settings import settings

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Portiere-Secret"  # noqa: S105 - a header's name
GREETING = "utter_greet"
# What the log and the classifier want to know of a message.
_OF_MESSAGE = ("message_id", "shown", "google_mail")

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
        shown = bubble(message)
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
        self._running: set[asyncio.Future[HTTPResponse]] = set()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Routes under ``/webhooks/<channel>/``: ``ready``, ``sessions``, ``messages``, and three of the support team.

        These are ``take-over``, ``say`` and ``give-back``.
        """
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
                return await _answer_once(_agent(request), self._user_message(call, answer), answer)

            return await self._guarded(request, handle)

        @blueprint.post("/take-over")
        async def take_over(request: Request) -> HTTPResponse:
            return await self._guarded(request, self._take_over)

        @blueprint.post("/say")
        async def say(request: Request) -> HTTPResponse:
            return await self._guarded(request, self._say)

        @blueprint.post("/give-back")
        async def give_back(request: Request) -> HTTPResponse:
            return await self._guarded(request, self._give_back)

        return blueprint

    async def _guarded(self, request: Request, handle: Handler) -> HTTPResponse:
        """Check the secret, and handle the call to its end.

        Sanic cancels a call whose caller has gone. By then an action may have done what the next attempt would do
        once more.
        """
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, ""), self._secret):
            return response.json({"error": "forbidden"}, status=403)
        task = asyncio.ensure_future(self._handled(request, handle))
        self._running.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _handled(self, request: Request, handle: Handler) -> HTTPResponse:
        """The answer; no exception (its text may hold a message) leaves or reaches a log."""
        try:
            return response.json({"messages": await handle(request, request.json)})
        except Exception as error:  # an entry point: it answers with an error id whatever happened
            error_id = uuid.uuid4().hex[:12]
            logger.error("Turn failed: error %s, %s", error_id, type(error).__name__)
            return response.json({"error": error_id}, status=500)

    async def _open(self, request: Request, call: dict[str, Any]) -> list[dict[str, Any]]:
        """Begin a conversation: Rasa's session, the slots that only the server may set, the greeting."""
        processor = _processor(_agent(request))
        answer = Answer(self.channel)
        sender, metadata = call["conversation_id"], {**call["metadata"], "began": time.time()}
        async with processor.lock_store.lock(sender):
            tracker = await processor.fetch_tracker_with_initial_session(sender, answer, metadata)
            tracker.update(SlotSet("audience", self.channel))
            tracker.update(SlotSet("tier", metadata["tier"]))
            tracker.update(SlotSet("knows_account", bool(metadata.get("account_id"))))
            # Rasa's session start forgets it again; an action before the first message has nothing else to go by.
            tracker.update(SlotSet(SESSION_START_METADATA_SLOT, metadata))
            for name in self.opening:
                await support.run_action(processor, tracker, name, answer)
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
            await processor.save_tracker(tracker)
        return answer.messages

    async def _take_over(self, request: Request, call: dict[str, Any]) -> list[dict[str, Any]]:
        processor, sender = _processor(_agent(request)), call["conversation_id"]
        async with processor.lock_store.lock(sender):
            await support.take_over(processor, sender)
        return []

    async def _say(self, request: Request, call: dict[str, Any]) -> list[dict[str, Any]]:
        processor, sender = _processor(_agent(request)), call["conversation_id"]
        said = {name: call[name] for name in ("user", "text", "message_id")}
        async with processor.lock_store.lock(sender):
            await support.say(processor, sender, **said)
        return []

    async def _give_back(self, request: Request, call: dict[str, Any]) -> list[dict[str, Any]]:
        processor, sender = _processor(_agent(request)), call["conversation_id"]
        answer = Answer(self.channel)
        async with processor.lock_store.lock(sender):
            await support.give_back(processor, sender, answer)
        return answer.messages

    def _user_message(self, call: dict[str, Any], answer: Answer) -> UserMessage:
        return UserMessage(
            text=call["payload"] if "payload" in call else as_plain_text(call["text"]),
            output_channel=answer,
            sender_id=call["conversation_id"],
            input_channel=self.channel,
            metadata={
                **call["metadata"],
                "channel": self.channel,
                "began": time.time(),
                **{name: call[name] for name in _OF_MESSAGE if name in call},
            },
        )


async def _answer_once(agent: Agent, message: UserMessage, answer: Answer) -> list[dict[str, Any]]:
    """The answer that is kept for this message; if there is none, its answer now.

    The conversation is locked over both, so that another attempt that is still on its way is waited for. Each attempt
    looks, the first as well: it may have been held up until after the second.
    """
    processor = _processor(agent)
    async with processor.lock_store.lock(message.sender_id):
        known = processor.tracker_store.answers_to(message.sender_id, (message.metadata or {}).get("message_id"))
        if known is not None:
            return list(known)
        await processor.handle_message(message)
    return answer.messages


def as_plain_text(text: str) -> str:
    """Typed text that Rasa cannot take for an intent payload, which is what a leading ``/`` means to it."""
    stripped = text.strip()
    return stripped.lstrip("/").lstrip() or "…" if stripped.startswith("/") else stripped


def _agent(request: Request) -> Agent:
    agent: Agent = request.app.ctx.agent
    return agent


def _processor(agent: Agent) -> MessageProcessor:
    """What handles messages; an error if no model is loaded."""
    if agent.processor is None:
        raise RuntimeError("no model is loaded")
    return agent.processor
