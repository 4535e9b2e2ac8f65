"""Every way in which a person can write a personal value, and what would be seen of it if it leaked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

ADDRESS = "quercianera.marker@example.com"
CODE = "QRCA-2345"
PHONE = "333 9876501"
IBAN = "IT60 X054 2811 1010 0000 0123 456"
NUMBER = "739251"

_SEPARATED = r"[\s.,_-]{0,3}"
_VALUES = re.compile(  # in normal form, whatever it was typed like
    rf"quercianera\.\w+@|qrca{_SEPARATED}2345|333{_SEPARATED}9876501|it60x0542811101000000123456"
    r"|it60\s?x054\s?2811\s?1010\s?0000\s?0123\s?456|(?<!\d)(?<!\d\.)739251(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wording:
    """A sentence with one value in it, and how the value is typed there."""

    kind: str
    before: str
    typed: str
    after: str

    @property
    def text(self) -> str:
        """The sentence."""
        return self.before + self.typed + self.after

    @property
    def masked(self) -> str:
        """The sentence as it is to be stored in a conversation that begins with it."""
        return f"{self.before}⟨{self.kind} 1⟩{self.after}"

    def is_in(self, text: str) -> bool:
        """Whether a text holds the value as it is typed here, plain or escaped."""
        forms = {self.typed, json.dumps(self.typed)[1:-1], json.dumps(self.typed, ensure_ascii=False)[1:-1]}
        pattern = "|".join(map(re.escape, forms))
        return bool(re.search(rf"(?<!\d)(?<!\d\.)(?:{pattern})(?!\d)", text, re.IGNORECASE))


# The value of each sentence stands between the marks ‹ and ›.
_SENTENCES = {
    "email": (
        f"non riesco a entrare con ‹{ADDRESS}›",
        f"NON RIESCO A ENTRARE CON ‹{ADDRESS.upper()}›",
        "la mia email è ‹quercianera punto marker chiocciola example punto com›",
        "la mia email è ‹quercianera\npunto marker\nchiocciola example\npunto com›",
        "la mia email è ‹quercianera, punto, marker, chiocciola, example, punto, com›",
        "scrivo da ‹quercianera.marker\n@example.com› ma non entro",
        "scrivo da ‹quercianera.marker@\nexample.com› ma non entro",
        "scrivo da ‹quercianera.marker@exam\nple.com› ma non entro",
        "‹quercianera.marker (at) example.com›",
        "‹quercianera.marker (chiocciola) example (punto) com›",
        "‹quercianera (punto) marker (chiocciola) example (punto) com›",
        "‹quercianera.marker @ example . com›",
        "scrivo da ‹quercianera @ example (punto) com›",
        "‹quercianera.marker@example(dot)com›",
        "‹quercianera.marker@example。com›",
        "‹quercianera.marker&#64;example.com›",
        "‹quercianera.marker%40example.com›",
        "‹quercianera.marker＠example.com›",
        "‹quercianera.marker@example,com›",
        f"<‹{ADDRESS}›>",
        f"mailto:‹{ADDRESS}›?subject=aiuto",
        f'/inform{{"email": "‹{ADDRESS}›"}}',
        "la mia email è ‹quercia marker at gmail punto com›",
        "la mia email è ‹quercia marker tutto attaccato chiocciola gmail punto com›",
        "la mia email è ‹qu u e erre ci i a chiocciola libero punto it›",
        "la mia email è ‹qu, u, e, erre, ci, i, a, chiocciola, libero, punto, it›",
        "la mia email è ‹info chiocciola quercia bianchi punto it›",
    ),
    "codice": (
        f"il codice ‹{CODE}› non va",
        "il codice ‹qrca2345› non va",
        "il codice ‹QRCA\n2345› non va",
        "il codice ‹QRCA    2345› non va",
        "il codice ‹QRCA:2345› non va",
        "il codice ‹qrca, 2345› non va",
        "il codice ‹QRC A2345› non va",
        "il codice‹QRCA2345› non va",
        "il codice ‹q r c a 2 3 4 5› non va",
        "il codice ‹qrca due tre quattro cinque› non va",
        "il codice è ‹Q come Quarto R come Roma C come Como A come Ancona 2 3 4 5›",
        "il codice è ‹q di quarto, r di roma, c di como, a di ancona, 2345›",
        "il codice è ‹Quarto Roma Como Ancona 2345›",
        "del codice le lettere sono ‹QRCA e i numeri 2345›",
    ),
    "telefono": (
        f"chiamatemi al ‹{PHONE}›",
        "chiamatemi al ‹+39 333\n9876501›",
        "chiamatemi al ‹333—9876501›",
        "chiamatemi al ‹333_9876501›",
        "chiamatemi al ‹333,9876501›",
        "chiamatemi al ‹３３３ ９８７６５０１›",
        "chiamatemi al ‹tre tre tre nove otto sette sei cinque zero uno›",
        "chiamatemi al ‹tre tre tre 9 8 7 6 5 0 1›",
        "chiamatemi al ‹trecentotrentatré novantotto settantasei cinquanta uno›",
    ),
    "iban": (
        f"il mio iban è ‹{IBAN}›",
        f"il mio iban è ‹{IBAN.replace(' ', '').lower()}›",
        "il mio iban è ‹IT 60 X 05428 11101 000000123456›",
        "il mio iban è ‹IT 60 X 0542811101000000123456›",
    ),
    "numero": (
        f"il numero è ‹{NUMBER}›",
        f"il numero è ‹{NUMBER}›-",
        f"il numero è n.‹{NUMBER}›",
        "il numero è ‹739 251›",
        "il numero è ‹739\n251›",
        "il numero è ‹739\n\n251›",
        "il numero è ‹739.251›",
        "il numero è ‹7392 51›",
        "il numero è ‹7 3 9 2 5 1›",
        "il numero è ‹7.3.9.2.5.1›",
        "il numero è ‹sette tre nove due cinque uno›",
        "il numero è ‹settantatré novantadue cinquantuno›",
    ),
}
WORDINGS = tuple(
    Wording(kind, *re.split("[‹›]", sentence)) for kind, sentences in _SENTENCES.items() for sentence in sentences
)


def traces_in(text: str) -> set[str]:
    """The planted values that a text holds, in normal form or as they were typed."""
    values = {match.group().lower() for match in _VALUES.finditer(text)}
    return values | {wording.typed for wording in WORDINGS if wording.is_in(text)}
