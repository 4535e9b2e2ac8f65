"""What property staff were asked to reactivate: by company, how much is open, and how long the rest took."""

from __future__ import annotations

import datetime as clock
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.engine import Engine

from bot.conversations.log.figures import MORE, midnight
from bot.conversations.tables import conversation, request

WITHIN = (1, 4, 24, 72, 168)  # hours, upper bounds; what took longer is in "more"


@dataclass
class Reactivations:
    """Wishes that were made in a period, as they stand now."""

    asked: Counter[str] = field(default_factory=Counter)  # by company
    open: Counter[str] = field(default_factory=Counter)  # by company
    within: Counter[str] = field(default_factory=Counter)  # those done, by the bound of the hours that they took


def reactivations(
    engine: Engine, first: clock.date, last: clock.date, channel: str | None, zone: ZoneInfo
) -> Reactivations:
    """The wishes of a period, both days included."""
    begin, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    took = request.c.done_after
    bound = case(*((took <= 3600 * hours, str(hours)) for hours in WITHIN), (took.is_(None), ""), else_=MORE)
    query = (
        select(request.c.company, request.c.state, bound.label("bound"), func.count())
        .where(request.c.kind == "reactivation", request.c.created_at >= begin, request.c.created_at < end)
        .group_by(request.c.company, request.c.state, "bound")
    )
    if channel is not None:
        query = query.join(conversation, conversation.c.id == request.c.conversation_id)
        query = query.where(conversation.c.channel == channel)
    found = Reactivations()
    with engine.connect() as connection:
        for company, state, hours, count in connection.execute(query):
            found.asked[company] += count
            if state == "open":
                found.open[company] += count
            elif hours:  # wishes from before this was measured have none
                found.within[hours] += count
    return found
