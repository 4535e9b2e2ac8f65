"""Templates, texts and the forms in which moments and numbers are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.cases import cases

_FOLDER = Path(__file__).parent
_LANGUAGE = "it"
# Within the console a browser says where a form comes from; under `no-referrer` it would hide even that.
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
# Characters that turn or hide the text around them (UAX 9), and controls of terminals: shown by name instead.
_UNSEEN = {
    code: f"⟦U+{code:04X}⟧"
    for code in (*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F))
} | {code: f"⟦U+{code:04X}⟧" for code in (*range(0x2066, 0x206A), 0x061C, 0xFEFF, 0x180E)}


class Pages:
    """The templates of the console, filled in for Italian readers in one time zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.texts: Mapping[str, Any] = json.loads((_FOLDER / "texts.it.json").read_text(encoding="utf-8"))
        loader = FileSystemLoader(_FOLDER / "templates")
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        filters: dict[str, Callable[[Any], Any]] = {
            "moment": self.moment,
            "day": self.day,
            "clock": lambda moment: format_datetime(moment.astimezone(self._zone), "HH:mm:ss", locale=_LANGUAGE),
            "iso": lambda moment: moment.astimezone(self._zone).isoformat(timespec="seconds"),
            "lasting": lasting,
            "number": lambda number: format_decimal(number, locale=_LANGUAGE),
            "percent": lambda share: format_percent(share, locale=_LANGUAGE),
            "intent": self.intent,
            "plain": plain,
        }
        self._templates.filters.update(filters)

    def render(self, request: Request, template: str, *, status: int = 200, **content: Any) -> Response:
        """A page; ``content`` are the template's variables besides ``texts`` and ``path``."""
        page = self._templates.get_template(template)
        shown = page.render(texts=self.texts, path=request.url.path, **content)
        return HTMLResponse(shown, status_code=status, headers=_PRIVATE)

    def moment(self, moment: datetime) -> str:
        """A moment of the log: "23 nov 2026, 18:05"."""
        return format_datetime(moment.astimezone(self._zone), "d MMM y, HH:mm", locale=_LANGUAGE)

    def day(self, day: date | datetime) -> str:
        """A day: "23 novembre 2026"."""
        if isinstance(day, datetime):
            day = day.astimezone(self._zone).date()
        return format_date(day, "d MMMM y", locale=_LANGUAGE)

    def intent(self, name: str | None) -> str:
        """An intent as support calls it: what its button says, else its name in the texts."""
        if not name:
            return "–"
        case = cases().get(name)
        return case.button if case is not None and case.button else self.texts["intents"].get(name, name)


def lasting(span: timedelta) -> str:
    """A span in its largest unit: "12 minuti"."""
    return format_timedelta(span, threshold=1.5, locale=_LANGUAGE)


def plain(text: str | None) -> Markup:
    """Text of a stranger, shown as it is: nothing in it is markup, and what can't be seen is named.

    It stands in an element of its own direction, so that it can't turn the text around it.
    """
    return Markup('<bdi class="said">{}</bdi>').format(escape((text or "").translate(_UNSEEN)))
