"""The kinds of personal values and the references that stand for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["email", "codice", "telefono", "iban", "numero"]
KINDS: tuple[Kind, ...] = get_args(Kind)

REFERENCE = re.compile(r"⟨(email|codice|telefono|iban|numero) (\d{1,4})⟩")


def reference_to(kind: str, number: int) -> str:
    """The reference to the n-th value of a kind in a conversation: ``⟨email 1⟩``."""
    return f"⟨{kind} {number}⟩"


@dataclass(frozen=True)
class Value:
    """A personal value found in a text: ``text[start:end]`` as typed, ``value`` as it is meant."""

    kind: Kind
    start: int
    end: int
    value: str
