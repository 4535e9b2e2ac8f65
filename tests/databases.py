"""Databases for a test run: a real PostgreSQL one of our own, emptied between tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

from sqlalchemy import MetaData, delete, select, text
from sqlalchemy.engine import Engine, make_url

from bot.database import open_engine


def own_database(server: str, name: str) -> Iterator[str]:
    """A database on a PostgreSQL server, for as long as the caller goes on; its URL."""
    name = f"portiere_{name}_test_{os.getpid()}"
    engine = open_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))  # a busy machine takes its time to remove the files
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


def every_value(engine: Engine) -> str:
    """All columns of all tables that the database has, whoever made them."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = [row for table in tables.sorted_tables for row in connection.execute(select(table))]
    return "\n".join(
        value.decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)
        for row in rows
        for value in map(_plain, row)
    )


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
