"""Invite codes as people type them, brought to the one form in which they are stored and compared.

A code is two groups of four characters out of `ALPHABET`, which leaves out what is misread: 0, O, 1, I, L.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 8

# No code holds these; each family becomes one character, so that the answer is the same whichever was typed.
_FOLDED = str.maketrans({"0": "O", "1": "I", "L": "I"})
# Capitals of other scripts that look like a Latin one (Cyrillic, then Greek).
_LATIN = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXIJSABEZHIKMNOPTYX")
_MEANT_INSTEAD = {"O": ("Q", "D"), "I": ("7", "J", "T")}


@dataclass(frozen=True)
class LookAlike:
    """A character that no code holds: where it stands (0 is the first) and what it may be a misreading of."""

    position: int
    typed: str
    meant: tuple[str, ...]


def normalize_code(typed: str) -> str:
    """The code in what was typed, as it is stored and compared; it need not be a possible one.

    Compatibility forms are undone; letters and digits are kept, in capitals; 0 becomes O; 1 and L become I.
    """
    return strip_code(typed).translate(_FOLDED)


def strip_code(typed: str) -> str:
    """What was typed, in capitals and without blanks, dashes and the like, its look-alikes as they are."""
    letters = unicodedata.normalize("NFKC", typed).upper().translate(_LATIN)
    return "".join(character for character in letters if character.isalnum())


def is_possible(code: str) -> bool:
    """Whether a normalised code can have been issued at all."""
    return len(code) == LENGTH and set(code) <= set(ALPHABET)


def format_code(code: str) -> str:
    """A normalised code as it is printed: ``USAT-2345``."""
    return f"{code[:4]}-{code[4:]}"


def look_alikes(code: str) -> list[LookAlike]:
    """The characters of a code that were surely misread (0, O, 1, I, L), with what to look for instead."""
    return [
        LookAlike(position, character, _MEANT_INSTEAD[folded])
        for position, character in enumerate(strip_code(code))
        if (folded := character.translate(_FOLDED)) in _MEANT_INSTEAD
    ]
