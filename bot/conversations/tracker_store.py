"""Rasa's tracker store over our own conversation store.

Rasa's SQL store reads, parses and replays every event of a conversation for each message. This one keeps the live
tracker of recent conversations: a message costs one look at the last stored event, so that other processes'
writes are seen, and one insert of what is new. Events are only ever appended.

Rasa also copies and replays its tracker several times a turn. So a turn works on the recent part of a conversation,
after a summary of what came before (`bot.dialogue.recent_turns`); the database holds every event.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import and_, bindparam, func, insert, select
from sqlalchemy.engine import Connection

from bot.conversations.bubbles import bubble_of_event
from bot.conversations.log import writer as log
from bot.conversations.log.tables import deletion
from bot.conversations.store import LONGEST
from bot.conversations.tables import tracker_event
from bot.database import open_engine
from bot.dialogue.live_tracker import LiveTracker
from bot.dialogue.recent_turns import recent_turns
from bot.settings import settings

_KEPT_TRACKERS = 2000
# Built once: building a statement costs more than running it.
_OF_SENDER = tracker_event.c.sender_id == bindparam("sender_id")
_LAST_ID = select(func.max(tracker_event.c.id)).where(_OF_SENDER)
_COUNT = select(func.count()).where(_OF_SENDER)
_IS_MESSAGE = and_(tracker_event.c.type_name == "user", tracker_event.c.data.like(bindparam("message_id")))
_MENTIONS = select(tracker_event.c.id).where(_OF_SENDER, _IS_MESSAGE).limit(1)
_APPEND = insert(tracker_event)


@dataclass
class _Live:
    tracker: DialogueStateTracker | None  # None while a turn works on it
    last_id: int
    stored: int  # how many of the tracker's events are in the database or sum up what is
    is_paused: bool  # support has the conversation
    labels: set[tuple[str, str]] = field(default_factory=set)  # intents and findings that are in the log
    saved_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))


class ConversationTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Trackers in the table ``tracker_event``, on SQLite and PostgreSQL alike."""

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        url: str | None = None,
        **_unused: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._engine = open_engine(url or settings().conversations_database())
        self._live: OrderedDict[str, _Live] = OrderedDict()
        self._last_deletion = 0

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations that have events."""
        with self._engine.connect() as connection:
            return list(connection.scalars(select(tracker_event.c.sender_id).distinct()))

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        """The tracker of a conversation that begins."""
        return LiveTracker(sender_id, self.domain.slots)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker with the recent turns of a conversation, or None if there is no such conversation.

        A live tracker leaves the store while a turn works on it: a turn that fails before it saves leaves no trace.
        """
        live = self._live.get(sender_id)
        tracker = live.tracker if live else None
        with self._engine.connect() as connection:
            if live and tracker and live.last_id == self._last_id(connection, sender_id):
                live.tracker = None
                self._live.move_to_end(sender_id)
                return tracker
            tracker, last_id = self._read(connection, sender_id)
        if tracker is None:
            return None
        tracker = recent_turns(tracker, self.domain)
        self._keep(sender_id, _Live(None, last_id, len(tracker.events), tracker.is_paused()))
        return tracker

    async def retrieve_full_tracker(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker with every stored event, or None if there is no such conversation."""
        with self._engine.connect() as connection:
            return self._read(connection, sender_id)[0]

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the events that are not stored yet and log them, all or none.

        `ConversationErased` if its texts were deleted meanwhile: they are not written back.
        """
        await self.stream_events(tracker)
        sender_id = tracker.sender_id
        live = self._live.pop(sender_id, None)
        labels = live.labels if live else set()
        with self._engine.begin() as connection:
            stored = live.stored if live else self._count(connection, sender_id)
            new = list(tracker.events)[stored:]
            if new:
                events = [event.as_dict() for event in new]
                connection.execute(_APPEND, _rows(sender_id, events))
                log.write(
                    connection,
                    sender_id,
                    events,
                    lambda: self._events(connection, sender_id),
                    labels,
                    is_paused=live is not None and live.is_paused,
                )
            last_id = self._last_id(connection, sender_id) if new or not live else live.last_id
        tracker = recent_turns(tracker, self.domain)
        self._keep(sender_id, _Live(tracker, last_id, len(tracker.events), tracker.is_paused(), labels))

    def answers_to(self, sender_id: str, message_id: int | None) -> list[dict[str, Any]] | None:
        """The bot's messages that answered one of the person's; None if that message was never handled."""
        with self._engine.connect() as connection:
            asked = {"sender_id": sender_id, "message_id": f'%"message_id": {message_id}%'}
            if message_id is None or connection.scalar(_MENTIONS, asked) is None:
                return None  # nearly always, and found without reading a single event
            events = self._events(connection, sender_id)
        answers: list[dict[str, Any]] | None = None
        for event in events:
            metadata = event.get("metadata") or {}
            if event["event"] == "user":
                if answers is not None:
                    break
                if message_id is not None and metadata.get("message_id") == message_id:
                    answers = []
            elif answers is not None and event["event"] == "bot" and not metadata.get("support"):
                answers.append(bubble_of_event(event))
        return answers

    def forget(self, now: datetime) -> None:
        """Let go of live trackers whose texts were erased, and of those that nobody can go on with any more."""
        with self._engine.connect() as connection:
            erased = select(deletion.c.id, deletion.c.conversation_id).where(deletion.c.id > self._last_deletion)
            for row in connection.execute(erased.where(deletion.c.kind == "erase").order_by(deletion.c.id)):
                self._live.pop(row.conversation_id, None)
                self._last_deletion = row.id
        for sender_id in [one for one, live in self._live.items() if live.saved_at < now - LONGEST]:
            del self._live[sender_id]

    def _read(self, connection: Connection, sender_id: str) -> tuple[DialogueStateTracker | None, int]:
        """The whole conversation and the id of its last event."""
        rows = connection.execute(
            select(tracker_event.c.id, tracker_event.c.data)
            .where(tracker_event.c.sender_id == sender_id)
            .order_by(tracker_event.c.id)
        ).all()
        if not rows:
            return None, 0
        events = deserialise_events([json.loads(row.data) for row in rows])
        return LiveTracker.from_events(sender_id, events, self.domain.slots), rows[-1].id

    @staticmethod
    def _events(connection: Connection, sender_id: str) -> list[dict[str, Any]]:
        """Every stored event of a conversation, as it was written."""
        stored = select(tracker_event.c.data).where(tracker_event.c.sender_id == sender_id).order_by(tracker_event.c.id)
        return [json.loads(data) for data in connection.scalars(stored)]

    def _keep(self, sender_id: str, live: _Live) -> None:
        self._live[sender_id] = live
        self._live.move_to_end(sender_id)
        if len(self._live) > _KEPT_TRACKERS:
            # Never one that a turn works on: what is known of it says which of its events are new
            oldest = next((one for one, kept in self._live.items() if kept.tracker is not None), None)
            if oldest is not None:
                del self._live[oldest]

    @staticmethod
    def _last_id(connection: Connection, sender_id: str) -> int:
        return connection.scalar(_LAST_ID, {"sender_id": sender_id}) or 0

    @staticmethod
    def _count(connection: Connection, sender_id: str) -> int:
        return connection.scalar(_COUNT, {"sender_id": sender_id}) or 0


def _rows(sender_id: str, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "sender_id": sender_id,
            "type_name": event["event"],
            "timestamp": event["timestamp"],
            "data": json.dumps(event),
        }
        for event in events
    ]
