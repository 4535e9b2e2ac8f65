"""An office on SQLite, new for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.accounts import schema as accounts_schema
from bot.conversations import schema as conversations_schema
from bot.database import open_engine
from tests.unit.staff.office import Office, build_office


@pytest.fixture(scope="session")
def empty_stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stores")
    accounts_schema.upgrade(f"sqlite:///{folder / 'accounts.db'}")
    conversations_schema.upgrade(f"sqlite:///{folder / 'conversations.db'}")
    return folder


@pytest.fixture
def office(empty_stores: Path, tmp_path: Path) -> Iterator[Office]:
    for name in ("accounts.db", "conversations.db"):
        shutil.copy(empty_stores / name, tmp_path / name)
    engines = [open_engine(f"sqlite:///{tmp_path / name}") for name in ("accounts.db", "conversations.db")]
    yield build_office(tmp_path, *engines)
    for engine in engines:
        engine.dispose()
