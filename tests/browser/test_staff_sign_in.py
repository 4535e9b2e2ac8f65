"""Administrators and the support team sign in at an OpenID provider and come back, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import REPORT_VIOLATIONS
from tests.browser.widget import PICTURES
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, openid_provider
from tests.service import Service, running_service

MARTINA = {"sub": "4711", "name": "Martina Kofler", "company": "studio-brennero", "role": "administrator"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, OpenIdProvider]]:
    """The whole service as it is in production: no demo, an issuer."""
    with openid_provider() as provider:
        provider.asks = True
        settings = {
            "PORTIERE_STAFF_OPENID_ISSUER": provider.issuer,
            "PORTIERE_STAFF_OPENID_CLIENT_ID": CLIENT_ID,
            "PORTIERE_STAFF_OPENID_CLIENT_SECRET": CLIENT_SECRET,
            "PORTIERE_CONSOLE_OPENID_ISSUER": provider.issuer,
            "PORTIERE_CONSOLE_OPENID_CLIENT_ID": CLIENT_ID,
            "PORTIERE_CONSOLE_OPENID_CLIENT_SECRET": CLIENT_SECRET,
            "PORTIERE_CONSOLE_OPENID_ROLES": '{"help-desk": "support"}',
            "PORTIERE_DEMO": "false",
        }
        with running_service(Path(tmp_path_factory.mktemp("openid")), **settings) as service:
            yield service, provider


@pytest.fixture
def provider(running: tuple[Service, OpenIdProvider]) -> OpenIdProvider:
    running[1].person = dict(MARTINA)
    return running[1]


@pytest.fixture
def page(browser: Browser, running: tuple[Service, OpenIdProvider]) -> Iterator[Page]:
    """The administrators' page; nothing may be complained of."""
    complaints: list[str] = []
    context = browser.new_context(base_url=running[0].url, locale="it-IT", viewport={"width": 1200, "height": 850})
    context.set_default_timeout(15_000)
    context.add_init_script(REPORT_VIOLATIONS)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    PICTURES.mkdir(parents=True, exist_ok=True)
    opened = context.new_page()
    opened.on("console", lambda said: complaints.append(said.text) if "policy violation" in said.text else None)
    opened.goto("/staff")
    yield opened
    context.close()
    assert complaints == []


def enter(page: Page, word: str = "consent") -> None:
    page.get_by_role("link", name="Entra con il tuo profilo").click()
    page.get_by_role("link", name=word).click()


def say(page: Page, text: str) -> None:
    page.get_by_label("Il tuo messaggio").fill(text)
    page.get_by_label("Il tuo messaggio").press("Enter")


@pytest.mark.usefixtures("provider")
def test_the_way_to_the_provider_and_back_begins_the_conversation(page: Page) -> None:
    expect(page.get_by_role("button", name="Martina Kofler")).to_have_count(0)
    enter(page)
    expect(page.locator("#who")).to_have_text("Martina KoflerStudio Brennero")
    assert "#" not in page.url
    assert "code=" not in page.url
    assert page.context.cookies() == []
    say(page, "Perché Maria Rossi non riesce ad accedere?")
    expect(page.get_by_role("region", name="Maria Rossi")).to_be_visible()
    page.reload()
    expect(page.get_by_role("region", name="Maria Rossi")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="consent")).to_be_visible()


@pytest.mark.usefixtures("provider")
def test_a_page_left_open_beyond_its_token_goes_on_where_it_was(page: Page) -> None:
    enter(page)
    say(page, "Perché Elena Conti non riesce ad accedere?")
    expect(page.get_by_role("region", name="Elena Conti")).to_be_visible()
    page.evaluate("sessionStorage['portiere.token'] = JSON.stringify('expired')")
    say(page, "Perché Luca Bianchi non riesce ad accedere?")
    expect(page.get_by_role("region", name="Luca Bianchi")).to_be_visible()
    # After an hour of silence the gateway has ended the conversation too.
    page.evaluate(
        """() => {
          const session = Object.keys(sessionStorage).find((key) => key.endsWith(".session"));
          sessionStorage[session] = JSON.stringify({ token: "ended" });
        }"""
    )
    say(page, "Perché Paolo Gallo non riesce ad accedere?")
    expect(page.get_by_role("status").filter(has_text="L'accesso è scaduto")).to_be_visible()
    expect(page.get_by_role("link", name="Entra con il tuo profilo")).to_be_focused()
    enter(page)
    expect(page.get_by_role("region", name="Paolo Gallo")).to_be_visible()
    expect(page.get_by_text("ne è cominciata una nuova")).to_be_visible()


@pytest.mark.usefixtures("provider")
def test_a_reload_after_an_hour_says_what_to_do_and_what_became_of_the_conversation(page: Page) -> None:
    enter(page)
    expect(page.locator("#who")).to_be_visible()
    page.get_by_label("Il tuo messaggio").fill("Perché Sara Gre")
    page.evaluate(
        """() => {
          const session = Object.keys(sessionStorage).find((key) => key.endsWith(".session"));
          sessionStorage[session] = JSON.stringify({ token: "ended" });
          sessionStorage["portiere.token"] = JSON.stringify("expired");
        }"""
    )
    page.reload()
    expect(page.get_by_role("status").filter(has_text="L'accesso è scaduto")).to_be_visible()
    page.screenshot(path=PICTURES / "staff-openid-expired.png")
    assert violations(page) == []
    enter(page)
    expect(page.get_by_text("ne è cominciata una nuova")).to_be_visible()
    expect(page.get_by_label("Il tuo messaggio")).to_have_value("Perché Sara Gre")


def test_whoever_may_not_enter_reads_why_and_can_try_again(page: Page, provider: OpenIdProvider) -> None:
    enter(page, "deny")
    expect(page.get_by_role("heading", name="Accesso annullato")).to_be_visible()
    page.screenshot(path=PICTURES / "staff-openid-denied.png")
    assert violations(page) == []
    assert page.title() == "Accesso annullato"
    provider.person["company"] = "nobody-s"
    page.get_by_role("link", name="Riprova").click()
    page.get_by_role("link", name="consent").click()
    expect(page.get_by_role("heading", name="Società non riconosciuta")).to_be_visible()
    provider.person["company"] = "studio-brennero"
    page.get_by_role("link", name="Riprova").click()
    page.get_by_role("link", name="consent").click()
    expect(page.locator("#who")).to_contain_text("Martina Kofler")


def test_the_support_team_enters_the_console_by_its_group(page: Page, provider: OpenIdProvider) -> None:
    provider.person = {"sub": "1871", "preferred_username": "Giada.Riva", "roles": ["cleaning"]}
    page.goto("/console/dashboard")
    page.get_by_role("link", name="Accedi con l'account aziendale").click()
    page.get_by_role("link", name="consent").click()
    expect(page.get_by_role("heading", name="Qui entra l'assistenza")).to_be_visible()
    page.screenshot(path=PICTURES / "console-openid-refused.png")
    assert violations(page) == []
    provider.person["roles"] = ["cleaning", "help-desk"]
    page.get_by_role("link", name="Riprova").click()
    page.get_by_role("link", name="consent").click()
    expect(page.get_by_text("giada.riva")).to_be_visible()
    expect(page.get_by_role("heading", name="Conversazioni")).to_be_visible()
    page.get_by_role("button", name="Esci").click()
    page.goto("/console/dashboard")
    expect(page.get_by_role("heading", name="Accedi alla console")).to_be_visible()
