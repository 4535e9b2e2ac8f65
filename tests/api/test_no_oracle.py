"""Without a proof nothing tells whether an address is registered: not what is said, nor how, nor how long it takes."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from scipy.stats import mannwhitneyu

from tests.mailbox import letters, wait_for_letter
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
KNOWN, UNKNOWN = "luca.bianchi@example.com", "nora.bianchi@example.com"
PAIRS = 500
FEW_PAIRS = 150
PAIRS_IN_A_CONVERSATION = 10
WAYS = ("reset", "login", "contract")


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that lets anybody ask for mails and try numbers again and again."""
    names = ("MAIL_REQUESTS", "TARGET_MAIL_REQUESTS", "NUMBER_ATTEMPTS", "TARGET_NUMBER_ATTEMPTS")
    limits = {f"PORTIERE_{name}": "1000000" for name in names}
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
    times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    with httpx.Client(base_url=patient.url, timeout=30, trust_env=False) as http:
        for batch in range(1 + PAIRS // PAIRS_IN_A_CONVERSATION):
            headers = conversation_about_mails(http)
            for _ in range(PAIRS_IN_A_CONVERSATION):
                for address in chance.sample([KNOWN, UNKNOWN], 2):
                    seconds = time_of(http, headers, {"text": address}, "Se questo indirizzo")
                    if batch:  # the first conversation warms the service up
                        times[address].append(seconds)
    assert [len(measured) for measured in times.values()] == [PAIRS, PAIRS]
    assert_alike(times)


def test_the_time_of_a_wrong_number_tells_nothing(patient: Service) -> None:
    """Pairs of conversations, one about either address, once both have been written to."""
    chance = random.Random(5)
    times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    with httpx.Client(base_url=patient.url, timeout=30, trust_env=False) as http:
        talks = [pair_of_conversations(http) for _ in range(1 + FEW_PAIRS // PAIRS_IN_A_CONVERSATION)]
        before = {address: sum(letter.recipient == address for letter in letters(patient.home)) for address in times}
        for talk in talks:
            for address, headers in talk.items():
                time_of(http, headers, {"text": address}, "Se questo indirizzo")
        for address in times:
            wait_for_letter(patient.home, address, before[address] + len(talks) - 1)
        for number, talk in enumerate(talks):
            for _ in range(PAIRS_IN_A_CONVERSATION):
                for address in chance.sample([KNOWN, UNKNOWN], 2):
                    seconds = time_of(http, talk[address], {"text": "000000"}, "Con questo numero non riesco")
                    if number:
                        times[address].append(seconds)
    assert_alike(times)


def test_the_time_of_the_turn_after_a_mail_was_asked_for_tells_nothing(patient: Service) -> None:
    """While the mail process finds out what is on file."""
    chance = random.Random(6)
    times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    with httpx.Client(base_url=patient.url, timeout=30, trust_env=False) as http:
        for number in range(1 + FEW_PAIRS // PAIRS_IN_A_CONVERSATION):
            talk = pair_of_conversations(http)
            for _ in range(PAIRS_IN_A_CONVERSATION):
                for address in chance.sample([KNOWN, UNKNOWN], 2):
                    time_of(http, talk[address], {"text": address}, "Se questo indirizzo")
                    seconds = time_of(http, talk[address], {"text": "come mi registro?"}, "scrivi qui il numero")
                    if number:
                        times[address].append(seconds)
    assert_alike(times)


def assert_alike(times: Mapping[str, Sequence[float]]) -> None:
    """Neither the ranks of the times nor their difference within pairs tells the addresses apart."""
    # Within pairs, because a busy machine slows both of a pair down.
    gap = abs(statistics.median(one - other for one, other in zip(times[KNOWN], times[UNKNOWN], strict=True)))
    p = mannwhitneyu(times[KNOWN], times[UNKNOWN]).pvalue
    print(f"p = {p:.3f}, median gap {gap * 1000:.2f} ms of {statistics.median(times[KNOWN]) * 1000:.0f} ms")
    assert gap < 0.005
    assert p > 0.01


def pair_of_conversations(http: httpx.Client) -> dict[str, dict[str, str]]:
    """One conversation about either address."""
    return {address: conversation_about_mails(http) for address in (KNOWN, UNKNOWN)}


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


def time_of(http: httpx.Client, headers: dict[str, str], message: dict[str, str], expected: str) -> float:
    """Seconds until a message is answered as expected."""
    began = time.perf_counter()
    response = http.post("/api/widget/messages", json=message, headers=headers)
    seconds = time.perf_counter() - began
    assert expected in response.text
    return seconds
