"""IBANs in what people type, with any separators."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.privacy.values import Value

# Signs of an IBAN by country (SWIFT's registry).
LENGTHS = {
    "AD": 24, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15,
    "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29,
    "VA": 22, "XK": 20,
}  # fmt: skip
_ANY_LENGTH = range(15, 35)
_LONGEST_GAP = 3
_MOST_TYPED = 110  # signs and separators

_BEGINNING = re.compile(r"(?:(?<![^\W_])|(?<=iban))(?:[A-Z][^\w\n]?[A-Z])[\s.,_:/-]{0,3}\d\s?\d", re.IGNORECASE)
_SEPARATORS = frozenset(" \n.-_/,:;")
_GROUP = re.compile(r"[^\W_]+")


def ibans(text: str) -> Iterator[Value]:
    """IBANs, also in groups; their check digits need not be right."""
    position = 0
    for match in _BEGINNING.finditer(text):
        if match.start() < position:
            continue
        end = _end_of_iban(text, match)
        if end is not None:
            value = signs_of(text[match.start() : end]).upper()
            yield Value("iban", match.start(), end, text[match.start() : end], value)
            position = end


def is_iban(signs: str) -> bool:
    """Whether signs in capitals have an IBAN's form and length."""
    return LENGTHS.get(signs[:2]) == len(signs) and signs.isascii() and signs[2:4].isdigit() and _mostly_digits(signs)


def signs_of(typed: str) -> str:
    """Letters and digits without what stands between them."""
    return "".join(character for character in typed if character.isalnum())


def _end_of_iban(text: str, match: re.Match[str]) -> int | None:
    """Where a group ends that makes the country's length full; else where groups with digits end.

    What follows a full one is another number. One that is not full, or of an unknown country, must at least
    begin without a blank in its first four signs, lest a word and a number of the sentence are taken for it.
    """
    country = signs_of(match.group())[:2].upper()
    wanted = LENGTHS.get(country)
    is_tight = match.group().isalnum() and len(match.group()) == 4
    signs, last = "", None
    place = match.start()
    while place < min(len(text), match.start() + _MOST_TYPED):
        group = _GROUP.match(text, place)
        if group is None or not group.group().isascii():
            break
        signs += group.group().upper()
        is_word = len(signs) > 4 and group.group().isalpha() and len(group.group()) > 1
        if is_word and not (group.group().isupper() and len(group.group()) == 4):
            break
        if wanted is not None and len(signs) == wanted and _mostly_digits(signs):
            return group.end()
        surplus = len(signs) - (wanted or len(signs))
        if surplus > 2 and signs[-surplus:].isalpha() and is_iban(signs[:-surplus]):
            return group.end() - surplus  # a word is glued to it
        if len(signs) > (wanted or _ANY_LENGTH.stop - 1):
            break
        if len(signs) in _ANY_LENGTH and not group.group().isalpha():
            last = group.end()
        place = _after_separators(text, group.end())
    if not is_tight or last is None:
        return None
    return last if _mostly_digits(signs_of(text[match.start() : last])) else None


def _after_separators(text: str, place: int) -> int:
    end = place
    while end < len(text) and end - place < _LONGEST_GAP and text[end] in _SEPARATORS:
        end += 1
    return end


def _mostly_digits(signs: str) -> bool:
    return sum(sign.isdigit() for sign in signs) * 2 >= len(signs)
