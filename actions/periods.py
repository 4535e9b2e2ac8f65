"""Spans of days in typed sentences: `questa settimana`, `entro 10 giorni`, `a marzo`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from actions.accounts.names import fold
from actions.phrases import phrase

_LONGEST = 366
_MONTHS = (
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()  # noqa: SIM905
)
_NUMBERS = {"un": 1, "una": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7, "dieci": 10}
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})"
_SPAN = re.compile(rf"\b{_COUNT}\s+(?P<unit>giorn|settiman|mes)\w*")
_NEXT = r"(?:prossim\w*|ventur\w*|che viene|entrante|dopo)"


@dataclass(frozen=True)
class Period:
    """A span of days, both included, and how it is called."""

    first: date
    last: date
    name: str


def find_period(text: str, today: date, default: str) -> Period:
    """The first span of days that a text names, from today on; else the one called ``default``."""
    text = fold(text)
    span = _SPAN.search(text)
    if span is not None:
        count = int(span["count"]) if span["count"].isdigit() else _NUMBERS[span["count"]]
        days = min(count * {"giorn": 1, "settiman": 7, "mes": 30}[span["unit"]], _LONGEST)
        return Period(today, today + timedelta(days=days), phrase("period.days", days=days))
    for name, pattern in (
        ("tomorrow", r"\bdomani\b"),
        ("today", r"\b(?:oggi|stasera|in giornata)\b"),
        ("next_week", rf"\bsettimana {_NEXT}|\bprossima settimana\b"),
        ("this_week", r"\bsettimana\b|\bsett\b"),
        ("next_month", rf"\bmese {_NEXT}|\bprossimo mese\b"),
        ("this_month", r"\bmese\b"),
        ("this_year", r"\banno\b"),
    ):
        if re.search(pattern, text):
            return _named(name, today)
    for number, month in enumerate(_MONTHS, start=1):
        if re.search(rf"\b{month}\b", text):
            first = _month(today.year + (number < today.month), number)
            return Period(first, _last_of_month(first), phrase("period.month", month=month))
    return _named(default, today)


def _named(name: str, today: date) -> Period:
    monday = today - timedelta(days=today.weekday())
    this_month = today.replace(day=1)
    next_month = _last_of_month(today) + timedelta(days=1)
    first, last = {
        "today": (today, today),
        "tomorrow": (today + timedelta(days=1), today + timedelta(days=1)),
        "this_week": (today, monday + timedelta(days=6)),
        "next_week": (monday + timedelta(days=7), monday + timedelta(days=13)),
        "this_month": (this_month, _last_of_month(today)),
        "next_month": (next_month, _last_of_month(next_month)),
        "this_year": (today, date(today.year, 12, 31)),
    }[name]
    return Period(first, last, phrase(f"period.{name}"))


def _month(year: int, month: int) -> date:
    return date(year, month, 1)


def _last_of_month(day: date) -> date:
    following = day.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)
