"""What happens to a message between the person and Rasa, on either channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from anyio import to_thread
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from bot.conversations.store import Conversation, ConversationStore, Proof, Turn
from bot.gateway.problems import Problem
from bot.gateway.rasa import RasaClient, RasaUnavailable
from bot.privacy.vault import Vault
from bot.settings import Settings

Bubble = dict[str, Any]
Result = TypeVar("Result")

LONGEST_TEXT = 2000
_WAIT_FOR_TWIN = 20.0  # seconds that a message waits for the answer to its first copy
_LOOK_AGAIN = 0.1


class Desk:
    """Opens conversations and answers messages. One message of a conversation is answered at a time."""

    def __init__(self, settings: Settings, store: ConversationStore, vault: Vault, rasa: RasaClient) -> None:
        self._store = store
        self._vault = vault
        self._rasa = rasa
        self._idle = timedelta(minutes=settings.conversation_minutes)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._limiter = FixedWindowRateLimiter(storage_from_string(settings.redis_url or "memory://"))
        self._sessions = RateLimitItemPerHour(settings.session_limit)
        self._messages = RateLimitItemPerMinute(settings.message_limit)

    async def open(self, channel: str, language: str, proof: Proof) -> dict[str, Any]:
        """Begin a conversation and greet."""
        self._count(self._sessions, proof.client, "Too many conversations were begun from here.")
        conversation, token = await _in_thread(self._store.open, channel, language, proof, _now(), self._idle)
        greeting = await self._ask(lambda: self._rasa.open(conversation))
        await _in_thread(self._store.finish_turn, conversation.id, None, greeting, _now())
        return {
            "conversation_id": conversation.id,
            "token": token,
            "expires_at": conversation.expires_at.isoformat(),
            "messages": greeting,
        }

    async def authenticate(self, token: str, channel: str) -> Conversation | None:
        """The conversation of a token, if it is alive and of this channel."""
        return await _in_thread(self._store.authenticate, token, channel, _now())

    async def history(self, conversation: Conversation) -> list[Bubble]:
        """The conversation so far, as the person knows it."""
        messages = await _in_thread(self._store.history, conversation.id)
        return await self._shown(conversation.id, messages)

    async def answer_text(self, conversation: Conversation, text: str, client_message_id: str | None) -> list[Bubble]:
        """Answer what was typed."""
        masked = await _in_thread(self._vault.mask, conversation.id, text)
        if not masked.strip():
            raise Problem(422, f"The field text is empty: write 1 to {LONGEST_TEXT:,} characters.")
        return await self._answer(conversation, masked, {"text": masked}, client_message_id)

    async def answer_payload(
        self, conversation: Conversation, payload: str, client_message_id: str | None
    ) -> list[Bubble]:
        """Answer a pressed button, if the bot offered it in this conversation."""
        title = await _in_thread(self._store.offered, conversation.id, payload)
        if title is None:
            raise Problem(422, "The field payload was not offered in this conversation.")
        return await self._answer(conversation, title, {"payload": payload}, client_message_id)

    async def _answer(
        self, conversation: Conversation, shown: str, message: dict[str, str], client_message_id: str | None
    ) -> list[Bubble]:
        self._count(self._messages, conversation.id, "Too many messages in a short time.")
        async with self._lock(conversation.id):
            turn = await _in_thread(
                self._store.begin_turn, conversation.id, shown, client_message_id, _now(), self._idle
            )
            if turn.state == "waiting":
                turn = await self._answer_of_twin(turn)
            if turn.state == "done":
                return await self._shown(conversation.id, turn.messages)
            try:
                bubbles = await self._ask(lambda: self._rasa.send(conversation, message))
            except BaseException:  # cancelled, too: whatever happened, the message may be sent again
                await asyncio.shield(_in_thread(self._store.fail_turn, turn.id))
                raise
            await _in_thread(self._store.finish_turn, conversation.id, turn.id, bubbles, _now())
        return await self._shown(conversation.id, bubbles)

    async def _answer_of_twin(self, turn: Turn) -> Turn:
        """Wait for the answer that another process is getting for the same message."""
        for _ in range(int(_WAIT_FOR_TWIN / _LOOK_AGAIN)):
            await asyncio.sleep(_LOOK_AGAIN)
            turn = await _in_thread(self._store.answer, turn.id)
            if turn.state == "done":
                return turn
        raise Problem(409, "This message is still being answered. Try again.", {"Retry-After": "5"})

    async def _ask(self, call: Callable[[], Any]) -> list[Bubble]:
        try:
            bubbles: list[Bubble] = await call()
        except RasaUnavailable as error:
            detail = "The assistant is not reachable right now. Send the message again in a moment."
            raise Problem(503, detail, {"Retry-After": "5"}) from error
        return bubbles

    async def _shown(self, conversation_id: str, bubbles: Sequence[Bubble]) -> list[Bubble]:
        """Messages with the values in place of their references."""
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
            shown.append(copy)
        return shown

    def _count(self, limit: RateLimitItemPerHour | RateLimitItemPerMinute, key: str, detail: str) -> None:
        if not self._limiter.hit(limit, key):
            resets_at = self._limiter.get_window_stats(limit, key).reset_time
            wait = max(1, int(resets_at - _now().timestamp()) + 1)
            raise Problem(429, f"{detail} Try again in {wait} seconds.", {"Retry-After": str(wait)})

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock


def _now() -> datetime:
    return datetime.now(timezone.utc)


async def _in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    return await to_thread.run_sync(lambda: function(*arguments))
