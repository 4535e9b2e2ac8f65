"""What was deleted from the log, when, by whom and why, as privacy reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.conversations.log.tables import deletion


@dataclass(frozen=True)
class Deletion:
    """One deletion; ``conversation_id`` is None where a rule deleted many. ``counts`` are rows by table."""

    id: int
    conversation_id: str | None
    kind: str
    actor: str
    reason: str | None
    counts: Mapping[str, int]
    at: datetime


class Deletions:
    """The record of deletions; it is only ever read here."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def listed(self, before: int | None, limit: int) -> Sequence[Deletion]:
        """Deletions, newest first, of those with an id below ``before``."""
        query = select(deletion).order_by(deletion.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(deletion.c.id < before)
        with self._engine.connect() as connection:
            return [Deletion(**row._mapping) for row in connection.execute(query)]
