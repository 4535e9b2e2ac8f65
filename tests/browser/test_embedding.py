"""One script tag on somebody else's page: it works, it keeps to itself, and it listens to nobody but its page."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import jwt
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.conftest import ARGUMENTS
from tests.browser.host_site import HOSTILE, HostSite
from tests.browser.widget import Widget
from tests.browser_finder import chromium_path
from tests.service import Service

MOST_BYTES_OF_THE_LAUNCHER = 5_000
MOST_BYTES = 130_000
# Playwright switches off the parting of storage by embedding site, without which Chromium denies embedded pages any:
# our features to switch off (none that matters) take the place of Playwright's.
LIKE_AN_ORDINARY_BROWSER = "--disable-features=MediaRouter"


def visit(context: BrowserContext, site: HostSite) -> Widget:
    page = context.new_page()
    page.goto(site.url)
    return Widget(page)


def test_it_works_on_a_page_of_another_site_with_a_strict_policy(context: BrowserContext, site: HostSite) -> None:
    widget = visit(context, site)
    widget.open()
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    widget.picture("foreign-page")


def test_the_conversation_is_there_on_another_page_of_that_site_and_after_a_new_start_of_the_browser(
    browser: Browser, site: HostSite, tmp_path: Path
) -> None:
    for visits in (1, 2):
        profile = browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=chromium_path(), args=[*ARGUMENTS, LIKE_AN_ORDINARY_BROWSER], locale="it-IT"
        )
        widget = visit(profile, site)
        widget.open()
        if visits == 1:
            widget.say("il codice SCAD-2345 risulta scaduto")
            widget.hears("è scaduto")
            widget.page.goto(f"{site.url}/another/page")
        widget.hears("è scaduto")
        expect(widget.said).to_have_count(1)
        profile.close()


def test_without_any_storage_it_works_for_as_long_as_the_page_is_there(context: BrowserContext, site: HostSite) -> None:
    widget = visit(context, site)
    widget.open()
    with pytest.raises(Error, match="Access is denied"):
        widget.frame.evaluate("localStorage")
    for count, text in enumerate(("il codice SCAD-2345 risulta scaduto", "come mi registro?"), start=1):
        widget.say(text)
        expect(widget.answers).to_have_count(count + 1)
    widget.launcher.click()
    widget.launcher.click()
    expect(widget.said).to_have_count(2)


def test_a_hostile_style_sheet_does_not_reach_it(context: BrowserContext, site: HostSite) -> None:
    calm = visit(context, site)
    calm.open()
    colour = "button => getComputedStyle(button).backgroundColor + getComputedStyle(button).color"
    wanted_colour = calm.launcher.evaluate(colour)
    wanted = [calm.launcher.bounding_box(), calm.page.locator("portiere-widget iframe").bounding_box()]
    site.style = HOSTILE
    widget = visit(context, site)
    expect(widget.page.get_by_role("heading", name="Residenza Aurora")).to_be_hidden()
    widget.open()
    widget.page.wait_for_timeout(300)
    assert [widget.launcher.bounding_box(), widget.page.locator("portiere-widget iframe").bounding_box()] == wanted
    assert widget.launcher.evaluate(colour) == wanted_colour
    assert widget.frame.evaluate("getComputedStyle(document.body).fontSize") == "16px"
    widget.picture("hostile-style-sheet")


def test_it_leaves_nothing_in_the_page_but_itself(context: BrowserContext, site: HostSite) -> None:
    site.has_widget = False
    before = set(visit(context, site).page.evaluate("Object.getOwnPropertyNames(window)"))
    site.has_widget = True
    widget = visit(context, site)
    widget.open()
    left = set(widget.page.evaluate("Object.getOwnPropertyNames(window)")) - before
    assert {name for name in left if not name.isdigit()} == {"Portiere"}
    assert widget.page.evaluate("[...document.documentElement.children].map((e) => e.localName)") == [
        "head",
        "body",
        "portiere-widget",
    ]
    assert widget.page.evaluate("document.adoptedStyleSheets.length + document.styleSheets.length") == 0
    assert (
        widget.page.evaluate("[document.documentElement, document.body].some((e) => e.hasAttribute('style'))") is False
    )
    assert widget.page.evaluate("document.activeElement === document.querySelector('portiere-widget')")


def test_the_page_cannot_look_into_the_chat(context: BrowserContext, site: HostSite) -> None:
    widget = visit(context, site)
    widget.open()
    look = "document.querySelector('portiere-widget').shadowRoot.querySelector('iframe').contentDocument"
    assert widget.page.evaluate(look) is None


def test_position_and_colours_come_from_the_page(context: BrowserContext, site: HostSite) -> None:
    site.attributes = 'data-position="left"'
    site.style = ":root { --portiere-accent: rgb(255, 215, 0) }"
    widget = visit(context, site)
    box = widget.launcher.bounding_box()
    assert box is not None
    assert box["x"] < 100
    assert widget.launcher.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 215, 0)"
    widget.open()
    head = widget.inside.locator(".head")
    assert head.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 215, 0)"
    assert head.evaluate("e => getComputedStyle(e).color") == "rgb(16, 24, 26)", "text on a light accent is dark"
    widget.picture("foreign-colours")


@pytest.mark.parametrize("value", ["url(https://example.com/x)", "red; --line: blue", "12px", "var(--nothing)"])
def test_what_is_no_colour_is_not_taken(context: BrowserContext, site: HostSite, value: str) -> None:
    site.style = f":root {{ --portiere-accent: {value.partition(';')[0] if ';' not in value else value} }}"
    if ";" in value:
        site.style = ":root { --portiere-accent: red blue }"
    widget = visit(context, site)
    widget.open()
    assert widget.inside.locator(".head").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(29, 92, 99)"


def test_identify_leads_to_the_portal_tier(page: Page, service: Service) -> None:
    token = service.portiere("token", "portal", "--account", "giulia.ferrari@example.com")
    page.evaluate("token => Portiere.identify(token)", token)
    widget = Widget(page)
    widget.open()
    widget.say("non riesco ad accedere")
    widget.hears("giulia.ferrari@example.com")


def test_an_identity_in_the_script_tag_is_taken_and_put_away(
    context: BrowserContext, site: HostSite, service: Service
) -> None:
    token = service.portiere("token", "portal", "--account", "giulia.ferrari@example.com")
    site.attributes = f'data-identity="{token}"'
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    widget = visit(context, site)
    assert token not in widget.page.content().partition("</head>")[2].replace(site.attributes, "")
    assert widget.page.locator("script[data-identity]").count() == 0
    widget.open()
    widget.say("non riesco ad accedere")
    widget.hears("giulia.ferrari@example.com")
    assert [url for url in asked if token[:40] in url] == []


def test_whose_conversation_is_whose(page: Page, service: Service) -> None:
    """Anonymous, then signed in, then the same person with a newer token, then signed out, then somebody else."""
    widget = Widget(page)
    widget.open()
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    identify = "token => Portiere.identify(token)"
    page.evaluate(identify, service.portiere("token", "portal", "--account", "giulia.ferrari@example.com"))
    expect(widget.said).to_have_count(0)
    widget.say("non riesco ad accedere")
    widget.hears("giulia.ferrari@example.com")
    page.reload()
    widget.wait_for_messages()
    expect(widget.inside.get_by_text("giulia.ferrari@example.com")).to_have_count(0)
    page.evaluate(identify, service.portiere("token", "portal", "--account", "giulia.ferrari@example.com"))
    widget.hears("giulia.ferrari@example.com")
    page.evaluate(identify, None)
    expect(widget.inside.get_by_text("giulia.ferrari@example.com")).to_have_count(0)
    page.evaluate(identify, service.portiere("token", "portal", "--account", "paolo.gallo@example.com"))
    widget.wait_for_messages()
    expect(widget.said).to_have_count(0)
    assert "giulia" not in str(widget.frame.evaluate("JSON.stringify(localStorage)"))


def test_a_refused_identity_is_told_and_never_becomes_a_silent_stranger(page: Page, service: Service) -> None:
    claims = {"aud": "portiere-widget", "sub": "giulia.ferrari@example.com", "exp": 1_600_000_000}
    expired = jwt.encode(claims, "k" * 32, algorithm="HS256")
    page.evaluate("window.refusals = []; Portiere.on('refused', () => refusals.push(1))")
    page.evaluate("token => Portiere.identify(token)", expired)
    widget = Widget(page)
    widget.launcher.click()
    notice = widget.inside.get_by_text("non è riuscito a confermarmi chi sei")
    expect(notice).to_be_visible()
    widget.picture("identity-refused")
    assert page.evaluate("refusals.length") == 1
    assert widget.frame.evaluate("Object.keys(localStorage).length") == 0
    widget.inside.get_by_role("button", name="Continua senza").click()
    widget.hears("assistente automatico")
    page.evaluate(
        "token => Portiere.identify(token)", service.portiere("token", "portal", "--account", "paolo.gallo@example.com")
    )
    widget.say("non riesco ad accedere")
    widget.hears("paolo.gallo@example.com")


def test_the_page_opens_closes_and_hears_of_messages_but_not_what_they_say(page: Page) -> None:
    page.evaluate("window.heard = []; Portiere.on('message', (message) => heard.push(message)); Portiere.open()")
    widget = Widget(page)
    widget.wait_for_messages()
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    page.evaluate("Portiere.close()")
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("heard") == [{"side": "person", "unread": 0}, {"side": "bot", "unread": 0}]


def test_strangers_are_ignored(context: BrowserContext, site: HostSite) -> None:
    """Neither another window nor the page itself can speak for the frame; only the page can for the launcher."""
    widget = visit(context, site)
    widget.open()
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    # To the launcher, as if from the frame: from the page, which is the right window of the wrong origin …
    for content in ({"type": "close"}, {"type": "unread", "count": 7}, {"type": "ready"}):
        widget.page.evaluate("content => postMessage({portiere: 1, ...content}, '*')", content)
    # … and to the frame, as if from the launcher: from a window that is not its parent.
    widget.page.evaluate("window.stranger = open('about:blank')")
    stranger = context.pages[-1]
    stranger.evaluate(
        """() => opener.document.querySelector('portiere-widget').shadowRoot.querySelector('iframe').contentWindow
        .postMessage({portiere: 1, type: 'identify', identity: 'a.b.c'}, '*')"""
    )
    stranger.close()
    widget.page.wait_for_timeout(500)
    expect(widget.launcher).to_have_attribute("aria-expanded", "true")
    expect(widget.launcher).to_have_accessible_name("Chiudi la chat di aiuto")
    expect(widget.said).to_have_count(1)
    expect(widget.inside.get_by_text("confermarmi chi sei")).to_have_count(0)


def test_another_origin_than_those_of_the_setting_may_not_embed_it(
    context: BrowserContext, site: HostSite, complaints: list[str]
) -> None:
    site.url = site.url.replace("localhost", "elsewhere.localhost")
    widget = visit(context, site)
    widget.launcher.click()
    widget.page.wait_for_timeout(1500)
    expect(widget.composer).to_have_count(0)
    assert [text for text in complaints if "frame-ancestors" in text or "policy violation" in text]
    complaints.clear()


def test_everything_comes_from_the_gateway_and_is_small(context: BrowserContext, service: Service) -> None:
    sizes: dict[str, int] = {}
    page = context.new_page()
    page.on("response", lambda response: sizes.update({response.url: response.request.sizes()["responseBodySize"]}))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert [url for url in sizes if not url.startswith(service.url)] == []
    before_the_click = sum(size for url, size in sizes.items() if "widget" in url)
    Widget(page).open()
    page.wait_for_load_state("networkidle")
    of_the_widget = sum(
        size
        for url, size in sizes.items()
        if "/portal/" not in url and url.rstrip("/") != service.url and "/api/" not in url
    )
    print(f"launcher {before_the_click:,} bytes, everything {of_the_widget:,} bytes")
    assert 0 < before_the_click <= MOST_BYTES_OF_THE_LAUNCHER
    assert before_the_click < of_the_widget <= MOST_BYTES
    launcher = httpx.get(f"{service.url}/widget.js", trust_env=False)
    assert launcher.headers["Content-Encoding"] == "gzip"
    assert len(gzip.compress(launcher.content)) <= MOST_BYTES_OF_THE_LAUNCHER


def test_the_frame_is_also_a_page_of_its_own(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/widget")
    page.get_by_label("Il tuo messaggio").fill("il codice SCAD-2345 risulta scaduto")
    page.keyboard.press("Enter")
    expect(page.locator(".chat-message.bot", has_text="è scaduto")).to_be_visible()


def test_the_demo_portal_shows_errors_that_lead_to_the_chat(page: Page) -> None:
    page.get_by_label("Codice d'invito").fill("SCAD-2345")
    page.locator("#register-mail").fill("sara.greco@example.com")
    page.get_by_role("button", name="Continua").click()
    page.get_by_role("button", name="Chiedi perché").click()
    Widget(page).wait_for_messages()


def test_the_demo_portal_lists_what_to_try_and_links_only_to_what_is_there(page: Page) -> None:
    expect(page.get_by_text("SCAD-2345", exact=True)).to_be_visible()
    for link in page.get_by_role("link").all():
        assert page.request.get(link.get_attribute("href") or "").ok
