"""What single words and dates of a message mean as spans of days: `venerdì`, `il 20 marzo`, `gli ultimi 30 giorni`.

Each entry of `EXPRESSIONS` reads one form. Of days that come again (`venerdì`, `il 30`, `a marzo`) the next one is
meant, or the last one where the message looks back (`scaduti a marzo`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from actions.number_words import NUMBER_WORDS

_WEEKDAYS = "lunedi martedi mercoledi giovedi venerdi sabato domenica".split()  # noqa: SIM905
MONTHS = (
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()  # noqa: SIM905
)
FEASTS = {"natale": (12, 25), "capodanno": (1, 1), "epifania": (1, 6), "ferragosto": (8, 15)}
_DAYS_OF = {"giorn": 1, "gg": 1, "settiman": 7, "mes": 30, "ann": 365}
_NUMBERS = {"un": 1, "una": 1, **NUMBER_WORDS}

_NUMBER = rf"(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})"
_BEFORE = r"(?:ultim\w+|scors\w+|passat\w+|precedent\w+)"
_AFTER = r"(?:prossim\w+|pross\.?|nx|ventur\w+|che viene|entrante|dopo)"
# Not `3 settimana prossima`: the number belongs to an address.
_UNIT = rf"(?P<unit>giorni|gg|settimane|mesi|anni|(?:giorno|settimana|mese|anno)(?!\s+(?:{_BEFORE}|{_AFTER})))"
_NO_COUNT = r"(?!\s*(?:giorn|gg|settiman|mes|ann))"
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})"
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
_YEAR = r"(?:\s+(?:del\s+)?(?P<year>20\d\d))?"
_DAY = r"(?P<day>\d{1,2}|primo)(?:°)?"


@dataclass(frozen=True)
class Span:
    """Days, both included. ``name`` is the phrase that calls them so, where there is a shorter one than their dates."""

    first: date
    last: date
    name: str = ""


@dataclass(frozen=True)
class Reference:
    """From where a message looks at the calendar."""

    today: date
    looks_back: bool

    def day_of_year(self, month: int, day: int) -> Span | None:
        """The next such day, or the last one."""
        years = (self.today.year - 1, self.today.year, self.today.year + 1)
        return self._nearest([_day(year, month, day) for year in years])

    def day_of_month(self, day: int) -> Span | None:
        """The next such day of a month, or the last one."""
        months = [_months_on(self.today, months) for months in range(-2, 3)]
        return self._nearest([_day(month.year, month.month, day) for month in months])

    def month(self, number: int) -> Span:
        """This month, or the next one of that name, or the last one."""
        passed = number < self.today.month
        coming = number > self.today.month
        year = self.today.year + (passed and not self.looks_back) - (coming and self.looks_back)
        return whole_month(date(year, number, 1))

    def weekday(self, number: int) -> Span:
        """The next such day of the week after today, or the last one before."""
        ahead = (number - self.today.weekday()) % 7 or 7
        return _one(self.today + timedelta(days=ahead - 7 if self.looks_back and ahead < 7 else ahead))

    def _nearest(self, days: list[date | None]) -> Span | None:
        known = [day for day in days if day is not None]
        if self.looks_back:
            return next((_one(day) for day in reversed(known) if day <= self.today), None)
        return next((_one(day) for day in known if day >= self.today), None)


def whole_month(day: date) -> Span:
    """The month of a day."""
    first = day.replace(day=1)
    return Span(first, _months_on(first, 1) - timedelta(days=1))


def named(name: str, today: date) -> Span:
    """The span that a phrase `period.<name>` calls so."""
    monday = today - timedelta(days=today.weekday())
    day, week = timedelta(days=1), timedelta(days=7)

    def week_of(first: date) -> Span:
        return Span(first, first + timedelta(days=6))

    saturday = monday + 5 * day
    span = {
        "yesterday": Span(today - day, today - day),
        "today": Span(today, today),
        "tomorrow": Span(today + day, today + day),
        "after_tomorrow": Span(today + 2 * day, today + 2 * day),
        "last_week": week_of(monday - week),
        "this_week": week_of(monday),
        "next_week": week_of(monday + week),
        "last_weekend": Span(saturday - week, saturday - week + day),
        "this_weekend": Span(saturday, saturday + day),
        "next_weekend": Span(saturday + week, saturday + week + day),
        "last_month": whole_month(_months_on(today, -1)),
        "this_month": whole_month(today),
        "next_month": whole_month(_months_on(today, 1)),
        "last_year": _year(today.year - 1),
        "this_year": _year(today.year),
        "next_year": _year(today.year + 1),
    }[name]
    return Span(span.first, span.last, name)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _months_on(day: date, months: int) -> date:
    """The first day of the month that lies some months on."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, 1)


def _year(number: int) -> Span:
    return Span(date(number, 1, 1), date(number, 12, 31))


def _one(day: date) -> Span:
    return Span(day, day)


