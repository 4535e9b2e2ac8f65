"""Mails over TLS to a server whose certificate is vouched for, and a mail process that dies at the worst moment."""

from __future__ import annotations

import contextlib
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.conversations.store import Proof
from bot.mail.worker import CLAIM, Postman
from tests.service import free_port
from tests.unit.mail.conftest import Inbox, PostOffice
from tests.unit.mail.test_delivery import with_settings


@contextlib.contextmanager
def listening(inbox: Inbox, **options: Any) -> Iterator[int]:
    """A real server that delivers into an inbox; its port."""
    port = free_port()
    server = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    server.start()
    try:
        yield port
    finally:
        server.stop()


def certified(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for a host, and a server's context with it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}"]
    command += ["-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
class TestTls:
    def send(self, office: PostOffice, inbox: Inbox, scheme: str, context: ssl.SSLContext) -> int:
        """Send a mail to a server that takes none without TLS."""
        office.ask_for("maria.rossi@gmail.com")
        tls = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
        with listening(inbox, **tls) as port:
            changed = with_settings(office, smtp_url=f"{scheme}://localhost:{port}")
            return Postman(changed, now=lambda: office.now).send_due()

    def test_a_mail_goes_over_tls(
        self, office: PostOffice, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inbox = Inbox()
        certificate, context = certified(tmp_path, "localhost")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert self.send(office, inbox, scheme, context) == 1
        (message,) = inbox.messages
        assert message["To"] == "maria.rossi@googlemail.com"

    def test_none_goes_to_a_server_with_the_certificate_of_another(
        self, office: PostOffice, scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inbox = Inbox()
        certificate, context = certified(tmp_path, "mail.example.com")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert self.send(office, inbox, scheme, context) == 0
        assert inbox.messages == []
        (mail,) = office.outbox.listed("waiting")
        assert mail.failure


class Deadly(Inbox):
    """Takes a mail, and kills the process that sends it before it can learn that."""

    sender: subprocess.Popen[bytes] | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer: str = await super().handle_DATA(server, session, envelope)
        assert self.sender is not None
        os.kill(self.sender.pid, signal.SIGKILL)
        self.sender.wait(10)
        return answer


def test_a_process_killed_after_it_has_sent_sends_the_same_mail_again_and_both_are_right(office: PostOffice) -> None:
    office.now = datetime.now(timezone.utc)  # the process that will be killed goes by the real clock
    talk = office.store.open("widget", "it", Proof(), office.now, timedelta(hours=1))[0].id
    office.ask_for("maria.rossi@gmail.com", talk)
    inbox = Deadly()
    with listening(inbox) as port:
        settings = {
            "PORTIERE_HOME": str(office.settings.home),
            "PORTIERE_SECRET": office.settings.secret,
            "PORTIERE_SMTP_URL": f"smtp://127.0.0.1:{port}",
        }
        command = [sys.executable, "-m", "bot.cli.main", "serve", "mail"]
        with subprocess.Popen(command, env={**os.environ, **settings}) as inbox.sender:
            assert inbox.sender.wait(60) == -signal.SIGKILL
    (killed,) = inbox.messages
    assert office.send() == 0  # the claim has not ended yet
    office.now += CLAIM + timedelta(minutes=1)
    assert office.send() == 1
    (again,) = office.inbox.messages
    assert again["Message-ID"] == killed["Message-ID"]
    assert again.get_payload() == killed.get_payload()
    assert office.numbers.prove(talk, office.number(), office.now) == "demo-rossi"
    assert office.outbox.counts() == {"waiting": 0, "dead": 0}
