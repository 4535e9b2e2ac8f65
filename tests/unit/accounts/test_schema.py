from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.engine import Engine

from actions.accounts import schema
from actions.accounts.models import metadata
from bot.migrations import differences


def test_migrations_make_the_tables_that_the_code_expects(engine: Engine) -> None:
    assert differences(engine, metadata, schema.VERSION_TABLE) == []


def test_upgrading_twice_changes_nothing(url: str, engine: Engine) -> None:
    schema.upgrade(url)
    assert differences(engine, metadata, schema.VERSION_TABLE) == []


def test_the_version_table_leaves_room_for_another_store_in_the_same_database(engine: Engine) -> None:
    tables = inspect(engine).get_table_names()
    assert "accounts_version" in tables
    assert "alembic_version" not in tables
