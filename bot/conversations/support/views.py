"""Saved views: filters of the list of conversations that a user has given a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Engine

from bot.conversations.support.tables import saved_view

MOST_VIEWS = 50
LONGEST_NAME = 64


class ViewRefused(ValueError):
    """A view cannot be kept; the text is the key of the reason."""


@dataclass(frozen=True)
class SavedView:
    """A named filter; ``query`` is the query string of the list's address."""

    id: int
    name: str
    query: str


class SavedViews:
    """Each user's own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def listed(self, user_id: int) -> Sequence[SavedView]:
        """A user's views by name."""
        query = select(saved_view).where(saved_view.c.user_id == user_id).order_by(saved_view.c.name).limit(MOST_VIEWS)
        with self._engine.connect() as connection:
            return [SavedView(row.id, row.name, row.query) for row in connection.execute(query)]

    def save(self, user_id: int, name: str, query: str) -> None:
        """Keep a view; one of the same name is replaced. Beyond `MOST_VIEWS` nothing is kept (`ViewRefused`)."""
        name = name.strip()[:LONGEST_NAME]
        if not name:
            raise ViewRefused("view_name_wanted")
        is_this = (saved_view.c.user_id == user_id, saved_view.c.name == name)
        with self._engine.begin() as connection:
            if connection.execute(update(saved_view).where(*is_this).values(query=query)).rowcount:
                return
            owned = connection.execute(select(saved_view.c.id).where(saved_view.c.user_id == user_id)).all()
            if len(owned) >= MOST_VIEWS:
                raise ViewRefused("too_many_views")
            connection.execute(insert(saved_view).values(user_id=user_id, name=name, query=query))

    def remove(self, user_id: int, view_id: int) -> None:
        """Forget a view."""
        with self._engine.begin() as connection:
            is_this = (saved_view.c.id == view_id, saved_view.c.user_id == user_id)
            connection.execute(delete(saved_view).where(*is_this))
