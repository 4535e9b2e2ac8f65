"""The demo's mailbox page in a real browser."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from tests.browser.axe import violations
from tests.browser.widget import PICTURES
from tests.service import Chat, Service

ADDRESS = "browser.mailbox@example.com"


def ask_for_mail(service: Service) -> None:
    chat = Chat.open(service)
    chat.say("ho dimenticato la password")
    chat.press("Ricevere aiuto per e-mail")
    chat.say(ADDRESS)


def test_a_mail_appears_by_itself_and_fits_a_phone(service: Service, context: BrowserContext) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/mailbox")
    ask_for_mail(service)
    mail = page.get_by_role("article").filter(has_text=ADDRESS)
    expect(mail.get_by_role("heading", name="Nessun accesso con questo indirizzo")).to_be_visible()
    expect(mail.get_by_role("time")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=PICTURES / f"mailbox-{scheme}.png")
        assert violations(page) == []
    assert complaints == []
