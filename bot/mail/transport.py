"""Where mails go: to an SMTP server, or into a folder when none is set."""

from __future__ import annotations

import smtplib
import ssl
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.settings import Settings

_SECONDS = 20
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Transport(Protocol):
    """Something that takes a mail or raises `OSError` (of which smtplib's errors are a kind)."""

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
        host, port = self._url.hostname or "", self._url.port or _PORTS[self._url.scheme]
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, port, timeout=_SECONDS)
        with server:
            if self._url.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message)


class Folder:
    """A folder that mails are written to, one file each, readable by their owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write one mail."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{time.time_ns()}.eml"
        path.touch(mode=0o600)
        path.write_bytes(message.as_bytes())


def transport(settings: Settings) -> Transport:
    """The transport that the settings ask for."""
    return Smtp(settings.smtp_url) if settings.smtp_url else Folder(settings.home / "mailbox")
