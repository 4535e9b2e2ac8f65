"""The span of days that a message names: `questa settimana`, `entro il 20 marzo`, `negli ultimi 30 giorni`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from actions.accounts.places import find_places, fold_address
from actions.phrases import phrase
from actions.time_words import EXPRESSIONS, FEASTS, MONTHS, Reference, Span, named, whole_month

_UNTIL = re.compile(
    r"(?:\bentro(?!\s+e\s+non)|\bfino\s+all?[ao']?|\bprima\s+d[iel]+|\bnon\s+oltre)\s*"
    r"(?:(?:la|il|questo|questa|al|alla)\s+|l'|quest')*(?:fine\s+(?:del(?:la|l')?\s*|di\s+)?)?$"
)
_JOINED = re.compile(
    r"\s*(?:,|e|o|ed|oppure|fino|-|/)?\s*(?:(?:al?|alla|di|in|nel|nella|il|la|questo|questa|entro)\s+|l'|quest')*"
)
_OF_DAYS = re.compile(r"\s*(?:giorni|gg|settimane|mesi|anni)\b")
# When invites were sent is not asked.
_SENT = re.compile(r"\b(?:mandat|inviat|spedit|emess)[aeio]\s+(?:(?:il|lo|la|in|nel|nella|negli|a|ad)\s+|l'){0,2}$")
_LOOKS_BACK = re.compile(r"\b(?:finit|scadut|terminat|conclus|cessat|chius|usciti|andati)\w{0,2}\b")
# Words of time that stand for themselves where no expression was read.
_UNREAD = re.compile(
    r"\b(?:(?<!non )(?<!io )entro\s+\S+|(?:bi|tri|quadri|se)mestre|primavera|estate|autunno|inverno|pasqua|"
    r"(?:quindicina|decina|ventina|trentina|paio)\s+di|mesi|settimane|giorni|anni|da\s+piu\s+di|lustro|secolo)\b"
)


@dataclass(frozen=True)
class Period:
    """A span of days, both included, and how it is called.

    ``is_said`` is false if the message names none, and the default counts; ``is_unread`` if it names one that was not
    understood.
    """

    first: date
    last: date
    name: str
    is_said: bool = True
    is_unread: bool = False


def find_period(text: str, today: date, default: str) -> Period:
    """The span of days that a text names; else the one called ``default``. What belongs to an address names no days."""
    text = _without_places(text)
    here = Reference(today, looks_back=bool(_LOOKS_BACK.search(text)))
    read = sorted(_read(text, here), key=lambda expression: expression[0])
    spans = [(start, end, span) for start, end, span in read if span is not None]
    if not spans:
        standard = named(default, today)
        is_unread = bool(read or _UNREAD.search(text))
        return Period(standard.first, standard.last, phrase(f"period.{default}"), is_said=False, is_unread=is_unread)
    span = _joined(text, spans, today)
    return Period(span.first, span.last, _name(span, today))


def _without_places(text: str) -> str:
    folded = fold_address(text)
    for place in reversed(find_places(folded)):
        if place.is_sure or not (place.street in FEASTS or _OF_DAYS.match(folded, place.end)):
            folded = f"{folded[: place.start]} . {folded[place.end :]}"
    return folded


def _read(text: str, here: Reference) -> Iterator[tuple[int, int, Span | None]]:
    """Every expression of the text with its place, None for a day that does not exist; nothing is read twice."""
    for pattern, read in EXPRESSIONS:
        for found in pattern.finditer(text):
            text = f"{text[: found.start()]}{'#' * len(found[0])}{text[found.end() :]}"
            if not _SENT.search(text[: found.start()]):
                yield found.start(), found.end(), read(found, here)


def _joined(text: str, read: list[tuple[int, int, Span]], today: date) -> Span:
    """The first expression, with those that an `e` or an `a` ties to it."""
    start, end, span = read[0]
    for following, its_end, other in read[1:]:
        if not _JOINED.fullmatch(text[end:following]):
            break
        span, end = Span(min(span.first, other.first), max(span.last, other.last)), its_end
    if _UNTIL.search(text[:start]) and span.last >= today:
        return Span(today, span.last)
    return span


def _name(span: Span, today: date) -> str:
    if span.name or span.first == span.last == today:
        return phrase(f"period.{span.name or 'today'}")
    first, last = (format_date(day, "EEEE d MMMM y", locale="it") for day in (span.first, span.last))
    if span.first == span.last:
        return first
    month = whole_month(span.first)
    if (month.first, month.last) == (span.first, span.last):
        year = "" if span.first.year == today.year else f" {span.first.year}"
        return phrase("period.month", month=MONTHS[span.first.month - 1] + year)
    if (span.last - span.first).days >= 364 and span.last == date(span.first.year, 12, 31):
        return phrase("period.year", year=span.first.year)
    if span.first == today:
        return phrase("period.until", last=last)
    return phrase("period.since" if span.last == today else "period.span", first=first, last=last)
