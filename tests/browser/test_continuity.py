"""Nothing is lost and nothing is doubled: reloads, pages, tabs, and connections that come and go."""

from __future__ import annotations

import sqlite3

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.widget import MESSAGES, Widget, portal_token
from tests.service import Service


def wait_for(widget: Widget, held: list[Route]) -> None:
    """Wait until a message is held."""
    for _ in range(100):
        if held:
            return
        widget.page.wait_for_timeout(50)
    raise AssertionError("nothing was sent")


def in_another_tab(context: BrowserContext) -> Widget:
    page = context.new_page()
    page.goto("/")
    widget = Widget(page)
    widget.open()
    return widget


def test_a_form_goes_on_after_a_reload(widget: Widget) -> None:
    widget.say("chi è il mio amministratore e come lo contatto?")
    expect(widget.answers).not_to_have_count(1)
    widget.page.reload()
    widget.wait_for_messages()
    expect(widget.said).to_have_count(1)
    widget.say("adge-2345")
    widget.hears("Gestioni Adige")
    expect(widget.said).to_have_count(2)


def test_the_last_choices_are_still_offered_after_a_reload(widget: Widget) -> None:
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    widget.page.reload()
    widget.hears("è scaduto")
    widget.press("Sì, invia la richiesta")
    widget.hears("richiesta di riattivare")


def test_a_chat_that_was_left_open_is_open_on_the_next_page(widget: Widget) -> None:
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    widget.page.goto("/?altra=pagina")
    widget.wait_for_messages()
    expect(widget.said).to_have_count(1)
    widget.launcher.click()
    widget.page.goto("/")
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    assert widget.page.locator("portiere-widget iframe").count() == 0


def test_two_tabs_stay_in_step(widget: Widget, context: BrowserContext) -> None:
    other = in_another_tab(context)
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    other.hears("è scaduto")
    other.say("e il codice VERD-2345 funziona?")
    widget.hears("VERD-2345 è valido")
    for tab in (widget, other):
        expect(tab.said).to_have_count(2)
    assert len(widget.sayings()) == 2


def test_two_tabs_that_write_at_once_end_up_with_the_same_conversation(widget: Widget, context: BrowserContext) -> None:
    other = in_another_tab(context)
    for number in range(3):
        widget.say(f"ciao {number}")
        other.say(f"grazie {number}")
    for tab in (widget, other):
        expect(tab.said).to_have_count(6)
        expect(tab.inside.locator(".chat-message.pending")).to_have_count(0)
    texts = [message["text"] for message in widget.history()]
    assert sorted(widget.sayings()) == sorted(f"{word} {number}" for word in ("ciao", "grazie") for number in range(3))
    for tab in (widget, other):
        expect(tab.inside.locator(".chat-bubble")).to_have_text(texts)


def test_what_two_tabs_write_without_a_connection_arrives_once_in_both(widget: Widget, context: BrowserContext) -> None:
    other = in_another_tab(context)
    context.set_offline(True)
    widget.say("il codice SCAD-2345 risulta scaduto")
    other.say("come mi registro?")
    for tab in (widget, other):
        expect(tab.said.filter(has_text="In attesa di connessione").first).to_be_visible()
    context.set_offline(False)
    for tab in (widget, other):
        tab.hears("SCAD-2345 è scaduto")
        tab.hears("Per registrarti ti serve")
        expect(tab.said).to_have_count(2)
        expect(tab.inside.locator(".chat-message.pending")).to_have_count(0)
    texts = [message["text"] for message in widget.history()]
    for tab in (widget, other):
        expect(tab.inside.locator(".chat-bubble")).to_have_text(texts)
    assert sorted(widget.sayings()) == ["come mi registro?", "il codice SCAD-2345 risulta scaduto"]


def test_starting_over_in_one_tab_starts_over_in_the_other(widget: Widget, context: BrowserContext) -> None:
    other = in_another_tab(context)
    widget.say("ciao")
    expect(other.said).to_have_count(1)
    widget.start_over()
    expect(other.said).to_have_count(0)
    other.say("come mi registro?")
    expect(widget.said).to_have_count(1)


