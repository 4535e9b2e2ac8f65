"""Writing habits brought to one form, for training and use alike."""

from __future__ import annotations

import re

from bot.privacy.values import REFERENCE

# What stands for a masked value in the text that is understood: a word that the encoder knows.
_STAND_IN = {
    "email": "l'indirizzo email",
    "codice": "il codice",
    "telefono": "il numero di telefono",
    "iban": "il conto iban",
    "numero": "il numero",
}
# A greeting before a request says nothing of the request; that there was one tells a mere greeting from a statement.
_GREETING = re.compile(
    r"^(?:buon ?giorno|buona ?sera|buon ?pomeriggio|buond[iì]|salve|ciao)[\s,.!:-]+(?=(?:\S+\s+){2})"
)
_SHORTEST_GREETING = "ciao, "
_REPEATED = re.compile(r"(\w)\1{2,}")
_SHORT = {
    "nn": "non",
    "xke": "perché",
    "xkè": "perché",
    "xké": "perché",
    "xche": "perché",
    "perke": "perché",
    "perchè": "perché",
    "xk": "perché",
    "pk": "perché",
    "cmq": "comunque",
    "qnd": "quando",
    "qdo": "quando",
    "qst": "questo",
    "qsto": "questo",
    "qsta": "questa",
    "qlc": "qualcosa",
    "qlcn": "qualcuno",
    "qualcs": "qualcosa",
    "qnt": "quanto",
    "cm": "come",
    "ank": "anche",
    "ke": "che",
    "ki": "chi",
    "kosa": "cosa",
    "x": "per",
    "xò": "però",
    "dv": "dove",
    "cs": "cosa",
    "cn": "con",
    "tt": "tutto",
    "sn": "sono",
    "nnt": "niente",
    "msg": "messaggio",
    "pw": "password",
    "psw": "password",
    "pwd": "password",
    "pls": "per favore",
    "pf": "per favore",
    "grz": "grazie",
    "amm": "amministratore",
    "ammin": "amministratore",
    "app.to": "appartamento",
    "cod": "codice",
    "tel": "telefono",
    "num": "numero",
}
_NOT = re.compile(r"\bn\b(?!\.|\s*\d)")  # "n" is "non", but "n. 12" and "n 12" are numbers of houses
_PASSWORD = re.compile(r"(?<!\bil )(?<!\bun )(?<!\bdel )(?<!\bal )(?<!\bdi )\bpass\b")  # "il pass" opens a barrier
_WORD = re.compile(r"[\w.]+|[^\w\s]+|\s+")


def normalize(text: str) -> str:
    """The text as the encoder sees it: stand-ins for references, no shouting, abbreviations and repeats undone."""
    text = REFERENCE.sub(lambda match: _STAND_IN[match.group(1)], text)
    text = " ".join(text.split()).lower()
    text = _GREETING.sub(_SHORTEST_GREETING, text)
    text = _NOT.sub("non", text)
    text = _PASSWORD.sub("password", text)
    text = _REPEATED.sub(r"\1\1", text)
    return "".join(_SHORT.get(word.rstrip("."), word) if word[0].isalpha() else word for word in _WORD.findall(text))
