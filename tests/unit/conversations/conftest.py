"""An empty, migrated conversation store on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from bot.conversations import schema
from bot.conversations.store import ConversationStore
from bot.conversations.tables import metadata
from bot.database import open_engine
from tests.databases import empty, own_database


@pytest.fixture(scope="session")
def conversations_on_postgres(postgres_server: str) -> Iterator[str]:
    for url in own_database(postgres_server, "conversations"):
        schema.upgrade(url)
        yield url


@pytest.fixture(scope="session")
def conversations_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "conversations.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        path = tmp_path / "conversations.db"
        shutil.copy(request.getfixturevalue("conversations_file"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("conversations_on_postgres")
    empty(url, metadata)
    return url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> ConversationStore:
    return ConversationStore(engine)
