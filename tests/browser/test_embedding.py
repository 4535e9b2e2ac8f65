"""One script tag on somebody else's page: it works, it keeps to itself, and it listens to nobody but its page."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import httpx
import jwt
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from tests.browser.conftest import ARGUMENTS
from tests.browser.host_site import HOSTILE, HostSite
from tests.browser.widget import Widget, portal_token
from tests.browser_finder import chromium_path
from tests.service import Service

MOST_BYTES_OF_THE_LAUNCHER = 5_000
MOST_BYTES = 130_000
# Playwright switches off the parting of storage by embedding site, without which Chromium denies embedded pages any:
# our features to switch off (none that matters) take the place of Playwright's.
LIKE_AN_ORDINARY_BROWSER = "--disable-features=MediaRouter"


# What a browser that blocks third-party storage does to an embedded page; whether Chromium does depends on its version.
WITHOUT_STORAGE = """
if (window !== top) {
  const deny = () => { throw new DOMException("Access is denied for this document.", "SecurityError"); };
  Object.defineProperty(window, "localStorage", { get: deny });
  navigator.locks.request = async () => deny();
}
"""
GIULIA = "giulia.ferrari@example.com"


def visit(context: BrowserContext, site: HostSite) -> Widget:
    page = context.new_page()
    page.goto(site.url)
    return Widget(page)


def test_it_works_on_a_page_of_another_site_with_a_strict_policy(context: BrowserContext, site: HostSite) -> None:
    widget = visit(context, site)
    widget.open()
    widget.say("il codice SCAD-2345 risulta scaduto")
    widget.hears("è scaduto")
    assert widget.frame.evaluate("document.referrer") == ""
    widget.assert_sound("foreign-page")


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
    context.add_init_script(WITHOUT_STORAGE)
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
    calm.page.wait_for_timeout(300)  # until nothing moves
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
    assert head.evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 0)", "text on a light accent is dark"
    widget.assert_sound("foreign-colours")


def luminance(colour: Sequence[float]) -> float:
    """As WCAG 2.2 defines it, of red, green and blue between 0 and 255."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_stands_on_any_colour_of_the_page_can_be_read(page: Page) -> None:
    steps = range(0, 256, 15)
    accents = [(0, 135, 65), *((red, green, blue) for red in steps for green in steps for blue in steps)]
    chosen = page.evaluate(
        """accents => {
          const launcher = document.querySelector("portiere-widget").shadowRoot.querySelector("button");
          return accents.map((accent) => {
            document.documentElement.style.setProperty("--portiere-accent", `rgb(${accent})`);
            dispatchEvent(new Event("load"));
            return getComputedStyle(launcher).color.match(/\\d+/g).map(Number);
          });
        }""",
        accents,
    )
    for accent, text in zip(accents, chosen, strict=True):
        darker, lighter = sorted((luminance(accent), luminance(text)))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, accent


@pytest.mark.parametrize("value", ["url(https://example.com/x)", "red; --line: blue", "12px", "var(--nothing)"])
def test_what_is_no_colour_is_not_taken(context: BrowserContext, site: HostSite, value: str) -> None:
    site.style = f":root {{ --portiere-accent: {value.partition(';')[0] if ';' not in value else value} }}"
    if ";" in value:
        site.style = ":root { --portiere-accent: red blue }"
    widget = visit(context, site)
    widget.open()
    assert widget.inside.locator(".head").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(29, 92, 99)"


def test_identify_leads_to_the_portal_tier(page: Page, service: Service) -> None:
    token = portal_token(service, GIULIA)
    page.evaluate("token => Portiere.identify(token)", token)
    widget = Widget(page)
    widget.open()
    widget.say("non riesco ad accedere")
    widget.hears(GIULIA)


def test_an_identity_in_the_script_tag_is_taken_and_put_away(
    context: BrowserContext, site: HostSite, service: Service
) -> None:
    token = portal_token(service, GIULIA)
    site.attributes = f'data-identity="{token}"'
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    widget = visit(context, site)
    assert token not in widget.page.content().partition("</head>")[2].replace(site.attributes, "")
    assert widget.page.locator("script[data-identity]").count() == 0
    widget.open()
    widget.say("non riesco ad accedere")
    widget.hears(GIULIA)
    assert [url for url in asked if token[:40] in url] == []


IDENTIFY = "token => Portiere.identify(token)"
FORGED = "'x.' + btoa(JSON.stringify({sub: 'giulia.ferrari@example.com'})) + '.y'"
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('portiere.known.'))"


def begin_as(widget: Widget, token: str) -> str:
    """Have the chat greet the person of a token, and be told an address; the conversation's own token."""
    widget.page.evaluate(IDENTIFY, token)
    if widget.launcher.get_attribute("aria-expanded") == "false":
        widget.open()
    expect(widget.said).to_have_count(0)
    widget.say("non riesco ad accedere")
    widget.hears(GIULIA)
    return str(widget.frame.evaluate(f"JSON.parse(localStorage[{KEPT}.find((key) => key.endsWith('session'))]).token"))


