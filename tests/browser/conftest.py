"""A real Chromium, a new context for each test, and a picture of how each test ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser_finder import chromium_path
from tests.service import Service

PICTURES = Path("var/screenshots")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser, service: Service) -> Iterator[BrowserContext]:
    created = browser.new_context(base_url=service.url, locale="it-IT", viewport={"width": 1200, "height": 850})
    created.set_default_timeout(15_000)
    yield created
    created.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the console said: errors, policy violations, uncaught exceptions."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str], request: pytest.FixtureRequest) -> Iterator[Page]:
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto("/")
    opened.wait_for_selector(".choices button")
    yield opened
    PICTURES.mkdir(parents=True, exist_ok=True)
    opened.screenshot(path=PICTURES / f"{request.node.name}.png")
