"""The dashboard: what people asked in a period and what came of it, with no count that could point at a person."""

from __future__ import annotations

import datetime as clock
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from anyio import to_thread
from sqlalchemy.engine import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.cases import CHANNELS, cases
from bot.console import downloads
from bot.console.access import Console, now
from bot.conversations.log.figures import BUCKETS, MORE, Figures, in_period
from bot.conversations.log.outcomes import OUTCOMES
from bot.conversations.log.reactivations import WITHIN, Reactivations, reactivations
from bot.conversations.support.readings import ReadAudit

PERIODS = (7, 30, 90, 365)
FEWEST = 5  # smaller counts are not told
_LONGEST = 400  # days

Cell = int | None  # None is a count that is not told
Rows = Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Period:
    """Days, both included."""

    first: clock.date
    last: clock.date
    is_wrong: bool = False

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days right before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def dashboard_routes(console: Console, engine: Engine, audit: ReadAudit, zone: ZoneInfo) -> list[Route]:
    """The page and its tables as CSV."""
    texts = console.pages.texts

    def read(period: Period, channel: str | None, moment: datetime) -> dict[str, Any]:
        figures, days = in_period(engine, period.first, period.last, channel, zone, moment)
        asked = reactivations(engine, period.first, period.last, channel, zone)
        return {"figures": figures, "tables": {**tables_of(figures, days, period), **reactivation_tables(asked)}}

    async def asked(request: Request) -> tuple[Period, str | None, dict[str, Any]]:
        moment = now()
        period = read_period(request.query_params, moment.astimezone(zone).date())
        channel = request.query_params.get("channel") or None
        if channel not in (None, *CHANNELS):
            raise HTTPException(404)
        return period, channel, await to_thread.run_sync(read, period, channel, moment)

    async def show(request: Request) -> Response:
        period, channel, found = await asked(request)
        before, _ = await to_thread.run_sync(
            lambda: in_period(engine, period.before.first, period.before.last, channel, zone, now())
        )
        return console.render(
            request,
            "dashboard.html",
            period=period,
            periods=PERIODS,
            channel=channel,
            channels=CHANNELS,
            tables=found["tables"],
            summary=summary(found["figures"], before),
            query=f"since={period.first}&until={period.last}&channel={channel or ''}",
        )

    async def download(request: Request) -> Response:
        name = request.path_params["table"]
        _, _, found = await asked(request)
        if name not in found["tables"]:
            raise HTTPException(404)
        user = request.state.session.user
        await to_thread.run_sync(lambda: audit.note(user.name, "download", now(), reason=f"{name}.csv"))
        hidden = texts["dashboard"]["hidden"]
        rows = ((row, hidden if count is None else count) for row, count in found["tables"][name])
        return downloads.table(name, ["name", "count"], rows)

    return [
        console.page("/console/dashboard", show, menu="dashboard"),
        console.page("/console/dashboard/{table}.csv", download),
    ]


def read_period(asked: Mapping[str, str], today: clock.date) -> Period:
    """The days asked for, the last thirty if none are; what makes no sense is said to be wrong."""
    usual = Period(today - timedelta(days=29), today)
    if "days" in asked:
        days = int(asked["days"]) if asked["days"].isdecimal() and len(asked["days"]) < 4 else 0
        if days in PERIODS:
            return Period(today - timedelta(days=days - 1), today)
        return Period(usual.first, usual.last, is_wrong=True)
    if not asked.get("since") and not asked.get("until"):
        return usual
    try:
        last = clock.date.fromisoformat(asked["until"]) if asked.get("until") else today
        first = clock.date.fromisoformat(asked["since"]) if asked.get("since") else last - timedelta(days=29)
    except ValueError:
        return Period(usual.first, usual.last, is_wrong=True)
    if not 0 <= (last - first).days < _LONGEST or first.year < 2000 or last > today + timedelta(days=1):
        return Period(usual.first, usual.last, is_wrong=True)
    return Period(first, last)


def tables_of(figures: Figures, days: Mapping[clock.date, Figures], period: Period) -> dict[str, Rows]:
    """Every table by its name, in the order of the page."""

    def named(kind: str) -> Rows:
        found = [(name, count) for (known, name), count in figures.items() if known == kind and is_asked(kind, name)]
        return told(sorted(found, key=lambda row: (-row[1], row[0])))

    def is_asked(kind: str, name: str) -> bool:  # thanks and greetings are no cases
        return kind != "intent" or name == "out_of_scope" or bool(name in cases() and cases()[name].button)

    every = [period.first + timedelta(days=number) for number in range(period.days)]
    volume = [(day.isoformat(), days.get(day, {}).get(("conversations", ""), 0)) for day in every]
    unsure = [(day.isoformat(), days.get(day, {}).get(("unsure", ""), 0)) for day in every]
    hours = [
        (f"{day}-{hour:02}", figures.get(("hour", f"{day}-{hour:02}"), 0)) for day in range(7) for hour in range(24)
    ]
    times = [(str(bound), figures.get(("milliseconds", str(bound)), 0)) for bound in (*BUCKETS, MORE)]
    return {
        "volume": told(volume),
        "unsure": told(unsure),
        "intents": named("intent"),
        "findings": named("finding"),
        "outcomes": told([(name, figures.get(("outcome", name), 0)) for name in OUTCOMES]),
        "handoffs": named("case"),
        "times": told(times),
        "ratings": told([(thumb, figures.get(("thumb", thumb), 0)) for thumb in ("up", "down")]),
        "hours": told(hours),
    }


