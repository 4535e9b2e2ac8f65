"""A conversation that a supporter takes over from the bot and gives back, with the real Rasa."""

from __future__ import annotations

import os
import re
import signal
from typing import Any

import httpx
import pytest

from tests.console import Supporter, case_of
from tests.service import Chat, Service


@pytest.fixture(scope="module")
def anna(service: Service) -> Supporter:
    return Supporter(service, "anna.bianchi")


@pytest.fixture(scope="module")
def bruno(service: Service) -> Supporter:
    return Supporter(service, "bruno")


def hand_off(chat: Chat) -> str:
    """Ask for a person as people do; the number of the case."""
    chat.say("vorrei parlare con una persona")
    chat.say("non riesco a registrarmi")
    return found_number(chat.press("Qui in chat"))


def found_number(text: str) -> str:
    found = re.search(r"P-\d{6}", text)
    assert found, text
    return found.group()


def sides(chat: Chat, last: int) -> list[tuple[str, str]]:
    return [(m.get("support") or m["side"], m.get("handoff") or m["text"]) for m in chat.history()[-last:]]


def standing(chat: Chat, service: Service) -> Any:
    answer = httpx.get(f"{service.url}/api/widget/messages", headers=chat.headers, trust_env=False, timeout=20)
    return answer.json()["handoff"]


def test_a_conversation_is_taken_over_and_given_back(
    chat: Chat, service: Service, anna: Supporter, bruno: Supporter
) -> None:
    assert standing(chat, service) is None
    number = hand_off(chat)
    assert standing(chat, service) == {"state": "open"}
    assert number in anna.read("/console/handoffs")

    page = anna.do(number, "take")
    assert "non riesco a registrarmi" in page
    assert bruno.post(f"/console/handoffs/{number}/take").status_code == httpx.codes.CONFLICT
    assert bruno.post(f"/console/handoffs/{number}/say", text="Io!", message_id="b").status_code == httpx.codes.CONFLICT
    assert standing(chat, service) == {"state": "taken", "support": "Anna"}

    for _ in range(2):  # the same message sent twice is said once
        anna.do(number, "say", text="Ciao, scrivimi a ada.neri@example.com", message_id="s1")
    assert chat.say("grazie, come mi registro?") == ""
    assert chat.say("SCAD-2345") == ""
    assert sides(chat, 4) == [
        ("Anna", "taken"),
        ("Anna", "Ciao, scrivimi a ada.neri@example.com"),
        ("person", "grazie, come mi registro?"),
        ("person", "SCAD-2345"),
    ]
    talk = anna.read(f"/console/handoffs/{number}/talk")
    assert "come mi registro?" in talk
    assert "ada.neri@example.com" not in talk

    anna.do(number, "note", text="Ha un codice scaduto")
    assert "Ha un codice scaduto" in anna.read(f"/console/handoffs/{number}")
    anna.do(number, "give-back")
    assert standing(chat, service) is None
    assert [side for side, _ in sides(chat, 2)] == ["Anna", "bot"]
    assert chat.say("come mi registro?")
    assert number not in anna.read("/console/handoffs")
    assert number in anna.read("/console/handoffs?show=closed")

    transcript = anna.read(f"/console/conversations/{chat.session['conversation_id']}")
    assert "anna.bianchi" in transcript
    assert f"/console/handoffs/{number}" in transcript


def test_a_form_that_was_being_filled_in_is_left(chat: Chat, anna: Supporter) -> None:
    number = hand_off(chat)
    chat.say("il mio codice di invito è scaduto")  # the bot asks for the code
    anna.do(number, "take")
    assert chat.say("ABCD") == ""
    anna.do(number, "give-back")
    assert "person" in chat.say("vorrei parlare con una persona")


