"""Full-text search over what persons and supporters wrote: FTS5 on SQLite, a text search index on PostgreSQL.

Both find words, not parts of words, whatever their case and accents (SQLite) or their Italian endings (PostgreSQL).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, column, func, literal_column, or_, select, table, text
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql import ColumnElement, Select

from bot.conversations.log.tables import turn

MOST_WORDS = 12
_WORD = re.compile(r"\w+")
_INDEX = table("turn_words", column("rowid"), column("turn_words"))
_COLUMNS = (turn.c.id, turn.c.conversation_id, turn.c.at, turn.c.text)
_FIRST_BATCH, _LARGEST_BATCH = 100, 800  # matching turns
_FEW = 1_000  # matches that SQLite reads all at once
_FIRST_STRETCH, _LARGEST_STRETCH = 1_000, 64_000  # turns among which SQLite looks for matches at once

Place = tuple[datetime, int]  # when a turn was, and its id


@dataclass(frozen=True)
class Span:
    """Turns between two moments, and before a place in their order. What is None sets no bound."""

    since: datetime | None = None
    until: datetime | None = None
    before: Place | None = None

    def holds(self) -> list[ColumnElement[bool]]:
        """The conditions, in a form that the index over time can use."""
        held: list[ColumnElement[bool]] = []
        if self.since is not None:
            held.append(turn.c.at >= self.since)
        if self.until is not None:
            held.append(turn.c.at < self.until)
        if self.before is not None:
            at, ident = self.before
            held.append(and_(turn.c.at <= at, or_(turn.c.at < at, turn.c.id < ident)))
        return held

    def contains(self, row: Row) -> bool:
        """The same of a turn that was read."""
        is_in = (self.since is None or row.at >= self.since) and (self.until is None or row.at < self.until)
        return is_in and (self.before is None or place_of(row) < self.before)


def words_of(search: str) -> list[str]:
    """The words that are searched for; what is none has no meaning here, so that nobody writes a query language."""
    return _WORD.findall(search)[:MOST_WORDS]


def place_of(row: Row) -> Place:
    """Where a turn stands in the order of all."""
    return row.at, row.id


def newest_matches(connection: Connection, search: str, span: Span) -> Iterator[Row]:
    """Turns with all words, newest first: id, conversation, moment and text. Read only as far as they are taken."""
    words = words_of(search)
    if not words:
        return iter(())
    match = _match(connection, words)
    return _along_words(connection, match, span) if _is_sqlite(connection) else _as_planned(connection, match, span)


def matches_in(connection: Connection, search: str, span: Span, ids: Collection[str]) -> Iterator[Row]:
    """The same in a few conversations alone."""
    said = select(turn.c.id).where(turn.c.conversation_id.in_(ids), turn.c.text.is_not(None), *span.holds())
    rows = _among(connection, search, connection.scalars(said).all())
    return iter(sorted(rows, key=place_of, reverse=True))


def with_newer_match(connection: Connection, search: str, ids: Collection[str], place: Place) -> set[str]:
    """Those of some conversations in which the words stand at a place or after it, too."""
    at, ident = place
    is_later = and_(turn.c.at >= at, or_(turn.c.at > at, turn.c.id >= ident))
    later = select(turn.c.id).where(turn.c.conversation_id.in_(ids), is_later, turn.c.text.is_not(None))
    return {row.conversation_id for row in _among(connection, search, connection.scalars(later).all())}


def forget_deleted(connection: Connection) -> None:
    """Have SQLite's index give up the words of texts that were deleted: it keeps them until its parts are merged."""
    if _is_sqlite(connection):
        connection.execute(text("INSERT INTO turn_words (turn_words) VALUES ('optimize')"))


def _among(connection: Connection, search: str, turns: Sequence[int]) -> Iterator[Row]:
    """Those of some turns that have all words."""
    words, ident = words_of(search), _INDEX.c.rowid if _is_sqlite(connection) else turn.c.id
    for first in range(0, len(turns) if words else 0, _LARGEST_BATCH):
        some = ident.in_(turns[first : first + _LARGEST_BATCH])
        yield from connection.execute(_match(connection, words).where(some)).all()


def _as_planned(connection: Connection, match: Select, span: Span) -> Iterator[Row]:
    """PostgreSQL knows how frequent a word is: it goes along the words or along the time, whichever is shorter."""
    batch = _FIRST_BATCH
    while True:
        rows = connection.execute(_newest_first(match.where(*span.holds())).limit(batch)).all()
        yield from rows
        if len(rows) < batch:
            return
        span, batch = replace(span, before=place_of(rows[-1])), min(2 * batch, _LARGEST_BATCH)


def _along_words(connection: Connection, match: Select, span: Span) -> Iterator[Row]:
    """SQLite's index gives matches by id alone: few are read at once, many by stretches of time.

    Ids nearly follow the time, so that a stretch's least and greatest bound what the index is asked for.
    """
    rowid = _INDEX.c.rowid
    known = connection.scalars(match.with_only_columns(rowid).limit(_FEW + 1)).all()
    if len(known) <= _FEW:
        rows = connection.execute(match).all()
        yield from sorted((row for row in rows if span.contains(row)), key=place_of, reverse=True)
        return
    stretch = _FIRST_STRETCH
    while True:
        ids = connection.scalars(_newest_first(select(turn.c.id).where(*span.holds())).limit(stretch)).all()
        if not ids:
            return
        is_near = and_(rowid >= min(ids), rowid <= max(ids))
        matching = set(connection.scalars(match.with_only_columns(rowid).where(is_near)))
        hits = [ident for ident in ids if ident in matching]
        for first in range(0, len(hits), _FIRST_BATCH):
            some = select(*_COLUMNS).where(turn.c.id.in_(hits[first : first + _FIRST_BATCH]))
            yield from connection.execute(_newest_first(some)).all()
        if len(ids) < stretch:
            return
        last = connection.execute(select(turn.c.id, turn.c.at).where(turn.c.id == ids[-1])).one()
        span, stretch = replace(span, before=place_of(last)), min(2 * stretch, _LARGEST_STRETCH)


def _match(connection: Connection, words: list[str]) -> Select:
    query = select(*_COLUMNS)
    if _is_sqlite(connection):
        quoted = " ".join(f'"{word}"' for word in words)
        query = query.select_from(_INDEX.join(turn, _INDEX.c.rowid == turn.c.id))
        return query.where(_INDEX.c.turn_words.op("MATCH")(quoted))
    sought = func.plainto_tsquery(literal_column("'italian'::regconfig"), " ".join(words))
    return query.where(literal_column("turn.words").op("@@")(sought))


def _newest_first(query: Select) -> Any:
    return query.order_by(turn.c.at.desc(), turn.c.id.desc())


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
