"""The read audit: who looked at which conversation, which list and which value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console import downloads
from bot.console.access import Console, now, read_id
from bot.console.days import beginning_of
from bot.conversations.support.readings import ReadAudit, Reading, Wanted
from bot.conversations.support.tables import READINGS

_PAGE = 50
_FIELDS = ("user_name", "kind", "conversation_id")
_DAYS = ("since", "until")
_HEAD = ("at", "user", "kind", "conversation", "reference", "reason")


def reading_routes(console: Console, audit: ReadAudit, zone: ZoneInfo) -> list[Route]:
    """The page for leads and for privacy, and what it shows as CSV."""

    async def show(request: Request) -> Response:
        before = read_id(request.query_params.get("before"))
        asked, wanted, is_wrong = _read(request.query_params, zone)

        def read() -> dict[str, Any]:
            readings = audit.listed(wanted, before=before, limit=_PAGE + 1)
            older = readings[_PAGE - 1].id if len(readings) > _PAGE else None
            return {"readings": readings[:_PAGE], "older": older, "users": audit.users()}

        found = await to_thread.run_sync(read)
        return console.render(
            request, "readings.html", **found, asked=asked, wrong=is_wrong, kinds=READINGS, query=urlencode(asked)
        )

    async def download(request: Request) -> Response:
        user = request.state.session.user
        _, wanted, _ = _read(request.query_params, zone)

        def read() -> Response:
            audit.note(user.name, "download", now(), reason="readings.csv")
            return downloads.table("readings", _HEAD, _rows(audit.each(wanted), zone))

        return await to_thread.run_sync(read)

    roles = ("lead", "privacy")
    return [
        console.page("/console/readings", show, roles, menu="readings"),
        console.page("/console/readings.csv", download, roles),
    ]


def _rows(readings: Iterable[Reading], zone: ZoneInfo) -> Iterator[Sequence[str | None]]:
    """Readings as they stand in a table, times in a zone."""
    for one in readings:
        at = one.at.astimezone(zone).isoformat(timespec="seconds")
        yield at, one.user_name, one.kind, one.conversation_id, one.reference, one.reason


def _read(query: Mapping[str, str], zone: ZoneInfo) -> tuple[dict[str, str], Wanted, bool]:
    """What is asked for as it was written, and as the audit takes it; and whether a day in it is none."""
    asked = {name: value for name in (*_FIELDS, *_DAYS) if (value := query.get(name, "").strip())}
    days: dict[str, datetime] = {}
    is_wrong = False
    for name in _DAYS:
        try:
            if name in asked:
                days[name] = beginning_of(asked[name], zone, after=name == "until")
        except ValueError:
            is_wrong = True
    user, kind, conversation = (asked.get(name) for name in _FIELDS)
    return asked, Wanted(user, kind, conversation, days.get("since"), days.get("until")), is_wrong