def test_the_bot_stays_silent_though_rasa_starts_anew(service: Service, anna: Supporter) -> None:
    chat = Chat.open(service)
    number = hand_off(chat)
    anna.do(number, "take")
    for count in range(18):  # more turns than a tracker keeps
        assert chat.say(f"messaggio {count}, come mi registro?") == ""
    os.kill(service.pid_of("rasa"), signal.SIGKILL)
    service.wait_until_ready()
    assert chat.say("come mi registro?") == ""
    anna.do(number, "say", text="Sono ancora qui", message_id="s1")
    assert sides(chat, 1) == [("Anna", "Sono ancora qui")]
    anna.do(number, "give-back")
    assert chat.say("come mi registro?")


def test_a_case_is_passed_on_and_put_back(chat: Chat, service: Service, anna: Supporter, bruno: Supporter) -> None:
    number = hand_off(chat)
    anna.do(number, "take")
    anna.do(number, "assign", to="bruno")
    assert sides(chat, 1) == [("Bruno", "taken")]
    assert anna.post(f"/console/handoffs/{number}/say", text="Io", message_id="x").status_code == httpx.codes.CONFLICT
    bruno.do(number, "say", text="Ora ci sono io", message_id="s1")
    bruno.do(number, "put-back")
    assert standing(chat, service) == {"state": "open"}
    assert chat.say("come mi registro?")
    anna.do(number, "take")
    assert chat.say("ancora io") == ""


def test_two_misunderstandings_open_a_case_and_a_wish_for_a_person_adds_to_it(chat: Chat, anna: Supporter) -> None:
    chat.say("eh niente, la solita storia")
    assert "proprio a capirti" in chat.say("uff")
    number = case_of(anna, chat)
    assert "due incomprensioni" in anna.read(f"/console/handoffs/{number}")
    chat.press("Parlare con una persona")
    chat.say("non riesco a registrarmi")
    assert found_number(chat.say("chiamatemi allo 0471 555 123")) == number
    page = anna.read(f"/console/handoffs/{number}")
    for expected in ("due incomprensioni", "non riesco a registrarmi", "⟨telefono 1⟩"):
        assert expected in page


def test_support_takes_a_running_conversation_that_has_no_case(chat: Chat, anna: Supporter) -> None:
    chat.say("come mi registro?")
    taken = anna.post(f"/console/conversations/{chat.session['conversation_id']}/take")
    number = found_number(str(taken.url))
    assert chat.say("e poi?") == ""
    anna.do(number, "say", text="Ciao, ti aiuto io", message_id="s1")
    assert sides(chat, 1) == [("Anna", "Ciao, ti aiuto io")]
    anna.do(number, "give-back")
    assert chat.say("come mi registro?")


def test_privacy_alone_does_not_take_part(service: Service, chat: Chat) -> None:
    number = hand_off(chat)
    officer = Supporter(service, "olga", "privacy")
    for path in ("", f"/{number}", f"/{number}/talk"):
        assert officer.http.get(f"/console/handoffs{path}").status_code == httpx.codes.FORBIDDEN
    assert officer.post(f"/console/handoffs/{number}/take").status_code == httpx.codes.FORBIDDEN


def test_whoever_may_see_values_is_led_to_the_contact_of_a_case(service: Service, chat: Chat, anna: Supporter) -> None:
    chat.say("vorrei parlare con una persona")
    chat.say("non riesco a registrarmi")
    number = found_number(chat.say("chiamatemi allo 0471 555 123"))
    page = anna.read(f"/console/handoffs/{number}")
    assert "⟨telefono 1⟩" in page
    assert "ruolo privacy" in page
    assert "#references" not in page
    both = Supporter(service, "paola", "support", "privacy")
    (transcript,) = re.findall(r'href="([^"]+)#references"', both.read(f"/console/handoffs/{number}"))
    shown = both.post(f"{transcript}/reveal", reference="⟨telefono 1⟩", reason="la persona vuole essere chiamata")
    assert "0471555123" in shown.text.replace(" ", "")
