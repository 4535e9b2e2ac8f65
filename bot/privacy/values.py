"""The kinds of personal values and the references that stand for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from actions.mail_domains import GOOGLE

Kind = Literal["email", "codice", "telefono", "iban", "numero"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Who speaks in a conversation, as a signed token names them. Nobody can type this reference, and no text shows it.
PERSON = "⟨persona 1⟩"

REFERENCE = re.compile(rf"⟨({'|'.join(KINDS)}) ([1-9][0-9]{{0,5}})⟩")


def reference_to(kind: str, number: int) -> str:
    """The reference to the n-th value of a kind in a conversation: ``⟨email 1⟩``."""
    return f"⟨{kind} {number}⟩"


@dataclass(frozen=True)
class Value:
    """A personal value in a text.

    It stands at ``text[start:end]``, typed as `raw`. `value` is its normal form: an address without blanks
    but with its slips (a comma for a dot stays one), a code as printed if it is possible and else in
    capitals, a phone number as digits with its plus sign, an IBAN in capitals without blanks, a one-time
    number as digits.
    """

    kind: Kind
    start: int
    end: int
    raw: str
    value: str

    @property
    def is_google_mail(self) -> bool:
        """Whether it is an address at gmail.com or googlemail.com: two logins to the portal, one mailbox."""
        return self.kind == "email" and self.value.lower().rpartition("@")[2] in GOOGLE


@dataclass(frozen=True)
class Masked:
    """A cleaned text with references instead of values, and what understanding it needs to know of the values."""

    text: str
    names_google_mail: bool
