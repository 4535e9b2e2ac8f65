"""Every row of the case table, in free wording, against the really running service and the demo data."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date

from tests.service import Chat, Service


def written(days: int) -> str:
    """A day relative to today, where the service counts days, as the bot writes it."""
    today = datetime.now(ZoneInfo("Europe/Rome")).date()
    return format_date(today + timedelta(days=days), "d MMMM y", locale="it")


def test_the_greeting_says_that_it_is_an_automatic_assistant_and_offers_cases(chat: Chat) -> None:
    assert "assistente automatico" in chat.answer[0]["text"]
    assert len(chat.buttons) >= 8


def test_an_expired_code_is_told_with_its_day_and_who_reactivates_it(chat: Chat) -> None:
    answer = chat.say("Buongiorno, il codice SCAD-2345 che mi avete mandato risulta scaduto, come faccio?")
    assert written(-12) in answer
    assert "Studio Brennero" in answer
    assert "+39 0471 555 010" in answer
    assert "Martina Kofler" in answer


def test_the_reactivation_is_requested_after_a_yes(chat: Chat) -> None:
    chat.say("il codice scad2345 è scaduto")
    assert "richiesta di riattivare" in chat.say("sì, grazie")


def test_a_yes_to_an_offer_that_has_passed_requests_nothing(chat: Chat) -> None:
    chat.say("il codice scad2345 è scaduto")
    chat.say("come mi registro?")
    assert "richiesta di riattivare" not in chat.say("sì")


def test_a_used_code_means_that_an_account_exists(chat: Chat) -> None:
    answer = chat.say("dice che il codice usat 2345 è già stato utilizzato")
    assert written(-30) in answer
    assert "esiste un account" in answer
    assert "password" in answer


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("VERD-2345", "è valido fino"),
        ("REVC-2345", "è stato ritirato"),
        ("SCAD-2345", "è scaduto"),
        ("QQQQ-2345", "non risulta"),
    ],
)
def test_a_code_that_is_not_accepted_is_looked_up(chat: Chat, code: str, told: str) -> None:
    assert told in chat.say(f"il codice {code} non viene accettato, potete controllare?")


def test_an_impossible_code_gets_a_reading_aid(chat: Chat) -> None:
    assert "non compare mai" in chat.say("il codice SCAD-234O non funziona")


def test_without_a_code_the_administrator_is_the_way(chat: Chat) -> None:
    answer = chat.say("non ho mai ricevuto nessun codice d'invito")
    assert "amministratore" in answer
    assert "spam" in answer


def test_a_registered_address_leads_to_the_existing_account_with_a_picture(chat: Chat) -> None:
    answer = chat.say("quando mi registro dice che l'indirizzo email è già registrato")
    assert "Accedi con un account esistente" in answer
    assert any(message.get("image") for message in chat.answer)


def test_another_property_is_added_to_the_same_account(chat: Chat) -> None:
    assert "Accedi con un account esistente" in chat.say("ho già un account e devo aggiungere un secondo appartamento")


def test_a_contract_that_has_not_started_hides_the_unit(chat: Chat) -> None:
    chat.say("sono entrato nel portale ma non vedo il mio appartamento")
    answer = chat.say("PRES-2345")
    assert written(15) in answer
    assert "non è ancora attivo" in answer


def test_a_code_tells_when_the_contract_began(chat: Chat) -> None:
    assert written(-400) in chat.say("il mio contratto è attivo? il codice è USAT-2345")


def test_a_misspelt_address_gets_a_suggestion(chat: Chat) -> None:
    assert "luca.bianchi@gmail.com" in chat.say("non riesco ad accedere con luca.bianchi@gmial.com")


def test_a_google_address_exists_in_two_spellings(chat: Chat) -> None:
    answer = chat.say("non riesco a entrare con la mia gmail, è maria.rossi@gmail.com")
    assert "maria.rossi@googlemail.com" in answer
    assert "due accessi diversi" in answer


def test_with_a_code_the_bot_says_which_google_spelling_is_registered(chat: Chat) -> None:
    chat.say("non riesco a entrare con la mia gmail, è maria.rossi@gmail.com")
    assert "registrato con l'altra forma" in chat.say("il codice è USAT-2345")


def test_the_password_is_reset_in_steps(chat: Chat) -> None:
    answer = chat.say("ho dimenticato la password, come ne imposto una nuova?")
    assert "Password dimenticata?" in answer
    assert "spam" in answer


def test_the_login_address_is_changed_by_its_owner(chat: Chat) -> None:
    assert "indirizzo di contatto" in chat.say("vorrei cambiare l'email con cui accedo al portale")


def test_the_administrator_is_found_by_code(chat: Chat) -> None:
    chat.say("chi è il mio amministratore e come lo contatto?")
    answer = chat.say("adge-2345")
    assert "Gestioni Adige" in answer
    assert "+39 045 555 0200" in answer


def test_a_person_is_asked_for_with_reason_and_contact(chat: Chat) -> None:
    chat.say("voglio parlare con un operatore")
    chat.say("il sito non mi fa entrare")
    assert "la richiesta P-" in chat.say("333 1234567")


def test_other_matters_are_kindly_declined(chat: Chat) -> None:
    answer = chat.say("la caldaia perde acqua, chi devo chiamare per la riparazione?")
    assert "registrazione e accesso" in answer
    assert "amministratore" in answer


def test_an_unclear_message_gets_a_question_and_the_second_one_a_person(chat: Chat) -> None:
    chat.say("c'è una cosa strana")
    assert len(chat.buttons) >= 2
    assert "Ho avvisato una persona dell'assistenza" in chat.say("eh niente, la solita storia")
    assert "Parlare con una persona" in chat.buttons


def test_gibberish_is_never_acted_on(chat: Chat) -> None:
    chat.say("blu tavolo ventisette forse boh")
    assert "Parlare con una persona" in chat.buttons


def test_signed_in_by_the_portal_a_person_learns_their_login_and_contract(service: Service) -> None:
    token = service.portiere("token", "portal", "--account", "giulia.ferrari@example.com")
    chat = Chat.open(service, identity=token)
    assert "giulia.ferrari@example.com" in chat.say("non riesco ad accedere")
    ended = chat.say("non vedo più il mio appartamento nel portale")
    assert written(-20) in ended
    assert "è finito" in ended


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (
            "La mia cliente Maria Rossi non riesce più ad accedere",
            "le due forme dello stesso indirizzo Google",
        ),
        ("il sig. Bianchi non vede la sua unità", "Il contratto comincia"),
        ("perché Giulia Ferrari non entra più nel portale?", "Il contratto è finito"),
        ("Gallo Paolo non riesce ad accedere al portale", "Non c'è nessun contratto"),
        ("la cliente Elena Conti non riesce ad entrare", "sono indipendenti"),
        ("Sara Greco non riesce a registrarsi", "Il suo invito è scaduto"),
        ("l'inquilino Davide Fontana non riesce ad accedere", "Ha un invito valido"),
        ("la signora Serra non riesce a entrare", "Non ha ancora un account"),
        ("il cliente di via Roma 12 int. 4 non riesce ad accedere", "maria.rossi@googlemail.com"),
    ],
)
def test_an_administrator_gets_the_diagnosis(staff_chat: Chat, sentence: str, told: str) -> None:
    assert told in staff_chat.say(sentence)


def test_another_company_s_customer_is_unknown(staff_chat: Chat) -> None:
    answer = staff_chat.say("il mio cliente Franz Huber non riesce ad accedere")
    assert "franz.huber" not in answer
    assert "Huber" not in answer


def test_removing_the_access_does_not_help(staff_chat: Chat) -> None:
    answer = staff_chat.say("serve a qualcosa rimuovere l'accesso al portale al cliente?")
    assert "non cancella l'account" in answer
    assert "non reimposta la password" in answer


def test_a_changed_contact_address_does_not_change_the_login(staff_chat: Chat) -> None:
    answer = staff_chat.say("ho cambiato l'email del cliente ma lui deve ancora entrare con quella vecchia")
    assert "sono indipendenti" in answer


@pytest.mark.usefixtures("demo_restored")
def test_an_administrator_reactivates_a_code_once_it_is_confirmed(service: Service) -> None:
    token = service.portiere("token", "staff", "--company", "gestioni-adige")
    chat = Chat.open(service, "staff", bearer=token)
    assert "Lo riattivo?" in chat.say("riattiva il codice ADGE-2345 per favore")
    answer = chat.say("sì, riattiva")
    assert "di nuovo valido" in answer
    assert written(30) in answer
    assert "è valido fino" in Chat.open(service).say("il codice ADGE-2345 non va, controllate?")


def test_a_code_of_another_company_cannot_be_reactivated(staff_chat: Chat) -> None:
    assert "non trovo" in staff_chat.say("riattiva il codice ADGE-2345")


def test_staff_questions_in_the_widget_get_an_answer_for_tenants(chat: Chat) -> None:
    answer = chat.say("il mio cliente Maria Rossi non riesce ad accedere al portale, controlla")
    assert "googlemail" not in answer
