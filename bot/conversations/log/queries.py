"""What the console asks the log: a page of conversations that meet some filters, and one conversation whole."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.engine import Engine, Row

from bot.conversations.log.filters import Filters, order_of, wanted_by
from bot.conversations.log.search import Place, Span, matches_in, newest_matches, place_of, with_newer_match
from bot.conversations.log.tables import conversation_label, logged_conversation, turn
from bot.conversations.store import LONGEST
from bot.conversations.tables import tracker_event

PAGE = 50
_FIRST_BATCH = 100  # matching turns that are read at once, each time twice as many, until a page is full
_LARGEST_BATCH = 800
_FEW = 300  # conversations whose every message is compared with the words
_PATIENCE = 0.05  # seconds after which a search shows what it has found, and where it may go on

_LONGEST_ID = 18  # digits: what both databases take for a number

Key = tuple[datetime, str]


class BadKey(ValueError):
    """Where a page begins was not given by this program."""


@dataclass(frozen=True)
class Listed:
    """A conversation in the list, with the beginning of what the person said."""

    id: str
    channel: str
    tier: str
    started_at: datetime
    duration: timedelta
    turns: int
    intent: str | None
    lowest_confidence: float | None
    unsure_turns: int
    handed_off: bool
    thumb: str | None
    outcome: str
    is_settled: bool
    has_texts: bool
    text: str | None


@dataclass(frozen=True)
class Page:
    """Some conversations, newest first, and where the pages before and after it begin; None at an end."""

    conversations: Sequence[Listed]
    newer: str | None
    older: str | None


class ConversationLog:
    """Read-only; every question costs about the same however many conversations there are."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def page(self, filters: Filters, *, older_than: str | None = None, newer_than: str | None = None) -> Page:
        """A page of the conversations; ``older_than`` and ``newer_than`` are ends of another page (`BadKey`)."""
        if filters.words:
            return self._found(filters, older_than)
        backwards = newer_than is not None and older_than is None
        query = wanted_by(filters)
        began, ident = order_of(filters)
        if backwards and newer_than is not None:
            at, key = read_key(newer_than)
            query = query.where(or_(began > at, and_(began == at, ident > key))).order_by(began.asc(), ident.asc())
        elif older_than is not None:
            at, key = read_key(older_than)
            query = query.where(began <= at, or_(began < at, ident < key)).order_by(began.desc(), ident.desc())
        else:
            query = query.order_by(began.desc(), ident.desc())
        with self.engine.connect() as connection:
            rows = connection.execute(query.limit(PAGE + 1)).all()
            has_more, rows = len(rows) > PAGE, rows[:PAGE]
            if backwards:
                rows.reverse()
            texts = _beginnings(connection, [row.id for row in rows])
        if not rows:
            return Page((), None, None)
        is_first = has_more if backwards else older_than is not None
        is_last = backwards or has_more
        return Page(
            [_listed(row, texts.get(row.id)) for row in rows],
            newer=_key(rows[0]) if is_first else None,
            older=_key(rows[-1]) if is_last else None,
        )

    def _found(self, filters: Filters, older_than: str | None) -> Page:
        """Conversations by the newest message that has the words: their turns are met newest first, a few at a time.

        A search for what is rare among what is frequent shows a page that is not full, and goes on with the next one.
        """
        words = filters.words or ""
        start = before = _turn_place(older_than) if older_than else None
        # Of a conversation that began within the period, no turn is later than this.
        until = filters.until + LONGEST if filters.until is not None else None
        found: dict[str, tuple[Row, str | None]] = {}
        batch, patience, has_more = _FIRST_BATCH, time.monotonic() + _PATIENCE, True
        with self.engine.connect() as connection:
            span = Span(filters.since, until, before)
            ids_wanted = wanted_by(filters).with_only_columns(logged_conversation.c.id)
            few = connection.scalars(ids_wanted.limit(_FEW + 1)).all()
            if len(few) > _FEW:
                matches = newest_matches(connection, words, span)
            else:  # the filters leave so little that all of it is searched: words may be frequent
                matches = matches_in(connection, words, span, few)
            while has_more and len(found) < PAGE and (batch == _FIRST_BATCH or time.monotonic() < patience):
                turns = list(itertools.islice(matches, batch))
                has_more, batch = len(turns) == batch, min(2 * batch, _LARGEST_BATCH)
                ids = {row.conversation_id for row in turns} - found.keys()
                if ids and start is not None:
                    ids -= with_newer_match(connection, words, ids, start)  # shown on a page before
                wanted_now = wanted_by(filters).where(logged_conversation.c.id.in_(ids))
                wanted = {row.id: row for row in connection.execute(wanted_now)} if ids else {}
                for row in turns:
                    if row.conversation_id in wanted and row.conversation_id not in found:
                        if len(found) == PAGE:
                            has_more = True
                            break
                        found[row.conversation_id] = (wanted[row.conversation_id], row.text)
                    before = place_of(row)
        older = _packed([before[0].isoformat(), str(before[1])]) if has_more and before is not None else None
        return Page([_listed(row, text) for row, text in found.values()], newer=None, older=older)

    def conversation(self, conversation_id: str) -> Row | None:
        """The conversation's row in the log, or None if there is no such conversation."""
        query = select(logged_conversation).where(logged_conversation.c.id == conversation_id)
        with self.engine.connect() as connection:
            return connection.execute(query).one_or_none()

    def turns(self, conversation_id: str) -> Sequence[Row]:
        """All turns of a conversation in order."""
        query = select(turn).where(turn.c.conversation_id == conversation_id).order_by(turn.c.number)
        with self.engine.connect() as connection:
            return list(connection.execute(query).all())

    def events(self, conversation_id: str) -> Sequence[dict[str, Any]]:
        """The stored events of the conversation's tracker; none once its texts are deleted."""
        events = tracker_event.c
        query = select(events.data).where(events.sender_id == conversation_id).order_by(events.id)
        with self.engine.connect() as connection:
            return [json.loads(data) for data in connection.scalars(query)]

    def said(self, conversation_ids: Collection[str]) -> dict[str, list[str | None]]:
        """What the persons said in some conversations, in order; None where the text is deleted."""
        columns = turn.c.conversation_id, turn.c.text
        query = select(*columns).where(turn.c.conversation_id.in_(conversation_ids), turn.c.side == "person")
        said: dict[str, list[str | None]] = {}
        with self.engine.connect() as connection:
            for row in connection.execute(query.order_by(turn.c.conversation_id, turn.c.number)):
                said.setdefault(row.conversation_id, []).append(row.text)
        return said

    def newest(self, filters: Filters, limit: int) -> Sequence[str]:
        """The ids of the newest conversations whose texts are kept."""
        began, ident = order_of(filters)
        query = wanted_by(filters).where(logged_conversation.c.has_texts).order_by(began.desc(), ident.desc())
        with self.engine.connect() as connection:
            return [row.id for row in connection.execute(query.limit(limit))]

    def findings(self) -> Sequence[str]:
        """The findings that conversations can be filtered by: those that were ever told."""
        label = conversation_label.c
        names: list[str] = []
        with self.engine.connect() as connection:
            while True:  # from name to name along the index: a `distinct` would read all of it
                query = select(label.name).where(label.kind == "finding", label.name > (names[-1] if names else ""))
                name = connection.scalar(query.order_by(label.name).limit(1))
                if name is None:
                    return names
                names.append(name)


