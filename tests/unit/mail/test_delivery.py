from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import logging
import re
import ssl
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import update
from sqlalchemy.exc import DataError, OperationalError

from actions.accounts.records import Account
from actions.accounts.store import SqlAccounts
from bot.conversations.tables import mail as mail_table
from bot.mail.transport import LONGEST_SEND, MailNotTaken, Smtp
from bot.mail.worker import CLAIM, Postman
from bot.settings import Settings
from tests.service import free_port
from tests.unit.mail.conftest import Inbox, PostOffice, subject_of

NOBODY_LISTENS = "smtp://127.0.0.1:1"


def ask_for_reminder(office: PostOffice, code: str) -> None:
    invite = office.accounts.find_invite(code)
    assert invite is not None
    office.store.add_request(
        office.begin(), kind="reminder", company=invite.company, invite_id=invite.id, now=office.now
    )


def with_settings(office: PostOffice, **changes: object) -> Settings:
    return Settings(**{**office.settings.dict(), **changes})


class TestReminders:
    def test_the_owner_of_the_account_gets_the_exact_login_address(self, office: PostOffice) -> None:
        ask_for_reminder(office, "USAT2345")
        assert office.send() == 1
        (message,) = office.inbox.messages
        assert message["To"] == "maria.rossi@googlemail.com"
        assert subject_of(message) == "Promemoria per accedere al portale"
        assert "maria.rossi@googlemail.com" in office.texts()[0]

    def test_it_is_sent_once(self, office: PostOffice) -> None:
        ask_for_reminder(office, "USAT2345")
        office.send()
        office.send()
        assert len(office.inbox.messages) == 1

    def test_a_code_without_an_account_sends_nothing(self, office: PostOffice) -> None:
        ask_for_reminder(office, "SCAD2345")
        assert office.send() == 0
        assert office.inbox.messages == []


