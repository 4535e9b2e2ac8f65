"""Invite codes in what people type, and attempts at one: the bot must be able to say what is wrong."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from actions.invite_codes import LENGTH, format_code, is_possible, normalize_code, strip_code
from bot.privacy.spoken import SPELLING_NAMES
from bot.privacy.values import Value

_NEXT = r"(?![^\W_])"  # letters and digits end here
_BEFORE = r"(?<![^\W_])"
_GROUPS = re.compile(
    rf"{_BEFORE}(?=([^\W_]{{4}})(\s?[-_./+*|~\\\\]{{1,2}}\s?|[,:;]{{0,1}}\s|[,:;])([^\W_]{{4}}){_NEXT})",
    re.IGNORECASE,
)
# Cut elsewhere than in the middle: "USA T2345".
_UNEVEN = re.compile(rf"{_BEFORE}(?=([^\W_]{{1,7}})(\s?[-_./]\s?|\s)([^\W_]{{1,7}}){_NEXT})")
_GLUED = re.compile(rf"(?:codice|invito|code|cod)(?=([^\W_]{{4}})([- ]?)([^\W_]{{4}}){_NEXT})", re.IGNORECASE)
_LETTERS_THEN_NUMBERS = re.compile(
    rf"\blettere\b\W{{1,2}}(?:sono\W{{1,2}})?([^\W\d_]{{4}})(\W{{1,2}}(?:(?:e|poi|i|con|sono|numeri|cifre|le)\W{{1,2}}){{1,5}})"
    rf"([^\W_]{{4}}){_NEXT}",
    re.IGNORECASE,
)
_TOGETHER = re.compile(rf"{_BEFORE}[^\W_]{{8}}{_NEXT}")
_ATTEMPT = re.compile(rf"{_BEFORE}[^\W_]{{1,9}}(?:(?:\s?-\s?|\.)[^\W_]{{1,6}}){{0,3}}{_NEXT}")
_CAPITALS_AND_DIGITS = re.compile(rf"{_BEFORE}[A-Z]{{2,5}}\s(?!(?:19|20)\d\d\b)\d{{2,6}}{_NEXT}(?![.:]\d)")
_TAX_CODE = re.compile(r"\b[A-Z]{3}\s?[A-Z]{3}\s?\d{2}\s?[A-Z]\s?\d{2}\s?[A-Z]\s?\d{3}\s?[A-Z]\b", re.IGNORECASE)
_ATTEMPT_LENGTHS = range(5, 12)

_CODE_WORD = re.compile(
    r"\b(?:codic[ei]\w{0,3}|cod|code|kode|invit[oi]|einladungscode)\b"
    r"(?!\s(?:fiscale|postale|cliente|errore|iban|univoco|di\serrore))",
    re.IGNORECASE,
)
_FAR_BEFORE = 45  # characters from the word "codice" to the code
_CLOSE_BEFORE = 20
_FAR_AFTER = 20
_FEW_WORDS = 2  # more of them are a shouted message
_MANY_WORDS = 3  # more of them are a shouted sentence in a message
_CAPITAL_WORD = re.compile(r"(?<!\w)(?:(?=[^\W\d_]+(?!\w))[A-ZÀ-Þ]+)")
_END_OF_SENTENCE = re.compile(r"[!?;]|\.\s")

# Words of four letters that a number follows, out of those that could be half a code.
_WORDS = frozenset(
    (
        *(
            "anna",
            "area",
            "base",
            "casa",
            "case",
            "data",
            "date",
            "ente",
            "fare",
            "fase",
            "mese",
            "nata",
            "page",
        ),
        *(
            "papa",
            "pass",
            "rata",
            "rate",
            "resa",
            "rete",
            "sara",
            "sede",
            "sera",
            "sere",
            "tasa",
            "test",
            "user",
        ),
    )
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_VOWEL = re.compile("[aeiouy]", re.IGNORECASE)
NO_VOWEL_TRIPLE = re.compile(r"[^aeiouy\d]{3}|^[^aeiouy]+$", re.IGNORECASE)


def value_of_code(typed: str) -> str:
    """A typed code in normal form: as printed if it is possible, else in capitals with its look-alikes."""
    code = normalize_code(typed)
    return format_code(code) if is_possible(code) else strip_code(typed)


def tax_codes(text: str) -> Iterator[Value]:
    """Italian tax codes (codice fiscale): no invite codes, but as personal."""
    for match in _TAX_CODE.finditer(text):
        yield Value("codice", match.start(), match.end(), match.group(), strip_code(match.group()))


def codes(text: str) -> Iterator[Value]:
    """What has the eight signs of a code, together or in two groups."""
    context = Context(text)
    candidates = [*_TOGETHER.finditer(text), *_GROUPS.finditer(text), *_UNEVEN.finditer(text)]
    lowered = text.lower()
    if "cod" in lowered or "invito" in lowered or "lettere" in lowered:
        candidates += [*_GLUED.finditer(text), *_LETTERS_THEN_NUMBERS.finditer(text)]
    # A dash holds two groups together more than a blank does: "2024 USAT-2345".
    candidates.sort(key=lambda match: (match.re is _UNEVEN, match.re is _GROUPS and not _has_dash(match)))
    taken = bytearray(len(text))
    for match in candidates:
        start, end = match.span() if match.re is _TOGETHER else (match.start(1), match.end(3))
        if not any(taken[start:end]) and _is_code(match, context):
            taken[start:end] = b"x" * (end - start)
            signs = match.group() if match.re is _TOGETHER else match[1] + match[3]
            yield Value("codice", start, end, text[start:end], value_of_code(signs))


class Context:
    """What a text says around a candidate: where it speaks of codes, whether it is all in capitals."""

    def __init__(self, text: str) -> None:
        self._text = text
        words = list(_CODE_WORD.finditer(text))
        self._starts = [word.start() for word in words]
        self._ends = [word.end() for word in words]
        self.is_shouted = len(_CAPITAL_WORD.findall(text)) > (_FEW_WORDS if text.isupper() else _MANY_WORDS)

    @property
    def speaks_of_codes(self) -> bool:
        """Whether the word for "code" stands anywhere."""
        return bool(self._starts)

    def follows_code(self, start: int, far: int = _FAR_BEFORE) -> bool:
        """Whether the word stands before this place, in the same sentence."""
        before = bisect_right(self._ends, start) - 1
        if before < 0 or start - self._ends[before] > far:
            return False
        return not _END_OF_SENTENCE.search(self._text[self._ends[before] : start])

    def is_about_code(self, start: int, end: int) -> bool:
        """Whether the word stands before or soon after a candidate."""
        if self.follows_code(start):
            return True
        after = bisect_left(self._starts, end)
        return after < len(self._starts) and self._starts[after] - end <= _FAR_AFTER

    def is_all(self, start: int, end: int) -> bool:
        """Whether this is the whole message, as in an answer to "what is the code?"."""
        around = self._text[max(0, start - LENGTH) : start] + self._text[end : end + LENGTH]
        return len(self._text) - (end - start) <= LENGTH and not any(sign.isalnum() for sign in around)


def _has_dash(match: re.Match[str]) -> bool:
    """Whether a sign ties the two groups together."""
    return not (match[2].isspace() or match[2][:1] in ",:;")


def _is_code(match: re.Match[str], context: Context) -> bool:
    if match.re is _GROUPS:
        return _is_code_in_groups(match, context)
    if match.re is _UNEVEN:
        return _is_cut_code(match, context)
    if match.re in (_GLUED, _LETTERS_THEN_NUMBERS):
        return is_possible(normalize_code(match[1] + match[3])) and any(sign.isdigit() for sign in match[3])
    typed = match.group()
    is_possible_code = is_possible(normalize_code(typed))
    about = context.is_about_code(match.start(), match.end())
    is_alone = context.is_all(match.start(), match.end())
    digits = sum(character.isdigit() for character in typed)
    if digits == LENGTH:
        return context.follows_code(match.start(), _CLOSE_BEFORE)
    if digits == 0:
        is_written_like_one = typed.isupper() and not context.is_shouted and (about or is_alone)
        is_likely = _looks_random(typed) and (about or typed.isupper())
        return is_possible_code and (is_written_like_one or is_likely)
    if about or is_alone or (typed.isupper() and not context.is_shouted):
        return True
    return is_possible_code and (digits > 1 or bool(NO_VOWEL_TRIPLE.search(typed)))


def _is_code_in_groups(match: re.Match[str], context: Context) -> bool:
    """Two groups of four are a code unless they are words, numbers, or a word and a number."""
    first, _, second = match.groups()
    typed = first + second
    if first.lower() in SPELLING_NAMES and _last_word(match.string, match.start()) in SPELLING_NAMES:
        return False  # "Quebec Romeo Charlie Alfa 2345"
    is_possible_code = is_possible(normalize_code(typed))
    about = context.is_about_code(match.start(), match.end(3))
    has_dash = _has_dash(match)
    if typed.isalpha():
        return is_possible_code and _is_code_of_letters(typed, has_dash, about, context)
    if typed.isdigit():
        return context.follows_code(match.start(), _CLOSE_BEFORE)
    is_dated = first.isalpha() and bool(_YEAR.fullmatch(second)) and not (first.isupper() and about)
    is_dated = is_dated or (second.isalpha() and bool(_YEAR.fullmatch(first)) and not has_dash)
    if is_dated or (first.lower() in _WORDS and not has_dash and not about):
        return False
    if about or context.is_all(match.start(), match.end(3)):
        return True
    if any(not group.isalpha() and not group.isdigit() for group in (first, second)):
        return is_possible_code or typed.isupper()
    if typed.isupper() and not context.is_shouted:
        return True
    if match[2][:1] in ",:;":  # where a sentence or a sum may go on
        return is_possible_code and bool(NO_VOWEL_TRIPLE.search(typed))
    return is_possible_code or (has_dash and first.isalpha())


def _last_word(text: str, end: int) -> str:
    """The word before a place, if it is no longer than a name."""
    return text[max(0, end - 15) : end].rstrip(" ,\n").rpartition(" ")[2].lower()


def _is_cut_code(match: re.Match[str], context: Context) -> bool:
    """A cut that no word or number of a sentence has: one of the groups holds letters and digits."""
    first, _, second = match.groups()
    typed = first + second
    if len(typed) != LENGTH or len(first) == len(second) or not is_possible(normalize_code(typed)):
        return False
    if not any(group.isalnum() and not group.isalpha() and not group.isdigit() for group in (first, second)):
        return False
    is_written_like_one = typed.isupper() and not context.is_shouted
    return is_written_like_one or context.follows_code(match.start()) or context.is_all(match.start(), match.end(3))


def _is_code_of_letters(typed: str, has_dash: bool, about: bool, context: Context) -> bool:
    """Letters alone are a code in capitals; in small ones only with a dash and where codes are spoken of."""
    if typed.isupper():
        return has_dash or not context.is_shouted or (about and _looks_random(typed))
    looks_random = NO_VOWEL_TRIPLE.search(typed[:4]) or NO_VOWEL_TRIPLE.search(typed[4:])
    return has_dash and (about or bool(looks_random))


def _looks_random(letters: str) -> bool:
    """Whether eight letters are no word: "SPRECHEN" has three consonants in a row as well."""
    return len(_VOWEL.findall(letters)) <= 1 and bool(NO_VOWEL_TRIPLE.search(letters))


def attempts(text: str) -> Iterator[Value]:
    """What is given as a code but has not the right length."""
    context = Context(text)
    if not context.speaks_of_codes:
        return
    position = 0
    for match in sorted(
        [*_ATTEMPT.finditer(text), *(() if context.is_shouted else _CAPITALS_AND_DIGITS.finditer(text))],
        key=lambda found: (found.start(), -found.end()),
    ):
        typed = match.group()
        signs = strip_code(typed)
        if match.start() < position or len(signs) not in _ATTEMPT_LENGTHS:
            continue
        if _is_attempt(typed, signs, match, context):
            position = match.end()
            yield Value("codice", match.start(), match.end(), typed, value_of_code(typed))


def _is_attempt(typed: str, signs: str, match: re.Match[str], context: Context) -> bool:
    if signs.isalpha():
        has_dash = any(not character.isalnum() for character in typed)
        return typed.isupper() and has_dash and not context.is_shouted and context.follows_code(match.start())
    if signs.isdigit():
        is_code_like = typed == signs and len(signs) in (LENGTH - 1, LENGTH + 1)
        return is_code_like and context.follows_code(match.start(), _CLOSE_BEFORE)
    has_capitals = any(character.isupper() for character in typed) and not context.is_shouted
    if has_capitals:
        return context.is_about_code(match.start(), match.end())
    return context.follows_code(match.start(), _CLOSE_BEFORE)
