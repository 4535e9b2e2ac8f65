"""Engines for the account store and the conversation store: one place for what both need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

# A database that is down, locked, too slow, or has no connection free: nothing is wrong with what was asked of it.
DATABASE_TROUBLE = (OperationalError, InterfaceError, PoolTimeout)

# Constraints and indexes bear names that follow from what they are on, so that migrations can name them, too.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def open_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL.

    Statement parameters never reach a log or an error (``hide_parameters``): they are personal data.
    SQLite runs in WAL mode with foreign keys on and waits up to 5 s for a lock.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed,
            future=True,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=3,
            connect_args={"connect_timeout": 3, "options": "-c statement_timeout=3000"},
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    is_file = parsed.database not in (None, "", ":memory:")
    engine = create_engine(
        parsed,
        future=True,
        hide_parameters=True,
        # Connections are kept and move between threads, one at a time: opening a file costs a millisecond.
        **({"poolclass": QueuePool, "pool_size": 10, "pool_timeout": 3} if is_file else {}),
        connect_args={"timeout": 5, "check_same_thread": False},
    )
    event.listen(engine, "connect", prepare_sqlite)
    return engine


def insert_missing(connection: Connection, table: Table) -> Any:
    """An insertion that leaves rows alone that are there already."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def lift_time_limit(connection: Connection) -> None:
    """Let the statements of this transaction take their time: a report over everything may."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set the pragmas of a new SQLite connection."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is erased must not linger in free pages
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
