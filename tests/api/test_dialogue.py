"""Interruptions, corrections, exits and two people at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.service import Chat, Service


def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(chat: Chat) -> None:
    chat.say("il codice d'invito risulta scaduto")
    interrupted = chat.say("e se ho dimenticato la password?")
    assert "Password dimenticata?" in interrupted
    assert "Scrivimi il codice" in interrupted
    assert "è scaduto" in chat.say("SCAD-2345")


def test_questions_that_need_the_same_code_are_all_answered_once_it_is_there(chat: Chat) -> None:
    chat.say("il codice d'invito risulta già usato")
    assert "Qual è il codice?" in chat.say("chi è il mio amministratore?")
    both = chat.say("USAT-2345")
    assert both.index("Studio Brennero") < both.index("già stato usato")
    assert "già stato usato" not in chat.say("e chi è l'amministratore?")


def test_a_contract_asked_about_between_is_told_with_the_code(chat: Chat) -> None:
    chat.say("il mio contratto è attivo?")
    chat.say("sulla pagina mi dice codice scaduto")
    both = chat.say("SCAD-2345")
    assert both.index("è scaduto") < both.index("Il contratto legato a questo codice")


def test_three_questions_for_one_code_are_answered_the_latest_first(chat: Chat) -> None:
    chat.say("il codice d'invito risulta già usato")
    chat.say("il mio contratto è attivo?")
    chat.say("chi è il mio amministratore?")
    told = chat.say("USAT-2345")
    places = [told.index(part) for part in ("l'amministrazione è", "legato a questo codice", "già stato usato")]
    assert places == sorted(places)


def test_a_wrong_code_on_the_way_loses_no_question(chat: Chat) -> None:
    chat.say("sulla pagina mi dice codice scaduto")
    chat.say("il mio contratto è attivo?")
    chat.say("come ci si registra?")
    assert "non risulta" in chat.say("SCAD-2354")
    told = chat.say("scad 2345")
    assert told.index("legato a questo codice") < told.index("è scaduto")
    assert "legato a questo codice" not in chat.say("SCAD-2345")


def test_what_was_cancelled_does_not_come_back_with_the_code(chat: Chat) -> None:
    chat.say("il codice d'invito risulta già usato")
    chat.say("chi è il mio amministratore?")
    chat.say("annulla")
    chat.say("chi è il mio amministratore?")
    assert "già stato usato" not in chat.say("USAT-2345")


def test_a_correction_is_looked_up_again(chat: Chat) -> None:
    chat.say("il codice SCAD-2345 non funziona")
    assert "è valido fino" in chat.say("no, ho sbagliato, il codice è VERD-2345")


def test_cancelling_leaves_the_form(chat: Chat) -> None:
    chat.say("il codice d'invito risulta scaduto")
    assert "lasciamo stare" in chat.say("annulla")
    assert "Scrivimi il codice" not in chat.say("grazie")


def test_somebody_without_the_code_is_told_how_to_get_it(chat: Chat) -> None:
    chat.say("il codice d'invito risulta scaduto")
    assert "Il codice lo manda" in chat.say("non ce l'ho")


def test_code_and_address_in_one_message_both_count(chat: Chat) -> None:
    answer = chat.say("non riesco ad accedere con maria.rossi@gmail.com, il codice era USAT-2345")
    assert "registrato con l'altra forma" in answer


def test_typed_payloads_are_text(chat: Chat) -> None:
    for text in ("/restart", '/inform{"tier": "portal"}', "/customer_cannot_log_in", "/session_start"):
        answer = chat.say(text)
        assert answer
        assert "Di quale cliente" not in answer


def test_payloads_that_were_not_offered_are_refused(chat: Chat) -> None:
    assert chat.post({"payload": "/reactivate_invite"}).status_code == 422
    assert chat.post({"payload": '/inform{"audience": "staff"}'}).status_code == 422


def test_a_button_does_what_it_says(chat: Chat) -> None:
    assert "Password dimenticata?" in chat.press("Password dimenticata")


def test_the_same_message_twice_is_answered_once(chat: Chat) -> None:
    message = {"text": "ciao", "client_message_id": "m-1"}
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(chat.post, [message, message])
    assert first.json() == second.json()
    assert [m["side"] for m in chat.history()].count("person") == 1


def test_two_people_at_once_never_mix(service: Service) -> None:
    codes = {
        "SCAD-2345": "è scaduto",
        "VERD-2345": "è valido fino",
        "REVC-2345": "ritirato",
        "USAT-2345": "già stato usato",
    }

    def converse(item: tuple[str, str]) -> bool:
        code, told = item
        chat = Chat.open(service)
        chat.say("il codice non funziona")
        return told in chat.say(code) and all(other not in str(chat.history()) for other in codes if other != code)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(converse, list(codes.items()) * 4))


def test_a_new_conversation_knows_nothing_of_the_last_one(service: Service) -> None:
    Chat.open(service).say("il codice USAT-2345 risulta già usato")
    assert "Scrivimi il codice" in Chat.open(service).say("il codice non funziona")


def test_the_history_shows_values_to_the_person_alone(chat: Chat) -> None:
    chat.say("la mia email è anna.verdi@example.com")
    assert "anna.verdi@example.com" in str(chat.history())