class TestHeaders:
    def test_a_mail_is_dated_and_named(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        office.ask_for("luca.bianchi@example.com")
        office.send()
        first, second = office.inbox.messages
        assert first["Date"] == "Mon, 23 Nov 2026 12:00:00 +0000"
        assert re.fullmatch(r"<[0-9a-f]{32}@portal\.example\.com>", first["Message-ID"])
        assert first["Message-ID"] != second["Message-ID"]

    def test_a_mail_that_comes_twice_has_the_same_name(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        for _ in range(2):  # the first process dies before it can note that it has sent the mail
            (mail,) = office.outbox.listed("waiting")
            office.send()
            office.outbox.failed(mail.id, "", office.now)
            with office.engine.begin() as connection:
                connection.execute(update(mail_table).values(state="waiting"))
        first, second = office.inbox.messages
        assert first["Message-ID"] == second["Message-ID"]

    def test_the_name_is_at_the_address_and_not_at_the_name_of_the_sender(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        named = with_settings(office, mail_from="Portiere <porter@homes.example.net>")
        Postman(named, now=lambda: office.now).send_due()
        assert office.inbox.messages[0]["Message-ID"].endswith("@homes.example.net>")

    def test_a_domain_beyond_ascii_is_written_as_every_server_takes_it(self, office: PostOffice) -> None:
        office.ask_for("maria@città.example.com")
        assert office.send() == 1
        (message,) = office.inbox.messages
        assert message["X-RcptTo"] == message["To"] == "maria@xn--citt-3na.example.com"


class TestRetries:
    def test_a_mail_that_could_not_be_sent_is_sent_later(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        away = with_settings(office, smtp_url=NOBODY_LISTENS)
        assert Postman(away, now=lambda: office.now).send_due() == 0
        assert office.send() == 0  # not yet
        office.now += timedelta(seconds=31)
        assert office.send() == 1

    def test_the_pauses_double_until_the_mail_is_dead(
        self, office: PostOffice, caplog: pytest.LogCaptureFixture
    ) -> None:
        office.ask_for("maria.rossi@gmail.com")
        away = with_settings(office, smtp_url=NOBODY_LISTENS, mail_tries=4)
        waits = []
        for _ in range(4):
            Postman(away, now=lambda: office.now).send_due()
            (mail,) = office.outbox.listed()
            waits.append((mail.due_at - office.now).total_seconds())
            office.now = mail.due_at
        assert waits[:3] == [30, 60, 120]
        assert office.outbox.counts() == {"waiting": 0, "dead": 1}
        (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert "is dead" in record.getMessage()
        assert "maria" not in caplog.text

    def test_a_refused_address_is_not_tried_again(self, office: PostOffice) -> None:
        office.inbox.refusals["nobody@example.com"] = "550 No such user"
        office.ask_for("nobody@example.com")
        office.send()
        (mail,) = office.outbox.listed("dead")
        assert mail.failure == "SMTP 550"

    def test_a_busy_server_is_asked_again(self, office: PostOffice) -> None:
        office.inbox.refusals["nobody@example.com"] = "451 Come back later"
        office.ask_for("nobody@example.com")
        office.send()
        (mail,) = office.outbox.listed("waiting")
        assert mail.failure == "SMTP 451"

    def test_one_mail_that_is_refused_does_not_keep_the_next_one(self, office: PostOffice) -> None:
        office.inbox.refusals["nobody@example.com"] = "550 No such user"
        office.ask_for("nobody@example.com")
        office.ask_for("maria.rossi@gmail.com")
        office.send()
        assert [message["To"] for message in office.inbox.messages] == ["maria.rossi@googlemail.com"]

    def test_one_mail_that_the_database_cannot_take_does_not_keep_the_next_one(
        self, office: PostOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        look_up = SqlAccounts.account_at

        def refuse_one(self: SqlAccounts, address: str) -> Account | None:
            if address.startswith("nobody"):
                raise DataError("", {}, Exception())
            return look_up(self, address)

        monkeypatch.setattr(SqlAccounts, "account_at", refuse_one)
        office.ask_for("nobody@example.com")
        office.ask_for("maria.rossi@gmail.com")
        assert office.send() == 1
        (mail,) = office.outbox.listed("waiting")
        assert mail.failure == "DataError"

    def test_a_mail_whose_tries_never_end_is_dead_in_the_end(
        self, office: PostOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def time_out(_self: SqlAccounts, _address: str) -> Account | None:
            raise OperationalError("", {}, Exception())

        monkeypatch.setattr(SqlAccounts, "account_at", time_out)
        office.ask_for("nobody@example.com")
        for _ in range(office.settings.mail_tries):
            with pytest.raises(OperationalError):
                office.send()
            office.now += timedelta(minutes=2)
        office.send()
        (mail,) = office.outbox.listed("dead")
        assert mail.failure == "unfinished"

    def test_dead_mails_are_tried_anew_when_asked_for(self, office: PostOffice) -> None:
        office.inbox.refusals["maria.rossi@googlemail.com"] = "550 No such user"
        office.ask_for("maria.rossi@gmail.com")
        office.send()
        office.inbox.refusals.clear()
        assert office.outbox.retry([], office.now) == 1
        assert office.send() == 1

    def test_two_processes_do_not_send_the_same_mail(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        (mail,) = office.outbox.due(office.now)
        until = office.now + timedelta(minutes=2)
        assert office.outbox.claim(mail, until)
        assert not office.outbox.claim(mail, until)


class TestTransport:
    def test_the_server_is_told_user_and_password(self, office: PostOffice) -> None:
        seen = []

        def check(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
            seen.append((data.login, data.password))  # type: ignore[attr-defined]
            return AuthResult(success=True)

        inbox, port = Inbox(), free_port()
        server = Controller(
            inbox, hostname="127.0.0.1", port=port, authenticator=check, auth_required=True, auth_require_tls=False
        )
        server.start()
        try:
            office.ask_for("maria.rossi@gmail.com")
            url = f"smtp://porter:p%40ss@127.0.0.1:{port}"
            Postman(with_settings(office, smtp_url=url), now=lambda: office.now).send_due()
        finally:
            server.stop()
        assert seen == [(b"porter", b"p@ss")]
        assert len(inbox.messages) == 1

    def test_a_certificate_that_nobody_vouches_for_is_not_believed(self, office: PostOffice, tmp_path: Path) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        inbox, port = Inbox(), free_port()
        server = Controller(inbox, hostname="127.0.0.1", port=port, tls_context=context)
        server.start()
        try:
            office.ask_for("maria.rossi@gmail.com")
            url = f"smtp+starttls://127.0.0.1:{port}"
            assert Postman(with_settings(office, smtp_url=url), now=lambda: office.now).send_due() == 0
        finally:
            server.stop()
        assert inbox.messages == []

    def test_a_server_that_is_away_is_named_by_the_kind_of_failure_only(self) -> None:
        message = email.message.EmailMessage()
        message["From"], message["To"] = "a@example.com", "b@example.com"
        with pytest.raises(MailNotTaken, match=r"^\w+$"):
            Smtp(NOBODY_LISTENS).send(message, "talk")

    def test_without_a_server_mails_lie_in_a_folder_for_their_owner_alone(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        Postman(with_settings(office, smtp_url=""), now=lambda: office.now).send_due()
        (path,) = (office.settings.home / "mailbox").glob("*/*.eml")
        assert path.stat().st_mode & 0o077 == 0
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert message["Subject"] == "Il tuo accesso al portale"

    async def test_a_server_that_dawdles_over_each_answer_is_left_in_time(self) -> None:
        async def dawdle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                for answer in (b"220 hello\r\n", *[b"250-patience\r\n"] * 100):
                    writer.write(answer)
                    await writer.drain()
                    await asyncio.sleep(0.1)

        server = await asyncio.start_server(dawdle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        message = email.message.EmailMessage()
        message["From"], message["To"] = "a@example.com", "b@example.com"
        began = time.monotonic()
        async with server:
            with pytest.raises(MailNotTaken, match="TimeoutError"):
                await asyncio.to_thread(Smtp(f"smtp://127.0.0.1:{port}", seconds=0.5).send, message, "talk")
        assert time.monotonic() - began < 5

    def test_the_time_for_a_mail_ends_well_before_another_process_may_take_it(self) -> None:
        assert timedelta(seconds=LONGEST_SEND) < CLAIM * 0.75

    def test_letters_beyond_ascii_that_the_server_does_not_take_are_not_tried_again(self, office: PostOffice) -> None:
        inbox, port = Inbox(), free_port()
        server = Controller(inbox, hostname="127.0.0.1", port=port, enable_SMTPUTF8=False)
        server.start()
        try:
            office.ask_for("mària@example.com")
            url = f"smtp://127.0.0.1:{port}"
            Postman(with_settings(office, smtp_url=url), now=lambda: office.now).send_due()
        finally:
            server.stop()
        (mail,) = office.outbox.listed("dead")
        assert mail.failure == "SMTPNotSupported"

    def test_a_wrong_smtp_url_is_named(self) -> None:
        with pytest.raises(ValueError, match="PORTIERE_SMTP_URL"):
            Smtp("mail.example.com")
