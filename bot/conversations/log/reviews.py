"""Reviews: which turns support should look at, and what it made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, and_, delete, exists, func, insert, or_, select, true, tuple_, update
from sqlalchemy.engine import Connection, Engine, Row
from sqlalchemy.sql import Select

from bot.conversations.log.tables import logged_conversation, review, review_item, turn
from bot.privacy.values import REFERENCE

WINDOW = timedelta(days=30)  # older texts are gone by default
MOST_WAITING = 2000  # of those, the newest
LISTED = 100
CORRECTED = ("proposed", "accepted")
_AT_ONCE = 300

Place = tuple[str, int]  # a conversation and the number of a turn


@dataclass(frozen=True)
class Item:
    """A turn to be reviewed, or reviewed; ``intent`` is what the bot understood, ``right`` what support says."""

    conversation_id: str
    number: int
    text: str | None
    at: datetime
    intent: str | None
    confidence: float | None
    right: str | None = None
    state: str | None = None
    user_name: str | None = None


@dataclass(frozen=True)
class Cluster:
    """Turns that are alike."""

    number: int
    size: int
    items: Sequence[Item]


class Reviews:
    """Reads and writes reviews; the newest one of a turn counts.

    What was accepted is changed by those alone who may accept (``is_lead``).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def correct(self, places: Iterable[Place], intent: str, user_name: str, *, is_lead: bool, now: datetime) -> int:
        """Say which intent some turns should have had, a lead for good; how many turns there were."""
        state, accepted_by = ("accepted", user_name) if is_lead else ("proposed", None)
        values = {"state": state, "intent": intent, "user_name": user_name, "accepted_by": accepted_by}
        return self._review(places, now, is_lead, values)

    def dismiss(self, places: Iterable[Place], user_name: str, *, is_lead: bool, now: datetime) -> int:
        """Say that there is nothing to be learnt from some turns; how many turns there were."""
        return self._review(places, now, is_lead, {"state": "dismissed", "user_name": user_name})

    def accept(self, places: Iterable[Place], user_name: str) -> None:
        """Let proposed corrections count."""
        with self._engine.begin() as connection:
            for some in _parts(places):
                is_meant = and_(_is_any(some), review.c.state == "proposed")
                connection.execute(update(review).where(is_meant).values(state="accepted", accepted_by=user_name))

    def undo(self, places: Iterable[Place], *, is_lead: bool) -> None:
        """Take reviews back: the turns wait again."""
        with self._engine.begin() as connection:
            for some in _parts(places):
                connection.execute(delete(review).where(_is_any(some), _may_change(is_lead)))

    def clusters(self, first: int, count: int, most_items: int) -> Sequence[Cluster]:
        """Clusters of waiting turns, the largest first, each with its newest turns."""
        item = review_item.c
        sizes = (
            select(item.cluster, func.count().label("size"))
            .where(~_is_reviewed(review_item))
            .group_by(item.cluster)
            .order_by(func.count().desc(), item.cluster)
            .offset(first)
            .limit(count)
        )
        with self._engine.connect() as connection:
            found = connection.execute(sizes).all()
            return [Cluster(row.cluster, row.size, _items(connection, row.cluster, most_items)) for row in found]

    def waiting(self) -> int:
        """How many turns wait."""
        query = select(func.count()).select_from(review_item).where(~_is_reviewed(review_item))
        with self._engine.connect() as connection:
            return int(connection.scalar(query) or 0)

    def done_since(self, moment: datetime) -> int:
        """How many turns were reviewed since."""
        with self._engine.connect() as connection:
            return int(connection.scalar(select(func.count()).where(review.c.at >= moment)) or 0)

    def corrections(self, *states: str) -> Sequence[Item]:
        """Corrected turns in these states whose texts are still kept, accepted ones first, then the newest."""
        query = _CORRECTIONS.where(review.c.state.in_(states))
        with self._engine.connect() as connection:
            return [_correction(row) for row in connection.execute(query.order_by(review.c.state, *_NEWEST))]

    def corrections_page(self, page: int) -> tuple[Sequence[Item], bool]:
        """A page of corrections, those that wait for a lead first, and whether there are more."""
        query = _CORRECTIONS.where(review.c.state.in_(CORRECTED)).order_by(review.c.state.desc(), *_NEWEST)
        with self._engine.connect() as connection:
            rows = connection.execute(query.offset(page * LISTED).limit(LISTED + 1)).all()
        return [_correction(row) for row in rows[:LISTED]], len(rows) > LISTED

    def corrected(self) -> dict[str, int]:
        """How many corrections are in each state."""
        listed = _CORRECTIONS.where(review.c.state.in_(CORRECTED)).subquery()
        query = select(listed.c.state, func.count().label("found")).group_by(listed.c.state)
        with self._engine.connect() as connection:
            counts = {row.state: row.found for row in connection.execute(query)}
        return {state: counts.get(state, 0) for state in CORRECTED}

    def of_conversation(self, conversation_id: str) -> dict[int, Item]:
        """The reviews of a conversation by the number of the turn."""
        query = select(review).where(review.c.conversation_id == conversation_id)
        with self._engine.connect() as connection:
            return {
                row.number: Item(
                    row.conversation_id, row.number, None, row.at, None, None, row.intent, row.state, row.user_name
                )
                for row in connection.execute(query)
            }

    def _review(self, places: Iterable[Place], now: datetime, is_lead: bool, values: dict[str, Any]) -> int:
        count = 0
        with self._engine.begin() as connection:
            for some in _parts(places):
                connection.execute(delete(review).where(_is_any(some), _may_change(is_lead)))
                is_there = tuple_(turn.c.conversation_id, turn.c.number).in_(some)
                there = connection.execute(
                    select(turn.c.conversation_id, turn.c.number).where(is_there, ~_is_reviewed(turn))
                ).all()
                rows = [{"conversation_id": row.conversation_id, "number": row.number, "at": now} for row in there]
                if rows:
                    connection.execute(insert(review), [{**row, **values} for row in rows])
                count += len(rows)
        return count


