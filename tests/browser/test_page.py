"""The page at `/`, as a person uses it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from tests.service import Service


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.keyboard.press("Enter")


def bot(page: Page, text: str) -> None:
    expect(page.locator(".message.bot", has_text=text).last).to_be_visible()


def test_the_greeting_offers_cases(page: Page, complaints: list[str]) -> None:
    bot(page, "assistente automatico")
    assert page.locator(".choices button").count() >= 8
    assert complaints == []


def test_a_typed_message_is_answered(page: Page) -> None:
    say(page, "il codice SCAD-2345 risulta scaduto")
    bot(page, "è scaduto")
    expect(page.locator(".message.person")).to_contain_text("SCAD-2345")


def test_a_quick_reply_is_answered_and_its_choices_go(page: Page) -> None:
    page.get_by_role("button", name="Password dimenticata").click()
    bot(page, "Per avere una password nuova")
    assert page.locator(".choices").count() == 1


def test_everything_works_with_the_keyboard(page: Page) -> None:
    page.locator(".choices button").first.focus()
    page.keyboard.press("Enter")
    bot(page, "Prova in quest'ordine")
    page.locator("#text").focus()
    page.keyboard.type("annulla")
    page.keyboard.press("Enter")
    bot(page, "lasciamo stare")
    outline = page.locator("#text").evaluate("field => getComputedStyle(field).outlineStyle")
    assert outline != "none"


def test_the_history_is_there_after_a_reload(page: Page) -> None:
    say(page, "il codice VERD-2345 non funziona")
    bot(page, "è valido fino")
    page.reload()
    bot(page, "è valido fino")
    expect(page.locator(".message.person")).to_contain_text("VERD-2345")


def test_starting_over_forgets_the_conversation(page: Page) -> None:
    say(page, "ciao")
    expect(page.locator(".message.person")).to_have_count(1)
    page.get_by_role("button", name="Ricomincia").click()
    expect(page.locator(".message.person")).to_have_count(0)
    bot(page, "assistente automatico")


def test_a_message_that_did_not_get_through_is_sent_again_once(page: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    say(page, "il codice SCAD-2345 risulta scaduto")
    expect(page.locator(".message.failed")).to_be_visible()
    context.set_offline(False)
    page.get_by_role("button", name="Invia di nuovo").click()
    bot(page, "è scaduto")
    page.reload()
    bot(page, "è scaduto")
    expect(page.locator(".message.person")).to_have_count(1)


def test_two_tabs_hold_two_conversations(page: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto("/")
    other.wait_for_selector(".choices button")
    say(page, "il codice SCAD-2345 risulta scaduto")
    say(other, "il codice VERD-2345 non funziona")
    bot(page, "è scaduto")
    bot(other, "è valido fino")
    assert "VERD" not in page.locator("#log").inner_text()


def test_the_picture_of_the_registration_page_is_shown(page: Page) -> None:
    say(page, "dice che la mia email è già registrata")
    picture = page.locator(".message.bot img")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert "Accedi con un account esistente" in (picture.get_attribute("alt") or "")


def test_hostile_text_stays_text(page: Page, complaints: list[str]) -> None:
    hostile = (
        "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> javascript:alert(1)"
    )
    say(page, hostile)
    expect(page.locator(".message.person")).to_contain_text("<script>")
    expect(page.locator(".message.bot")).not_to_have_count(1)
    assert page.locator(".message img, .message script, .message a").count() == 0
    assert "owned" not in page.title()
    assert complaints == []


def test_nothing_is_fetched_from_elsewhere(context: BrowserContext, service: Service) -> None:
    asked: list[str] = []
    fresh = context.new_page()
    fresh.on("request", lambda request: asked.append(request.url))
    fresh.goto("/")
    fresh.wait_for_selector(".choices button")
    assert asked
    assert [url for url in asked if not url.startswith(service.url)] == []


def test_a_phone_shows_everything_without_sideways_scrolling(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_selector(".choices button")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator("#text")).to_be_in_viewport()
    expect(page.locator(".message.bot").first).to_be_in_viewport()


def test_the_dark_scheme_is_dark(page: Page) -> None:
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")) < 150


def test_a_demo_code_is_put_into_the_message(page: Page) -> None:
    page.get_by_role("button", name="REVC-2345").click()
    expect(page.locator("#text")).to_have_value("REVC-2345")
    page.keyboard.press("Enter")
    bot(page, "ritirato")
