"""The mails that a running service has written into its folder instead of sending them."""

from __future__ import annotations

import email
import email.policy
import re
import time
from dataclasses import dataclass
from pathlib import Path

LONGEST_WAIT = 20.0  # seconds
_NUMBER = re.compile(r"^Numero da scrivere nella chat: (\d{6})$", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """One mail."""

    recipient: str
    subject: str
    text: str

    @property
    def number(self) -> str:
        """The number that proves the mailbox."""
        found = _NUMBER.search(self.text)
        assert found, f"no number in:\n{self.text}"
        return found.group(1)


def letters(home: Path) -> list[Letter]:
    """All mails of a service, oldest first."""
    paths = sorted((home / "mailbox").glob("*/*.eml"), key=lambda path: int(path.stem))
    messages = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    return [Letter(str(m["To"]), str(m["Subject"]), m.get_content()) for m in messages]


def wait_for_letter(home: Path, recipient: str, known: int = 0) -> Letter:
    """The newest mail to an address, once there are more of them than are known."""
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until:
        found = [letter for letter in letters(home) if letter.recipient == recipient]
        if len(found) > known:
            return found[-1]
        time.sleep(0.1)
    raise TimeoutError(f"no mail to {recipient} after {LONGEST_WAIT} s")
