"""<portiere-chat> as other pages use it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.service import Service

APPEND = "message => document.querySelector('portiere-chat').append(message)"


@pytest.fixture
def alone(context: BrowserContext) -> Page:
    """The element on a page, after the greeting."""
    page = context.new_page()
    page.goto("/widget")
    expect(page.locator(".chat-message.bot")).to_be_visible()
    return page


def test_a_support_agent_is_named(alone: Page) -> None:
    alone.evaluate(APPEND, {"side": "bot", "name": "Anna (assistenza)", "text": "Ci penso io"})
    agent = alone.locator(".chat-message.agent")
    expect(agent).to_contain_text("Anna (assistenza)")
    expect(agent).to_contain_text("Ci penso io")


def test_a_page_may_show_kinds_of_content_of_its_own(alone: Page) -> None:
    alone.evaluate(
        """async () => {
          const { registerRenderer } = await import("/static/chat/element.js");
          registerRenderer("steps", (custom) => {
            const list = document.createElement("ol");
            const item = (step) => Object.assign(document.createElement("li"), { textContent: step });
            list.append(...custom.steps.map(item));
            return list;
          });
        }"""
    )
    alone.evaluate(
        APPEND, {"side": "bot", "text": "Così:", "custom": {"kind": "steps", "steps": ["uno", "<b>due</b>"]}}
    )
    expect(alone.get_by_role("listitem").filter(has_text="<b>due</b>")).to_be_visible()
    alone.evaluate(APPEND, {"side": "bot", "text": "Di un altro genere", "custom": {"kind": "unheard of"}})
    expect(alone.get_by_text("Di un altro genere")).to_be_visible()


def test_what_has_arrived_stands_above_what_is_still_on_its_way(alone: Page) -> None:
    alone.evaluate(APPEND, {"id": "a", "side": "person", "text": "prima", "state": "sending"})
    alone.evaluate(APPEND, {"id": "b", "side": "person", "text": "poi", "state": "waiting"})
    alone.evaluate(APPEND, {"id": "a", "side": "person", "text": "prima"})
    alone.evaluate(APPEND, {"side": "bot", "text": "risposta alla prima"})
    order = alone.locator(".chat-message .chat-bubble").all_inner_texts()[1:]
    assert order == ["prima", "risposta alla prima", "poi"]


def test_reading_back_is_not_disturbed_by_what_arrives(alone: Page) -> None:
    for number in range(30):
        alone.evaluate(APPEND, {"side": "bot", "text": f"riga {number}"})
    log = alone.get_by_role("log")
    log.evaluate("log => { log.scrollTop = 0; }")
    alone.wait_for_timeout(100)
    alone.evaluate(APPEND, {"side": "bot", "text": "ultima"})
    alone.wait_for_timeout(100)
    assert log.evaluate("log => log.scrollTop") == 0
    alone.get_by_role("button", name="Vai all'ultimo messaggio").click()
    expect(alone.get_by_text("ultima", exact=True)).to_be_in_viewport()


def test_earlier_days_are_named_in_the_page_s_language_whatever_the_browser_speaks(
    browser: Browser, service: Service
) -> None:
    messages = [
        {"side": "bot", "text": "ieri", "time": "2026-03-01T10:00:00+01:00"},
        {"side": "bot", "text": "oggi", "time": "2026-03-02T18:05:00+01:00"},
    ]
    english = browser.new_context(base_url=service.url, locale="en-US", timezone_id="Europe/Rome")
    page = english.new_page()
    page.goto("/widget")
    expect(page.locator(".chat-message.bot")).to_be_visible()
    page.evaluate("messages => document.querySelector('portiere-chat').history(messages)", messages)
    assert page.locator(".chat-day").all_inner_texts() == ["domenica 1 marzo 2026", "lunedì 2 marzo 2026"]
    assert page.locator("time").all_inner_texts() == ["10:00", "18:05"]
    transcript = """async (messages) => {
      const { asText } = await import("/static/widget/transcript.js");
      const texts = await (await fetch("/static/texts/it.json")).json();
      return asText(messages, texts);
    }"""
    assert "[02/03/26, 18:05] Portiere:" in page.evaluate(transcript, messages)
    english.close()
