"""Help by mail, from the chat to the mailbox and back, against the really running service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.mailbox import letters, wait_for_letter
from tests.service import Chat, Service, running_service

OFFER = "Ricevere aiuto per e-mail"
REQUESTED = "Se questo indirizzo, o il suo gemello Google, è conosciuto"
WRONG = "Con questo numero non riesco"
REFUSED = "Hai già provato diverse volte"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service in which one address may be written to, and numbers for it tried, many times."""
    home = Path(tmp_path_factory.mktemp("recovery"))
    limits = {"PORTIERE_TARGET_MAIL_REQUESTS": "1000", "PORTIERE_TARGET_NUMBER_ATTEMPTS": "1000"}
    with running_service(home, **limits) as running:
        yield running


def ask_for_mail(chat: Chat, address: str, recipient: str | None = None) -> str:
    """Have a mail sent; the number in it."""
    known = sum(letter.recipient == (recipient or address) for letter in letters(chat.service.home))
    chat.say("ho dimenticato la password")
    chat.press(OFFER)
    assert REQUESTED in chat.say(address)
    return wait_for_letter(chat.service.home, recipient or address, known).number


def ask_for_nobody(chat: Chat) -> None:
    """Have a mail sent to an address that nobody has registered."""
    chat.say("ho dimenticato la password")
    chat.press(OFFER)
    assert REQUESTED in chat.say("nobody@example.com")


def test_who_cannot_log_in_learns_the_login_address_once_the_mailbox_is_proven(chat: Chat) -> None:
    chat.say("non riesco ad accedere")
    chat.say("maria.rossi@gmail.com")
    assert REQUESTED in chat.say("sì, grazie")
    number = wait_for_letter(chat.service.home, "maria.rossi@googlemail.com").number
    answer = chat.say(f"il numero è {number}")
    assert "la casella è tua" in answer
    assert "maria.rossi@googlemail.com" in answer
    assert "Via Roma 12 int. 4" in chat.say("il mio contratto è attivo?")


def test_what_was_asked_before_goes_on_after_the_proof(chat: Chat) -> None:
    chat.say("sono entrato nel portale ma non vedo il mio appartamento")
    chat.press("Non ho il codice")
    chat.press(OFFER)
    chat.say("giulia.ferrari@example.com")
    number = wait_for_letter(chat.service.home, "giulia.ferrari@example.com").number
    assert "è finito" in chat.say(number)


def test_the_administrator_is_named_after_the_proof(chat: Chat) -> None:
    chat.say("chi è il mio amministratore?")
    chat.press(OFFER)
    chat.say("franz.huber@example.com")
    number = wait_for_letter(chat.service.home, "franz.huber@example.com").number
    assert "Gestioni Adige" in chat.say(number)


@pytest.mark.parametrize("typed", ["{a} {b}", "{a}-{b}", "codice: {a}{b}", "{spaced}"])
def test_the_number_may_be_typed_as_it_comes(chat: Chat, typed: str) -> None:
    number = ask_for_mail(chat, "luca.bianchi@example.com")
    answer = chat.say(typed.format(a=number[:3], b=number[3:], spaced=" ".join(number)))
    assert "la casella è tua" in answer


def test_the_portal_identity_and_the_mailbox_are_told_the_same(service: Service, chat: Chat) -> None:
    chat.say(ask_for_mail(chat, "luca.bianchi@example.com"))
    token = service.portiere("token", "portal", "--account", "luca.bianchi@example.com")
    signed_in = Chat.open(service, identity=token)
    for question in ("il mio contratto è attivo?", "chi è il mio amministratore?"):
        assert chat.say(question) == signed_in.say(question)


def test_wrong_and_never_sent_numbers_get_one_answer(service: Service) -> None:
    answers = []
    for address in ("luca.bianchi@example.com", "nobody@example.com"):
        chat = Chat.open(service)
        chat.say("ho dimenticato la password")
        chat.press(OFFER)
        chat.say(address)
        wait_for_letter(service.home, address)
        chat.say("000000")
        answers.append(chat.answer)
    assert WRONG in answers[0][0]["text"]
    assert answers[0] == answers[1]


