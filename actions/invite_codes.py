"""Invite codes as people type them, brought to the one form in which they are stored and compared.

A code is two groups of four characters out of `ALPHABET`, which leaves out what is easily misread: 0, O, 1, I, L.
"""

from __future__ import annotations

import unicodedata

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 8

# Look-alikes are one character: whichever of them a code was printed with, each of them finds it.
_FOLDED = str.maketrans({"0": "O", "1": "I", "L": "I"})
# Capitals of other scripts that look like a Latin one.
_LATIN = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXIJSABEZHIKMNOPTYX")


def normalize_code(typed: str) -> str:
    """The code in what was typed: compatibility forms undone, upper case, no blanks or dashes, look-alikes folded."""
    letters = unicodedata.normalize("NFKC", typed).upper().translate(_LATIN)
    return "".join(character for character in letters if character.isalnum()).translate(_FOLDED)


def is_possible(code: str) -> bool:
    """Whether a normalised code can have been issued at all."""
    return len(code) == LENGTH and set(code) <= set(ALPHABET)


def format_code(code: str) -> str:
    """A normalised code as it is printed: ``USAT-2345``."""
    return f"{code[:4]}-{code[4:]}"
