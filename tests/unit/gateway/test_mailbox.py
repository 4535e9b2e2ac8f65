"""The page of mails that the demo would have sent."""

from __future__ import annotations

from email.message import EmailMessage

from bot.mail.folder import mailbox
from bot.settings import Settings
from tests.unit.gateway.client import Gateway, detail_of, gateway_process


def post(settings: Settings, subject: str, text: str = "Ciao") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "porter@example.com", "ada.neri@example.com", subject
    message.set_content(text)
    mailbox(settings).keep(message, "talk")


async def page(gateway: Gateway) -> str:
    response = await gateway.http.get("/mailbox")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    return response.text


async def test_an_empty_mailbox_says_so(gateway: Gateway) -> None:
    assert "Ancora nessuna mail" in await page(gateway)


async def test_mails_are_shown_newest_first(gateway: Gateway, settings: Settings) -> None:
    post(settings, "Prima")
    post(settings, "Seconda")
    shown = await page(gateway)
    assert 0 < shown.index("Seconda") < shown.index("Prima")
    assert "ada.neri@example.com" in shown


async def test_what_a_mail_holds_is_text(gateway: Gateway, settings: Settings) -> None:
    post(settings, "<b>grassetto</b>", "<script>alert(1)</script> perché & così")
    shown = await page(gateway)
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; perché &amp; così" in shown


async def test_half_written_and_foreign_files_are_left_out(gateway: Gateway, settings: Settings) -> None:
    post(settings, "Intera")
    folder = settings.home / "mailbox" / "talk"
    (folder / "1.part").write_text("Subject: mezza")
    (folder / "notes.eml").write_text("Subject: appunti")
    shown = await page(gateway)
    assert "Intera" in shown
    assert "mezza" not in shown
    assert "appunti" not in shown


async def test_outside_the_demo_there_is_no_such_page(settings: Settings) -> None:
    for change in ({"demo": False}, {"smtp_url": "smtp://mail.example.com"}):
        async with gateway_process(settings.copy(update=change)) as gateway:
            detail_of(await gateway.http.get("/mailbox"), 404)
