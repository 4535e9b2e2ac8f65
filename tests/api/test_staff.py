"""Administrators at work: properties, reactivations, tenants' requests, and another company that gets nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from bot.conversations.store import ConversationStore, Proof
from bot.database import open_engine
from bot.settings import Settings
from tests.api.test_cases import written
from tests.api.test_staff_wordings import CUSTOMERS, diagnosis_of
from tests.service import Chat, Service, running_service
from tests.unit.accounts.factories import contact, invite, save

VALUES = {
    "studio-brennero": [
        *("maria.rossi@", "luca.bianchi@", "giulia.ferrari@", "paolo.gallo@", "conti@", "sara.greco@"),
        *("davide.fontana@", "anna.serra@", "Martina Kofler", "471 555 010", "studio@brennero"),
    ],
    "gestioni-adige": ["franz.huber@", "Corso Adige 8 int. 3", "Paolo Zanetti", "045 555 0200", "info@adige"],
}


@pytest.fixture(scope="module")
def own_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose data these tests may change."""
    with running_service(Path(tmp_path_factory.mktemp("staff"))) as running:
        yield running


def staff(service: Service, company: str = "studio-brennero") -> Chat:
    return Chat.open(service, "staff", bearer=service.portiere("token", "staff", "--company", company))


def table_of(chat: Chat) -> dict[str, Any]:
    contents = [message.get("custom") or {} for message in chat.answer]
    return next((content for content in contents if content.get("kind") == "table"), {})


def test_a_property_is_looked_at_as_a_whole(staff_chat: Chat) -> None:
    answer = staff_chat.say("chi non è ancora registrato in via Piave 3?")
    assert "Sara Greco" in answer
    assert "Davide Fontana" not in answer
    assert table_of(staff_chat)["rows"][0][0] == "Sara Greco"
    assert table_of(staff_chat)["file"].endswith(".csv")


def test_all_of_the_company_is_looked_at_without_a_property(staff_chat: Chat) -> None:
    answer = staff_chat.say("mi fai l'elenco di chi non ha ancora un account?")
    assert all(name in answer for name in ("Sara Greco", "Davide Fontana", "Anna Serra"))
    assert "Huber" not in answer


def test_invites_that_expire_are_listed_with_their_codes(staff_chat: Chat) -> None:
    assert "VERD-2345" in staff_chat.say("quali inviti scadono nei prossimi 30 giorni?")


def test_an_empty_list_says_so(staff_chat: Chat) -> None:
    assert "Nessun contratto finisce domani" in staff_chat.say("ci sono contratti che finiscono domani?")
    assert table_of(staff_chat) == {}


def test_a_question_in_between_leaves_the_diagnosis_alone(staff_chat: Chat) -> None:
    staff_chat.say("un mio cliente non riesce ad accedere")
    assert "Di quale cliente" in staff_chat.answer[-1]["text"]
    staff_chat.say("Elena Conti")
    assert diagnosis_of(staff_chat)["customer"] == "Elena Conti"


def test_a_general_question_about_a_customer_gets_their_facts(staff_chat: Chat) -> None:
    answer = staff_chat.say("se rimuovo l'accesso al portale alla Conti, poi riesce a entrare?")
    assert "non cancella l'account" in answer
    assert diagnosis_of(staff_chat)["customer"] == "Elena Conti"
    answer = staff_chat.say("ho cambiato l'email a Maria Rossi ma deve ancora entrare con quella vecchia")
    assert "sono indipendenti" in answer
    assert diagnosis_of(staff_chat)["findings"] == ["login_google_twin"]


def test_the_plain_text_of_a_diagnosis_is_complete(staff_chat: Chat) -> None:
    text = staff_chat.say("la Rossi non entra")
    for fact in ("maria.rossi@gmail.com", "maria.rossi@googlemail.com", "Via Roma 12 int. 4", "USAT-2345"):
        assert fact in text
    copies = [m for m in staff_chat.answer if (m.get("custom") or {}).get("kind") == "copy"]
    assert [m["custom"]["text"] for m in copies] == [m["text"] for m in copies] != []


@pytest.mark.parametrize("customer", CUSTOMERS)
def test_another_company_gets_nothing_about_a_customer(service: Service, customer: str) -> None:
    company, _, sentences = CUSTOMERS[customer]
    other = "gestioni-adige" if company == "studio-brennero" else "studio-brennero"
    chat = staff(service, other)
    for sentence in sentences:
        answer = chat.say(sentence)
        assert diagnosis_of(chat).get("customer") != customer, sentence
        everything = str(chat.answer) + answer
        leaked = [value for value in VALUES[company] if value in everything and value.rstrip("@") not in sentence]
        assert leaked == [], (sentence, everything)


