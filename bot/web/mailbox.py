"""The page at `/mailbox`: in the demo, without a mail server, the mails that would have been sent."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from anyio import to_thread
from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.mail.folder import Folder, mailbox
from bot.settings import Settings

_FOLDER = Path(__file__).parent
_SHOWN = 50
_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class Letter:
    """A mail as the page shows it: text only."""

    subject: str
    recipient: str
    text: str
    sent_at: datetime
    day: str


def mailbox_routes(settings: Settings) -> list[BaseRoute]:
    """The page, if this is a demo that sends no mails."""
    if not settings.demo or settings.smtp_url:
        return []
    page = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True).get_template("mailbox.html")
    texts = json.loads((_FOLDER / "mailbox.it.json").read_text(encoding="utf-8"))
    folder, zone = mailbox(settings), ZoneInfo(settings.timezone)

    async def show(_request: Request) -> Response:
        letters = await to_thread.run_sync(read_letters, folder, zone)
        return HTMLResponse(page.render(letters=letters, texts=texts), headers={"Cache-Control": "no-store"})

    return [Route("/mailbox", show)]


def read_letters(folder: Folder, zone: ZoneInfo) -> Sequence[Letter]:
    """The newest mails of a folder, newest first."""
    return [_letter(path, zone) for path in folder.newest(_SHOWN)]


def _letter(path: Path, zone: ZoneInfo) -> Letter:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    sent_at = datetime.fromtimestamp(int(path.stem) / _NANOSECONDS, timezone.utc).astimezone(zone)
    return Letter(
        subject=str(message["Subject"]),
        recipient=str(message["To"]),
        text=body.get_content() if body is not None else "",
        sent_at=sent_at,
        day=format_datetime(sent_at, "d MMMM y, HH:mm:ss", locale="it"),
    )
