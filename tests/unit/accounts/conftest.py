"""A migrated account store on SQLite and on a real PostgreSQL, empty for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.engine import Engine

from actions.accounts import schema
from actions.accounts.models import metadata
from actions.accounts.store import SqlAccounts
from bot.database import open_engine
from tests.databases import own_database


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own, with the account store's schema."""
    for url in own_database(postgres_server, "accounts"):
        schema.upgrade(url)
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the account store's schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "accounts.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty account store."""
    if request.param == "sqlite":
        path = tmp_path / "accounts.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    engine = open_engine(url)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    engine.dispose()
    return url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine over an empty account store."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def accounts(engine: Engine) -> SqlAccounts:
    """The account store as actions use it."""
    return SqlAccounts(engine)
