"""Units in typed sentences and on file: `int. 4`, `scala B`, `l'interno tre`, `il garage`."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from actions.accounts.names import fold, ordinary_words
from actions.number_words import NUMBER_WORDS

_LONGEST_WORD = 3  # letters of a unit that is neither a number nor a letter: `bis`, `pt`
# `app` alone is the program that does not work.
_UNIT = re.compile(
    r"\b(?:(?P<inside>interno|int|scala|sc)|(?P<kind>garage|box|negozio)|appartamento|apt|unita|app(?=\.|\s*(?:n\.?\s*)?\d))"
    r"(?![a-z])\.?\s*(?:n\.?\s*(?=\d))?(?P<label>\w{1,6})?"
)
_VOWELS = frozenset("aeiou")  # words of their own: `unità e garage`
_BEFORE_WHAT_GOES_ON = re.compile(r"\s+[a-z]{2}")


def units_in(text: str) -> frozenset[str]:
    """The units that a folded text names, as words of their labels."""
    found: set[str] = set()
    for unit in _UNIT.finditer(text):
        label = unit["label"] or ""
        is_label = _is_label(label, is_inside=unit["inside"] is not None, goes_on=text[unit.end() :])
        found.update([unit["kind"]] if unit["kind"] else [])
        found.update([str(NUMBER_WORDS.get(label, label))] if is_label else [])
    return frozenset(found)


def _is_label(word: str, *, is_inside: bool, goes_on: str) -> bool:
    """Whether the word after `int.` says which one; any other word belongs to the sentence."""
    if len(word) == 1 and word in _VOWELS:
        return is_inside or not _BEFORE_WHAT_GOES_ON.match(goes_on)
    is_short_word = len(word) <= _LONGEST_WORD and word not in ordinary_words()
    return bool(word) and (any(letter.isdigit() for letter in word) or word in NUMBER_WORDS or is_short_word)


def means_unit(units: frozenset[str], label: str) -> bool:
    """Whether what was said of a unit fits its label: `4` and `int. 4`, `b 2` and `scala B int. 2`."""
    return units <= label_words(label)


def likeness_of_unit(units: frozenset[str], label: str) -> float:
    """How like a label is to what was said of a unit, in per cent: `int. 9` is rather meant by `99` than `int. 2`."""
    best = [max((fuzz.ratio(said, word) for word in label_words(label)), default=0.0) for said in units]
    return sum(best) / len(best) if best else 0.0


def label_words(label: str) -> set[str]:
    """The folded words of a unit's label."""
    return set(re.findall(r"\w+", fold(label)))


def counting_order(label: str) -> list[tuple[int, str]]:
    """By which labels are sorted: `int. 2` before `int. 10`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[^\W\d]+", fold(label))]
