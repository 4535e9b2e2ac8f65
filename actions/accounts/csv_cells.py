"""What a cell of a CSV file may hold. A reader returns the value or raises `ValueError` with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import Any

from actions.accounts.names import fold
from actions.invite_codes import ALPHABET, LENGTH, is_possible, normalize_code

Reader = Callable[[str], Any]

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST_ADDRESS = 254
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def printable(cell: str) -> str:
    """A cell without blanks around it; non-breaking blanks become plain ones."""
    text = cell.strip()
    if text.isprintable():
        return text
    text = " ".join(text.split())
    for character in text:
        if not character.isprintable():
            if "\ud800" <= character <= "\udfff":  # where Python keeps a byte that it cannot decode
                raise ValueError("is not UTF-8; save the file as UTF-8")
            raise ValueError(f"holds the control character U+{ord(character):04X}")
    return text


def text(longest: int) -> Reader:
    """Any text of at most so many characters, in its folded form as well."""

    def read(cell: str) -> str:
        if len(cell) > longest or (not cell.isascii() and len(fold(cell)) > longest):
            raise ValueError(f"is longer than {longest} characters")
        return cell

    return read


def email(cell: str) -> str:
    """A mail address as it was registered. Only its shape is checked: one @ and no blanks."""
    if not _ADDRESS.fullmatch(cell):
        raise ValueError("is not a mail address")
    result: str = text(_LONGEST_ADDRESS)(cell)
    return result


def code(cell: str) -> str:
    """An invite code, however it is typed, in its stored form."""
    normal = normalize_code(cell)
    if not is_possible(normal):
        raise ValueError(f"is not an invite code: {LENGTH} characters out of {ALPHABET}")
    return normal


def role(cell: str) -> str:
    """What a contact is to a unit."""
    if cell not in ("tenant", "owner"):
        raise ValueError("is neither tenant nor owner")
    return cell


def day(cell: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        value = date.fromisoformat(cell)
    except ValueError:
        raise ValueError("is not a day such as 2026-01-31") from None
    return _sane(value)


def moment(cell: str) -> datetime:
    """A moment with its zone, in UTC."""
    try:
        value = datetime.fromisoformat(cell[:-1] + "+00:00" if cell.endswith("Z") else cell)
    except ValueError:
        raise ValueError("is not a moment such as 2026-01-31T18:30:00+01:00") from None
    if value.tzinfo is None:
        raise ValueError("has no zone; write 2026-01-31T18:30:00+01:00, or Z for UTC")
    _sane(value)
    return value.astimezone(timezone.utc)


def _sane(value: date) -> date:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"is not between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return value
