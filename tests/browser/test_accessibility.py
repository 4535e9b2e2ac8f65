"""For everybody: keyboard, screen reader, little motion, phone, light and dark. axe-core finds nothing in any state."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.widget import MESSAGES, Widget

PHONE = {"width": 390, "height": 844}


def test_closed(page: Page) -> None:
    widget = Widget(page)
    expect(widget.launcher).to_have_accessible_name("Apri la chat di aiuto")
    widget.assert_sound("closed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_open_with_answers_buttons_and_a_picture(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    widget = Widget(page)
    widget.open()
    widget.assert_sound(f"greeting-{scheme}")
    widget.say("dice che la mia email è già registrata")
    expect(widget.inside.get_by_role("img", name="Accedi con un account")).to_be_visible()
    widget.assert_sound(f"picture-{scheme}")
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    widget.assert_sound(f"answer-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_menu_question_and_rating(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    widget = Widget(page)
    widget.open()
    widget.inside.get_by_role("button", name="Altre azioni").click()
    widget.assert_sound(f"menu-{scheme}")
    widget.inside.get_by_role("button", name="Ricomincia da capo").click()
    widget.assert_sound(f"restart-{scheme}")
    widget.inside.get_by_role("button", name="Annulla").click()
    widget.choose("Dai un giudizio")
    widget.inside.get_by_label("Sì, utile").check()
    widget.assert_sound(f"rating-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_waiting_and_failing(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    widget = Widget(page)
    widget.open()
    widget.hold_messages()
    widget.say("il codice SCAD-2345 risulta scaduto")
    expect(widget.inside.locator(".chat-typing")).to_be_visible()
    widget.assert_sound(f"typing-{scheme}")
    expect(widget.inside.get_by_text("Portiere sta scrivendo")).to_be_attached()
    # The route that is added last is asked first: no message slips through between two.
    page.route(MESSAGES, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.reload()
    expect(widget.inside.get_by_text("In attesa di connessione")).to_be_visible()
    widget.assert_sound(f"waiting-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(PHONE)
    widget = Widget(page)
    widget.picture(f"phone-closed-{scheme}")
    widget.open()
    widget.assert_sound(f"phone-greeting-{scheme}")
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    widget.assert_sound(f"phone-answer-{scheme}")
    assert widget.frame.evaluate("innerWidth === 390 && innerHeight === 844"), "it takes the whole screen"
    for document in (page, widget.frame):
        assert document.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(widget.composer).to_be_in_viewport()
    expect(page.get_by_role("dialog", name="Chat di aiuto")).to_have_attribute("aria-modal", "true")
    assert page.evaluate("document.body.inert"), "what the chat covers is not there for anybody"
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main')") is None
    widget.inside.get_by_role("button", name="Altre azioni").click()
    widget.assert_sound(f"phone-menu-{scheme}")
    widget.inside.get_by_role("button", name="Dai un giudizio").click()
    widget.inside.get_by_label("No, poco utile").check()
    widget.assert_sound(f"phone-rating-{scheme}")
    widget.inside.get_by_role("button", name="Chiudi la chat").click()
    expect(widget.launcher).to_be_visible()
    expect(widget.launcher).to_be_focused()
    assert not page.evaluate("document.body.inert")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_smallest_phone_and_a_low_window_show_everything(page: Page) -> None:
    widget = Widget(page)
    widget.open()
    for width, height in ((320, 568), (1200, 420)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        expect(widget.composer).to_be_in_viewport()
        expect(widget.inside.get_by_role("button", name="Altre azioni")).to_be_in_viewport()
        widget.picture(f"window-{width}x{height}")
        assert widget.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_works_with_the_keyboard_alone(page: Page) -> None:
    widget = Widget(page)
    keyboard = page.keyboard
    for _ in range(20):
        keyboard.press("Tab")
        if widget.launcher.evaluate("button => button.getRootNode().activeElement === button"):
            break
    outline = widget.launcher.evaluate("button => getComputedStyle(button).outlineStyle")
    assert outline != "none"
    keyboard.press("Enter")
    widget.wait_for_messages()
    expect(widget.composer).to_be_focused()
    keyboard.type("il codice SCAD-2345")
    keyboard.press("Shift+Enter")
    keyboard.type("risulta scaduto")
    expect(widget.composer).to_have_value("il codice SCAD-2345\nrisulta scaduto")
    keyboard.press("Enter")
    widget.hears("è scaduto")
    keyboard.press("Shift+Tab")  # back from the composer to the choices above it
    expect(widget.choices.last).to_be_focused()
    widget.choices.first.focus()
    keyboard.press("Enter")
    widget.hears("richiesta di riattivare")
    expect(widget.composer).to_be_focused()


def test_escape_closes_one_thing_at_a_time_and_focus_returns_to_the_launcher(widget: Widget) -> None:
    keyboard = widget.page.keyboard
    menu = widget.inside.get_by_role("button", name="Altre azioni")
    menu.focus()
    keyboard.press("Enter")
    expect(widget.inside.get_by_role("button", name="Parla con una persona")).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(widget.inside.get_by_role("button", name="Dai un giudizio")).to_be_focused()
    keyboard.press("Escape")
    expect(menu).to_be_focused()
    keyboard.press("Enter")
    for _ in range(4):
        keyboard.press("Tab")
    expect(menu).to_have_attribute("aria-expanded", "false")
    widget.choose("Ricomincia da capo")
    keyboard.press("Escape")
    expect(widget.inside.get_by_role("dialog")).to_have_count(0)
    expect(widget.launcher).to_have_attribute("aria-expanded", "true")
    keyboard.press("Escape")
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    assert widget.launcher.evaluate("button => button.getRootNode().activeElement === button")
    keyboard.press("Enter")
    expect(widget.composer).to_be_focused()


def test_focus_is_not_trapped_in_the_chat(widget: Widget) -> None:
    seen = set()
    for _ in range(60):
        widget.page.keyboard.press("Tab")
        seen.add(widget.page.evaluate("document.activeElement.localName + document.activeElement.id"))
    assert {"portiere-widget", "inputlogin-mail"} <= seen


def test_answers_are_announced_and_speakers_named(widget: Widget) -> None:
    expect(widget.log).to_have_attribute("aria-live", "polite")
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    heard = widget.log.inner_text()
    assert heard.index("Portiere") < heard.index("Tu:") < heard.rindex("Portiere")


def test_with_reduced_motion_nothing_moves(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    widget = Widget(page)
    widget.open()
    widget.hold_messages()
    widget.say("ciao")
    dot = widget.inside.locator(".chat-typing i").first
    assert dot.evaluate("dot => getComputedStyle(dot).animationName") == "none"
    assert page.locator("portiere-widget .panel").evaluate("e => getComputedStyle(e).transitionDuration") in ("0s", "")


def test_a_long_message_is_counted_down(widget: Widget) -> None:
    widget.composer.fill("a" * 1950)
    expect(widget.inside.get_by_text("Ancora 50 caratteri")).to_be_visible()
    widget.composer.fill("b")
    expect(widget.inside.get_by_text("Ancora 50 caratteri")).to_have_count(0)
