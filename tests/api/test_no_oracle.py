"""Without a proof nothing tells whether an address is registered: not what is said, nor how, nor how long it takes."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from scipy.stats import mannwhitneyu

from tests.service import Chat, Service, running_service

# One address for each state that an account store may know, and some that it does not. What the bot repeats of an
# address is taken out before answers are compared.
ADDRESSES = {
    "unknown": "nobody.here@example.com",
    "unknown at Google": "nobody.here@gmail.com",
    "registered": "luca.bianchi@example.com",
    "registered, contract ended": "giulia.ferrari@example.com",
    "registered, no contract": "paolo.gallo@example.com",
    "registered as it is spelled": "maria.rossi@googlemail.com",
    "registered in the other spelling": "maria.rossi@gmail.com",
    "contact address of another login": "elena.conti@example.com",
    "invited, open": "davide.fontana@example.com",
    "invited, expired": "sara.greco@example.com",
    "invited, revoked": "anna.serra@example.com",
}
GOOGLE = tuple(state for state, address in ADDRESSES.items() if "mail.com" in address)
PLAIN = tuple(state for state in ADDRESSES if state not in GOOGLE)
PAIRS = 500
PAIRS_IN_A_CONVERSATION = 10
WAYS = ("reset", "login", "contract")


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that lets anybody ask for mails again and again."""
    limits = {"PORTIERE_MAIL_REQUESTS": "1000000", "PORTIERE_TARGET_MAIL_REQUESTS": "1000000"}
    with running_service(Path(tmp_path_factory.mktemp("oracle")), **limits) as running:
        yield running


class Seen:
    """Everything that a client can see of a conversation about one address, with the address taken out."""

    def __init__(self, service: Service, address: str) -> None:
        self._chat = Chat.open(service)
        self._address = address
        self.answers: list[tuple[Any, ...]] = []

    def say(self, text: str) -> None:
        self._keep(self._chat.post({"text": text}))

    def press(self, title: str) -> None:
        payloads = {b["title"]: b["payload"] for message in self._chat.answer for b in message.get("buttons", [])}
        self._keep(self._chat.post({"payload": payloads[title]}))

    def _keep(self, response: httpx.Response) -> None:
        self._chat.answer = response.json().get("messages", [])
        local, _, domain = self._address.partition("@")
        twin = {"gmail.com": "googlemail.com", "googlemail.com": "gmail.com"}.get(domain)
        body = response.text
        for spelling in filter(None, (self._address, twin and f"{local}@{twin}")):
            body = body.replace(spelling, "…")
        headers = {name: value for name, value in response.headers.items() if name not in ("date", "content-length")}
        self.answers.append((response.status_code, body, len(body), headers))


def talk(service: Service, address: str, way: str) -> list[tuple[Any, ...]]:
    """A whole conversation about an address, by one of the ways to help by mail and on to a wrong number."""
    seen = Seen(service, address)
    if way == "login":
        seen.say("non riesco ad accedere")
        seen.say(address)
        seen.press("Ricevere aiuto per e-mail")
    else:
        seen.say("ho dimenticato la password" if way == "reset" else "non vedo il mio appartamento")
        if way == "contract":
            seen.press("Non ho il codice")
        seen.press("Ricevere aiuto per e-mail")
        seen.say(address)
    seen.say("000000")
    seen.press("Manda un'altra mail")
    seen.press("Non è arrivato niente")
    seen.say("chi è il mio amministratore?")
    return seen.answers


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("states", [PLAIN, GOOGLE], ids=["plain", "google"])
def test_all_addresses_are_answered_alike(patient: Service, way: str, states: tuple[str, ...]) -> None:
    expected = talk(patient, ADDRESSES[states[0]], way)
    assert [status for status, *_ in expected] == [200] * len(expected)
    for state in states[1:]:
        assert talk(patient, ADDRESSES[state], way) == expected, state


def test_the_mail_is_asked_for_in_the_same_bytes_whatever_the_address(patient: Service) -> None:
    bodies = set()
    for address in ADDRESSES.values():
        chat = Chat.open(patient)
        chat.say("ho dimenticato la password")
        chat.press("Ricevere aiuto per e-mail")
        bodies.add(chat.post({"text": address}).content)
    assert len(bodies) == 1


def test_over_the_limit_all_addresses_are_refused_alike(service: Service) -> None:
    """Three mails an hour may go to one address; the fourth is refused, whatever is on file."""
    answers = []
    for address in ("nobody.limit@example.com", "paolo.gallo@example.com", "anna.serra@example.com"):
        for _ in range(4):
            answer = ask_for_mail(service, address)
        answers.append((answer.status_code, answer.content))
    assert "per sicurezza ora mi fermo" in answers[0][1].decode()
    assert len(set(answers)) == 1


def test_both_spellings_of_a_google_address_are_counted_together(service: Service) -> None:
    for address in ("limit@gmail.com", "Limit@gmail.com", "limit@googlemail.com"):
        assert "per sicurezza" not in ask_for_mail(service, address).text
    assert "per sicurezza" in ask_for_mail(service, "limit@googlemail.com").text


def ask_for_mail(service: Service, address: str) -> httpx.Response:
    """Ask for a mail in a conversation of its own."""
    chat = Chat.open(service)
    chat.say("ho dimenticato la password")
    chat.press("Ricevere aiuto per e-mail")
    return chat.post({"text": address})


def test_the_time_of_an_answer_tells_nothing(patient: Service) -> None:
    """Pairs of a known and an unknown address of the same length, interleaved in random order.

    Ten pairs share a conversation: where the number is asked for, an address alone asks for the next mail, so that a
    pair costs two messages and both of its addresses find the same conversation.
    """
    chance = random.Random(4)
    known, unknown = "luca.bianchi@example.com", "nora.bianchi@example.com"
    times: dict[str, list[float]] = {known: [], unknown: []}
    with httpx.Client(base_url=patient.url, timeout=30, trust_env=False) as http:
        for batch in range(1 + PAIRS // PAIRS_IN_A_CONVERSATION):
            headers = conversation_about_mails(http)
            for _ in range(PAIRS_IN_A_CONVERSATION):
                for address in chance.sample([known, unknown], 2):
                    seconds = time_of(http, headers, address)
                    if batch:  # the first conversation warms the service up
                        times[address].append(seconds)
    assert [len(measured) for measured in times.values()] == [PAIRS, PAIRS]
    # Within pairs, because a busy machine slows both of a pair down.
    gap = abs(statistics.median(one - other for one, other in zip(times[known], times[unknown], strict=True)))
    p = mannwhitneyu(times[known], times[unknown]).pvalue
    print(f"p = {p:.3f}, median gap {gap * 1000:.2f} ms of {statistics.median(times[known]) * 1000:.0f} ms")
    assert gap < 0.005
    assert p > 0.01


def conversation_about_mails(http: httpx.Client) -> dict[str, str]:
    """The headers of a new conversation that asks for the number out of a mail."""
    token = http.post("/api/widget/sessions").json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    for message in (
        {"text": "ho dimenticato la password"},
        {"payload": '/inform{"help_by_mail": "yes"}'},
        {"text": "somebody.else@example.com"},
    ):
        http.post("/api/widget/messages", json=message, headers=headers).raise_for_status()
    return headers


def time_of(http: httpx.Client, headers: dict[str, str], address: str) -> float:
    """Seconds until a mail to an address is promised."""
    began = time.perf_counter()
    response = http.post("/api/widget/messages", json={"text": address}, headers=headers)
    seconds = time.perf_counter() - began
    assert "Se questo indirizzo" in response.text
    return seconds
