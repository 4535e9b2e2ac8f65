from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import insert, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, StatementError

from bot.conversations import schema
from bot.conversations.tables import conversation, message, metadata
from bot.migrations import differences
from tests.unit.conversations.factories import NOON, conversation_row, message_row


def test_migrations_make_the_tables_that_the_code_expects(engine: Engine) -> None:
    assert differences(engine, metadata, schema.VERSION_TABLE) == []


def test_upgrading_twice_changes_nothing(url: str, engine: Engine) -> None:
    schema.upgrade(url)
    assert differences(engine, metadata, schema.VERSION_TABLE) == []


def test_the_version_table_leaves_room_for_another_store_in_the_same_database(engine: Engine) -> None:
    tables = inspect(engine).get_table_names()
    assert schema.VERSION_TABLE in tables
    assert "alembic_version" not in tables


@pytest.mark.parametrize("changes", [{"channel": "phone"}, {"expires_at": NOON}, {"client": None}])
def test_an_unsound_conversation_is_refused(engine: Engine, changes: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(conversation).values(conversation_row(**changes)))


@pytest.mark.parametrize("changes", [{"side": "cat"}, {"state": "lost"}, {"conversation_id": "nobody"}])
def test_an_unsound_message_is_refused(engine: Engine, changes: dict[str, object]) -> None:
    with engine.begin() as connection:
        connection.execute(insert(conversation).values(conversation_row()))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(message).values(message_row(**changes)))


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    naive = datetime(2026, 3, 1, 12)
    with pytest.raises(StatementError, match="time zone"), engine.begin() as connection:
        connection.execute(insert(conversation).values(conversation_row(created_at=naive)))
