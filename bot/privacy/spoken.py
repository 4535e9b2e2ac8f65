"""What letters, digits and signs are called when somebody dictates them."""

from __future__ import annotations

import functools
import unicodedata


def words(text: str) -> tuple[str, ...]:
    """The words of a list that is written as a text."""
    return tuple(text.split())


LETTER_NAMES = {
    "bi": "B", "ci": "C", "di": "D", "effe": "F", "gi": "G", "acca": "H", "cappa": "K", "kappa": "K",
    "elle": "L", "emme": "M", "enne": "N", "pi": "P", "qu": "Q", "cu": "Q", "erre": "R", "esse": "S",
    "ti": "T", "vu": "V", "vi": "V", "doppiavu": "W", "ics": "X", "ipsilon": "Y", "zeta": "Z",
}  # fmt: skip
DIGIT_NAMES = {
    "zero": "0", "uno": "1", "due": "2", "tre": "3", "quattro": "4", "cinque": "5", "sei": "6", "sette": "7",
    "otto": "8", "nove": "9",
}  # fmt: skip
# The names that people spell with, where no letter is said before them: "Udine, Savona, Ancona, Torino".
SPELLING_NAMES = {
    name: name[0].upper()
    for name in words(
        "ancona bari bologna como domodossola empoli firenze genova imola livorno milano napoli otranto padova "
        "palermo quarto roma savona torino udine venezia verona zara "
        "alfa bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec "
        "romeo sierra tango uniform victor whiskey xray yankee zulu"
    )
}
DOT_WORDS = frozenset(("punto", "dot", "punkt"))
DASH_WORDS = {"trattino": "-", "meno": "-", "lineetta": "-", "underscore": "_"}

_TEENS = words("dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove")
_TENS = words("venti trenta quaranta cinquanta sessanta settanta ottanta novanta")


def _below_hundred() -> dict[str, str]:
    names = {name: str(10 + number) for number, name in enumerate(_TEENS)}
    for tens, name in enumerate(_TENS, start=2):
        names[name] = f"{tens}0"
        for unit, digit in DIGIT_NAMES.items():
            if digit != "0":  # "ventuno", not "ventiuno"
                names[(name[:-1] if unit[0] in "uo" else name) + unit] = f"{tens}{digit}"
    return names


@functools.lru_cache(maxsize=1)
def number_names() -> dict[str, str]:
    """Italian numbers from 0 to 999 as one word, without accents."""
    small = _below_hundred()
    names = {**DIGIT_NAMES, **small}
    for hundreds in range(1, 10):
        name = ("" if hundreds == 1 else list(DIGIT_NAMES)[hundreds]) + "cento"
        names[name] = f"{hundreds}00"
        names |= {name + unit: f"{hundreds}0{digit}" for unit, digit in DIGIT_NAMES.items() if digit != "0"}
        names |= {name + rest: f"{hundreds}{digits}" for rest, digits in small.items()}
    return names


def digits_of(word: str) -> str | None:
    """The digits of a number's name ("trentatré"); None if it is no number."""
    lowered = word.lower()
    if not lowered.isascii():
        lowered = "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))
    return number_names().get(lowered)
