"""IBANs, phone numbers and one-time numbers in what people type."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bot.privacy.values import Value

# Groups after the country and its check digits hold a digit, but for a bank's name ("NWBK") or a check sign.
_IBAN_GROUP = r"(?:(?=[A-Z]{0,29}\d)[A-Z0-9]{1,30}|(?-i:[A-Z]{4}|[A-Z]))(?![^\W_])"
_IBAN = re.compile(
    rf"(?<!\w)[A-Z]{{2}}\d{{2}}(?:[ \t\n.-]{{0,2}}{_IBAN_GROUP}){{1,14}}"
    r"|(?<!\w)[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?!\w)",
    re.IGNORECASE,
)
# Signs of an IBAN (SWIFT's registry) in the countries around us; elsewhere 15 to 34.
_IBAN_LENGTHS = {
    "IT": 27,
    "SM": 27,
    "DE": 22,
    "AT": 20,
    "CH": 21,
    "LI": 21,
    "FR": 27,
    "ES": 24,
    "SI": 19,
    "HR": 21,
}
_ANY_IBAN = range(15, 35)

_PHONE = re.compile(r"(?<!\w)(?<!\d[.,])\(?(?:\+[\s(]?[1-9]|[03])(?:[\s./()-]{0,3}\d){5,17}(?!\w)")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)")
_TIME = re.compile(r"[012]?\d[.:][0-5]\d(?!\d)")
_FIRST_GROUP = re.compile(r"\D{0,3}\d+")
_SHORTEST_PHONE = 8  # digits

_ONE_TIME = re.compile(
    r"(?<![\w.,/-])(?<!€ )(?<!€)(?:\d{3}[ \n-]?\d{3}|\d{2}[ \n-]\d{2}[ \n-]\d{2}|\d(?:[ \n-]\d){5})"
    r"(?![\w/-]|[.,]\d|\s{0,2}(?:€|eur))",
    re.IGNORECASE,
)


def ibans(text: str) -> Iterator[Value]:
    """IBANs, also in groups; their check digits need not be right."""
    for match in _IBAN.finditer(text):
        end = _end_of_iban(match)
        value = _signs(text[match.start() : end]).upper()
        if len(value) in _ANY_IBAN and sum(sign.isdigit() for sign in value) * 2 >= len(value):
            yield Value("iban", match.start(), end, text[match.start() : end], value)


def _end_of_iban(match: re.Match[str]) -> int:
    """Where the group ends that makes the country's length full; what follows is another number."""
    wanted = _IBAN_LENGTHS.get(match.group()[:2].upper(), _ANY_IBAN.stop - 1)
    signs = 0
    for place, character in enumerate(match.group()):
        signs += character.isalnum()
        if signs == wanted and not match.group()[place + 1 : place + 2].isalnum():
            return match.start() + place + 1
    return match.end()


def phones(text: str) -> Iterator[Value]:
    """Phone numbers: international ones, Italian and German mobile and land lines."""
    position = 0
    while match := _PHONE.search(text, position):
        start, typed = match.span()[0], match.group()
        skipped = _DATE.match(typed) or _TIME.match(typed)
        length = None if skipped else _length_of_phone(typed)
        if length is not None:
            plus = "+" if "+" in typed[:2] else ""
            yield Value("telefono", start, start + length, typed[:length], plus + _signs(typed[:length]))
            position = start + length
        elif skipped:
            position = start + skipped.end()
        elif len(_signs(typed)) < _SHORTEST_PHONE:
            position = match.end()
        else:
            position = start + _FIRST_GROUP.match(typed).end()  # type: ignore[union-attr]


def _length_of_phone(typed: str) -> int | None:
    """How long the longest phone number is that begins here and ends with a group; None if there is none."""
    digits = _signs(typed)
    allowed = _lengths_of_phone(typed.lstrip("("), digits)
    count, longest = 0, None
    for place, character in enumerate(typed, start=1):
        count += character.isdigit()
        if count in allowed and character.isdigit() and not typed[place : place + 1].isdigit():
            longest = place
    return longest


def _lengths_of_phone(typed: str, digits: str) -> Collection[int]:
    """How many digits a number has that begins like this: with a country's prefix up to 15 (ITU-T E.164)."""
    if typed.startswith("+") or digits.startswith("00"):
        return range(9, 18)
    if digits.startswith("39"):  # Italy's prefix without its plus, or a mobile number that begins so
        return (9, 10, 12)
    return range(9, 11) if digits.startswith("3") else range(_SHORTEST_PHONE, 13)


def one_time_numbers(text: str) -> Iterator[Value]:
    """Six digits, also in groups or one by one; sums of money are none."""
    for match in _ONE_TIME.finditer(text):
        yield Value("numero", match.start(), match.end(), match.group(), _signs(match.group()))


def _signs(typed: str) -> str:
    return "".join(character for character in typed if character.isalnum())