@pytest.mark.parametrize(
    "sentence",
    [
        "riattiva il codice {code}",
        "il codice {code} non va",
        "{code}",
        "il codice {code} è scaduto",
        "il codice {code} risulta già usato",
        "chi è l'amministratore del codice {code}?",
        "il contratto del codice {code} è attivo?",
        "boh {code} tavolo blu",
        "{code} e {email}",
        "non riesco ad accedere con {email}, il codice era {code}",
        "{email} è scritta giusta? codice {code}",
        "come mi registro con {code}?",
    ],
)
def test_another_company_s_codes_and_addresses_tell_nothing(service: Service, sentence: str) -> None:
    for company, code, email, foreign in (
        ("studio-brennero", "ADGE-2345", "franz.huber@example.com", "gestioni-adige"),
        ("gestioni-adige", "USAT-2345", "maria.rossi@gmail.com", "studio-brennero"),
        ("gestioni-adige", "SCAD-2345", "e.conti@old.example.com", "studio-brennero"),
    ):
        said = sentence.format(code=code, email=email)
        chat = staff(service, company)
        answer = chat.say(said)
        leaked = [v for v in VALUES[foreign] if v in answer + str(chat.answer) and v.rstrip("@") not in said]
        assert leaked == [], (said, answer)
        assert written(-5) not in answer
        assert written(-30) not in answer
        assert "è scaduto" not in answer
        assert "già stato usato" not in answer


def test_a_tenant_s_request_reaches_the_administrator_and_the_mail_tells_the_tenant(own_service: Service) -> None:
    tenant = Chat.open(own_service)
    tenant.say("il codice SCAD-2345 è scaduto")
    assert "richiesta" in tenant.say("sì, grazie")
    assert "Riattiva Sara" not in str(staff(own_service, "gestioni-adige").buttons)

    chat = staff(own_service)
    assert "Sara Greco" in chat.answer[-1]["text"]
    assert "Sara Greco" in chat.say("ci sono richieste dei clienti?")
    answer = chat.press("Riattiva Sara Greco, Via Piave 3 int. 5")
    assert written(30) in answer
    assert "Sara Greco" not in str(staff(own_service).answer)
    assert "Nessun cliente aspetta" in chat.say("ci sono ancora richieste?")

    letters = list(_letters(own_service, 30))
    assert [letter["To"] for letter in letters] == ["sara.greco@example.com"]
    assert "SCAD-2345" in letters[0].get_content()
    assert "è valido fino" in Chat.open(own_service).say("il codice SCAD-2345 non va, controllate?")


def _letters(service: Service, seconds: float) -> Iterator[Any]:
    """The mails that the service has written, waiting for the first."""
    until = time.monotonic() + seconds
    folder = service.home / "mailbox"
    while not list(folder.glob("*/*.eml")) and time.monotonic() < until:
        time.sleep(0.3)
    for path in sorted(folder.glob("*/*.eml")):
        yield message_from_bytes(path.read_bytes(), policy=policy.default)


def test_more_requests_than_fit_are_shown_page_by_page(own_service: Service) -> None:
    settings = Settings(home=own_service.home)
    engines = [open_engine(settings.accounts_database()), open_engine(settings.conversations_database())]
    numbers = range(12)
    now = datetime.now(timezone.utc)
    dates = {"issued_at": now - timedelta(days=40), "expires_at": now - timedelta(days=10)}
    people = [contact(f"many-{n}", f"Aldo Prova{n}", company="gestioni-adige") for n in numbers]
    codes = [f"QQQQ22{first}{second}" for first in "234" for second in "5678"]
    save(engines[0], *people, [invite(f"many-{n}", f"many-{n}", codes[n], **dates) for n in numbers])
    store = ConversationStore(engines[1])
    asking = store.open("widget", "it", Proof(), now, timedelta(hours=1))[0].id
    for n in numbers:
        store.add_request(asking, kind="reactivation", company="gestioni-adige", invite_id=f"many-{n}", now=now)
    for engine in engines:
        engine.dispose()

    chat = staff(own_service, "gestioni-adige")
    assert "Ci sono 12 richieste" in chat.answer[-1]["text"]
    assert "Riattiva Aldo Prova9" in chat.buttons
    assert "Riattiva Aldo Prova10" not in chat.buttons
    assert "da 11 a 12" in chat.press("Mostra le altre richieste (2)")
    assert written(30) in chat.press("Riattiva Aldo Prova11")
    assert "mandagli tu il testo" in chat.answer[-1]["text"]


