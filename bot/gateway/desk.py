"""What happens to a message between the person and Rasa, on either channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from bot.conversations.handoffs import Handoffs
from bot.conversations.store import Conversation, ConversationStore, Proof, Turn
from bot.gateway.limiter import Limiter
from bot.gateway.metrics import Metrics
from bot.gateway.problems import RETRY_SOON, Problem
from bot.gateway.rasa import RasaClient, RasaUnavailable
from bot.privacy.opaque import opaque_id
from bot.privacy.values import PERSON
from bot.privacy.vault import Vault
from bot.settings import Settings

Bubble = dict[str, Any]
Result = TypeVar("Result")

LONGEST_TEXT = 2000
WAIT_FOR_TWIN = 20.0  # seconds that a message waits for the answer to its first copy
_LOOK_AGAIN = 0.1
_THREADS = ThreadPoolExecutor(max_workers=15, thread_name_prefix="desk")  # as many as a pool has connections


@dataclass(frozen=True)
class Taken:
    """A message as the transcript shows it and as Rasa is sent it: references instead of values."""

    shown: str
    message: dict[str, Any]


class Desk:
    """Opens conversations and answers messages. One message of a conversation is answered at a time."""

    def __init__(
        self,
        settings: Settings,
        store: ConversationStore,
        handoffs: Handoffs,
        vault: Vault,
        rasa: RasaClient,
        limiter: Limiter,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._handoffs = handoffs
        self._vault = vault
        self._rasa = rasa
        self._limiter = limiter
        self._metrics = metrics
        self._message_key = settings.key("message ids")
        self._idle = timedelta(minutes=settings.conversation_minutes)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(self, channel: str, language: str, proof: Proof) -> dict[str, Any]:
        """Begin a conversation and greet."""
        conversation, token = await _in_thread(self._begun, channel, language, proof)
        greeting = await self._ask(lambda: self._rasa.open(conversation))
        await _in_thread(self._store.finish_turn, conversation.id, None, greeting, _now())
        return {
            "conversation_id": conversation.id,
            "token": token,
            "expires_at": conversation.expires_at.isoformat(),
            "messages": await self.shown(conversation.id, greeting),
        }

    def _begun(self, channel: str, language: str, proof: Proof) -> tuple[Conversation, str]:
        """A new conversation. Who a staff token names is often a mail address: it lies in the vault."""
        shown = replace(proof, subject=PERSON if proof.subject else None)
        conversation, token = self._store.open(channel, language, shown, _now(), self._idle)
        if proof.subject:
            self._vault.store_person(conversation.id, proof.subject)
        return conversation, token

    async def authenticate(self, token: str, channel: str) -> Conversation | None:
        """The conversation of a token, if it is alive and of this channel."""
        return await _in_thread(self._store.authenticate, token, channel, _now())

    async def end(self, conversation: Conversation) -> None:
        """End a conversation that its person has left."""
        await _in_thread(self._store.end, conversation.id, _now())

    async def standing(self, conversation: Conversation) -> dict[str, str] | None:
        """How the hand-off of a conversation stands, as its person may know it; None if there is none."""
        return await _in_thread(self._handoffs.standing, conversation.id)

    async def history(self, conversation: Conversation) -> list[Bubble]:
        """The conversation so far, as the person knows it."""
        messages = await _in_thread(self._store.history, conversation.id, _now())
        return await self.shown(conversation.id, messages)

    async def answer_text(self, conversation: Conversation, text: str, client_message_id: str | None) -> list[Bubble]:
        """Answer what was typed."""

        def take() -> Taken:
            masked = self._vault.take(conversation.id, text)
            if not masked.text.strip():
                raise Problem(422, f"The field text is empty: write 1 to {LONGEST_TEXT:,} characters.")
            hint = {"google_mail": True} if masked.names_google_mail else {}
            return Taken(masked.text, {"text": masked.text, **hint})

        return await self._answer(conversation, take, client_message_id)

    async def answer_payload(
        self, conversation: Conversation, payload: str, client_message_id: str | None
    ) -> list[Bubble]:
        """Answer a pressed button, if the bot offered it in this conversation."""

        def take() -> Taken:
            title = self._store.offered(conversation.id, payload)
            if title is None:
                raise Problem(422, "The field payload was not offered in this conversation.")
            return Taken(title, {"payload": payload, "shown": title})

        return await self._answer(conversation, take, client_message_id)

    async def rate(self, conversation: Conversation, thumb: str, remark: str | None) -> None:
        """Keep what the person thought of the conversation."""
        await self._limiter.count_message(conversation.id)
        masked = (await _in_thread(self._vault.mask, conversation.id, remark)).strip() if remark else None
        await _in_thread(lambda: self._store.rate(conversation.id, thumb=thumb, remark=masked or None, now=_now()))

    async def _answer(
        self, conversation: Conversation, take: Callable[[], Taken], client_message_id: str | None
    ) -> list[Bubble]:
        await self._limiter.count_message(conversation.id)
        if client_message_id is not None:
            client_message_id = opaque_id(client_message_id, self._message_key)
        with self._metrics.turn_seconds.labels(conversation.channel).time():
            async with self._lock(conversation.id):
                turn, message = await self._begin(conversation, take, client_message_id)
                if turn.state == "done":
                    return await self.shown(conversation.id, turn.messages)
                try:
                    bubbles = await self._ask(lambda: self._rasa.send(conversation, message, turn))
                    await _in_thread(self._store.finish_turn, conversation.id, turn.id, bubbles, _now())
                except BaseException:  # cancelled, too: whatever happened, the message may be sent again
                    await asyncio.shield(_in_thread(self._store.fail_turn, turn.id))
                    raise
            return await self.shown(conversation.id, bubbles)

    async def _begin(
        self, conversation: Conversation, take: Callable[[], Taken], client_message_id: str | None
    ) -> tuple[Turn, dict[str, Any]]:
        """The message as ours to answer, or as answered; and what Rasa is sent.

        While another process is answering a copy of it, wait; should that one fail, the message is ours.
        """

        taken: Taken | None = None

        def begin() -> tuple[Turn, dict[str, Any]]:  # all that a message needs of the store, in one thread
            nonlocal taken
            taken = taken or take()
            turn = self._store.begin_turn(conversation.id, taken.shown, client_message_id, _now(), self._idle)
            return turn, taken.message

        for _ in range(int(WAIT_FOR_TWIN / _LOOK_AGAIN)):
            turn, message = await _in_thread(begin)
            if turn.state != "waiting":
                return turn, message
            await asyncio.sleep(_LOOK_AGAIN)
        await _in_thread(self._store.fail_turn, turn.id)
        raise Problem(409, "This message got no answer yet. Send it again.", RETRY_SOON)

    async def _ask(self, call: Callable[[], Any]) -> list[Bubble]:
        try:
            bubbles: list[Bubble] = await call()
        except RasaUnavailable as error:
            detail = "The assistant is not reachable right now. Send the message again in a moment."
            self._metrics.rasa_failures.inc()
            raise Problem(503, detail, RETRY_SOON) from error
        return bubbles

    async def shown(self, conversation_id: str, bubbles: Sequence[Bubble]) -> list[Bubble]:
        """Messages with the values in place of their references: for the conversation's own person alone."""
        if "⟨" not in str(bubbles):
            return list(bubbles)
        return await _in_thread(self._unmasked, conversation_id, bubbles)

    def _unmasked(self, conversation_id: str, bubbles: Sequence[Bubble]) -> list[Bubble]:
        def unmask(text: str) -> str:
            return self._vault.unmask(conversation_id, text)

        shown = []
        for bubble in bubbles:
            copy = {**bubble, "text": unmask(bubble.get("text", ""))}
            if "buttons" in bubble:
                copy["buttons"] = [{**button, "title": unmask(button["title"])} for button in bubble["buttons"]]
            if "custom" in bubble:
                copy["custom"] = _each_text(bubble["custom"], unmask)
            shown.append(copy)
        return shown

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock


def _each_text(content: Any, change: Callable[[str], str]) -> Any:
    """Structured content with every text in it changed; names of fields stay."""
    if isinstance(content, str):
        return change(content)
    if isinstance(content, list):
        return [_each_text(entry, change) for entry in content]
    if isinstance(content, dict):
        return {name: _each_text(entry, change) for name, entry in content.items()}
    return content


def _now() -> datetime:
    return datetime.now(timezone.utc)


async def _in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    # The bare executor: anyio's threads cost as much as what is run in them here.
    return await asyncio.get_running_loop().run_in_executor(_THREADS, function, *arguments)
