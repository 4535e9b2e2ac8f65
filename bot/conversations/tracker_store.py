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
from dataclasses import dataclass
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from bot.conversations.tables import tracker_event
from bot.database import open_engine
from bot.dialogue.recent_turns import recent_turns
from bot.settings import settings

_KEPT_TRACKERS = 2000


@dataclass
class _Live:
    tracker: DialogueStateTracker | None  # None while a turn works on it
    last_id: int
    stored: int  # how many of the tracker's events are in the database or sum up what is


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

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations that have events."""
        with self._engine.connect() as connection:
            return list(connection.scalars(select(tracker_event.c.sender_id).distinct()))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker with the recent turns of a conversation, or None if there is no such conversation.

        A live tracker leaves the store while a turn works on it: a turn that fails before it saves leaves no trace.
        """
        live = self._live.get(sender_id)
        tracker = live.tracker if live else None
        with self._engine.connect() as connection:
            if live and tracker and live.last_id == self._last_id(connection, sender_id):
                live.tracker = None
                return tracker
            tracker, last_id = self._read(connection, sender_id)
        if tracker is None:
            return None
        tracker = recent_turns(tracker, self.domain)
        self._keep(sender_id, _Live(None, last_id, len(tracker.events)))
        return tracker

    async def retrieve_full_tracker(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker with every stored event, or None if there is no such conversation."""
        with self._engine.connect() as connection:
            return self._read(connection, sender_id)[0]

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the events that are not stored yet, all or none."""
        await self.stream_events(tracker)
        sender_id = tracker.sender_id
        live = self._live.pop(sender_id, None)
        with self._engine.begin() as connection:
            stored = live.stored if live else self._count(connection, sender_id)
            new = list(tracker.events)[stored:]
            if new:
                connection.execute(insert(tracker_event), _rows(sender_id, new))
            last_id = self._last_id(connection, sender_id) if new or not live else live.last_id
        tracker = recent_turns(tracker, self.domain)
        self._keep(sender_id, _Live(tracker, last_id, len(tracker.events)))

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
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots), rows[-1].id

    def _keep(self, sender_id: str, live: _Live) -> None:
        self._live[sender_id] = live
        while len(self._live) > _KEPT_TRACKERS:
            self._live.popitem(last=False)

    @staticmethod
    def _last_id(connection: Connection, sender_id: str) -> int:
        query = select(func.max(tracker_event.c.id)).where(tracker_event.c.sender_id == sender_id)
        return connection.scalar(query) or 0

    @staticmethod
    def _count(connection: Connection, sender_id: str) -> int:
        query = select(func.count()).where(tracker_event.c.sender_id == sender_id)
        return connection.scalar(query) or 0


def _rows(sender_id: str, events: Sequence[Event]) -> list[dict[str, Any]]:
    return [
        {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": event.timestamp,
            "data": json.dumps(event.as_dict()),
        }
        for event in events
    ]
