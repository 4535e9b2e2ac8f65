"""Every case, by typing and by its button, with the eyes of the person in the chat."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.widget import Widget


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("non riesco a entrare nel portale", "Prova in quest'ordine"),
        ("non riesco a entrare con la mia gmail, è maria.rossi@gmail.com", "maria.rossi@googlemail.com"),
        ("il codice SCAD-2345 risulta scaduto", "è scaduto"),
        ("dice che il codice USAT-2345 è già stato utilizzato", "esiste un account"),
        ("il codice VERD-2345 non viene accettato, potete controllare?", "è valido fino"),
        ("non ho mai ricevuto nessun codice d'invito", "spam"),
        ("quando mi registro dice che l'email è già registrata", "Accedi con un account esistente"),
        ("ho già un account e devo aggiungere un secondo appartamento", "Accedi con un account esistente"),
        ("il mio contratto è attivo? il codice è USAT-2345", "attivo"),
        ("non riesco ad accedere con luca.bianchi@gmial.com", "luca.bianchi@gmail.com"),
        ("ho dimenticato la password, come ne imposto una nuova?", "Password dimenticata?"),
        ("vorrei cambiare l'email con cui accedo al portale", "indirizzo di contatto"),
        ("la caldaia perde acqua, chi devo chiamare per la riparazione?", "registrazione e accesso"),
    ],
)
def test_what_is_typed_is_answered(widget: Widget, typed: str, answered: str) -> None:
    widget.say(typed)
    widget.hears(answered)
    expect(widget.said).to_have_count(1)
    expect(widget.said).to_contain_text(typed)


def test_cases_that_ask_back(widget: Widget) -> None:
    widget.say("sono entrato nel portale ma non vedo il mio appartamento")
    expect(widget.answers).not_to_have_count(1)
    widget.say("PRES-2345")
    widget.hears("non è ancora attivo")
    widget.say("chi è il mio amministratore e come lo contatto?")
    widget.hears("Studio Brennero")


# What is typed once a button of the greeting has been pressed, if it asks for something, and what is found then.
BUTTONS = {
    "Non riesco ad accedere": ("luca.bianchi@gmial.com", "luca.bianchi@gmail.com"),
    "Il mio codice è scaduto": ("SCAD-2345", "SCAD-2345 è scaduto"),
    "Il codice risulta già usato": ("USAT-2345", "esiste un account"),
    "Il codice non funziona": ("VERD-2345", "è valido fino"),
    "Non ho il codice d'invito": (None, "spam"),
    "«E-mail già registrata»": (None, "Accedi con un account esistente"),
    "Non vedo il mio appartamento": ("PRES-2345", "non è ancora attivo"),
    "Password dimenticata": (None, "Per avere una password nuova"),
    "Come mi registro": (None, "Per registrarti ti serve"),
    "Parlare con una persona": (None, "per che cosa ti serve"),
}


def test_every_button_of_the_greeting_leads_to_its_finding(widget: Widget) -> None:
    assert widget.choices.all_inner_texts() == list(BUTTONS)
    for title, (typed, found) in BUTTONS.items():
        widget.press(title)
        expect(widget.said).to_contain_text(title)
        if typed:
            expect(widget.answers).not_to_have_count(1)
            widget.say(typed)
        widget.hears(found)
        widget.start_over()


def test_buttons_below_answers_lead_to_findings_too(widget: Widget) -> None:
    widget.press("Password dimenticata")
    widget.press("Controlla il mio indirizzo")
    expect(widget.said).to_have_count(2)
    expect(widget.inside.get_by_role("button", name="Preferisco non scriverlo")).to_be_visible()
    widget.say("luca.bianchi@gmial.com")
    widget.hears("luca.bianchi@gmail.com")
    widget.press("Chi è il mio amministratore")
    expect(widget.inside.get_by_role("button", name="Non ho il codice")).to_be_visible()
    widget.say("ADGE-2345")
    widget.hears("Gestioni Adige")


def test_small_talk_and_what_administrators_ask_is_answered(widget: Widget) -> None:
    for typed, answered in (
        ("buongiorno", "Dimmi pure che cosa succede|Eccomi!"),
        ("come mi registro?", "Per registrarti ti serve"),
        ("l'indirizzo luca.bianchi@gmial.com è scritto giusto?", "luca.bianchi@gmail.com"),
        ("no", "D'accordo|Nessun problema"),
        ("che cosa sai fare?", "Mi occupo di registrazione e accesso"),
        ("sei un robot?", "Sono un software|sono un assistente automatico: un programma"),
        ("annulla", "lasciamo stare"),
        ("il mio cliente Mario Verdi non riesce più ad accedere", "usa il canale riservato"),
        ("se tolgo l'accesso al portale al cliente serve a qualcosa?", "non cancella l'account"),
        ("ho cambiato l'email del cliente ma lui entra ancora con quella vecchia", "sono indipendenti"),
        ("grazie mille", "È un piacere|Di niente!"),
        ("arrivederci", "A presto|Torna quando vuoi"),
    ):
        widget.say(typed)
        widget.hears(re.compile(answered))  # some answers come in two wordings
    widget.start_over()
    widget.say("riattiva il codice SCAD-2345 del mio cliente")
    widget.hears("Può riattivarlo solo chi l'ha mandato")


def test_the_greeting_says_that_nobody_human_answers(widget: Widget) -> None:
    widget.hears("assistente automatico")
    expect(widget.inside.get_by_text("Assistente automatico", exact=True)).to_be_visible()
    expect(widget.answers.first).to_be_in_viewport()


def test_pressed_choices_go(widget: Widget) -> None:
    widget.press("Password dimenticata")
    widget.hears("Per avere una password nuova")
    expect(widget.inside.get_by_role("group", name="Risposte rapide")).to_have_count(1)
    expect(widget.choices.filter(has_text="Il mio codice è scaduto")).to_have_count(0)


def test_the_picture_of_the_registration_page_is_shown(widget: Widget) -> None:
    widget.say("dice che la mia email è già registrata")
    picture = widget.inside.get_by_role("img", name="Accedi con un account esistente")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0


def test_a_person_can_be_asked_for_from_the_menu(widget: Widget) -> None:
    widget.choose("Parla con una persona")
    expect(widget.said).to_contain_text("Vorrei parlare con una persona")
    expect(widget.answers).to_have_count(2)
    widget.say("il sito non mi fa entrare")
    widget.say("333 1234567")
    widget.hears("la richiesta P-")


def test_hostile_text_stays_text(widget: Widget) -> None:
    hostile = (
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> javascript:alert(1)"
    )
    widget.say(hostile)
    expect(widget.said).to_contain_text("<script>")
    expect(widget.answers).not_to_have_count(1)
    assert widget.inside.locator(".chat-bubble img, .chat-bubble script, .chat-bubble a[href^=javascript]").count() == 0
    assert "owned" not in widget.page.title() + widget.frame.title()


def test_only_harmless_addresses_become_links(widget: Widget) -> None:
    widget.say("scrivete a a.b@example.com, https://example.com/x?y=1. o javascript:alert(1) o http://example.com ")
    expect(widget.answers).not_to_have_count(1)
    links = widget.said.get_by_role("link").evaluate_all("links => links.map((link) => link.href)")
    assert links == ["mailto:a.b@example.com", "https://example.com/x?y=1"]
    assert widget.said.get_by_role("link").last.get_attribute("rel") == "noopener noreferrer"


def test_starting_over_is_asked_for_first(widget: Widget) -> None:
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    widget.choose("Ricomincia da capo")
    widget.inside.get_by_role("button", name="Annulla").click()
    expect(widget.said).to_have_count(1)
    widget.start_over()
    assert widget.sayings() == []


def test_the_conversation_can_be_taken_home(widget: Widget) -> None:
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    with widget.page.expect_download() as download:
        widget.choose("Scarica la conversazione")
    text = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename.startswith("conversazione-portiere-")
    assert "Tu:\nil codice SCAD-2345 risulta scaduto" in text
    assert "Portiere:\nIl codice SCAD-2345 è scaduto" in text
    assert "assistente automatico" in text


def test_a_thumb_and_a_remark_arrive(widget: Widget) -> None:
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    widget.choose("Dai un giudizio")
    widget.inside.get_by_label("No, poco utile").check()
    widget.inside.get_by_label("Vuoi aggiungere qualcosa?").fill("scrivetemi a ada@example.com")
    widget.inside.get_by_role("button", name="Invia il giudizio").click()
    expect(widget.inside.get_by_text("Grazie, ci aiuta a migliorare.")).to_be_visible()
    assert violations(widget.frame) == []
    widget.picture("thanks")
    expect(widget.inside.get_by_role("heading", name="Ti è stato utile?")).to_be_hidden()


def test_a_rating_is_asked_for_once_when_the_conversation_seems_over(widget: Widget) -> None:
    question = widget.inside.get_by_role("heading", name="Ti è stato utile?")
    widget.page.clock.install()
    widget.page.reload()
    widget.wait_for_messages()
    for count in (1, 2):
        widget.say("ciao")
        expect(widget.answers).to_have_count(count + 1)
    expect(question).to_be_hidden()
    widget.page.clock.run_for(61_000)
    expect(question).to_be_visible()
    widget.inside.get_by_role("button", name="Non ora").click()
    widget.say("ciao")
    expect(widget.answers).to_have_count(4)
    widget.page.clock.run_for(61_000)
    expect(question).to_be_hidden()
