"""The mails' texts: files beside this one, their placeholders filled with facts from the account store only."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

_FOLDER = Path(__file__).parent
_SECTION = re.compile(r"^\[(\w+)\]\n", re.MULTILINE)


def letter(name: str, recipient: str, sender: str, **facts: str) -> EmailMessage:
    """A mail out of its text file, whose first line is the subject. No person in the chat wrote any of it."""
    text = (_FOLDER / f"{name}.it.txt").read_text(encoding="utf-8")
    subject, _, body = text.partition("\n\n")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, deliverable(recipient), subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by another machine
    message.set_content(body.format(**facts))
    return message


def stamp(message: EmailMessage, name: str, now: datetime) -> None:
    """Date the mail and give it the Message-ID of that name: the same name at each try, so that doubles are known."""
    domain = deliverable(parseaddr(message["From"])[1]).rpartition("@")[2]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{name}@{domain or 'localhost'}>"


def deliverable(address: str) -> str:
    """The address with its domain in ASCII (IDNA 2008), which any server takes; others as they are."""
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return address
    return f"{found.local_part}@{found.ascii_domain}"


def paragraphs(findings: Sequence[tuple[str, dict[str, str]]]) -> str:
    """The sentences for findings, one paragraph each."""
    return "\n\n".join(_sentences()[name].format(**facts) for name, facts in findings)


@functools.lru_cache(maxsize=1)
def _sentences() -> dict[str, str]:
    parts = _SECTION.split((_FOLDER / "findings.it.txt").read_text(encoding="utf-8"))[1:]
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
