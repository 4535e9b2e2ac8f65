"""Server-sent events: what is said in conversations without the person having asked, as it is said.

One task looks into the conversation store once a second for all listeners of this process, with one query; a
supporter's message may come by way of any process. (WHATWG HTML, section 9.2, defines the form of the stream.)
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations.handoffs import Handoffs, News
from bot.conversations.store import Conversation
from bot.gateway.problems import Problem

MOST_OF_CONVERSATION = 10  # streams at once: one a tab
MOST_OF_CLIENT = 300  # over all conversations: a whole office may be behind one address
MOST_LISTENERS = 2000
HEARTBEAT = 15.0  # seconds; proxies cut connections that are silent for longer
LONGEST = 600.0  # seconds; then the browser comes back, and its token is looked at again
LOOK_AGAIN = 1.0
# A message may be seen after one with a higher number, if its transaction took longer; so long is it looked for.
_LATE = 5.0
_LATE_IDS = 200
_WAITING = 100
_RECONNECT = b"retry: 3000\n\n"

Show = Callable[[str, Sequence[dict[str, Any]]], Awaitable[list[dict[str, Any]]]]

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class _Listener:
    conversation_id: str
    client: str
    known: set[int]
    news: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(_WAITING))

    def take(self, one: News) -> None:
        if one.id in self.known:
            return
        self.known.add(one.id)
        self._put(one)

    def end(self) -> None:
        self._put(None)

    def _put(self, one: News | None) -> None:
        if self.news.full():  # it does not read: it may come back and ask for what it has missed
            while not self.news.empty():
                self.news.get_nowait()
            one = None
        self.news.put_nowait(one)


class Streams:
    """The listeners of this process. Texts go out with values in place of references, as ``show`` puts them."""

    def __init__(self, handoffs: Handoffs, show: Show) -> None:
        self._handoffs = handoffs
        self._show = show
        self._listeners: set[_Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._is_closed = False

    async def open(self, conversation: Conversation, last_event_id: int | None) -> AsyncGenerator[bytes, None]:
        """A stream, beginning with how the hand-off stands and what came after ``last_event_id``.

        `Problem` 429 if the conversation or this client has too many, 503 if the process has or is about to end.
        """
        client = conversation.proof.client
        if self._is_closed or len(self._listeners) >= MOST_LISTENERS:
            raise Problem(503, "No further stream can be opened right now.", {"Retry-After": "10"})
        if not self._has_room_for(conversation.id, client):
            raise Problem(429, "Too many streams are open from here. Close one first.", {"Retry-After": "10"})
        first, floor = await to_thread.run_sync(self._beginning, conversation.id, last_event_id)
        standing = await to_thread.run_sync(self._handoffs.standing, conversation.id)
        missed = [one for one in first if last_event_id is not None and one.id > last_event_id]
        listener = _Listener(conversation.id, client, {one.id for one in first})
        return self._stream(listener, floor, standing, missed)

    def end(self, conversation_id: str) -> None:
        """End the streams of a conversation that has ended."""
        for listener in self._listeners:
            if listener.conversation_id == conversation_id:
                listener.end()

    def close(self) -> None:
        """End all streams; no new ones are begun."""
        self._is_closed = True
        for listener in self._listeners:
            listener.end()

    def _has_room_for(self, conversation_id: str, client: str) -> bool:
        of_conversation = sum(listener.conversation_id == conversation_id for listener in self._listeners)
        of_client = sum(listener.client == client for listener in self._listeners)
        return of_conversation < MOST_OF_CONVERSATION and of_client < MOST_OF_CLIENT

    def _beginning(self, conversation_id: str, last_event_id: int | None) -> tuple[Sequence[News], int]:
        floor = max(0, self._handoffs.latest_message() - _LATE_IDS)
        since = floor if last_event_id is None else min(floor, last_event_id)
        return self._handoffs.news([conversation_id], since), floor

    async def _stream(
        self,
        listener: _Listener,
        floor: int,
        standing: dict[str, str] | None,
        missed: Sequence[News],
    ) -> AsyncGenerator[bytes, None]:
        # Counted here: what is never sent is never closed either. Others may have been quicker since it was asked for.
        if not self._has_room_for(listener.conversation_id, listener.client):
            return
        until = time.monotonic() + LONGEST
        self._listeners.add(listener)
        if self._is_closed:
            listener.end()
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(floor))
        try:
            yield _RECONNECT
            yield _event("handoff", standing, None)
            for one in missed:
                yield await self._said(one)
            while time.monotonic() < until:
                try:
                    news = await asyncio.wait_for(listener.news.get(), HEARTBEAT)
                except asyncio.TimeoutError:
                    yield b": still here\n\n"
                    continue
                if news is None:
                    return
                yield await self._said(news)
        finally:
            self._listeners.discard(listener)

    async def _said(self, one: News) -> bytes:
        shown = await self._show(one.conversation_id, [one.content])
        return _event("message", shown[0], one.id)

    async def _look(self, floor: int) -> None:
        """Hand news to the listeners until there are none left."""
        seen: deque[tuple[float, int]] = deque()
        highest = 0
        try:
            while self._listeners:
                await asyncio.sleep(LOOK_AGAIN)
                listened = {listener.conversation_id for listener in self._listeners}
                try:
                    latest = await to_thread.run_sync(self._handoffs.latest_message)
                    if latest < highest:  # erased: SQLite gives their ids to what comes next
                        floor = max(0, latest - _LATE_IDS)
                    highest = latest
                    news = await to_thread.run_sync(self._handoffs.news, listened, floor)
                except SQLAlchemyError as error:  # it comes back, and the streams need not end for that
                    logger.warning("Events could not be read: %s", type(error).__name__)
                    continue
                now = time.monotonic()
                while seen and seen[0][0] < now - _LATE:
                    floor = max(floor, seen.popleft()[1])
                if news and (not seen or news[-1].id > seen[-1][1]):
                    seen.append((now, news[-1].id))
                self._tell(news)
        finally:
            self._looking = None

    def _tell(self, news: Sequence[News]) -> None:
        for listener in tuple(self._listeners):
            for one in news:
                if one.conversation_id == listener.conversation_id:
                    listener.take(one)


def _event(name: str, content: Any, ident: int | None) -> bytes:
    head = f"id: {ident}\n" if ident is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n".encode()
