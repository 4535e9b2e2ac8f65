from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, StatementError

from bot.conversations import schema
from bot.conversations.handoffs import Handoffs
from bot.conversations.log import tables as _log_tables  # noqa: F401 - registers the tables of the log
from bot.conversations.support import tables as _support_tables  # noqa: F401
from bot.conversations.tables import conversation, handoff, handoff_note, message, metadata
from bot.database import open_engine
from bot.migrations import differences
from tests.unit.conversations.factories import NOON, conversation_row, message_row


def test_migrations_make_the_tables_that_the_code_expects(engine: Engine) -> None:
    assert differences(engine, metadata, schema.VERSION_TABLE) == []


def test_upgrading_twice_changes_nothing(url: str, engine: Engine) -> None:
    schema.upgrade(url)
    assert differences(engine, metadata, schema.VERSION_TABLE) == []


def test_the_notes_on_cases_outlive_the_new_kinds_of_cases(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    schema.upgrade(url, "0009")
    old = open_engine(url)
    with old.begin() as connection:
        connection.execute(insert(conversation).values(conversation_row()))
        case = {"conversation_id": "first", "number": "P-1", "reason": "", "contact": "", "state": "open"}
        connection.execute(insert(handoff).values(**case, kind="asked", created_at=NOON))
        note = {"handoff_id": 1, "user_name": "anna", "text": "richiamare", "created_at": NOON}
        connection.execute(insert(handoff_note).values(note))
    old.dispose()
    schema.upgrade(url)
    engine = open_engine(url)
    assert [note.text for note in Handoffs(engine).notes(1)] == ["richiamare"]
    assert differences(engine, metadata, schema.VERSION_TABLE) == []
    engine.dispose()


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