def test_what_is_written_without_a_connection_arrives_once_and_in_order(
    widget: Widget, context: BrowserContext
) -> None:
    context.set_offline(True)
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.say("e il codice VERD-2345?")
    for said in (widget.said.first, widget.said.last):
        expect(said).to_contain_text("In attesa di connessione")
    expect(widget.inside.get_by_text("Sei senza connessione")).to_be_visible()
    widget.assert_sound("offline")
    context.set_offline(False)
    widget.hears("VERD-2345 è valido")
    widget.hears("SCAD-2345 è scaduto")
    expect(widget.inside.get_by_text("In attesa di connessione")).to_have_count(0)
    expect(widget.inside.get_by_text("Sei senza connessione")).to_be_hidden()
    assert widget.sayings() == ["il codice SCAD-2345 risulta scaduto", "e il codice VERD-2345?"]


def test_an_answer_that_got_lost_on_its_way_is_fetched_not_asked_for_again(widget: Widget) -> None:
    lost: list[Route] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route)
        route.fetch()  # the gateway answers, the browser never knows
        route.abort("connectionreset")

    widget.page.route(MESSAGES, lose_the_first)
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    expect(widget.said).to_have_count(1)
    expect(widget.answers).to_have_count(2)
    assert [message["side"] for message in widget.history()] == ["bot", "person", "bot"]


def test_a_reload_while_a_message_is_on_its_way_neither_loses_nor_doubles_it(widget: Widget) -> None:
    held = widget.hold_messages()
    widget.say("il codice SCAD-2345 risulta scaduto")
    expect(widget.said).to_contain_text("Invio in corso")
    wait_for(widget, held)
    held[0].fetch()  # the gateway answers, the browser never knows
    widget.page.unroute(MESSAGES)
    widget.page.reload()
    widget.hears("è scaduto")
    expect(widget.said).to_have_count(1)
    expect(widget.answers).to_have_count(2)
    expect(widget.inside.get_by_text("Invio in corso")).to_have_count(0)
    assert widget.sayings() == ["il codice SCAD-2345 risulta scaduto"]


