"""What a wish for reactivations says besides whom it names: that it means many, leaves some out, or lists several."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.accounts.names import fold
from actions.accounts.places import find_place, fold_address

_MANY = re.compile(r"\b(?:tutt[ie]|ogni|scadut[ie]|inviti|codici|entrambi)\b")
_EXCEPT = re.compile(
    r"\b(?:tranne|eccetto|escluso|esclusi|esclusa|escluse|escludendo|fuorche|all'infuori|a parte|ma non|salvo (?!c\b)|"
    r"(?<!o )(?<!per lo )(?<!al )meno (?!di\b|che\b))"
)
_BETWEEN = re.compile(r"\s+(?:e|ed|anche|pure|poi)\s+|\s*[,;:+]\s*|\.\s+", re.IGNORECASE)


def means_many(text: str) -> bool:
    """Whether a text wants more than one invite reactivated."""
    return bool(_MANY.search(fold(text)))


def makes_exception(text: str) -> bool:
    """Whether a text wants many but leaves some out: `tutti tranne Neri`."""
    return means_many(text) and bool(_EXCEPT.search(fold(text)))


def parts_of(text: str) -> Sequence[str]:
    """The parts of a text of which each may name a customer: `Neri, Bianchi e Greco`; none if it is no list."""
    parts = [part for part in _BETWEEN.split(text) if part.strip()]
    return [part for part in parts if find_place(fold_address(part)) is None] if len(parts) > 1 else []
