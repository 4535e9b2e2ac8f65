"""The log of the running service: every turn that was answered, once, whatever dies meanwhile."""

from __future__ import annotations

import os
import re
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.engine import Engine, Row

from bot.conversations.log.tables import logged_conversation, turn
from bot.conversations.store import ABANDONED
from bot.conversations.tables import mail, message, tracker_event
from bot.database import open_engine
from tests.api.test_takeover import hand_off
from tests.console import Supporter
from tests.databases import own_database
from tests.mailbox import letters
from tests.service import Chat, Service, running_service
from tests.unit.conversations.log.talks import rows

Result = TypeVar("Result")

AGAIN = uuid.uuid4().hex
PEOPLE = 4
SUPPORT = "Ciao, sono qui"
REQUESTED = "Se questo indirizzo, o il suo gemello Google, è conosciuto"
LOCKED = 7.0  # seconds; writers wait five
FAILURES: list[float] = []  # when a try failed that was made again
PATIENCE = 150.0  # seconds
WHAT = ("come mi registro?", "ho dimenticato la password", "grazie", "SCAD-2345 è scaduto", "che tempo fa?")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fragile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of our own to break."""
    home = Path(tmp_path_factory.mktemp("fragile"))
    if request.param == "sqlite":
        with running_service(home, PORTIERE_TARGET_MAIL_REQUESTS="1000") as running:
            yield running
        return
    for url in own_database(request.getfixturevalue("postgres_server"), "log"):
        with running_service(
            home, PORTIERE_TARGET_MAIL_REQUESTS="1000", PORTIERE_ACCOUNTS_URL=url, PORTIERE_CONVERSATIONS_URL=url
        ) as running:
            yield running


@pytest.fixture
def store(fragile: Service) -> Iterator[Engine]:
    """The conversation store of the service."""
    default = f"sqlite:///{fragile.home / 'conversations.db'}"
    engine = open_engine(fragile.environment.get("PORTIERE_CONVERSATIONS_URL", default))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def anna(fragile: Service) -> Supporter:
    return Supporter(fragile, "anna")


@pytest.mark.parametrize("victims", [("rasa", "keeper"), ("gateway", "mail"), ("actions", "rasa", "gateway")])
def test_every_answered_turn_is_logged_once_though_processes_are_killed(
    fragile: Service, store: Engine, anna: Supporter, victims: Sequence[str]
) -> None:
    def kill() -> None:
        for name in victims:
            time.sleep(1.5)
            os.kill(fragile.pid_of(name), signal.SIGKILL)

    assert_logged_once(store, talk_while(fragile, anna, kill))


def test_every_answered_turn_is_logged_once_though_the_database_goes_away(
    fragile: Service, store: Engine, anna: Supporter
) -> None:
    """PostgreSQL ends all connections, twenty times; SQLite is locked for longer than anybody waits for it."""

    def cut() -> None:
        if store.dialect.name == "sqlite":
            with store.begin() as connection:
                connection.execute(text("update deletion set reason = reason"))
                time.sleep(LOCKED)
            return
        for _ in range(20):
            with store.begin() as connection:
                others = "pid <> pg_backend_pid() and datname = current_database()"
                connection.execute(text(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}"))
            time.sleep(0.15)

    talk = talk_while(fragile, anna, cut)
    assert talk.failures > 0
    assert_logged_once(store, talk)


def test_every_mail_that_was_asked_for_is_sent_though_processes_are_killed(fragile: Service, store: Engine) -> None:
    known = len(letters(fragile.home))

    def kill() -> None:
        for name in ("mail", "gateway", "mail"):
            time.sleep(1.5)
            os.kill(fragile.pid_of(name), signal.SIGKILL)

    with ThreadPoolExecutor(PEOPLE + 1) as pool:
        killing = pool.submit(kill)
        people = [pool.submit(asks_for_mails, fragile, killing.done) for _ in range(PEOPLE)]
        talks = [ident for person in people for ident in person.result()]
        killing.result()
    assert len(talks) >= PEOPLE
    is_asked_for = mail.c.conversation_id.in_(talks)
    if not all(state == "sent" for state in states_of(store, talks).values()):
        time.sleep(5)  # what is being sent is sent by now: what is left was claimed by a process that has died
        with store.begin() as connection:
            is_left = (is_asked_for, mail.c.state == "waiting")
            connection.execute(update(mail).where(*is_left).values(due_at=datetime.now(timezone.utc)))
    until_true(lambda: set(states_of(store, talks).values()) == {"sent"})
    with store.connect() as connection:
        asked = connection.scalars(select(mail.c.conversation_id).where(is_asked_for)).all()
    assert sorted(asked) == sorted(talks)
    # A mail process that dies between sending a mail and noting so sends it again.
    assert len(talks) <= len(letters(fragile.home)) - known <= len(talks) + 2


def test_a_message_that_was_handled_gets_its_answer_though_the_gateway_died_before_it_could_keep_it(
    fragile: Service, store: Engine
) -> None:
    chat = Chat.open(fragile)
    content = {"text": "come mi registro?", "client_message_id": AGAIN}
    answer = chat.post(content).json()
    talk = chat.session["conversation_id"]
    with store.begin() as connection:
        sent = connection.execute(select(message).where(message.c.client_message_id == AGAIN)).all()[-1]
        connection.execute(delete(message).where(message.c.answers == sent.id))
        before = sent.created_at - ABANDONED
        is_sent = message.c.id == sent.id
        connection.execute(update(message).where(is_sent).values(state="waiting", created_at=before))
        events = len(connection.execute(select(tracker_event.c.id).where(tracker_event.c.sender_id == talk)).all())
    assert chat.post(content).json() == answer
    with store.connect() as connection:
        found = connection.execute(select(tracker_event.c.id).where(tracker_event.c.sender_id == talk)).all()
    assert len(found) == events
    assert_logged_once(store, Talk({talk: ["come mi registro?"]}))
    assert chat.say("grazie")


def test_a_turn_that_cannot_be_logged_is_not_answered_until_it_can(fragile: Service, store: Engine) -> None:
    chat = Chat.open(fragile)
    content = {"text": "come mi registro?", "client_message_id": "unlogged"}
    with store.begin() as connection:
        connection.execute(text("alter table turn rename to turn_aside"))
    try:
        assert chat.post(content).status_code == 503
    finally:
        with store.begin() as connection:
            connection.execute(text("alter table turn_aside rename to turn"))
    assert chat.post(content).json()["messages"]
    assert_logged_once(store, Talk({chat.session["conversation_id"]: ["come mi registro?"]}))


def test_how_long_an_answer_took_is_logged(fragile: Service, store: Engine) -> None:
    chat = Chat.open(fragile)
    began = time.monotonic()
    chat.say("come mi registro?")
    seconds = time.monotonic() - began
    with store.connect() as connection:
        found = connection.execute(
            select(turn).where(turn.c.conversation_id == chat.session["conversation_id"]).order_by(turn.c.number)
        ).all()
    assert [row.number for row in found][:2] == [0, 1]
    assert 1 < found[1].milliseconds < seconds * 1000


def test_a_takeover_is_rebuilt_as_it_was_logged(fragile: Service, store: Engine) -> None:
    anna = Supporter(fragile, "anna.bianchi")
    chat = Chat.open(fragile)
    number = hand_off(chat)
    anna.do(number, "take")
    anna.do(number, "say", text="Ciao, sono Anna", message_id="s1")
    assert chat.say("come mi registro?") == ""
    assert chat.say("mah") == ""
    anna.do(number, "give-back")
    chat.say("come mi registro?")
    live = rows(store, with_ids=True)
    *_, to_support, not_understood, answered = (
        row for row in live["turn"] if row["conversation_id"] == chat.session["conversation_id"]
    )
    assert {(row["milliseconds"], row["is_unsure"]) for row in (to_support, not_understood)} == {(None, False)}
    assert answered["milliseconds"] > 1
    fragile.portiere("conversations", "rebuild")
    assert rows(store, with_ids=True) == live


def test_an_erased_conversation_is_gone_while_the_service_runs(fragile: Service, store: Engine) -> None:
    chat = Chat.open(fragile)
    chat.say("mi chiamo Quercianera e non riesco a entrare")
    talk = chat.session["conversation_id"]
    assert "Erased" in fragile.portiere("conversations", "erase", talk, "--reason", "asked for it")
    assert chat.post({"text": "ci sei ancora?"}).status_code == 401
    assert "Quercianera" not in fragile.portiere("conversations", "export")
    with store.connect() as connection:
        row = connection.execute(select(logged_conversation).where(logged_conversation.c.id == talk)).one()
    assert (row.turns, row.has_texts) == (1, False)


@dataclass
class Talk:
    """What each person said and had answered, by conversation; what support said in one; how many tries failed."""

    told: dict[str, list[str]]
    said: dict[str, list[str]] = field(default_factory=dict)
    failures: int = 0


def talk_while(service: Service, supporter: Supporter, trouble: Callable[[], None]) -> Talk:
    """Several people and a supporter talk until the trouble is over and all have their answers."""
    taken = Chat.open(service)
    taken.say("come mi registro?")
    ident = taken.session["conversation_id"]
    number = re.findall(r"P-\d{6}", str(supporter.post(f"/console/conversations/{ident}/take").url))[0]
    before = len(FAILURES)
    with ThreadPoolExecutor(PEOPLE + 2) as pool:
        running = pool.submit(trouble)
        people = [pool.submit(one_person, service, running.done) for _ in range(PEOPLE)]
        speaking = pool.submit(one_supporter, supporter, number, running.done)
        told = dict(person.result() for person in people)
        said = speaking.result()
        running.result()
    service.wait_until_ready()
    supporter.do(number, "give-back")
    return Talk(told, {ident: said}, len(FAILURES) - before)


def one_supporter(supporter: Supporter, number: str, is_over: Callable[[], bool]) -> list[str]:
    """Says one thing after the other in a conversation that they have, each again until it is kept."""
    said: list[str] = []
    while not is_over() or len(said) < 5:
        words = f"{SUPPORT} ({len(said)})"

        def send(words: str = words) -> httpx.Response:
            path = f"/console/handoffs/{number}/say"
            return supporter.post(path, text=words, message_id=words).raise_for_status()

        until_it_works(send)
        said.append(words)
        time.sleep(0.1)
    return said


def asks_for_mails(service: Service, is_over: Callable[[], bool]) -> list[str]:
    """Asks for one mail after the other, each in a conversation of its own; their ids."""
    talks: list[str] = []
    while not is_over() or not talks:
        chat = until_it_works(lambda: Chat.open(service))
        for words in ("non riesco ad accedere", "maria.rossi@gmail.com", "sì, grazie"):
            content = {"text": words, "client_message_id": uuid.uuid4().hex}

            def send(chat: Chat = chat, content: dict[str, str] = content) -> httpx.Response:
                return chat.post(content).raise_for_status()

            answer = until_it_works(send).text
        assert REQUESTED in answer
        talks.append(chat.session["conversation_id"])
    return talks


def states_of(store: Engine, talks: Sequence[str]) -> dict[str, str]:
    """The states of the mails of some conversations."""
    with store.connect() as connection:
        found = connection.execute(select(mail).where(mail.c.conversation_id.in_(talks)))
        return {row.conversation_id: row.state for row in found}


def until_true(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.2)


def one_person(service: Service, is_over: Callable[[], bool]) -> tuple[str, list[str]]:
    """Says one thing after the other, each again until it is answered, as the widget does."""
    chat = until_it_works(lambda: Chat.open(service))
    told: list[str] = []
    while not is_over() or len(told) < 10:
        words = f"{WHAT[len(told) % len(WHAT)]} ({len(told)})"
        content = {"text": words, "client_message_id": uuid.uuid4().hex}

        def send(content: dict[str, str] = content) -> httpx.Response:
            return chat.post(content).raise_for_status()

        assert until_it_works(send).json()["messages"], words
        told.append(words)
    return chat.session["conversation_id"], told


def until_it_works(attempt: Callable[[], Result]) -> Result:
    """Try until there is no failure that a later try may not have."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except httpx.HTTPStatusError as error:
            if error.response.status_code not in (409, 500, 502, 503) or time.monotonic() > until:
                raise
        except httpx.HTTPError:
            if time.monotonic() > until:
                raise
        FAILURES.append(time.monotonic())
        time.sleep(0.3)


