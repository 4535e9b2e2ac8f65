"""Databases for a test run: a real PostgreSQL one of our own, emptied between tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

from sqlalchemy import MetaData, delete, text
from sqlalchemy.engine import make_url

from bot.database import open_engine


def own_database(server: str, name: str) -> Iterator[str]:
    """A database on a PostgreSQL server, for as long as the caller goes on; its URL."""
    name = f"portiere_{name}_test_{os.getpid()}"
    engine = open_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def empty(url: str, *stores: MetaData) -> None:
    """Delete all rows of some stores."""
    engine = open_engine(url)
    with engine.begin() as connection:
        for metadata in stores:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
    engine.dispose()
