"""Personal values planted in a running service by every door, and all places where they must not be."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

import httpx
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.conversations.log.reviews import Reviews
from bot.conversations.log.tables import turn
from bot.conversations.tables import message
from bot.database import open_engine
from tests.console import Supporter
from tests.mailbox import wait_for_letter
from tests.planted_wordings import ADDRESS, CODE, IBAN, NUMBER, PHONE, WORDINGS, Wording, traces_in
from tests.service import Chat, Service

REMARK = f"con {CODE} e {ADDRESS} non entro, chiamatemi al tre tre tre nove otto sette sei cinque zero uno"
_ADMINISTRATOR = "quercianera.ufficio@example.com"
_LEAD = "lea.quadri"


@dataclass(frozen=True)
class Planted:
    """The conversations in which the values were sent."""

    wordings: Mapping[str, Wording]  # by the id of the conversation that began with it
    others: tuple[str, ...]


def plant(service: Service) -> Planted:
    """Send every value in every wording, and by every door: as a payload, an id, a remark, a supporter's message."""
    wordings = {}
    for wording in WORDINGS:
        chat = Chat.open(service)
        chat.say(wording.text)
        chat.history()
        wordings[_id_of(chat)] = wording
    others = (_by_side_doors(service), _with_a_person(service), _as_an_administrator(service))
    return Planted(wordings, tuple(map(_id_of, others)))


def _by_side_doors(service: Service) -> Chat:
    chat = Chat.open(service)
    for payload in (f'/inform{{"email": "{ADDRESS}"}}', ADDRESS, CODE, NUMBER):
        assert chat.post({"payload": payload}).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert chat.post({"text": "ciao", ADDRESS: ADDRESS}).status_code == httpx.codes.UNPROCESSABLE_ENTITY
    for ident in (ADDRESS, CODE, NUMBER, PHONE.replace(" ", ""), IBAN.replace(" ", "")):
        assert chat.post({"text": "ciao", "client_message_id": ident}).status_code == httpx.codes.OK
    chat.say("ho dimenticato la password")
    chat.press("Ricevere aiuto per e-mail")
    chat.say(ADDRESS)
    wait_for_letter(service.home, ADDRESS)
    chat.say(NUMBER)
    rated = httpx.post(
        f"{service.url}/api/widget/rating",
        json={"thumb": "down", "remark": REMARK},
        headers=chat.headers,
        timeout=20,
        trust_env=False,
    )
    assert rated.status_code == httpx.codes.NO_CONTENT
    return chat


def _with_a_person(service: Service) -> Chat:
    chat = Chat.open(service)
    chat.say("voglio parlare con una persona")
    chat.say(f"con {CODE} non entro, scrivetemi a {ADDRESS} o al {PHONE}, iban {IBAN}")
    answer = chat.say(ADDRESS)
    found = re.search(r"P-\d{6}", answer)
    assert found, answer
    supporter = Supporter(service, "anna.quadri")
    supporter.do(found.group(), "take")
    supporter.do(found.group(), "say", text=f"Le scrivo a {ADDRESS}, numero {NUMBER}", message_id="s1")
    supporter.do(found.group(), "note", text=f"Ha il codice {CODE} e il telefono {PHONE}")
    supporter.do(found.group(), "give-back")
    return chat


def _as_an_administrator(service: Service) -> Chat:
    token = service.portiere("token", "staff", "--company", "studio-brennero", "--name", _ADMINISTRATOR)
    chat = Chat.open(service, "staff", bearer=token)
    chat.say(f"il mio cliente {ADDRESS} non entra, ha il codice {CODE}")
    return chat


def _id_of(chat: Chat) -> str:
    return str(chat.session["conversation_id"])


def store_of(service: Service) -> Engine:
    """The service's conversation store."""
    default = f"sqlite:///{service.home / 'conversations.db'}"
    return open_engine(service.environment.get("PORTIERE_CONVERSATIONS_URL") or default)


def first_messages(engine: Engine, planted: Planted) -> Mapping[str, str]:
    """What each conversation of a wording began with, as it is stored."""
    theirs = (message.c.conversation_id.in_(list(planted.wordings)), message.c.side == "person")
    with engine.connect() as connection:
        rows = connection.execute(select(message.c.conversation_id, message.c.text).where(*theirs))
        return {row.conversation_id: row.text for row in rows}


def exports_of(service: Service, engine: Engine, planted: Planted) -> Mapping[str, str]:
    """All that can be taken out of the log, by name; every wording is an accepted correction there."""
    lead = Supporter(service, _LEAD, "support", "lead")
    _correct(engine, planted)
    archive = zipfile.ZipFile(io.BytesIO(lead.http.get("/console/corrections/nlu.zip").content))
    tables = set(re.findall(r"/console/dashboard/(\w+)\.csv", lead.read("/console/dashboard")))
    pages = [f"/console/conversations/{ident}" for ident in (*planted.wordings, *planted.others)]
    return {
        "export": service.portiere("conversations", "export"),
        "corrections": "\n".join(archive.read(name).decode() for name in archive.namelist()),
        "stories": "\n".join(lead.read(f"{page}/story.yml") for page in pages),
        "transcripts": "\n".join(lead.read(page) for page in pages),
        **{f"{name}.csv": lead.read(f"/console/dashboard/{name}.csv") for name in tables},
    }


def _correct(engine: Engine, planted: Planted) -> None:
    of_wordings = (turn.c.conversation_id.in_(list(planted.wordings)), turn.c.number > 0)
    with engine.connect() as connection:
        rows = connection.execute(select(turn.c.conversation_id, turn.c.number).where(*of_wordings))
        places = [(row.conversation_id, row.number) for row in rows]
    reviews = Reviews(engine)
    reviews.correct(places, "cannot_log_in", _LEAD, is_lead=True, now=datetime.now(timezone.utc))
    reviews.accept(places, _LEAD)


def traces_in_files(service: Service) -> Iterator[tuple[str, set[str]]]:
    """The files of a service that hold planted values; mails are excepted, which the demo keeps for their readers."""
    for path in service.home.rglob("*"):
        if path.is_file() and "mailbox" not in path.relative_to(service.home).parts:
            found = traces_in(path.read_bytes().decode("utf-8", "ignore"))
            if found:
                yield path.name, found