def test_a_message_that_never_left_is_sent_after_a_reload(widget: Widget) -> None:
    widget.page.route(MESSAGES, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    widget.say("il codice SCAD-2345 risulta scaduto")
    expect(widget.said).to_contain_text("In attesa di connessione")
    widget.page.unroute(MESSAGES)
    widget.page.reload()
    widget.hears("è scaduto")
    assert widget.sayings() == ["il codice SCAD-2345 risulta scaduto"]


def test_a_chat_that_could_not_be_loaded_can_be_closed_and_opened_again(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.route("**/widget?*", lambda route: route.abort())
    widget = Widget(page)
    widget.launcher.click()
    page.wait_for_timeout(300)
    widget.launcher.click()
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    page.unroute("**/widget?*")
    widget.open()
    widget.hears("assistente automatico")


def test_the_gateway_s_retry_after_is_respected(widget: Widget) -> None:
    refusals: list[float] = []

    def refuse_once(route: Route) -> None:
        if route.request.method == "POST":
            refusals.append(widget.page.evaluate("performance.now()"))
        if len(refusals) == 1 and route.request.method == "POST":
            route.fulfill(status=429, headers={"Retry-After": "4"}, body="{}")
        else:
            route.continue_()

    widget.page.route(MESSAGES, refuse_once)
    widget.say("ciao")
    expect(widget.said).to_contain_text("Parte tra poco")
    expect(widget.inside.get_by_text("Troppi messaggi in poco tempo")).to_be_visible()
    widget.assert_sound("busy")
    expect(widget.answers).to_have_count(2)
    assert refusals[1] - refusals[0] >= 3900
    assert widget.sayings() == ["ciao"]


def test_after_many_tries_the_person_decides(widget: Widget) -> None:
    widget.page.clock.install()
    widget.page.reload()
    widget.wait_for_messages()
    widget.page.route(MESSAGES, lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, body="{}"))
    widget.say("il codice SCAD-2345 risulta scaduto")
    retry = widget.inside.get_by_role("button", name="Riprova")
    for _ in range(12):
        widget.page.clock.run_for(1100)
        widget.page.wait_for_timeout(100)
        if retry.is_visible():
            break
    expect(widget.said).to_contain_text("Non inviato")
    widget.page.unroute(MESSAGES)
    retry.click()
    widget.hears("è scaduto")
    assert len(widget.sayings()) == 1


def test_what_is_refused_on_the_way_to_the_gateway_is_kept_and_lets_others_pass(widget: Widget) -> None:
    def refuse_the_first(route: Route) -> None:
        if "SCAD" in (route.request.post_data or ""):
            route.fulfill(status=403, content_type="text/html", body="<h1>Forbidden</h1>")
        else:
            route.continue_()

    widget.page.route(MESSAGES, refuse_the_first)
    widget.say("il codice SCAD-2345 risulta scaduto")
    expect(widget.said).to_contain_text("Non inviato")
    widget.say("come mi registro?")
    expect(widget.answers).to_have_count(2)
    widget.assert_sound("failed")
    widget.inside.get_by_role("button", name="Riprova").click()
    expect(widget.said.filter(has_text="SCAD")).to_contain_text("Non inviato")
    assert widget.sayings() == ["come mi registro?"]
    widget.page.unroute(MESSAGES)
    widget.page.reload()
    widget.hears("è scaduto")
    assert widget.sayings() == ["come mi registro?", "il codice SCAD-2345 risulta scaduto"]


def test_only_the_gateway_ends_a_conversation_or_refuses_a_message(widget: Widget) -> None:
    widget.say("come mi registro?")
    expect(widget.answers).to_have_count(2)
    widget.page.route(MESSAGES, lambda route: route.fulfill(status=401, content_type="text/html", body="Log in"))
    widget.page.reload()
    expect(widget.inside.get_by_text("Non riesco a collegarmi")).to_be_visible()
    widget.page.unroute(MESSAGES)
    expect(widget.said).to_contain_text("come mi registro?")
    widget.say("\u200b")
    expect(widget.said.last).to_contain_text("Questo messaggio non si può inviare così")
    widget.assert_sound("refused")
    widget.page.reload()
    widget.wait_for_messages()
    expect(widget.said).to_have_count(1)


def test_an_ended_conversation_is_followed_by_a_new_one_that_says_so(widget: Widget, service: Service) -> None:
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    with sqlite3.connect(service.home / "conversations.db") as connection:
        connection.execute(
            "update conversation set created_at = '2020-01-01 00:00:00', expires_at = '2020-01-02 00:00:00'"
        )
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    expect(widget.inside.get_by_text("si è chiusa per inattività")).to_be_visible()
    widget.assert_sound("ended")
    assert widget.sayings() == ["il codice SCAD-2345 risulta scaduto"]


def test_a_button_of_an_ended_conversation_still_says_its_words(widget: Widget, service: Service) -> None:
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    with sqlite3.connect(service.home / "conversations.db") as connection:
        connection.execute(
            "update conversation set created_at = '2020-01-01 00:00:00', expires_at = '2020-01-02 00:00:00'"
        )
    widget.press("Parlare con una persona")
    expect(widget.inside.get_by_text("si è chiusa per inattività")).to_be_visible()
    widget.hears("per che cosa ti serve")
    assert widget.sayings() == ["Parlare con una persona"]


def test_the_launcher_counts_what_was_not_read(widget: Widget) -> None:
    held = widget.hold_messages()
    widget.say("come mi registro?")
    expect(widget.said).to_contain_text("Invio in corso")
    wait_for(widget, held)
    widget.launcher.click()
    held[0].continue_()
    counted = "Apri la chat di aiuto. Messaggi da leggere: 1"
    expect(widget.launcher).to_have_accessible_name(counted)
    expect(widget.page.locator("portiere-widget").get_by_role("status")).to_have_text("Messaggi da leggere: 1")
    widget.assert_sound("unread")
    widget.page.goto("/?altra=pagina")
    expect(widget.launcher).to_have_accessible_name(counted)
    widget.launcher.click()
    expect(widget.launcher).to_have_accessible_name("Chiudi la chat di aiuto")
    expect(widget.answers.last).to_be_visible()
    widget.page.unroute(MESSAGES)


def test_what_was_not_read_is_not_counted_in_another_conversation(widget: Widget, service: Service) -> None:
    held = widget.hold_messages()
    widget.say("come mi registro?")
    wait_for(widget, held)
    widget.launcher.click()
    held[0].continue_()
    expect(widget.launcher).to_have_accessible_name("Apri la chat di aiuto. Messaggi da leggere: 1")
    widget.page.evaluate("token => Portiere.identify(token)", portal_token(service, "paolo.gallo@example.com"))
    expect(widget.launcher).to_have_accessible_name("Apri la chat di aiuto")
    expect(widget.page.locator("portiere-widget").get_by_role("status")).to_have_text("")
