"""The widget on a page, in the words of somebody who uses it."""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Frame, FrameLocator, Locator, Page, Route, expect

from bot.gateway.tokens import WIDGET_AUDIENCE, issue
from bot.settings import Settings
from tests.browser.axe import violations
from tests.service import Service

MESSAGES = "**/api/widget/messages"
PICTURES = Path(os.environ.get("PORTIERE_TEST_SCREENSHOTS", "var/screenshots"))


def portal_token(service: Service, login: str) -> str:
    """A token by which the portal says who is signed in."""
    return issue(WIDGET_AUDIENCE, login, Settings(home=service.home), datetime.now(timezone.utc))


class Widget:
    """The widget of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher: Locator = page.locator("portiere-widget button.launcher")
        self.inside: FrameLocator = page.frame_locator("portiere-widget iframe")
        self.composer = self.inside.get_by_label("Il tuo messaggio")
        self.log = self.inside.get_by_role("log")
        self.choices = self.inside.get_by_role("group", name="Risposte rapide").get_by_role("button")
        self.said = self.inside.locator(".chat-message.person")
        self.answers = self.inside.locator(".chat-message:not(.person)")

    @property
    def frame(self) -> Frame:
        """The frame's own page."""
        return next(frame for frame in self.page.frames if "/widget?" in frame.url)

    def open(self) -> None:
        """Open the chat and wait for the greeting or the history."""
        self.launcher.click()
        self.wait_for_messages()

    def wait_for_messages(self) -> None:
        """Wait until there is something to read."""
        expect(self.answers.first).to_be_visible()

    def say(self, text: str) -> None:
        """Type something and send it."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def hears(self, text: str | re.Pattern[str]) -> None:
        """Wait for an answer with these words."""
        expect(self.answers.filter(has_text=text).last).to_be_visible()

    def press(self, title: str) -> None:
        """Press a quick reply."""
        self.choices.filter(has_text=title).first.click()

    def choose(self, action: str) -> None:
        """Choose something from the menu."""
        self.inside.get_by_role("button", name="Altre azioni").click()
        self.inside.get_by_role("button", name=action, exact=True).click()

    def start_over(self) -> None:
        """Choose to start over, and confirm it."""
        self.choose("Ricomincia da capo")
        self.inside.get_by_role("button", name="Ricomincia", exact=True).click()
        expect(self.said).to_have_count(0)
        self.hears("assistente automatico")

    def hold_messages(self) -> list[Route]:
        """Keep what is sent from now on from reaching the gateway; the requests appear in the list."""
        held: list[Route] = []

        def hold(route: Route) -> None:
            if route.request.method == "POST":
                held.append(route)
            else:
                route.continue_()

        self.page.route(MESSAGES, hold)
        return held

    def history(self) -> list[dict[str, Any]]:
        """The conversation as the gateway has it."""
        token = self.frame.evaluate(
            "JSON.parse(localStorage[Object.keys(localStorage).find((key) => key.endsWith('.session'))]).token"
        )
        home = self.frame.url.partition("/widget")[0]
        headers = {"Authorization": f"Bearer {token}"}
        response = httpx.get(f"{home}/api/widget/messages", headers=headers, trust_env=False, timeout=20)
        response.raise_for_status()
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages

    def sayings(self) -> list[str]:
        """What the person has said, as the gateway has it."""
        return [message["text"] for message in self.history() if message["side"] == "person"]

    def assert_sound(self, name: str) -> None:
        """Keep a picture; axe-core finds nothing in the page, nor in the frame if there is one."""
        self.picture(name)
        assert violations(self.page) == []
        for frame in self.page.frames[1:]:
            assert violations(frame) == []

    def picture(self, name: str) -> None:
        """Keep a picture of the page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(250)  # the panel's opening
        self.page.screenshot(path=PICTURES / f"{name}.png")
