"""Figures of the log: counted by the day in the portal's time zone, kept, and read for a period.

One conversation counts on the day it began, a message on the day it came. A day's figures are counted anew for as long
as its conversations can change: an outcome settles within seven days.
"""

from __future__ import annotations

import datetime as clock
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import case, delete, func, insert, select
from sqlalchemy.engine import Connection, Engine

from bot.conversations.log.tables import conversation_label, daily_figure, logged_conversation, turn
from bot.conversations.tables import handoff

CHANGING = 9  # days, today among them: seven until an outcome settles, and one at each end
BUCKETS = (5, 10, 20, 50, 100, 200, 500, 1000, 3000)  # milliseconds, upper bounds; what is above is in "more"
MORE = "more"
_AT_ONCE = 400  # days that are counted for the first time in one run, the newest first: a year and more

Key = tuple[str, str, str]  # channel, kind, name
Figures = Mapping[tuple[str, str], int]  # by kind and name


def refresh(engine: Engine, zone: ZoneInfo, now: datetime) -> int:
    """Count the days that may have changed or were never counted, today aside; how many."""
    today = now.astimezone(zone).date()
    with engine.connect() as connection:
        first = connection.scalar(select(func.min(logged_conversation.c.started_at)))
        counted = set(connection.scalars(select(daily_figure.c.day).where(daily_figure.c.kind == "counted").distinct()))
        unsettled = set(connection.scalars(select(daily_figure.c.day).where(daily_figure.c.kind == "unsettled")))
    if first is None:
        return 0
    begin = first.astimezone(zone).date()
    days = [begin + timedelta(days=number) for number in range((today - begin).days)]
    missing = [day for day in days if day not in counted][-_AT_ONCE:]
    due = sorted({*missing, *(day for day in days if (today - day).days < CHANGING or day in unsettled)})
    for day in due:
        with engine.begin() as connection:
            figures = count_day(connection, day, zone)
            connection.execute(delete(daily_figure).where(daily_figure.c.day == day))
            figures["", "counted", ""] = 1
            rows = [
                {"day": day, "channel": channel, "kind": kind, "name": name, "count": count}
                for (channel, kind, name), count in figures.items()
            ]
            connection.execute(insert(daily_figure), rows)
    return len(due)


def count_day(connection: Connection, day: clock.date, zone: ZoneInfo) -> Counter[Key]:
    """The figures of one day, from the log itself."""
    begin, end = (midnight(moment, zone) for moment in (day, day + timedelta(days=1)))
    talk = logged_conversation.c
    began = (talk.started_at >= begin, talk.started_at < end)
    figures: Counter[Key] = Counter()
    columns = (talk.channel, talk.started_at, talk.outcome, talk.is_settled, talk.thumb)
    for row in connection.execute(select(*columns).where(*began)):
        hour = row.started_at.astimezone(zone).hour
        figures[row.channel, "conversations", ""] += 1
        figures[row.channel, "hour", f"{day.weekday()}-{hour:02}"] += 1
        figures[row.channel, "outcome", row.outcome] += 1
        if not row.is_settled:  # counted above as it stands: shares have one denominator, whatever settles when
            figures[row.channel, "unsettled", row.outcome] += 1
        if row.thumb:
            figures[row.channel, "thumb", row.thumb] += 1
    label = conversation_label.c
    told = (
        select(talk.channel, label.kind, label.name, func.count())
        .join(conversation_label, label.conversation_id == talk.id)
        .where(*began)
        .group_by(talk.channel, label.kind, label.name)
    )
    for channel, kind, name, count in connection.execute(told):
        figures[channel, kind, name] += count
    figures.update(_messages(connection, begin, end))
    figures.update(_handed_over(connection, begin, end))
    return figures


def in_period(
    engine: Engine, first: clock.date, last: clock.date, channel: str | None, zone: ZoneInfo, now: datetime
) -> tuple[Figures, Mapping[clock.date, Figures]]:
    """The figures of a period, both days included: altogether, and by the day those that are drawn over time."""
    today = now.astimezone(zone).date()
    figure = daily_figure.c
    wanted = [figure.day >= first, figure.day <= last, figure.day < today]
    wanted += [figure.channel == channel] if channel else []
    drawn = ("conversations", "unsure")
    total: Counter[tuple[str, str]] = Counter()
    days: dict[clock.date, Counter[tuple[str, str]]] = {}
    summed = func.sum(figure.count)
    with engine.connect() as connection:
        query = select(figure.kind, figure.name, summed).where(*wanted).group_by(figure.kind, figure.name)
        for kind, name, count in connection.execute(query):
            total[kind, name] += int(count)
        daily = select(figure.day, figure.kind, summed).where(*wanted, figure.kind.in_(drawn))
        for day, kind, count in connection.execute(daily.group_by(figure.day, figure.kind)):
            days.setdefault(day, Counter())[kind, ""] += int(count)
        if first <= today <= last:
            for (spoken_on, kind, name), count in count_day(connection, today, zone).items():
                if channel in (None, spoken_on):
                    total[kind, name] += count
                    if kind in drawn:
                        days.setdefault(today, Counter())[kind, ""] += count
    return total, days


def _messages(connection: Connection, begin: datetime, end: datetime) -> Counter[Key]:
    """Messages of persons by channel: how many, how many in doubt, how long the answers took."""
    bucket = case(
        *((turn.c.milliseconds <= bound, str(bound)) for bound in BUCKETS),
        (turn.c.milliseconds.is_(None), ""),
        else_=MORE,
    )
    is_to_bot = turn.c.intent.is_not(None)  # not what was said to support during a takeover
    of_conversation = (
        select(turn.c.conversation_id, turn.c.is_unsure, is_to_bot.label("is_to_bot"), bucket.label("bucket"))
        .add_columns(func.count().label("messages"))
        .where(turn.c.at >= begin, turn.c.at < end, turn.c.side == "person")
        .group_by(turn.c.conversation_id, turn.c.is_unsure, is_to_bot, bucket)
        .subquery()
    )
    # A subquery, not a join: PostgreSQL would read every conversation there is to join those of a day
    its_id = of_conversation.c.conversation_id
    channel = select(logged_conversation.c.channel).where(logged_conversation.c.id == its_id).scalar_subquery()
    counted = func.sum(of_conversation.c.messages)
    parts = (of_conversation.c.is_unsure, of_conversation.c.is_to_bot, of_conversation.c.bucket)
    query = select(channel.label("channel"), *parts, counted).group_by("channel", *parts)
    figures: Counter[Key] = Counter()
    for spoken_on, is_unsure, is_meant, bound, summed in connection.execute(query):
        count = int(summed)
        figures[spoken_on, "messages", ""] += count
        if not is_meant:
            figures[spoken_on, "to_support", ""] += count
        if is_unsure:
            figures[spoken_on, "unsure", ""] += count
        if bound:
            figures[spoken_on, "milliseconds", bound] += count
    return figures


def _handed_over(connection: Connection, begin: datetime, end: datetime) -> Counter[Key]:
    """Cases opened for a person, by channel and by what opened them."""
    talk = logged_conversation.c
    query = (
        select(talk.channel, handoff.c.kind, func.count())
        .join(logged_conversation, talk.id == handoff.c.conversation_id)
        .where(handoff.c.created_at >= begin, handoff.c.created_at < end)
        .group_by(talk.channel, handoff.c.kind)
    )
    return Counter({(channel, "case", named): count for channel, named, count in connection.execute(query)})


def midnight(day: clock.date, zone: ZoneInfo) -> datetime:
    """When a day begins there."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)
