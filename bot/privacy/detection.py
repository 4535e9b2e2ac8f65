"""Finding personal values in what people type. All patterns are bounded, so that time grows with length only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from actions.invite_codes import LENGTH, is_possible, normalize_code
from actions.mail_domains import PROVIDERS
from bot.privacy.spelling_out import spelled_addresses, spelled_codes
from bot.privacy.values import Kind, Value

_ENDINGS = r"(?:com|con|it|net|org|eu|de|at|ch|info|biz|fr|es|co\.uk|me|io)"
_ADDRESS = re.compile(
    r"[^\s@<>(),;:\"⟨⟩]{1,64}\s{0,3}@\s{0,3}[\w-]{1,63}(?:[.,]{1,2}[\w-]{1,63}){0,5}"
    rf"(?:\s{{0,2}}[.,]\s{{0,2}}{_ENDINGS}\b)?",
    re.IGNORECASE,
)
_PROVIDER = "|".join(
    sorted((re.escape(domain) for domain in PROVIDERS if len(domain) > 7), key=len, reverse=True)
)  # noqa: PLR2004
_ADDRESS_WITHOUT_AT = re.compile(rf"(?<![\w.@/-])(?!www\.)[\w.+-]{{2,40}}?(?:{_PROVIDER})\b", re.IGNORECASE)

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d[\d\s./()-]{5,20}\d(?![\w])")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_NUMBER = re.compile(r"(?<![\w.,/-])\d{3}[ -]?\d{3}(?![\w/-]|[.,]\d)")

_GROUPS = re.compile(r"(?<![^\W_])([^\W_]{4})(\s{0,2}[-–—_.·/]\s{0,2}|\s{1,3})([^\W_]{4})(?![^\W_])")
_TOGETHER = re.compile(r"(?<![^\W_])[^\W_]{8}(?![^\W_])")
_SIGN_BY_SIGN = re.compile(r"(?<![^\W_])[^\W_](?:[\s.·-]{1,3}[^\W_]){7}(?![^\W_])")
_ATTEMPT = re.compile(
    r"\b(?:codice|cod|code|invito|kode)\b\W{0,3}(?:(?:d['’]\s?invito|di\s+invito|è|e'|numero|mio|:|=|che\s+ho|ricevuto|risulta)\W{1,3}){0,3}"
    r"([^\W_]{2,9}(?:\s?[-–—]\s?[^\W_]{1,6})?)(?![^\W_])",
    re.IGNORECASE,
)
_NEAR_CODE = re.compile(r"\b(?:codic\w{1,2}|cod|code|invito)\b[^.!?\n]{0,25}$", re.IGNORECASE)
_SPAN_BEFORE = 45

# Four-letter words that stand before a number: "anno 2024" is no code.
_WORDS = frozenset(
    "anno anni dopo euro sono ogni nato nata rata rate fino pago dati date quel alle dalle nel ora ore oggi ieri casa "
    "sala sito mese mesi foto unit tipo tasi tari iban pure solo sino dato vale vano capo cose cosa alla della delle "
    "dall tutto meno oltre dove come fino live voip ente".split()
)
_LETTERS_AND_DIGITS = re.compile(r"(?=.*\d)(?=.*[^\W\d_])", re.DOTALL)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ATTEMPT_LENGTHS = range(5, 12)


def clean(text: str) -> str:
    """The text without what nobody types on purpose: controls, direction marks, invisible blanks.

    The brackets of references become plain ones, so that nobody can point at a value by hand.
    """
    kept = (
        c
        for c in unicodedata.normalize("NFC", text)
        if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE
    )
    return "".join(kept).replace("⟨", "<").replace("⟩", ">")


_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def find_values(text: str) -> list[Value]:
    """All personal values of a text, in order, without overlaps; where two finders meet, the earlier in line wins."""
    taken: list[Value] = []
    for finder in (
        _addresses,
        spelled_addresses,
        _ibans,
        _codes,
        spelled_codes,
        _phones,
        _attempts,
        _numbers,
    ):
        for value in finder(text):
            if all(value.end <= other.start or other.end <= value.start for other in taken):
                taken.append(value)
    return sorted(taken, key=lambda value: value.start)


def mask(text: str, reference: Callable[[Kind, str], str]) -> str:
    """The cleaned text with each personal value replaced by the reference that it is given."""
    text = clean(text)
    parts, position = [], 0
    for value in find_values(text):
        parts += [text[position : value.start], reference(value.kind, value.value)]
        position = value.end
    return "".join([*parts, text[position:]])


def _addresses(text: str) -> Iterator[Value]:
    if "@" in text:
        for match in _ADDRESS.finditer(text):
            trimmed = match.group().rstrip(".,-")
            yield Value("email", match.start(), match.start() + len(trimmed), "".join(trimmed.split()))
    for match in _ADDRESS_WITHOUT_AT.finditer(text):
        yield Value("email", match.start(), match.end(), match.group())


def _ibans(text: str) -> Iterator[Value]:
    for match in _IBAN.finditer(text):
        value = "".join(c for c in match.group().upper() if c.isalnum())
        if sum(c.isdigit() for c in value) >= 10:  # noqa: PLR2004 - fewer are words, not an account
            yield Value("iban", match.start(), match.end(), value)


def _codes(text: str) -> Iterator[Value]:
    for match in _GROUPS.finditer(text):
        if _is_code_in_groups(text, match):
            yield Value("codice", match.start(), match.end(), match.group())
    for match in _TOGETHER.finditer(text):
        if _LETTERS_AND_DIGITS.match(match.group()) or _is_code_of_letters(text, match):
            yield Value("codice", match.start(), match.end(), match.group())
    for match in _SIGN_BY_SIGN.finditer(text):
        if _LETTERS_AND_DIGITS.match(match.group()):
            yield Value("codice", match.start(), match.end(), match.group())


def _is_code_in_groups(text: str, match: re.Match[str]) -> bool:
    """Two groups of four are a code unless they are words or a word and a year."""
    first, separator, second = match.groups()
    groups = first + second
    if not _LETTERS_AND_DIGITS.match(groups):
        is_written_like_one = groups.isalpha() and groups.isupper() and not separator.isspace()
        return is_written_like_one and is_possible(normalize_code(groups))
    if _follows_code(text, match.start()) or any(
        _LETTERS_AND_DIGITS.match(group) for group in (first, second)
    ):
        return True
    if separator.strip():
        return not _YEAR.fullmatch(second) or first.isupper()
    return (
        first.lower() not in _WORDS
        and (not _YEAR.fullmatch(second) or first.isupper())
        and not first.isdigit()
    )


def _is_code_of_letters(text: str, match: re.Match[str]) -> bool:
    """Eight capitals after the word "codice", in a text that is not all capitals anyway."""
    typed = match.group()
    is_written_like_one = typed.isupper() and typed.isalpha() and is_possible(normalize_code(typed))
    return is_written_like_one and not text.isupper() and _follows_code(text, match.start())


def _follows_code(text: str, start: int) -> bool:
    return _NEAR_CODE.search(text[max(0, start - _SPAN_BEFORE) : start]) is not None


def _attempts(text: str) -> Iterator[Value]:
    """What is given as a code but cannot be one: the bot must be able to say so."""
    for match in _ATTEMPT.finditer(text):
        typed = match.group(1)
        length = sum(c.isalnum() for c in typed)
        if length in _ATTEMPT_LENGTHS and length != LENGTH and _LETTERS_AND_DIGITS.match(typed):
            yield Value("codice", match.start(1), match.end(1), typed)


def _phones(text: str) -> Iterator[Value]:
    for match in _PHONE.finditer(text):
        typed = match.group()
        digits = "".join(c for c in typed if c.isdigit())
        if _DATE.fullmatch(typed.strip()) or not _is_phone(typed, digits):
            continue
        yield Value("telefono", match.start(), match.end(), ("+" if typed.startswith("+") else "") + digits)


def _is_phone(typed: str, digits: str) -> bool:
    """International with a prefix; else an Italian mobile (3…) or land line (0…) number by its length."""
    if typed.startswith(("+", "00")):
        return 9 <= len(digits) <= 15  # noqa: PLR2004 - ITU-T E.164
    if digits.startswith("3"):
        return 9 <= len(digits) <= 11  # noqa: PLR2004
    return digits.startswith("0") and 8 <= len(digits) <= 12  # noqa: PLR2004


def _numbers(text: str) -> Iterator[Value]:
    for match in _NUMBER.finditer(text):
        yield Value("numero", match.start(), match.end(), "".join(c for c in match.group() if c.isdigit()))
