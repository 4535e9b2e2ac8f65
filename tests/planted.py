"""Personal values planted in every way that a person can send them, to be looked for everywhere afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.mailbox import wait_for_letter
from tests.service import Chat, Service

ADDRESS = "quercianera.marker@example.com"
CODE = "QRCA-2345"
PHONE = "333 9876501"
IBAN = "IT60 X054 2811 1010 0000 0123 456"
NUMBER = "739251"

WAYS = (
    f"non riesco a entrare con {ADDRESS}",
    f"NON RIESCO A ENTRARE CON {ADDRESS.upper()}",
    "la mia email è quercianera punto marker chiocciola example punto com",
    "la mia email è quercianera\npunto marker\nchiocciola example\npunto com",
    "scrivo da quercianera.marker\n@example.com ma non entro",
    "scrivo da quercianera.marker@\nexample.com ma non entro",
    "quercianera.marker (at) example.com",
    "quercianera.marker @ example . com",
    "quercianera.marker@example,com",
    "<quercianera.marker@example.com>",
    f"mailto:{ADDRESS}?subject=aiuto",
    f'/inform{{"email": "{ADDRESS}"}}',
    f"il codice {CODE} non va",
    "il codice qrca2345 non va",
    "il codice QRCA\n2345 non va",
    "il codice q r c a 2 3 4 5 non va",
    "il codice è Q come Quarto R come Roma C come Como A come Ancona 2 3 4 5",
    f"chiamatemi al {PHONE}",
    "chiamatemi al +39 333\n9876501",
    f"il mio iban è {IBAN}",
    f"il mio iban è {IBAN.replace(' ', '').lower()}",
    f"il numero è {NUMBER}",
    "il numero è 739 251",
    "il numero è 739\n251",
    "il numero è 7 3 9 2 5 1",
)

_SECRETS = re.compile(
    r"quercianera|qrca[\s-]?2345|q\s?r\s?c\s?a\s?2\s?3\s?4\s?5|333\s?9876501"
    r"|it60\s?x054\s?2811\s?1010\s?0000\s?0123\s?456|(?<![\d.])7\s?3\s?9\s?2\s?5\s?1(?!\d)",
    re.IGNORECASE,
)


def plant(service: Service) -> None:
    """Send every value in every way: typed, as a payload, as a remark to a person, and for a mail."""
    for text in WAYS:
        chat = Chat.open(service)
        chat.say(text)
        chat.history()
    chat = Chat.open(service)
    for payload in (f'/inform{{"email": "{ADDRESS}"}}', ADDRESS, CODE, NUMBER):
        assert chat.post({"payload": payload}).status_code == 422
    assert chat.post({"text": "ciao", ADDRESS: ADDRESS}).status_code == 422
    chat.say("voglio parlare con una persona")
    chat.say(f"con {CODE} non entro, scrivetemi a {ADDRESS} o al {PHONE}, iban {IBAN}")
    chat.say(ADDRESS)
    chat.say("ho dimenticato la password")
    chat.press("Ricevere aiuto per e-mail")
    wait_for_letter(service.home, ADDRESS)
    chat.say(NUMBER)


def traces_in(text: str) -> set[str]:
    """The planted values that a text holds."""
    return {match.group().lower() for match in _SECRETS.finditer(text)}


def traces_in_files(service: Service) -> Iterator[tuple[str, set[str]]]:
    """The files of a service that hold planted values; mails are excepted, which the demo keeps for their readers."""
    for path in service.home.rglob("*"):
        if path.is_file() and path.parent.name != "mailbox":
            found = traces_in(path.read_bytes().decode("latin-1"))
            if found:
                yield path.name, found
