"""The day of somebody who has only the role of support, was never shown the console, and finds their way."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from bot.conversations.log.tables import conversation_label, logged_conversation
from bot.database import open_engine
from tests.browser.widget import Widget
from tests.console import PASSWORD, Supporter
from tests.service import Chat, Service

SAID = ("il citofono mi fa le boccacce", "la tastiera sa di vaniglia", "mah, il pulsante quadrato boh")


@pytest.fixture
def signed_in(browser: Browser, service: Service) -> Iterator[Callable[..., Page]]:
    """Opens the console for somebody, in a browser of their own."""
    contexts = []

    def open_console(name: str, role: str) -> Page:
        Supporter(service, name, role)
        context = browser.new_context(base_url=service.url, locale="it-IT", viewport={"width": 1200, "height": 900})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/console")
        page.get_by_label("Nome utente").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Accedi", exact=True).click()
        return page

    yield open_console
    for context in contexts:
        context.close()


def went_wrong_yesterday(service: Service, said: str) -> str:
    """A conversation that was rated down, as if it had been a day ago; its id."""
    chat = Chat.open(service)
    chat.say(said)
    address = f"{service.url}/api/widget/rating"
    httpx.post(address, json={"thumb": "down"}, headers=chat.headers, trust_env=False).raise_for_status()
    ident = str(chat.session["conversation_id"])
    engine = open_engine(f"sqlite:///{service.home / 'conversations.db'}")
    logged, label = logged_conversation.c, conversation_label.c
    with engine.begin() as connection:
        row = connection.execute(select(logged_conversation).where(logged.id == ident)).one()
        began = row.started_at - timedelta(days=1)
        earlier = {"started_at": began, "ended_at": row.ended_at - timedelta(days=1)}
        connection.execute(update(logged_conversation).where(logged.id == ident).values(earlier))
        connection.execute(update(conversation_label).where(label.conversation_id == ident).values(started_at=began))
    engine.dispose()
    return ident


def test_support_finds_what_went_wrong_takes_one_over_corrects_three_and_exports_them(
    service: Service, widget: Widget, signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    idents = [went_wrong_yesterday(service, said) for said in SAID]
    widget.say("come mi registro?")

    page = signed_in("sofia", "support")
    page.get_by_role("link", name="Andate male ieri").click()
    for ident, said in zip(idents, SAID, strict=True):
        row = page.get_by_role("row").filter(has_text=said)
        expect(row).to_have_count(1)
        row.get_by_role("link").click()
        turn = page.locator("#turn-1")
        turn.get_by_label("Intento giusto per questo messaggio").select_option("out_of_scope")
        turn.get_by_role("button", name="Correggi").click()
        expect(page.locator("#turn-1").get_by_text("proposta")).to_be_visible()
        assert ident in page.url
        page.get_by_role("link", name="Torna all'elenco").click()
        expect(page.get_by_role("link", name="Andate male ieri")).to_have_attribute("aria-current", "true")

    page.get_by_role("link", name="Correzioni").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="proposte").click()
    download.value.save_as(tmp_path / "corrections.zip")
    archive = zipfile.ZipFile(tmp_path / "corrections.zip")
    exported = archive.read("corrections-out_of_scope.yml").decode()
    assert [said for said in SAID if f"- {said}\n" not in exported] == []

    page.get_by_role("link", name="Conversazioni").click()
    page.get_by_role("row").filter(has_text="in chat ora").filter(has_text="come mi registro?").first.get_by_role(
        "link"
    ).click()
    page.get_by_role("button", name="Prendi questa conversazione").click()
    page.get_by_label("Scrivi come Sofia").fill("Ciao, ti aiuto io")
    page.get_by_role("button", name="Invia").click()
    expect(widget.inside.locator(".chat-message.agent")).to_contain_text("Ciao, ti aiuto io", timeout=30_000)
    page.get_by_role("button", name="Restituisci al bot e chiudi").click()

    officer = signed_in("piero", "privacy")
    officer.get_by_role("link", name="Chi ha letto").click()
    officer.get_by_label("Utente").select_option("sofia")
    officer.get_by_role("button", name="Cerca").click()
    for kind in ("elenco", "conversazione", "scaricamento", "correzioni"):
        expect(officer.get_by_role("cell", name=kind, exact=True).first).to_be_visible()
    for ident in idents:
        expect(officer.locator(f'a[href="/console/conversations/{ident}"]').first).to_be_visible()
