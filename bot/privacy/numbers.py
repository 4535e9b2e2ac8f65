"""Phone numbers and one-time numbers in what people type."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator

from bot.privacy.values import Value

# A word may be glued to a number: "tel333 1234567", "739251grazie".
_GLUED = r"(?<=tel)|(?<=cell)|(?<=cellulare)|(?<=telefono)|(?<=numero)|(?<=num)|(?<=codice)|(?<=nr)"
_ENDS = r"(?!\d|_|[^\W\d_]{1,2}(?![^\W\d_]))"
_PHONE = re.compile(
    rf"(?:(?<!\w)|{_GLUED})(?<!\d[.,])(?:\(?(?:\+[\s(]?[1-9]|[03])(?:[\s./()_*-]{{0,3}}\d){{5,17}}"
    rf"|(?:\+?39\s?)?3\d\d[,;:]\s?\d{{6,7}}){_ENDS}",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)")
_TIME = re.compile(r"[012]?\d[.:][0-5]\d(?!\d)")
_FIRST_GROUP = re.compile(r"\D{0,3}\d+")
_SHORTEST_PHONE = 8  # digits

_NOT_AFTER = rf"(?<!\d)(?<!\d[.,])(?<!€ )(?<!€)(?:(?<![^\W\d_])|{_GLUED})(?<!/)(?<!\w-)(?<!\w_)"
_NOT_BEFORE = rf"{_ENDS}(?![.,/-]\d|[/_-][^\W_]|\s{{0,2}}(?:€|eur|mc\b|m3\b|smc\b|kwh\b|litri\b|chilometri\b|km\b))"
_ONE_TIME = re.compile(
    rf"{_NOT_AFTER}(?:\d{{3}}[ \n.,_-]?\d{{3}}|\d{{2}}[ \n_]\d{{2}}[ \n_]\d{{2}}|\d{{2}}-\d{{2}}-\d{{2}}"
    rf"|\d(?:[ \n,._-][ ]?\d){{5}}){_NOT_BEFORE}",
    re.IGNORECASE,
)
# Groups that nobody makes of a number on purpose, and that two numbers of a sentence may make.
_ODD_GROUPS = re.compile(
    rf"{_NOT_AFTER}(?=[\d .\n_-]{{7,8}})\d{{1,5}}(?:[ .\n_-]\d{{1,5}}){{1,2}}{_NOT_BEFORE}", re.IGNORECASE
)
_ASKED = re.compile(r"\b(?:numer[oi]|n[.°]|codic[ei]|cifre|otp|pin|verifica|conferma|ricevuto|arrivato)", re.IGNORECASE)
# What a number of six digits counts or costs in a sentence about it.
_MEASURED = re.compile(r"\b(?:lettur[ae]|contator[ei]|euro|importo|costo|prezzo|debito|saldo|eur)\b|€", re.IGNORECASE)
# What is numbered in such a building: "interni 101 102 103".
_LISTED = re.compile(
    r"\b(?:interni|unità|box|garage|cantine|appartamenti|scale|piani|civici|posti auto|tabelle|punti|articoli|"
    r"fogli|particelle|mappali|rate|pagine)\b",
    re.IGNORECASE,
)
_ROUND = re.compile(r"\d{3}\.000")  # a sum: one in a thousand numbers looks like it
_FAR = 25  # characters from such a word to the number
_ONE_TIME_LENGTH = 6
_YEAR = re.compile(r"(?:19|20)\d\d")


def phones(text: str) -> Iterator[Value]:
    """Phone numbers: international ones, Italian and German mobile and land lines."""
    position = 0
    while match := _PHONE.search(text, position):
        start, typed = match.span()[0], match.group()
        skipped = _DATE.match(typed) or _TIME.match(typed)
        length = None if skipped else _length_of_phone(typed)
        if length is not None:
            plus = "+" if "+" in typed[:2] else ""
            yield Value("telefono", start, start + length, typed[:length], plus + _digits(typed[:length]))
            position = start + length
        elif skipped:
            position = start + skipped.end()
        elif len(_digits(typed)) < _SHORTEST_PHONE:
            position = match.end()
        else:
            position = start + _FIRST_GROUP.match(typed).end()  # type: ignore[union-attr]


def lengths_of_phone(digits: str, has_plus: bool) -> Collection[int]:
    """How many digits a number has that begins like this: with a country's prefix up to 15 (ITU-T E.164)."""
    if has_plus or digits.startswith("00"):
        return range(9, 18)
    if digits.startswith("39"):  # Italy's prefix without its plus, or a mobile number that begins so
        return (9, 10, 12)
    return range(9, 11) if digits.startswith("3") else range(_SHORTEST_PHONE, 13)


def one_time_numbers(text: str) -> Iterator[Value]:
    """Six digits, also in groups or one by one; sums of money, dates and readings are none."""
    context = _Around(text)
    position = 0
    found = sorted((*_ONE_TIME.finditer(text), *_ODD_GROUPS.finditer(text)), key=lambda match: match.start())
    for match in found:
        if match.start() >= position and _is_one_time(match, context):
            yield Value("numero", match.start(), match.end(), match.group(), _digits(match.group()))
            position = match.end()


class _Around:
    """What stands before the numbers of a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._measured = [match.end() for match in _MEASURED.finditer(text)]
        self._listed = [match.end() for match in _LISTED.finditer(text)]
        self._asked = [match.end() for match in _ASKED.finditer(text)]

    def is_measured(self, start: int) -> bool:
        """Whether the number is a reading or a sum."""
        return _is_near(self._measured, start) and not _is_near(self._asked, start)

    def is_listed(self, start: int) -> bool:
        """Whether what looks like groups of a number are numbers of flats and the like."""
        return _is_near(self._listed, start) and not _is_near(self._asked, start)

    def is_asked_for(self, match: re.Match[str]) -> bool:
        """Whether the number is called one, or is the whole message."""
        is_all = len(self._text.strip()) - len(match.group()) <= 2
        return is_all or _is_near(self._asked, match.start())


def _is_near(ends: list[int], start: int) -> bool:
    before = bisect_right(ends, start) - 1
    return before >= 0 and start - ends[before] <= _FAR


def _is_one_time(match: re.Match[str], context: _Around) -> bool:
    digits = _digits(match.group())
    if len(digits) != _ONE_TIME_LENGTH or context.is_measured(match.start()) or _DATE.fullmatch(match.group()):
        return False
    groups = re.findall(r"\d+", match.group())
    if _ROUND.fullmatch(match.group()) or (len(groups) > 1 and context.is_listed(match.start())):
        return False
    if "," in match.group() and len(groups) == _ONE_TIME_LENGTH and is_counting(groups):
        return False
    if match.re is _ODD_GROUPS:
        return context.is_asked_for(match) and not any(_YEAR.fullmatch(group) for group in groups)
    return True


def is_counting(groups: Collection[str]) -> bool:
    """Whether numbers are counted up one by one: "3, 4, 5, 6"."""
    numbers = [int(group) for group in groups]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _length_of_phone(typed: str) -> int | None:
    """How long the longest phone number is that begins here and ends with a group; None if there is none."""
    digits = _digits(typed)
    allowed = lengths_of_phone(digits, typed.lstrip("(").startswith("+"))
    count, longest = 0, None
    for place, character in enumerate(typed, start=1):
        count += character.isdigit()
        if count in allowed and character.isdigit() and not typed[place : place + 1].isdigit():
            longest = place
    return longest


def _digits(typed: str) -> str:
    return "".join(character for character in typed if character.isdigit())
