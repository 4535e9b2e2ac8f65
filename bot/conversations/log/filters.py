"""Which conversations are wanted, and along which index they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.sql import ColumnElement, Select

from bot.conversations.log.tables import LABELS, conversation_label, logged_conversation

_LABEL = {kind: conversation_label.alias(kind) for kind in LABELS}  # a conversation has each of them once at most


@dataclass(frozen=True)
class Filters:
    """What conversations are wanted; what is None does not matter. All that is given must hold."""

    since: datetime | None = None  # the conversation began then or later
    until: datetime | None = None  # and before that
    channel: str | None = None
    intent: str | None = None  # one that was acted on
    finding: str | None = None
    outcome: str | None = None
    thumb: str | None = None
    handed_off: bool | None = None
    unsure: bool | None = None
    went_wrong: bool = False  # unresolved, handed to a person, or rated down
    below: float | None = None  # some message was understood with a confidence below, 0 to 1
    words: str | None = None  # all stand in one message of the person or of support


def wanted_by(filters: Filters) -> Select:
    """The conversations that meet the filters, in no order; words aside, which the search answers."""
    column = logged_conversation.c
    conditions: list[ColumnElement[bool]] = [
        column[name] == value
        for name, value in (
            ("channel", filters.channel),
            ("outcome", filters.outcome),
            ("thumb", filters.thumb),
            ("handed_off", filters.handed_off),
        )
        if value is not None
    ]
    began, _ = order_of(filters)
    if filters.since is not None:
        conditions.append(began >= filters.since)
    if filters.until is not None:
        conditions.append(began < filters.until)
    if filters.unsure is not None:
        conditions.append(column.unsure_turns > 0 if filters.unsure else column.unsure_turns == 0)
    if filters.went_wrong:
        conditions.append(or_(column.outcome.in_(("unresolved", "handed_off")), column.thumb == "down"))
    if filters.below is not None:
        conditions.append(column.lowest_confidence < filters.below)
    query = select(logged_conversation)
    for kind, name in _labels(filters):
        label = _LABEL[kind]
        query = query.join(label, label.c.conversation_id == column.id)
        conditions += [label.c.kind == kind, label.c.name == name]
        if label.c.started_at is not began:
            conditions.append(label.c.started_at == began)  # so that both are read along their index
    return query.where(and_(True, *conditions))


def _labels(filters: Filters) -> list[tuple[str, str]]:
    """Kinds and names of the labels that are asked for, the seldomer kind first."""
    named = (("finding", filters.finding), ("intent", filters.intent))
    return [(kind, name) for kind, name in named if name is not None]


def order_of(filters: Filters) -> tuple[ColumnElement[datetime], ColumnElement[str]]:
    """When a conversation began and its id, from the table whose index has what is wanted in this order."""
    labels = _labels(filters)
    if not labels:
        return logged_conversation.c.started_at, logged_conversation.c.id
    label = _LABEL[labels[0][0]].c
    return label.started_at, label.conversation_id