def assert_logged_once(store: Engine, talk: Talk) -> None:
    """Each turn that was answered, and each that support said, is in the log, in order, none twice."""
    assert sum(map(len, talk.told.values()))
    for ident, words in talk.told.items():
        rows = turns_of(store, ident, "person")
        with store.connect() as connection:
            row = connection.execute(select(logged_conversation).where(logged_conversation.c.id == ident)).one()
            is_heard = (tracker_event.c.sender_id == ident, tracker_event.c.type_name == "user")
            heard = connection.execute(select(tracker_event.c.id).where(*is_heard)).all()
        assert [logged.text.replace("⟨codice 1⟩", "SCAD-2345") for logged in rows] == words
        assert [logged.number for logged in rows] == list(range(1, len(words) + 1))
        assert all(logged.answers for logged in rows)
        assert row.turns == len(heard) == len(words)
    for ident, words in talk.said.items():
        assert [logged.text for logged in turns_of(store, ident, "support")] == words
        is_said = (message.c.conversation_id == ident, message.c.support_user == "anna", message.c.text != "")
        with store.connect() as connection:
            assert list(connection.scalars(select(message.c.text).where(*is_said).order_by(message.c.id))) == words


def turns_of(store: Engine, ident: str, side: str) -> Sequence[Row]:
    is_of = (turn.c.conversation_id == ident, turn.c.side == side)
    with store.connect() as connection:
        return list(connection.execute(select(turn).where(*is_of).order_by(turn.c.number)))