def _number_of(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS.get(word, 1)


def _written_date(found: re.Match[str], here: Reference) -> Span | None:
    parts = found.groupdict()
    month = int(parts["number"]) if parts.get("number") else MONTHS.index(parts["month"]) + 1
    day, year = _number_of(found["day"]), parts["year"]
    if not year:
        return here.day_of_year(month, day) if 1 <= month <= 12 else None
    known = _day(int(year) + (2000 if len(year) == 2 else 0), month, day)
    return _one(known) if known else None


def _from_day_to_day(found: re.Match[str], here: Reference) -> Span | None:
    end = _written_date(found, here) if found["month"] else here.day_of_month(_number_of(found["day"]))
    if end is None:
        return None
    month = MONTHS.index(found["first_month"]) + 1 if found["first_month"] else end.last.month
    begin = _day(end.last.year - (month > end.last.month), month, _number_of(found["first"]))
    return Span(begin, end.last) if begin and begin <= end.last else None


def _weekdays(found: re.Match[str], here: Reference) -> Span:
    first = here.weekday(_WEEKDAYS.index(found["begin"])).first
    days = (_WEEKDAYS.index(found["weekday"]) - first.weekday()) % 7
    return Span(first, first + timedelta(days=days))


def _weekday(found: re.Match[str], here: Reference) -> Span:
    looks_back = here.looks_back or bool(found["before"])
    return Reference(here.today, looks_back).weekday(_WEEKDAYS.index(found["weekday"]))


def _month(found: re.Match[str], here: Reference) -> Span:
    number = MONTHS.index(found["month"]) + 1
    if found["year"]:
        return whole_month(date(int(found["year"]), number, 1))
    if found["before"]:
        return Reference(here.today.replace(day=1) - timedelta(days=1), True).month(number)
    return here.month(number)


def _count(found: re.Match[str], here: Reference) -> Span:
    days_of_unit = next(days for stem, days in _DAYS_OF.items() if found["unit"].startswith(stem))
    days = timedelta(days=_number_of(found["count"]) * days_of_unit)
    looks_back = here.looks_back or bool(found["before"] or found["since"] or found["ago"])
    return Span(here.today - days, here.today) if looks_back else Span(here.today, here.today + days)


def _some_days(found: re.Match[str], here: Reference) -> Span:
    week = timedelta(days=7)
    if here.looks_back or re.search(_BEFORE, found[0]):
        return Span(here.today - week, here.today)
    return Span(here.today, here.today + week)


def _which(unit: str) -> Callable[[re.Match[str], Reference], Span]:
    def read(found: re.Match[str], here: Reference) -> Span:
        which = "last" if re.search(_BEFORE, found[0]) else "next" if re.search(_AFTER, found[0]) else "this"
        return named(f"{which}_{unit}", here.today)

    return read


def _always(name: str) -> Callable[[re.Match[str], Reference], Span]:
    return lambda _found, here: named(name, here.today)


def _around(word: str) -> str:
    """A word with what says which one is meant, before or after it."""
    return rf"(?:(?:{_BEFORE}|{_AFTER})\s+)?\b{word}\b(?:\s+(?:{_BEFORE}|{_AFTER}))?"


# In this order: a form that holds another one comes first.
EXPRESSIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Reference], Span | None]], ...] = tuple(
    (re.compile(rf"(?<![\w/]){pattern}(?![\w/])"), read)
    for pattern, read in (
        (r"(?P<year>20\d\d)-(?P<number>\d\d)-(?P<day>\d\d)", _written_date),
        (r"(?P<day>\d{1,2})(?P<dot>[/.])(?P<number>\d{1,2})(?:(?P=dot)(?P<year>20\d\d|\d\d))?", _written_date),
        (
            rf"(?:dal|dall'|tra il|fra il|tra|fra)\s*(?P<first>\d{{1,2}}|primo)°?"
            rf"(?:\s+(?:di\s+)?(?P<first_month>{'|'.join(MONTHS)}))?\s+(?:al|all'|a|e il|e l'|e)\s*{_DAY}"
            rf"(?:\s+(?:di\s+)?{_MONTH}{_YEAR})?{_NO_COUNT}",
            _from_day_to_day,
        ),
        (rf"{_DAY}\s+(?:di\s+)?{_MONTH}{_YEAR}", _written_date),
        (
            rf"(?:da|tra|fra)\s+(?P<begin>{'|'.join(_WEEKDAYS)})\s+(?:a|e)\s+{_WEEKDAY}",
            _weekdays,
        ),
        (rf"{_WEEKDAY}(?:\s+(?:(?P<before>{_BEFORE})|{_AFTER}))?", _weekday),
        (_around(r"(?:fine\s*settimana|week\s*-?\s*end)"), _which("weekend")),
        (r"l?\W?altro\s?ieri", lambda _found, here: _one(here.today - timedelta(days=2))),
        ("ieri", _always("yesterday")),
        ("dopodomani|dopo domani", _always("after_tomorrow")),
        ("domani", _always("tomorrow")),
        ("oggi|stasera|in giornata|odiern[oa]", _always("today")),
        (
            rf"(?:(?P<before>{_BEFORE})\s+|(?P<since>da)\s+|{_AFTER}\s+)?{_NUMBER}\s*(?:{_AFTER}\s+)?{_UNIT}"
            rf"(?P<ago>\s+fa|\s+{_BEFORE})?",
            _count,
        ),
        (
            rf"(?:mese\s+di\s+)?{_MONTH}(?:\s+(?:(?:del\s+)?(?P<year>20\d\d)|(?P<before>{_BEFORE})|{_AFTER}))?",
            _month,
        ),
        (_around(r"(?:settimana|sett)"), _which("week")),
        (_around(r"mese"), _which("month")),
        (_around(r"anno"), _which("year")),
        (r"(?:nel|del|il|dell'anno|anno)\s+(?P<year>20\d\d)", lambda found, _here: _year(int(found["year"]))),
        ("|".join(FEASTS), lambda found, here: here.day_of_year(*FEASTS[found[0]])),
        (
            rf"(?:il|al|dal|del|l'|all'|dall')\s*{_DAY}{_NO_COUNT}",
            lambda found, here: here.day_of_month(_number_of(found["day"])),
        ),
        (rf"(?:(?:{_BEFORE}|{_AFTER}|quest[ie])\s+)giorni", _some_days),
    )
)
