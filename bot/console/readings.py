"""The read audit: who looked at which conversation, which list and which value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console.access import NO_STORE, Console, now, read_id
from bot.console.days import beginning_of
from bot.conversations.support.readings import ReadAudit, Reading, Wanted
from bot.conversations.support.tables import READINGS

_PAGE = 50
_FIELDS = ("user_name", "kind", "conversation_id")
_DAYS = ("since", "until")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one


def reading_routes(console: Console, audit: ReadAudit, timezone: str) -> list[Route]:
    """The page for leads and for privacy, and what it shows as CSV."""
    zone = ZoneInfo(timezone)

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

        def read() -> str:
            audit.note(user.name, "download", now(), reason="readings.csv")
            return as_csv(audit.each(wanted), zone)

        headers = {"Content-Disposition": 'attachment; filename="readings.csv"', **NO_STORE}
        return Response(await to_thread.run_sync(read), media_type="text/csv; charset=utf-8", headers=headers)

    roles = ("lead", "privacy")
    return [
        console.page("/console/readings", show, roles, menu="readings"),
        console.page("/console/readings.csv", download, roles),
    ]


def as_csv(readings: Iterable[Reading], zone: ZoneInfo) -> str:
    """Readings for spreadsheets, times in a zone."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["at", "user", "kind", "conversation", "reference", "reason"])
    for one in readings:
        at = one.at.astimezone(zone).isoformat(timespec="seconds")
        texts = (one.user_name, one.kind, one.conversation_id, one.reference, one.reason)
        writer.writerow([at, *(f"'{text}" if text and text.startswith(_FORMULA) else text or "" for text in texts)])
    return target.getvalue()


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
