"""The record of deletions: what was erased on request, and what the retention has taken."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console.access import Console, read_id
from bot.conversations.log.deletions import Deletions

_PAGE = 50


def deletion_routes(console: Console, deletions: Deletions) -> list[Route]:
    """The page for privacy and for leads."""

    async def show(request: Request) -> Response:
        before = read_id(request.query_params.get("before"))

        def read() -> dict[str, Any]:
            found = deletions.listed(before, _PAGE + 1)
            return {"deletions": found[:_PAGE], "older": found[_PAGE - 1].id if len(found) > _PAGE else None}

        return console.render(request, "deletions.html", **await to_thread.run_sync(read))

    return [console.page("/console/deletions", show, ("lead", "privacy"), menu="deletions")]
