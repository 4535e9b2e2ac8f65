"""What people notice when a part is down, slow or attacked; and what is found in logs and databases afterwards."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console import Supporter, case_of
from tests.service import Chat, Service, running_service

MARK = "marked.person@example.com"
KIND = "non riesco a consultare i dati"


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of our own to break; few wrong codes are allowed in it."""
    home = Path(tmp_path_factory.mktemp("fragile"))
    with running_service(home, PORTIERE_CODE_ATTEMPTS="5") as running:
        yield running


def test_a_killed_action_server_is_a_kind_sentence_and_comes_back(fragile: Service) -> None:
    chat = Chat.open(fragile)
    os.kill(fragile.pid_of("actions"), signal.SIGKILL)
    answer = chat.say(f"il codice SCAD-2345 è scaduto, la mia email è {MARK}")
    assert KIND in answer
    assert "Parlare con una persona" in chat.buttons
    fragile.wait_until_ready()
    assert "è scaduto" in chat.say("riprova con il codice SCAD-2345")


def test_a_stopped_action_server_is_given_up_after_the_budget(fragile: Service) -> None:
    chat = Chat.open(fragile)
    actions = fragile.pid_of("actions")
    os.kill(actions, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert KIND in chat.say("il codice SCAD-2345 è scaduto")
        assert time.monotonic() - began < 6
    finally:
        os.kill(actions, signal.SIGCONT)
    assert "è scaduto" in chat.say("e adesso? il codice è SCAD-2345")


def test_a_broken_account_store_is_a_kind_sentence(fragile: Service) -> None:
    chat = Chat.open(fragile)
    store = fragile.home / "accounts.db"
    with sqlite3.connect(store) as connection:
        connection.execute("alter table invite rename to invite_aside")
    try:
        assert KIND in chat.say(f"il codice SCAD-2345 è scaduto, la mia email è {MARK}")
    finally:
        with sqlite3.connect(store) as connection:
            connection.execute("alter table invite_aside rename to invite")
    assert "è scaduto" in chat.say("riprova: SCAD-2345")


def test_a_broken_tracker_store_does_not_end_the_conversation(fragile: Service) -> None:
    chat = Chat.open(fragile)
    with sqlite3.connect(fragile.home / "conversations.db") as connection:
        connection.execute("alter table tracker_event rename to tracker_event_aside")
    try:
        assert chat.post({"text": f"la mia email è {MARK}"}).status_code in (200, 503)
    finally:
        with sqlite3.connect(fragile.home / "conversations.db") as connection:
            connection.execute("alter table tracker_event_aside rename to tracker_event")
    assert chat.say("ciao")


def test_rasa_down_is_a_problem_that_says_when_to_try_again(fragile: Service) -> None:
    chat = Chat.open(fragile)
    os.kill(fragile.pid_of("rasa"), signal.SIGKILL)
    message = {"text": "ciao", "client_message_id": "again"}
    response = chat.post(message)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0
    fragile.wait_until_ready()
    assert chat.post(message).json()["messages"]


def test_too_many_wrong_codes_end_in_a_polite_refusal(fragile: Service) -> None:
    chat = Chat.open(fragile)
    for code in ("AAAA-2222", "AAAA-3333", "AAAA-4444", "AAAA-5555", "AAAA-66O6"):
        assert "provato diverse volte" not in chat.say(f"il codice {code} non funziona")
    assert "provato diverse volte" in chat.say("il codice SCAD-2345 non funziona")
    assert "Parlare con una persona" in chat.buttons
    lead = Supporter(fragile, "livia", "lead")
    assert "troppi tentativi" in lead.read("/console/handoffs")
    assert "Prendi il caso" in lead.read(f"/console/handoffs/{case_of(lead, chat)}")


def test_no_log_and_no_database_holds_a_marked_address(fragile: Service) -> None:
    """Runs last: whatever the failures above wrote is searched, too."""
    for written in (MARK, "la mia email è marked punto person chiocciola example punto com"):
        Chat.open(fragile).say(f"{written}, perché non entro?")
    traces = [path for path in fragile.home.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]
    assert traces == []
    assert "SCAD-2345" not in fragile.logs()
