"""The support team's console in a browser: every page, as an untrained supporter would use it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.cli.users import DEMO_USER, demo_password
from bot.conversations.log.clustering import refresh
from bot.database import open_engine
from bot.settings import Settings
from tests.browser.axe import violations
from tests.service import Chat, Service

PAGES = ("handoffs", "conversations", "review", "corrections", "replay", "dashboard", "readings", "deletions")
HOSTILE = '<script>document.title="stolen"</script> [premi](javascript:alert(1)) \u202eoicla\u202c \x1b[31m la lampada'
DESKTOP = {"width": 1200, "height": 850}
PHONE = {"width": 390, "height": 800}


def sign_in(page: Page, service: Service) -> None:
    page.goto("/console")
    page.get_by_label("Nome utente").fill(DEMO_USER)
    page.get_by_label("Password").fill(demo_password(Settings(home=service.home)))
    page.get_by_role("button", name="Accedi", exact=True).click()


@pytest.fixture
def console(context: BrowserContext, service: Service) -> Page:
    page = context.new_page()
    sign_in(page, service)
    return page


@pytest.fixture(params=[("light", DESKTOP), ("dark", PHONE)], ids=["desktop", "phone"])
def without_scripts(request: pytest.FixtureRequest, browser: Browser, service: Service) -> Iterator[Page]:
    """The console in a browser that runs no scripts of pages."""
    scheme, size = request.param
    context = browser.new_context(
        base_url=service.url, locale="it-IT", viewport=size, color_scheme=scheme, java_script_enabled=False
    )
    page = context.new_page()
    sign_in(page, service)
    yield page
    context.close()


def rated_down(service: Service, *messages: str) -> str:
    """A conversation that was rated down, in the review queue; its id."""
    chat = Chat.open(service)
    for message in messages:
        chat.say(message)
    rated = httpx.post(
        f"{service.url}/api/widget/rating", json={"thumb": "down"}, headers=chat.headers, trust_env=False
    )
    rated.raise_for_status()
    engine = open_engine(f"sqlite:///{service.home / 'conversations.db'}")
    refresh(engine, datetime.now(timezone.utc))
    engine.dispose()
    return str(chat.session["conversation_id"])


@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE), ("dark", PHONE)])
def test_every_page_is_accessible_and_fits(scheme: str, size: dict[str, int], console: Page, service: Service) -> None:
    ident = rated_down(
        service, "il mio codice SCAD-2345 è scaduto", "eh niente, la solita storia", "quella roba lì del foglio"
    )
    console.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    console.set_viewport_size({"width": size["width"], "height": size["height"]})
    addresses = [f"/console/{name}" for name in PAGES]
    addresses += [f"/console/conversations/{ident}", "/console/conversations?outcome=unresolved&words=nulla"]
    addresses += ["/console/dashboard?days=365", "/console/nowhere-at-all"]
    for address in addresses:
        console.goto(address)
        console.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        assert violations(console) == [], address
        assert console.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_hostile_text_is_text(console: Page, service: Service) -> None:
    ident = rated_down(service, HOSTILE)
    for address in ("/console/conversations", f"/console/conversations/{ident}"):
        console.goto(address)
        assert "stolen" not in console.title()
        expect(console.get_by_text('<script>document.title="stolen"</script>').first).to_be_visible()
        assert console.locator('a[href^="javascript:"]').count() == 0


def test_without_scripts_a_supporter_finds_corrects_and_takes_out(without_scripts: Page, service: Service) -> None:
    page = without_scripts
    rated_down(
        service, "la questione del frullatore al piano di sopra mi tormenta", "sì però il frullatore al piano di sopra"
    )
    page.goto("/console/review")
    box = page.locator("form", has=page.get_by_text("frullatore")).first
    box.get_by_label("Intento giusto").select_option("out_of_scope")
    box.get_by_role("button", name="Correggi i selezionati").click()
    page.goto("/console/corrections")
    expect(page.get_by_text("frullatore").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Scarica le accettate").click()
    assert download.value.suggested_filename == "portiere-nlu.zip"


def test_a_search_leads_to_the_conversation_and_the_look_is_on_record(console: Page, service: Service) -> None:
    ident = rated_down(service, "il tergicristallo del portale cigola")
    console.goto("/console/conversations")
    console.get_by_label("Parole").fill("Tergicristallo")
    console.get_by_role("button", name="Cerca").click()
    console.locator("table a").first.click()
    expect(console.get_by_text("il tergicristallo del portale cigola")).to_be_visible()
    console.goto("/console/readings")
    expect(console.locator(f'a[href="/console/conversations/{ident}"]').first).to_be_visible()


def test_a_value_is_shown_once_a_reason_is_given(console: Page, service: Service) -> None:
    ident = rated_down(service, "sono ada.neri@example.com e non entro")
    console.goto(f"/console/conversations/{ident}")
    assert "ada.neri@example.com" not in console.content()
    console.get_by_label("Motivo").fill("richiesta della persona")
    console.get_by_role("button", name="Mostra il valore").click()
    expect(console.get_by_text("ada.neri@example.com")).to_be_visible()


def test_the_charts_are_drawn(console: Page, service: Service) -> None:
    for _ in range(6):
        rated_down(service, "come mi registro?")
    console.goto("/console/dashboard")
    expect(console.locator(".chart canvas").first).to_be_visible()


def test_the_keyboard_alone_reaches_a_conversation(console: Page, service: Service) -> None:
    ident = rated_down(service, "la tastiera basta")
    console.goto("/console/conversations")
    console.keyboard.press("Tab")
    expect(console.get_by_role("link", name="Vai al contenuto")).to_be_focused()
    console.keyboard.press("Enter")
    for _ in range(30):
        console.keyboard.press("Tab")
        if console.evaluate("document.activeElement.getAttribute('href')") == f"/console/conversations/{ident}":
            break
    console.keyboard.press("Enter")
    expect(console.get_by_text("la tastiera basta")).to_be_visible()


def test_signing_out_leads_to_the_sign_in(console: Page) -> None:
    console.get_by_role("button", name="Esci").click()
    expect(console.get_by_role("heading", name="Accedi alla console")).to_be_visible()
    assert violations(console) == []