def test_a_request_button_of_another_conversation_is_refused(own_service: Service) -> None:
    chat = staff(own_service, "gestioni-adige")
    assert chat.post({"payload": '/inform{"request": "demo-greco"}'}).status_code == 422


def test_a_no_or_an_unknown_property_leaves_everything_as_it_is(own_service: Service) -> None:
    chat = staff(own_service, "gestioni-adige")
    assert "ADGE-2345" in chat.say("riattiva il codice ADGE-2345")
    assert "lascio tutto com'è" in chat.press("No")
    chat.say("riattiva tutti gli inviti scaduti di via Garibaldi 99")
    assert "non trovo questo indirizzo" in chat.answer[0]["text"]
    assert "Bene" in chat.say("sì")


@pytest.mark.parametrize("way_out", ["annulla", "lascia stare", "no"])
def test_the_question_which_customer_can_be_left(staff_chat: Chat, way_out: str) -> None:
    assert "Di quale cliente si tratta?" in staff_chat.say("un mio cliente non riesce a entrare")
    answer = staff_chat.say(way_out)
    assert "Di quale cliente" not in answer
    assert "non trovo nessun contatto" not in answer


def test_another_question_is_answered_before_the_customer_is_named(staff_chat: Chat) -> None:
    staff_chat.say("un mio cliente non riesce a entrare")
    answer = staff_chat.say("se gli tolgo l'accesso al portale si risolve?")
    assert "non cancella l'account" in answer
    assert "Di quale cliente si tratta?" in answer
    assert "Paolo Gallo" in staff_chat.say("Gallo Paolo")


def test_a_reactivation_takes_the_place_of_the_question_which_customer(staff_chat: Chat) -> None:
    staff_chat.say("un mio cliente non riesce a entrare")
    answer = staff_chat.say("anzi, riattiva il codice SCAD-2345")
    assert "Lo riattivo?" in answer
    assert "Di quale cliente" not in answer


def test_expired_invites_are_another_list_than_those_that_will_expire(staff_chat: Chat) -> None:
    assert "SCAD-2345" in staff_chat.say("quali inviti risultano già scaduti?")
    assert "SCAD-2345" not in staff_chat.say("quali inviti scadono nei prossimi 30 giorni?")


def test_an_expired_invite_of_a_registered_customer_is_in_the_list_and_can_be_reactivated(service: Service) -> None:
    chat = staff(service, "gestioni-adige")
    assert "ADGE-2345" in chat.say("quali inviti risultano già scaduti?")
    assert "ADGE-2345" in chat.say("riattiva tutti gli inviti scaduti")
    assert "Lo riattivo?" in chat.answer[-1]["text"]
    assert "lascio tutto com'è" in chat.press("No")


def test_exactly_what_is_named_is_asked_for(staff_chat: Chat) -> None:
    assert "SCAD-2345" in staff_chat.say("riattiva tutti gli scaduti di via Piave 3 e via Roma 12")
    staff_chat.press("No")
    assert "Lasciare fuori" in staff_chat.say("riattiva tutti gli inviti scaduti tranne quello di Greco")
    answer = staff_chat.say("riattiva i codici SCAD-2345 e REVC-2345")
    assert "REVC-2345: ritirato" in answer
    assert "Lo riattivo?" in answer
    staff_chat.press("No")
    answer = staff_chat.say("riattiva tutti gli inviti scaduti ieri in via Piave 3")
    assert "Non trovo inviti scaduti ieri in Via Piave 3" in answer


def test_a_withdrawn_code_tells_what_else_keeps_its_customer_out(staff_chat: Chat) -> None:
    answer = staff_chat.say("alla Serra non va il codice REVC-2345")
    assert "ritirato" in answer
    assert diagnosis_of(staff_chat)["findings"] == ["no_contract", "no_account"]


@pytest.mark.parametrize(
    "sentence", ["elena.conti@example.com: password dimenticata", "la Conti ha dimenticato la password, che faccio?"]
)
def test_a_forgotten_password_gets_the_facts_of_the_customer(staff_chat: Chat, sentence: str) -> None:
    answer = staff_chat.say(sentence)
    assert "può reimpostarla solo il cliente" in answer
    assert "e.conti@old.example.com" in answer
    assert "chi è il mio amministratore" not in " ".join(staff_chat.buttons).lower()
