"""Values whose signs are given one by one or in words: "U come Udine, esse, a, ti, 2, 3, 4, 5", "tre tre tre …"."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from actions.invite_codes import ALPHABET, LENGTH, is_possible, normalize_code, strip_code
from bot.privacy.codes import NO_VOWEL_TRIPLE, Context, value_of_code
from bot.privacy.ibans import is_iban
from bot.privacy.numbers import is_counting, lengths_of_phone
from bot.privacy.spoken import DASH_WORDS, LETTER_NAMES, SPELLING_NAMES, digits_of, words
from bot.privacy.values import Value

_SKIPPED = frozenset((*DASH_WORDS, *words("spazio poi e maiuscola maiuscolo numero lettera")))
# Signs that are words as well: in front of a code they belong to the sentence.
_AMBIGUOUS = frozenset(words("a e i o è di ci vi ti sei da uno"))
_LIKE = frozenset(("come", "di", "wie", "per"))
_WORD = re.compile(r"[^\W_]+")
_LONGEST_GAP = 4  # characters between two signs: blank, comma, dash
_LONGEST_GROUP = 4  # signs of a code together
_LONGEST_DIGITS = 10
_LONGEST_CODE = 14  # signs; a longer run is no code
_LONGEST_RUN = 80  # signs and skipped words
_ATTEMPTS = range(LENGTH - 2, LENGTH + 3)
_NUMBER_LENGTH = 6
_FEWEST_PARTS = 3
_BEFORE = 20  # characters in which four letters may stand before four digits
_HUNDREDS = 3  # digits; two such parts are enough
_FEWEST_NAMES = 3
_MOST_SURPLUS = 2  # numbers of the sentence before and after a dictated one
_ALPHABETS = frozenset(map("".join, zip(*(string.ascii_uppercase[first:] for first in range(LENGTH)), strict=False)))
_COUNTED = re.compile(
    r"\W{0,2}(?:€|euro|volte|giorni|mesi|anni|ore|minuti|persone|metri|mq|rate|appartamenti|unità|inquilini|piani|"
    r"case|box|garage|camere|stanze|interni|kwh|mc)\b",
    re.IGNORECASE,
)


class _Sign(NamedTuple):
    """One or more signs of a value, where they stand and the word that gave them."""

    start: int
    end: int
    signs: str
    word: str

    @property
    def is_ambiguous(self) -> bool:
        return (self.word if len(self.word) == 1 else self.word.lower()) in _AMBIGUOUS

    @property
    def is_said(self) -> bool:
        """Whether it is a number in words."""
        return self.word.isalpha() and self.signs.isdigit()


def spelled_values(text: str) -> Iterator[Value]:
    """Codes and IBANs sign by sign, phone and one-time numbers in words."""
    context = Context(text)
    for run in _runs(text, context):
        value = _value_in(run, context, text)
        if value:
            yield value


def _runs(text: str, context: Context) -> Iterator[list[_Sign]]:
    """Signs that follow each other."""
    found = list(_WORD.finditer(text))
    run: list[_Sign] = []
    index = 0
    while index < len(found):
        word = found[index].group()
        signs = _signs_of(word, context)
        is_apart = run and found[index].start() - run[-1].end > _LONGEST_GAP
        if run and (
            is_apart or len(run) >= _LONGEST_RUN or (len(signs or "") > _LONGEST_GROUP and not _is_number(run))
        ):
            yield run
            run = []
        if signs:
            last = _last_word_of_sign(found, index) if len(word) == 1 and word.isalpha() else index
            run.append(_Sign(found[index].start(), found[last].end(), signs, word))
            index = last
        elif run and word.lower() in _SKIPPED:
            run.append(_Sign(found[index].start(), found[index].end(), "", word))
        elif run:
            yield run
            run = []
        index += 1
    if run:
        yield run


def _is_number(run: Sequence[_Sign]) -> bool:
    return all(part.signs.isdigit() for part in run if part.signs)


def _signs_of(word: str, context: Context) -> str | None:
    """The signs that a word gives: its own if it is one, a letter's or number's name, or a short group."""
    if len(word) == 1:
        sign = word.upper() if word.isascii() else strip_code(word)
        return sign if sign.isascii() else None
    lowered = word.lower()
    if named := LETTER_NAMES.get(lowered) or SPELLING_NAMES.get(lowered) or digits_of(lowered):
        return named
    if word.isdigit():
        return word if len(word) <= _LONGEST_DIGITS else None
    is_group = word.isupper() and word.isascii() and not context.is_shouted
    return word if is_group and len(word) <= _LONGEST_GROUP else None


def _last_word_of_sign(found: Sequence[re.Match[str]], index: int) -> int:
    """Where a sign ends that is given with a city or a name: "S come Savona"."""
    if index + 2 >= len(found) or found[index + 1].group().lower() not in _LIKE:
        return index
    city = found[index + 2].group()
    is_same_letter = city[0].upper() == found[index].group().upper()
    return index + 2 if is_same_letter and len(city) > 2 else index


def _value_in(run: Sequence[_Sign], context: Context, text: str) -> Value | None:
    """The value that a run of signs makes, without the words of the sentence around it."""
    run = _trimmed(run)
    if not run:
        return None
    names = sum(part.word.lower() in SPELLING_NAMES for part in run)
    if 0 < names < _FEWEST_NAMES:
        return None
    plain_run = _without_and(run)
    if not plain_run:
        return None
    if _is_number(plain_run):
        return _number_in(plain_run, text) or _code_after_word(plain_run, context, text)
    signs = "".join(part.signs for part in run)
    if is_iban(signs):
        return _value("iban", run, signs, text)
    run = _without_sentence(plain_run if len(signs) == LENGTH + 1 else run)
    if any(part.is_said and len(part.signs) > 1 and not set(part.signs) <= set(ALPHABET) for part in run):
        return None  # "per cento"
    signs = "".join(part.signs for part in run)
    if len(run) < _FEWEST_PARTS or len(signs) not in range(_NUMBER_LENGTH, _LONGEST_CODE):
        return None
    is_code = _is_code(run, signs, run[0].start, run[-1].end, context)
    return _value("codice", run, value_of_code(signs), text) if is_code else None


def _without_and(run: Sequence[_Sign]) -> Sequence[_Sign]:
    """The run with "e" as the word that it may be: "sette e tre", "QRCA e 2345"."""
    return _trimmed([part._replace(signs="") if part.word == "e" else part for part in run])


def _value(kind: str, run: Sequence[_Sign], value: str, text: str) -> Value:
    start, end = run[0].start, run[-1].end
    return Value(kind, start, end, text[start:end], value)  # type: ignore[arg-type]


def _number_in(run: Sequence[_Sign], text: str) -> Value | None:
    """A phone or one-time number, of which at least a part is in words or after a comma."""
    run = _joined_hundreds(run)
    if not _is_dictated(run, text) or _COUNTED.match(text, run[-1].end):
        return None
    is_counted_up = is_counting([sign.signs for sign in run if sign.signs])
    for surplus in range(_MOST_SURPLUS * 2 + 1):
        for first in range(min(surplus, _MOST_SURPLUS) + 1):
            last = len(run) - (surplus - first)
            part = _trimmed(run[first:last]) if surplus - first <= _MOST_SURPLUS else []
            kind = _kind_of_number(part, text)
            if kind and not (surplus and is_counted_up):
                has_plus = kind == "telefono" and _has_plus(part, text)
                return _value(kind, part, "+" * has_plus + "".join(sign.signs for sign in part), text)
    return None


def _joined_hundreds(run: Sequence[_Sign]) -> Sequence[_Sign]:
    """The run with "settecento trentanove" as one number."""
    joined: list[_Sign] = []
    for part in run:
        before = joined[-1] if joined else None
        if before and before.is_said and part.is_said and before.signs.endswith("00") and len(part.signs) < _HUNDREDS:
            signs = before.signs[0] + part.signs.zfill(2)
            joined[-1] = _Sign(before.start, part.end, signs, before.word + part.word)
        else:
            joined.append(part)
    return joined


def _is_dictated(run: Sequence[_Sign], text: str) -> bool:
    if any(part.is_said for part in run):
        return True
    groups = [part.signs for part in run if part.signs]
    has_commas = "," in text[run[0].start : run[-1].end]
    return has_commas and all(len(group) == 1 for group in groups) and not is_counting(groups)


def _kind_of_number(run: Sequence[_Sign], text: str) -> str | None:
    digits = "".join(part.signs for part in run)
    if all(part.signs.endswith("0") and len(part.signs) > 1 for part in run if part.signs):
        return None  # "venti trenta quaranta"
    if len(run) < _FEWEST_PARTS and not all(len(part.signs) >= _HUNDREDS for part in run):
        return None
    has_plus = _has_plus(run, text)
    if (has_plus or digits[0] in "03") and len(digits) in lengths_of_phone(digits, has_plus):
        return "telefono"
    return "numero" if len(digits) == _NUMBER_LENGTH else None


def _has_plus(run: Sequence[_Sign], text: str) -> bool:
    before = text[max(0, run[0].start - 5) : run[0].start].lower()
    return before.rstrip().endswith(("+", "più", "piu"))


def _code_after_word(run: Sequence[_Sign], context: Context, text: str) -> Value | None:
    """ "qrca due tre quattro cinque": four digits in words after four letters together."""
    digits = "".join(part.signs for part in run)
    before = re.search(
        r"(?<![^\W_])[^\W\d_]{4}(?=\W{1,3}(?:trattino\W{1,3})?$)", text[max(0, run[0].start - _BEFORE) : run[0].start]
    )
    if before is None or len(digits) != LENGTH // 2 or not any(part.is_said for part in run):
        return None
    letters = before.group()
    start = max(0, run[0].start - _BEFORE) + before.start()
    is_likely = context.is_about_code(start, run[-1].end) or context.is_all(start, run[-1].end)
    if not set(letters.upper()) <= set(ALPHABET) or not (is_likely or NO_VOWEL_TRIPLE.search(letters)):
        return None
    return Value("codice", start, run[-1].end, text[start : run[-1].end], value_of_code(letters + digits))


def _is_code(run: Sequence[_Sign], signs: str, start: int, end: int, context: Context) -> bool:
    about = context.is_about_code(start, end)
    is_sentence = all(part.word.lower() in _AMBIGUOUS or part.signs.isdigit() for part in run if part.signs)
    if is_sentence and len(signs) != LENGTH:
        return False  # "2024 o 2025"
    if len(signs) != LENGTH:
        return about and len(signs) in _ATTEMPTS and any(sign.isdigit() for sign in signs)
    is_likely = about or is_possible(normalize_code(signs))
    if signs.isalpha():
        if signs in _ALPHABETS and not about:
            return False  # "le scale A, B, C, D, E, F, G, H"
        names = all(part.word.isupper() or part.word.lower() in LETTER_NAMES for part in run if part.signs)
        return names and is_possible(normalize_code(signs))
    if not any(part.is_ambiguous or (len(part.word) == 1 and part.word.islower()) for part in run if part.signs):
        return is_likely or all(len(part.signs) < 2 for part in run)
    groups = [part for part in run if len(part.signs) > 1]
    return not groups or (all(part.signs.isdigit() for part in groups) and (about or context.is_all(start, end)))


def _trimmed(run: Sequence[_Sign]) -> Sequence[_Sign]:
    """The run without skipped words at its ends."""
    first, last = 0, len(run)
    while last and not run[last - 1].signs:
        last -= 1
    while first < last and not run[first].signs:
        first += 1
    return run[first:last]


def _without_sentence(run: Sequence[_Sign]) -> Sequence[_Sign]:
    """The run without what makes it too long at its beginning, as far as it may be words of the sentence."""
    surplus = sum(len(part.signs) for part in run) - LENGTH
    first = 0
    while first < len(run) and (not run[first].signs or (surplus > 0 and run[first].is_ambiguous)):
        surplus -= len(run[first].signs)
        first += 1
    return run[first:]