def read_key(packed: str) -> Key:
    """The moment and the id in a page's end; `BadKey` if it is none."""
    try:
        at, key = json.loads(base64.urlsafe_b64decode(packed.encode() + b"=="))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment.astimezone(timezone.utc), str(key)
    except (ValueError, TypeError, OverflowError, binascii.Error) as error:
        raise BadKey(packed) from error


def _turn_place(packed: str) -> Place:
    at, ident = read_key(packed)
    if not ident.isdecimal() or len(ident) > _LONGEST_ID:
        raise BadKey(packed)
    return at, int(ident)


def _key(row: Row) -> str:
    return _packed([row.started_at.isoformat(), row.id])


def _packed(parts: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _beginnings(connection: Any, ids: Sequence[str]) -> dict[str, str | None]:
    """The first message of each conversation."""
    if not ids:
        return {}
    query = (
        select(turn.c.conversation_id, turn.c.text)
        .where(turn.c.conversation_id.in_(ids), turn.c.number.in_((0, 1)), turn.c.side == "person")
        .order_by(turn.c.number.desc())
    )
    return {row.conversation_id: row.text for row in connection.execute(query)}


def _listed(row: Row, text: str | None) -> Listed:
    return Listed(
        **{name: getattr(row, name) for name in Listed.__dataclass_fields__ if name not in ("duration", "text")},
        duration=row.ended_at - row.started_at,
        text=text,
    )