def reactivation_tables(found: Reactivations) -> dict[str, Rows]:
    """What property staff were asked to reactivate; how few were done must not follow from how many are open."""
    asked = sorted(found.asked.items(), key=lambda row: (-row[1], row[0]))
    is_open = [(company, found.open[company]) for company, _ in asked]
    asked_of = told(asked)
    hidden = {company for company, count in asked_of if count is None}
    hidden |= {company for company, count in asked if 0 < count - found.open[company] < FEWEST}
    return {
        "reactivations": asked_of,
        "open_reactivations": told(is_open, hidden),
        "reactivation_times": told([(str(name), found.within[str(name)]) for name in (*WITHIN, MORE)]),
    }


def told(rows: Sequence[tuple[str, int]], hidden: Collection[str] = ()) -> Rows:
    """The counts that may be told: no few, and none of those ``hidden``.

    The page tells the sum of most tables elsewhere: where it would give away what is hidden, the next smallest is
    hidden, too.
    """
    kept_back = {*hidden, *(name for name, count in rows if 0 < count < FEWEST)}
    others = sorted((count, name) for name, count in rows if count >= FEWEST and name not in kept_back)
    while others and _follows_from_sum([count for name, count in rows if count and name in kept_back]):
        kept_back.add(others.pop(0)[1])
    return [(name, None if name in kept_back else count) for name, count in rows]


def _follows_from_sum(counts: Sequence[int]) -> bool:
    """One alone is what is missing; of several they are few together, or each is as large as hidden ones can be."""
    return len(counts) == 1 or 0 < sum(counts) < FEWEST or (bool(counts) and set(counts) == {FEWEST - 1})


def summary(figures: Figures, before: Figures) -> list[dict[str, Any]]:
    """The page's head: each figure beside that of the period before; shares from 0 to 1, times in milliseconds.

    Outcomes are shares of all conversations, as they stand; ``provisional`` is the part that may still change.
    """

    def both(name: str, form: str, value: Any) -> dict[str, Any]:
        return {"name": name, "form": form, "value": value(figures), "before": value(before)}

    def count(kind: str) -> Any:
        return lambda of: None if 0 < of.get((kind, ""), 0) < FEWEST else of.get((kind, ""), 0)

    def part(kind: str, names: Sequence[str], whole: str, of_names: Sequence[str] = ("",)) -> Any:
        return lambda of: share(_sum(of, kind, names), _sum(of, whole, of_names))

    return [
        both("conversations", "number", count("conversations")),
        both("messages", "number", count("messages")),
        both("resolved", "percent", part("outcome", ["resolved"], "conversations")),
        both("handed_off", "percent", part("outcome", ["handed_off"], "conversations")),
        both("provisional", "percent", part("unsettled", OUTCOMES, "conversations")),
        both("unsure", "percent", lambda of: share(of.get(("unsure", ""), 0), _to_bot(of))),
        both("p50", "time", lambda of: quantile(of, 0.5)),
        both("p95", "time", lambda of: quantile(of, 0.95)),
        both("liked", "percent", part("thumb", ["up"], "thumb", ["up", "down"])),
    ]


def share(count: int, total: int) -> float | None:
    """A part of a whole, from 0 to 1, if neither it nor the rest are so few that they could be pointed at."""
    is_few = 0 < count < FEWEST or 0 < total - count < FEWEST
    return count / total if total >= FEWEST and not is_few else None


def _to_bot(figures: Figures) -> int:
    """Messages that the bot was meant to understand: not those to support during a takeover."""
    return figures.get(("messages", ""), 0) - figures.get(("to_support", ""), 0)


def _sum(figures: Figures, kind: str, names: Sequence[str]) -> int:
    return sum(figures.get((kind, name), 0) for name in names)


def quantile(figures: Figures, part: float) -> int | None:
    """The upper bound, in milliseconds, of the bucket that a quantile of the times to answer lies in."""
    counts = [figures.get(("milliseconds", str(bound)), 0) for bound in (*BUCKETS, MORE)]
    if sum(counts) < FEWEST:
        return None
    reached, wanted = 0, part * sum(counts)
    for bound, count in zip(BUCKETS, counts, strict=False):
        reached += count
        if reached >= wanted:
            return bound
    return BUCKETS[-1]
