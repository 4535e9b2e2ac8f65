"""A real Chromium, a new context for each test, the widget on the demo portal, and what the browser complained of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.host_site import HostSite, host_site
from tests.browser.widget import Widget
from tests.browser_finder import chromium_path
from tests.service import Service

PATIENCE = 15_000  # milliseconds: two browsers and two services share two cores
expect.set_options(timeout=PATIENCE)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} in ${location.href}`);
});
"""
# What Chromium writes for every request that fails, which some tests make happen.
FAILED_REQUEST = "Failed to load resource"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the consoles of all pages and frames said: errors, policy violations, uncaught exceptions."""
    return []


@pytest.fixture
def context(browser: Browser, service: Service, complaints: list[str]) -> Iterator[BrowserContext]:
    """A new browser profile, in which nothing may be complained of."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(FAILED_REQUEST):
            complaints.append(message.text)

    created = browser.new_context(base_url=service.url, locale="it-IT", viewport={"width": 1200, "height": 850})
    created.set_default_timeout(PATIENCE)
    created.add_init_script(REPORT_VIOLATIONS)
    created.on("console", note)
    created.on("weberror", lambda error: complaints.append(str(error.error)))
    yield created
    created.close()
    assert complaints == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """The demo portal."""
    opened = context.new_page()
    opened.goto("/")
    return opened


@pytest.fixture
def widget(page: Page) -> Widget:
    """The widget, opened on the demo portal."""
    widget = Widget(page)
    widget.open()
    return widget


@pytest.fixture
def site(service: Service) -> Iterator[HostSite]:
    """A web site of somebody else's, with the widget on it."""
    with host_site(service.url) as running:
        yield running
