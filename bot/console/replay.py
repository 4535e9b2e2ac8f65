"""The report of the last replay: what a new model would do otherwise."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console.access import TEAM, Console, now
from bot.conversations.log.queries import ConversationLog
from bot.conversations.support.readings import ReadAudit

_SHOWN = 500


def replay_routes(console: Console, log: ConversationLog, audit: ReadAudit, report: Path) -> list[Route]:
    """The page; ``report`` is the file that `portiere conversations replay` writes."""

    def read(user: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        audit.note(user, "replay", now())
        shown = found["differences"][:_SHOWN]
        said = log.said({difference["conversation_id"] for difference in shown})
        for difference in shown:
            texts = said.get(difference["conversation_id"], [])
            place = difference["number"] - 1
            difference["text"] = texts[place] if place < len(texts) else None
        return {**found, "at": datetime.fromisoformat(found["at"]), "shown": shown}

    async def show(request: Request) -> Response:
        user = request.state.session.user
        return console.render(request, "replay.html", report=await to_thread.run_sync(read, user.name))

    return [console.page("/console/replay", show, TEAM, menu="replay")]
