"""Values that are spelled out: "mario punto rossi chiocciola…", "U come Udine, esse, a, ti, 2, 3, 4, 5"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.privacy.values import Value

_LETTER_NAMES = {
    "bi": "B", "ci": "C", "di": "D", "effe": "F", "gi": "G", "acca": "H", "cappa": "K", "kappa": "K", "elle": "L",
    "emme": "M", "enne": "N", "pi": "P", "qu": "Q", "cu": "Q", "erre": "R", "esse": "S", "ti": "T", "vu": "V",
    "vi": "V", "ics": "X", "ipsilon": "Y", "zeta": "Z",
}  # fmt: skip
_DIGIT_NAMES = {
    "zero": "0", "uno": "1", "due": "2", "tre": "3", "quattro": "4", "cinque": "5", "sei": "6", "sette": "7",
    "otto": "8", "nove": "9",
}  # fmt: skip
_SKIPPED = {"trattino", "meno", "spazio", "poi", "e", "maiuscola", "maiuscolo"}
_WORD = re.compile(r"\w+")
_LONGEST_GAP = 4  # characters between two spelled-out signs: blank, comma, dash

_CODE_LENGTHS = range(7, 10)  # eight, or one forgotten, or one too many

_DOT = r"(?:punto|dot|pt)"
_JOINT = rf"(?:\s+(?:{_DOT}|trattino\s+basso|underscore|trattino|meno|lineetta)\s+|\s*[._-]\s*)"
_AT = r"(?:\s+(?:chiocciol(?:a|ina)|at|et)\s+|\s*[(\[{]\s*(?:at|et|chiocciola)\s*[)\]}]\s*)"
_SPELLED_ADDRESS = re.compile(
    rf"\b\w{{1,30}}(?:{_JOINT}\w{{1,30}}){{0,5}}{_AT}\w{{1,30}}(?:-\w{{1,30}})?(?:(?:\s+{_DOT}\s+|\s?[.,]\s?)\w{{2,20}}){{1,3}}\b",
    re.IGNORECASE,
)
_REPLACED = [
    (re.compile(_AT, re.IGNORECASE), "@"),
    (re.compile(r"\s+(?:trattino\s+basso|underscore)\s+", re.IGNORECASE), "_"),
    (re.compile(r"\s+(?:trattino|meno|lineetta)\s+", re.IGNORECASE), "-"),
    (re.compile(rf"\s+{_DOT}\s+", re.IGNORECASE), "."),
    (re.compile(r"\s+"), ""),
]


def spelled_addresses(text: str) -> Iterator[Value]:
    """Mail addresses written in words."""
    for match in _SPELLED_ADDRESS.finditer(text):
        address = match.group()
        for pattern, replacement in _REPLACED:
            address = pattern.sub(replacement, address)
        yield Value("email", match.start(), match.end(), address)


def spelled_codes(text: str) -> Iterator[Value]:
    """Codes whose signs are named one by one; a run of about eight signs with a digit among them."""
    run: list[tuple[int, int, str]] = []
    words = list(_WORD.finditer(text))
    index = 0
    while index <= len(words):
        word = words[index] if index < len(words) else None
        if word is not None and run and word.start() - run[-1][1] > _LONGEST_GAP:
            yield from _code_of(run)
            run = []
        sign = _sign(word.group()) if word else None
        if word is not None and sign is not None:
            end, skipped = _end_of_sign(words, index)
            run.append((word.start(), end, sign))
            index += skipped
        elif word is None or word.group().lower() not in _SKIPPED or not run:
            yield from _code_of(run)
            run = []
        else:
            run.append((word.start(), word.end(), ""))
        index += 1


def _sign(word: str) -> str | None:
    lowered = word.lower()
    if len(word) == 1 and word.isalnum():
        return word.upper()
    return _LETTER_NAMES.get(lowered) or _DIGIT_NAMES.get(lowered)


def _end_of_sign(words: list[re.Match[str]], index: int) -> tuple[int, int]:
    """Where a sign ends, and how many words belong to it besides its own ("S come Savona": two)."""
    if (
        index + 2 < len(words)
        and words[index + 1].group().lower() in ("come", "di", "wie")
        and len(words[index + 2].group()) > 2
    ):
        is_city = words[index + 1].group().lower() != "di" or words[index + 2].group()[0].isupper()
        if is_city:
            return words[index + 2].end(), 2
    return words[index].end(), 0


def _code_of(run: list[tuple[int, int, str]]) -> Iterator[Value]:
    while run and not run[-1][2]:
        run = run[:-1]
    code = "".join(sign for _, _, sign in run)
    if len(code) in _CODE_LENGTHS and any(c.isdigit() for c in code) and any(c.isalpha() for c in code):
        yield Value("codice", run[0][0], run[-1][1], code)
