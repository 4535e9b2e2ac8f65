"""Where mails go: to an SMTP server, or into a folder when none is set."""

from __future__ import annotations

import asyncio
import contextlib
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.mail.folder import Folder, mailbox
from bot.settings import Settings

LONGEST_SEND = 60.0  # seconds
_SECONDS = 20  # for one command
_GOODBYE = 2
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PERMANENT = 500  # SMTP reply codes from here on: trying again would not help (RFC 5321, section 4.2.1)


class MailRefused(Exception):
    """The server will not take this mail, however often it is offered."""


class MailNotTaken(Exception):
    """The mail could not be handed over now; later it may be."""


class Transport(Protocol):
    """Something that takes a mail, or raises `MailRefused` or `MailNotTaken`, whose texts hold no address."""

    def send(self, message: EmailMessage, conversation_id: str) -> None:
        """Hand one mail of a conversation over."""


class Smtp:
    """An SMTP server: ``smtp://host:25``, ``smtp+starttls://user:word@host:587`` or ``smtps://user:word@host:465``."""

    def __init__(self, url: str, seconds: float = LONGEST_SEND) -> None:
        """``seconds`` are for a whole mail, however short the server's pauses between its answers are."""
        self._seconds = seconds
        self._url = urlsplit(url)
        if self._url.scheme not in _PORTS or not self._url.hostname:
            raise ValueError(f"PORTIERE_SMTP_URL must begin with one of: {', '.join(f'{s}://' for s in _PORTS)}")

    def send(self, message: EmailMessage, _conversation_id: str) -> None:
        """Send one mail, over TLS as the URL says."""
        try:
            asyncio.run(self._send(message))
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _failure(max(refused.code for refused in error.recipients)) from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailNotTaken(f"SMTP {error.code}") from error  # an operator's mistake: the mail itself is sound
        except aiosmtplib.SMTPResponseException as error:
            raise _failure(error.code) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise MailRefused(type(error).__name__) from error  # such as letters beyond ASCII before the @
        except (OSError, asyncio.TimeoutError, aiosmtplib.SMTPException) as error:
            raise MailNotTaken(type(error).__name__) from error

    async def _send(self, message: EmailMessage) -> None:
        client = aiosmtplib.SMTP(
            hostname=self._url.hostname,
            port=self._url.port or _PORTS[self._url.scheme],
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            use_tls=self._url.scheme == "smtps",
            start_tls=self._url.scheme == "smtp+starttls",
            timeout=_SECONDS,
        )
        try:
            await asyncio.wait_for(self._hand_over(client, message), self._seconds)
            with contextlib.suppress(OSError, aiosmtplib.SMTPException):  # the mail is theirs, however they part
                await client.quit(timeout=_GOODBYE)
        finally:
            client.close()

    @staticmethod
    async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage) -> None:
        await client.connect()
        await client.send_message(message)


class Unsent:
    """Mails are kept in a folder instead."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def send(self, message: EmailMessage, conversation_id: str) -> None:
        """Keep one mail."""
        try:
            self._folder.keep(message, conversation_id)
        except OSError as error:
            raise MailNotTaken(type(error).__name__) from error


def transport(settings: Settings) -> Transport:
    """The transport that the settings ask for."""
    return Smtp(settings.smtp_url) if settings.smtp_url else Unsent(mailbox(settings))


def _failure(code: int) -> Exception:
    return MailRefused(f"SMTP {code}") if code >= _PERMANENT else MailNotTaken(f"SMTP {code}")
