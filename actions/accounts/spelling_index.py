"""The index by which misspelt names are found."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from actions.accounts.models import NameKeyRow
from actions.accounts.names import spelling_keys
from bot.database import insert_missing

_AT_ONCE = 10_000


def add_words(connection: Connection, words: Iterable[tuple[str, str]]) -> None:
    """Add words of a company's names, given as pairs of company and word; what is there already stays."""
    statement = insert_missing(connection, NameKeyRow.__table__)
    rows = [
        {"company_slug": company, "key": key, "word": word} for company, word in words for key in spelling_keys(word)
    ]
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(statement, rows[start : start + _AT_ONCE])
