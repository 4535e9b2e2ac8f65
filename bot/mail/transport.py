"""Where mails go: to an SMTP server, or into a folder when none is set."""

from __future__ import annotations

import asyncio
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.settings import Settings

_SECONDS = 20
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PERMANENT = 500  # SMTP reply codes from here on: trying again would not help (RFC 5321, section 4.2.1)


class MailRefused(Exception):
    """The server will not take this mail, however often it is offered."""


class MailNotTaken(Exception):
    """The mail could not be handed over now; later it may be."""


class Transport(Protocol):
    """Something that takes a mail, or raises `MailRefused` or `MailNotTaken`, whose texts hold no address."""

    def send(self, message: EmailMessage) -> None:
        """Hand one mail over."""


class Smtp:
    """An SMTP server: ``smtp://host:25``, ``smtp+starttls://user:word@host:587`` or ``smtps://user:word@host:465``."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        if self._url.scheme not in _PORTS or not self._url.hostname:
            raise ValueError(f"PORTIERE_SMTP_URL must begin with one of: {', '.join(f'{s}://' for s in _PORTS)}")

    def send(self, message: EmailMessage) -> None:
        """Send one mail, over TLS as the URL says."""
        try:
            asyncio.run(self._send(message))
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _failure(max(refused.code for refused in error.recipients)) from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailNotTaken(f"SMTP {error.code}") from error  # an operator's mistake: the mail itself is sound
        except aiosmtplib.SMTPResponseException as error:
            raise _failure(error.code) from error
        except (OSError, aiosmtplib.SMTPException) as error:
            raise MailNotTaken(type(error).__name__) from error

    async def _send(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self._url.hostname,
            port=self._url.port or _PORTS[self._url.scheme],
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            use_tls=self._url.scheme == "smtps",
            start_tls=self._url.scheme == "smtp+starttls",
            timeout=_SECONDS,
        )


class Folder:
    """A folder that mails are written to, one file each, readable by their owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write one mail, whole or not at all."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._folder / f"{time.time_ns()}.part"
            draft.touch(mode=0o600)
            draft.write_bytes(message.as_bytes())
            draft.rename(draft.with_suffix(".eml"))
        except OSError as error:
            raise MailNotTaken(type(error).__name__) from error


def transport(settings: Settings) -> Transport:
    """The transport that the settings ask for."""
    return Smtp(settings.smtp_url) if settings.smtp_url else Folder(mailbox_folder(settings))


def mailbox_folder(settings: Settings) -> Path:
    """Where mails lie without an SMTP server."""
    return settings.home / "mailbox"


def _failure(code: int) -> Exception:
    return MailRefused(f"SMTP {code}") if code >= _PERMANENT else MailNotTaken(f"SMTP {code}")
