"""A live takeover as both see it: the person in the widget, the supporter in the console, two browsers at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.widget import Widget
from tests.console import PASSWORD, Supporter
from tests.service import Service


@pytest.fixture
def console(browser: Browser, service: Service) -> Iterator[Page]:
    """The console of Anna, signed in, in a browser of its own."""
    Supporter(service, "anna.bianchi")
    context = browser.new_context(base_url=service.url, locale="it-IT", viewport={"width": 1200, "height": 900})
    context.set_default_timeout(15_000)
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    page = context.new_page()
    page.goto("/console/handoffs")
    page.get_by_label("Nome utente").fill("anna.bianchi")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accedi", exact=True).click()
    yield page
    context.close()
    assert problems == []


def hand_off(widget: Widget) -> str:
    """Ask for a person; the number of the case."""
    widget.say("vorrei parlare con una persona")
    widget.hears("per che cosa ti serve")
    widget.say("non riesco a registrarmi")
    widget.press("Qui in chat")
    widget.hears("è aperta")
    found = re.search(r"P-\d{6}", widget.answers.filter(has_text="è aperta").last.inner_text())
    assert found
    return found.group()


def test_support_writes_into_the_running_chat_and_gives_it_back(
    widget: Widget, console: Page, context: BrowserContext
) -> None:
    console.goto("/console/handoffs")
    number = hand_off(widget)
    expect(console.get_by_role("link", name=number)).to_be_visible()  # nobody has to load the queue anew
    expect(console.get_by_role("navigation").locator(".count")).to_be_visible()
    expect(console).to_have_title(re.compile(r"^\(\d+\) "))
    assert violations(console) == []
    console.get_by_role("link", name=number).click()
    talk = console.get_by_role("log")
    expect(talk).to_contain_text("non riesco a registrarmi")
    console.get_by_role("button", name="Prendi il caso").click()

    speaking = widget.inside.get_by_text("Stai parlando con Anna dell'assistenza")
    expect(speaking).to_be_visible()
    console.get_by_label("Risposta pronta").select_option("Saluto")
    field = console.get_by_label("Scrivi come Anna")
    expect(field).to_have_value(re.compile("Ciao"))
    field.fill("Ciao, ci guardo subito")
    field.press("Enter")
    expect(field).to_have_value("")
    agent = widget.inside.locator(".chat-message.agent")
    expect(agent).to_contain_text("Ciao, ci guardo subito")
    expect(agent).to_contain_text("Anna")
    expect(widget.inside.get_by_role("banner")).to_contain_text("Ora risponde Anna, dell'assistenza")
    widget.picture("takeover")
    assert violations(widget.frame) == []

    answers = widget.answers.count()
    widget.say("grazie, come mi registro?")
    expect(talk).to_contain_text("grazie, come mi registro?")
    expect(widget.inside.locator(".chat-message.pending")).to_have_count(0)
    assert widget.answers.count() == answers  # the bot is silent

    # From here on no stream is granted, as behind some proxies: what is said must arrive all the same.
    widget.page.route("**/api/widget/events", lambda route: route.fulfill(status=429, body="{}"))
    widget.page.reload()
    console.reload()
    widget.wait_for_messages()
    expect(speaking).to_be_visible()
    expect(agent).to_contain_text("Ciao, ci guardo subito")
    expect(talk).to_contain_text("grazie, come mi registro?")
    field.fill("Ti ho mandato un nuovo invito <b>qui</b>")
    console.get_by_role("button", name="Invia").click()
    expect(agent.last).to_contain_text("Ti ho mandato un nuovo invito <b>qui</b>", timeout=10_000)
    widget.page.unroute("**/api/widget/events")
    expect(talk).to_contain_text("nuovo invito")
    assert violations(console) == []

    console.get_by_role("button", name="Restituisci al bot e chiudi").click()
    expect(widget.inside.get_by_text("torna l'assistente automatico")).to_be_visible()
    widget.hears("Rieccomi")
    expect(widget.inside.get_by_role("banner")).to_contain_text("Assistente automatico")
    widget.say("come mi registro?")
    expect(widget.answers.last).not_to_contain_text("Rieccomi")
    expect(console.get_by_label("Scrivi come Anna")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_case_is_sound_in_both_schemes_and_on_a_phone(widget: Widget, console: Page, scheme: str) -> None:
    number = hand_off(widget)
    console.emulate_media(color_scheme=scheme)
    for size in ({"width": 1200, "height": 900}, {"width": 390, "height": 844}):
        console.set_viewport_size(size)
        console.goto(f"/console/handoffs/{number}")
        if console.get_by_role("button", name="Prendi il caso").count():
            console.get_by_role("button", name="Prendi il caso").click()
        console.get_by_label("Nuova nota").fill("Richiamare")
        console.get_by_role("button", name="Aggiungi la nota").click()
        expect(console.get_by_text("Richiamare").first).to_be_visible()
        assert violations(console) == []
        assert console.evaluate("document.documentElement.scrollWidth <= innerWidth")
