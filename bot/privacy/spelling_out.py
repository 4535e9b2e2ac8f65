"""Codes whose signs are given one by one: "U come Udine, esse, a, ti, 2, 3, 4, 5" or "U S A T 2345"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from actions.invite_codes import LENGTH, strip_code
from bot.privacy.codes import Context, value_of_code
from bot.privacy.values import Value

_LETTER_NAMES = {
    "bi": "B", "ci": "C", "di": "D", "effe": "F", "gi": "G", "acca": "H", "cappa": "K", "kappa": "K",
    "elle": "L", "emme": "M", "enne": "N", "pi": "P", "qu": "Q", "cu": "Q", "erre": "R", "esse": "S",
    "ti": "T", "vu": "V", "vi": "V", "doppiavu": "W", "ics": "X", "ipsilon": "Y", "zeta": "Z",
}  # fmt: skip
_DIGIT_NAMES = {
    "zero": "0", "uno": "1", "due": "2", "tre": "3", "quattro": "4", "cinque": "5", "sei": "6", "sette": "7",
    "otto": "8", "nove": "9",
}  # fmt: skip
_NAMES = {**_LETTER_NAMES, **_DIGIT_NAMES}
_SKIPPED = frozenset(("trattino", "lineetta", "meno", "spazio", "poi", "e", "maiuscola", "numero", "lettera"))
# Signs that are words as well: in front of a code they belong to the sentence.
_AMBIGUOUS = frozenset(("a", "e", "i", "o", "è", "di", "ci", "vi", "ti", "sei", "da", "uno"))
_LIKE = frozenset(("come", "di", "wie", "per"))
_WORD = re.compile(r"[^\W_]+")
_LONGEST_GAP = 4  # characters between two signs: blank, comma, dash
_LONGEST_RUN = 14  # signs; a longer run is no code
_ATTEMPTS = range(LENGTH - 2, LENGTH + 3)
_NUMBER_LENGTH = 6
_FEWEST_PARTS = 3


class _Sign(NamedTuple):
    """One or more signs of a code, where they stand and the word that gave them."""

    start: int
    end: int
    signs: str
    word: str

    @property
    def is_ambiguous(self) -> bool:
        return self.word in _AMBIGUOUS


def spelled_codes(text: str) -> Iterator[Value]:
    """Codes sign by sign, and one-time numbers in words."""
    words = list(_WORD.finditer(text))
    context = Context(text)
    run: list[_Sign] = []
    index = 0
    while index < len(words):
        word = words[index].group()
        if run and words[index].start() - run[-1].end > _LONGEST_GAP:
            yield from _code_in(run, context, text)
            run = []
        signs = _signs_of(word, context)
        if signs:
            last = _last_word_of_sign(words, index) if len(word) == 1 and word.isalpha() else index
            run.append(_Sign(words[index].start(), words[last].end(), signs, word))
            index = last
        elif run and word.lower() in _SKIPPED:
            run.append(_Sign(words[index].start(), words[index].end(), "", word))
        elif run:
            yield from _code_in(run, context, text)
            run = []
        index += 1
    yield from _code_in(run, context, text)


def _signs_of(word: str, context: Context) -> str | None:
    """The signs that a word gives: its own if it is one, a letter's or digit's name, or a short group."""
    if len(word) == 1:
        sign = word.upper() if word.isascii() else strip_code(word)
        return sign if sign.isascii() else None
    if named := _NAMES.get(word.lower()):
        return named
    is_group = word.isdigit() or (word.isupper() and word.isascii() and not context.is_shouted)
    return word if is_group and len(word) <= LENGTH // 2 else None


def _last_word_of_sign(words: Sequence[re.Match[str]], index: int) -> int:
    """Where a sign ends that is given with a city or a name: "S come Savona"."""
    if index + 2 >= len(words) or words[index + 1].group().lower() not in _LIKE:
        return index
    city = words[index + 2].group()
    says_so = words[index + 1].group().lower() in ("come", "wie") or city.istitle()
    is_same_letter = city[0].upper() == words[index].group().upper()
    return index + 2 if says_so and is_same_letter and len(city) > 2 else index


def _code_in(run: list[_Sign], context: Context, text: str) -> Iterator[Value]:
    """The code that a run of signs makes, without the words of the sentence before it."""
    run = _without_sentence(run)
    signs = "".join(part.signs for part in run)
    if len(run) < _FEWEST_PARTS or len(signs) not in range(_NUMBER_LENGTH, _LONGEST_RUN):
        return
    start, end = run[0].start, run[-1].end
    if signs.isdigit():
        if len(signs) == _NUMBER_LENGTH and any(part.word.lower() in _DIGIT_NAMES for part in run):
            yield Value("numero", start, end, text[start:end], signs)
        return
    if _is_code(run, signs, start, end, context):
        yield Value("codice", start, end, text[start:end], value_of_code(signs))


def _is_code(run: list[_Sign], signs: str, start: int, end: int, context: Context) -> bool:
    about = context.is_about_code(start, end)
    if len(signs) != LENGTH:
        return about and len(signs) in _ATTEMPTS and any(sign.isdigit() for sign in signs)
    if signs.isalpha():
        return all(part.word.isupper() or part.word.lower() in _LETTER_NAMES for part in run if part.signs)
    if not any(part.is_ambiguous or (len(part.word) == 1 and part.word.islower()) for part in run):
        return True
    groups = [part for part in run if len(part.signs) > 1]
    return not groups or (all(part.signs.isdigit() for part in groups) and (about or context.is_all(start, end)))


def _without_sentence(run: list[_Sign]) -> list[_Sign]:
    """The run without skipped words at its end, and without what makes it too long at its beginning."""
    surplus = sum(len(part.signs) for part in run) - LENGTH
    first, last = 0, len(run)
    while last and not run[last - 1].signs:
        last -= 1
    while first < last and (not run[first].signs or (surplus > 0 and run[first].is_ambiguous)):
        surplus -= len(run[first].signs)
        first += 1
    return run[first:last]