def is_alive(service: Service, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{service.url}/api/widget/messages", headers=headers, trust_env=False).status_code == 200


def test_whose_conversation_is_whose(page: Page, service: Service) -> None:
    """Anonymous, then signed in, then the same person with a newer token, then signed out, then somebody else."""
    widget = Widget(page)
    widget.open()
    widget.say("ciao")
    expect(widget.answers).to_have_count(2)
    session = begin_as(widget, portal_token(service, GIULIA))
    page.reload()
    widget.wait_for_messages()
    expect(widget.inside.get_by_text(GIULIA)).to_have_count(0)
    page.evaluate(IDENTIFY, portal_token(service, GIULIA))
    widget.hears(GIULIA)
    assert "giulia" not in str(widget.frame.evaluate("JSON.stringify(localStorage)"))
    page.evaluate(IDENTIFY, None)
    expect(widget.inside.get_by_text(GIULIA)).to_have_count(0)
    expect(widget.said).to_contain_text("ciao")
    assert widget.frame.evaluate(KEPT) == []
    assert not is_alive(service, session)
    page.evaluate(IDENTIFY, portal_token(service, "paolo.gallo@example.com"))
    widget.wait_for_messages()
    expect(widget.said).to_have_count(0)


def test_a_forged_token_opens_nothing_that_the_browser_has_kept(page: Page, service: Service) -> None:
    widget = Widget(page)
    begin_as(widget, portal_token(service, GIULIA))
    page.reload()
    widget.wait_for_messages()
    page.evaluate(f"Portiere.identify({FORGED})")
    expect(widget.inside.get_by_text("non è riuscito a confermarmi chi sei")).to_be_visible()
    widget.say("dove abito?")
    page.wait_for_timeout(500)
    expect(widget.inside.get_by_text(GIULIA)).to_have_count(0)
    expect(widget.answers).to_have_count(0)
    with page.expect_download() as download:
        widget.choose("Scarica la conversazione")
    assert GIULIA not in download.value.path().read_text(encoding="utf-8")


def test_signing_out_on_another_page_before_the_chat_is_opened_signs_out(page: Page, service: Service) -> None:
    widget = Widget(page)
    session = begin_as(widget, portal_token(service, GIULIA))
    widget.launcher.click()
    page.goto("/?uscito")
    page.evaluate(IDENTIFY, None)
    for _ in range(50):
        if not is_alive(service, session):
            break
        page.wait_for_timeout(100)
    assert not is_alive(service, session)
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    page.evaluate(IDENTIFY, portal_token(service, GIULIA))
    widget.open()
    widget.hears("assistente automatico")
    expect(widget.said).to_have_count(0)


def test_signing_out_in_one_tab_signs_out_of_all(page: Page, context: BrowserContext, service: Service) -> None:
    token = portal_token(service, GIULIA)
    widget, other, unopened = Widget(page), Widget(context.new_page()), Widget(context.new_page())
    for tab in (other, unopened):
        tab.page.goto("/")
        tab.page.evaluate(IDENTIFY, token)
    session = begin_as(widget, token)
    other.open()
    other.hears(GIULIA)
    page.evaluate(IDENTIFY, None)
    expect(other.inside.get_by_text(GIULIA)).to_have_count(0)
    other.hears("assistente automatico")
    unopened.open()
    unopened.hears("assistente automatico")
    for tab in (widget, other, unopened):
        expect(tab.inside.get_by_text(GIULIA)).to_have_count(0)
        assert tab.frame.evaluate(KEPT) == []
    assert not is_alive(service, session)
    begin_as(widget, portal_token(service, GIULIA))


def test_who_signs_out_while_their_conversation_begins_leaves_nothing_behind(page: Page, service: Service) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/widget/sessions", hold_the_first)
    page.evaluate(IDENTIFY, portal_token(service, GIULIA))
    widget = Widget(page)
    with page.expect_request("**/api/widget/sessions"):
        widget.launcher.click()
    page.evaluate(IDENTIFY, None)
    widget.hears("assistente automatico")
    with page.expect_request(lambda request: request.method == "DELETE"):
        held[0].continue_()
    assert widget.frame.evaluate(KEPT) == []


def test_a_refused_identity_is_told_and_never_becomes_a_silent_stranger(page: Page, service: Service) -> None:
    claims = {"aud": "portiere-widget", "sub": "giulia.ferrari@example.com", "exp": 1_600_000_000}
    expired = jwt.encode(claims, "k" * 32, algorithm="HS256")
    page.evaluate("window.refusals = []; Portiere.on('refused', () => refusals.push(1))")
    page.evaluate("token => Portiere.identify(token)", expired)
    widget = Widget(page)
    widget.launcher.click()
    notice = widget.inside.get_by_text("non è riuscito a confermarmi chi sei")
    expect(notice).to_be_visible()
    widget.assert_sound("identity-refused")
    assert page.evaluate("refusals.length") == 1
    assert widget.frame.evaluate(KEPT) == []
    widget.inside.get_by_role("button", name="Continua senza").click()
    widget.hears("assistente automatico")
    page.evaluate("token => Portiere.identify(token)", portal_token(service, "paolo.gallo@example.com"))
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