def test_the_number_of_another_conversation_is_wrong(service: Service, chat: Chat) -> None:
    other = Chat.open(service)
    number = ask_for_mail(chat, "luca.bianchi@example.com")
    ask_for_mail(other, "luca.bianchi@example.com")
    assert WRONG in other.say(number)


def test_a_number_is_good_once(chat: Chat) -> None:
    number = ask_for_mail(chat, "luca.bianchi@example.com")
    assert "la casella è tua" in chat.say(number)
    assert "la casella è tua" not in chat.say(number)


def test_guessing_numbers_ends_with_a_person(chat: Chat) -> None:
    number = ask_for_mail(chat, "luca.bianchi@example.com")
    for guess in range(10):
        assert WRONG in chat.say(f"{(int(number) + 1 + guess) % 1_000_000:06}")
    assert REFUSED in chat.say(number)
    assert "Parlare con una persona" in chat.buttons


def test_asking_for_mails_again_and_again_ends_with_a_person(chat: Chat) -> None:
    ask_for_nobody(chat)
    for _ in range(2):
        chat.say("ho dimenticato la password")
        assert REQUESTED in chat.press(OFFER)
    chat.say("ho dimenticato la password")
    assert REFUSED in chat.press(OFFER)
    assert "Parlare con una persona" in chat.buttons


def test_a_slip_in_the_address_is_asked_about_before_a_mail_is_lost(chat: Chat) -> None:
    chat.say("ho dimenticato la password")
    chat.press(OFFER)
    assert "qualcosa non torna" in chat.say("luca.bianchi@gmial.com")
    assert REQUESTED in chat.say("luca.bianchi@gmail.com")


def test_an_address_with_a_seeming_slip_is_taken_the_second_time(chat: Chat) -> None:
    chat.say("ho dimenticato la password")
    chat.press(OFFER)
    chat.say("luca.bianchi@gmial.com")
    assert REQUESTED in chat.say("luca.bianchi@gmial.com")


def test_nothing_has_arrived_and_another_address_are_offered(chat: Chat) -> None:
    ask_for_nobody(chat)
    assert chat.buttons == ["Non è arrivato niente", "Altro indirizzo", "Parlare con una persona"]
    assert "spam" in chat.press("Non è arrivato niente")
    assert "A quale indirizzo" in chat.press("Altro indirizzo")
    assert REQUESTED in chat.say("sara.greco@example.com")
    assert "invito è scaduto" in " ".join(wait_for_letter(chat.service.home, "sara.greco@example.com").text.split())


def test_a_question_in_between_is_answered_and_the_number_still_awaited(chat: Chat) -> None:
    ask_for_nobody(chat)
    answer = chat.say("come mi registro?")
    assert "codice d'invito" in answer
    assert "scrivi qui il numero" in answer
    assert "lasciamo stare" in chat.say("annulla")


def test_staff_are_sent_no_mails(staff_chat: Chat) -> None:
    staff_chat.say("un cliente ha dimenticato la password")
    assert OFFER not in staff_chat.buttons


def test_the_mailbox_page_shows_the_mail(service: Service, chat: Chat) -> None:
    number = ask_for_mail(chat, "luca.bianchi@example.com")
    page = httpx.get(f"{service.url}/mailbox", trust_env=False).text
    assert number in page
    assert "luca.bianchi@example.com" in page


def test_waiting_and_dead_mails_can_be_counted_and_listed(service: Service) -> None:
    metrics = httpx.get(f"{service.url}/metrics", trust_env=False).text
    assert 'portiere_mails{state="dead"} 0.0' in metrics
    assert service.portiere("mail", "list", "--dead") == ""
    assert service.portiere("mail", "retry") == "0 mails will be tried again."
