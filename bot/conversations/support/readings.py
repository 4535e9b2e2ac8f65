"""The read audit: every look at a transcript or a list with texts, every value that was shown, every download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, insert, select
from sqlalchemy.engine import Engine

from bot.conversations.support.tables import read_audit

_STILL = timedelta(hours=1)
_AT_ONCE = 1000


@dataclass(frozen=True)
class Reading:
    """Who read what, when and why."""

    id: int
    user_name: str
    kind: str
    conversation_id: str | None
    reference: str | None
    reason: str | None
    at: datetime


@dataclass(frozen=True)
class Wanted:
    """Which readings are meant; what is None does not matter. ``until`` is not included."""

    user_name: str | None = None
    kind: str | None = None
    conversation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_EVERYTHING = Wanted()


class ReadAudit:
    """Readings are only ever added."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(
        self,
        user_name: str,
        kind: str,
        now: datetime,
        *,
        conversation_id: str | None = None,
        reference: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Note a reading before it is shown."""
        values = {"user_name": user_name, "kind": kind, "conversation_id": conversation_id, "at": now}
        with self._engine.begin() as connection:
            connection.execute(insert(read_audit).values(**values, reference=reference, reason=reason))

    def note_again(self, user_name: str, kind: str, now: datetime, *, conversation_id: str | None = None) -> None:
        """Note that something is still being read, unless that was noted within the last hour."""
        is_this = (
            read_audit.c.conversation_id == conversation_id,
            read_audit.c.user_name == user_name,
            read_audit.c.kind == kind,
            read_audit.c.at > now - _STILL,
        )
        with self._engine.connect() as connection:
            is_noted = connection.scalar(select(read_audit.c.id).where(*is_this).limit(1)) is not None
        if not is_noted:
            self.note(user_name, kind, now, conversation_id=conversation_id)

    def listed(self, wanted: Wanted = _EVERYTHING, *, before: int | None = None, limit: int = 50) -> Sequence[Reading]:
        """Readings, newest first, of those with an id below ``before``."""
        reading = read_audit.c
        meant = [
            reading[name] == value
            for name in ("user_name", "kind", "conversation_id")
            if (value := getattr(wanted, name)) is not None
        ]
        if wanted.since is not None:
            meant.append(reading.at >= wanted.since)
        if wanted.until is not None:
            meant.append(reading.at < wanted.until)
        if before is not None:
            meant.append(reading.id < before)
        query = select(read_audit).where(and_(True, *meant)).order_by(reading.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [Reading(**row._mapping) for row in connection.execute(query)]

    def each(self, wanted: Wanted) -> Iterator[Reading]:
        """All readings that are meant, newest first, read some at a time."""
        before: int | None = None
        while some := self.listed(wanted, before=before, limit=_AT_ONCE):
            yield from some
            before = some[-1].id

    def users(self) -> Sequence[str]:
        """The names of all who ever read something."""
        with self._engine.connect() as connection:
            names = connection.scalars(select(read_audit.c.user_name).distinct().order_by(read_audit.c.user_name))
            return list(names)