def waiting_turns(connection: Connection, now: datetime) -> Sequence[Row]:
    """The newest turns that should be reviewed: the bot was unsure, or the conversation was rated down.

    What has no words, only references to values or signs, teaches nothing and is left out.
    """
    columns = (turn.c.conversation_id, turn.c.number, turn.c.text, turn.c.at)
    has_text = and_(turn.c.side == "person", turn.c.text.is_not(None), turn.c.intent.is_not(None))
    waits = and_(has_text, ~_is_reviewed(turn))
    recent = turn.c.at > now - WINDOW

    def newest(query: Select) -> Sequence[Row]:
        return list(connection.execute(query.order_by(turn.c.at.desc()).limit(MOST_WAITING)).all())

    unsure = newest(select(*columns).where(turn.c.is_unsure, recent, waits))
    rated = (
        select(*columns)
        .join(logged_conversation, logged_conversation.c.id == turn.c.conversation_id)
        .where(logged_conversation.c.thumb == "down", logged_conversation.c.started_at > now - WINDOW)
    )
    rows = (*unsure, *newest(rated.where(waits)))
    found = {(row.conversation_id, row.number): row for row in rows if _has_words(row.text)}
    return sorted(found.values(), key=lambda row: (row.at, row.conversation_id, row.number), reverse=True)[
        :MOST_WAITING
    ]


def forget_reviews(connection: Connection, ids: Sequence[str]) -> int:
    """Delete the reviews of conversations whose texts are deleted; rows."""
    connection.execute(delete(review_item).where(review_item.c.conversation_id.in_(ids)))
    deleted: int = connection.execute(delete(review).where(review.c.conversation_id.in_(ids))).rowcount
    return deleted


def _items(connection: Connection, cluster: int, limit: int) -> Sequence[Item]:
    same = and_(review_item.c.conversation_id == turn.c.conversation_id, review_item.c.number == turn.c.number)
    query = (
        select(turn)
        .join(review_item, same)
        .where(review_item.c.cluster == cluster, ~_is_reviewed(review_item))
        .order_by(review_item.c.place)
        .limit(limit)
    )
    return [_item(row) for row in connection.execute(query)]


def _item(row: Row, **more: Any) -> Item:
    return Item(row.conversation_id, row.number, row.text, row.at, row.intent, row.confidence, **more)


def _correction(row: Row) -> Item:
    return _item(row, right=row.right, state=row.state, user_name=row.user_name)


def _is_reviewed(of: Table) -> Any:
    return exists().where(review.c.conversation_id == of.c.conversation_id, review.c.number == of.c.number)


def _has_words(text: str) -> bool:
    return any(character.isalpha() for character in REFERENCE.sub("", text))


def _may_change(is_lead: bool) -> Any:
    return true() if is_lead else review.c.state != "accepted"


def _is_any(places: Sequence[Place]) -> Any:
    return or_(*(and_(review.c.conversation_id == ident, review.c.number == number) for ident, number in places))


def _parts(places: Iterable[Place]) -> Iterable[Sequence[Place]]:
    every = list(dict.fromkeys(places))
    return [every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE)]


_CORRECTIONS = (
    select(turn, review.c.intent.label("right"), review.c.state, review.c.user_name)
    .join(review, and_(review.c.conversation_id == turn.c.conversation_id, review.c.number == turn.c.number))
    .where(turn.c.text.is_not(None))
)
_NEWEST = (review.c.at.desc(), turn.c.id)
