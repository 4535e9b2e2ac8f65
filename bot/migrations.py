"""Alembic without its configuration file: each store keeps its revisions beside its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData
from sqlalchemy.engine import Engine

from bot.database import open_engine


def upgrade(url: str, folder: Path, version_table: str, revision: str = "head") -> None:
    """Bring a database to a revision in ``folder``, the newest by default; two stores may share one database."""
    engine = open_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes.update(connection=connection, version_table=version_table)
        command.upgrade(config, revision)
    engine.dispose()


def differences(engine: Engine, metadata: MetaData, version_table: str) -> list[object]:
    """What the tables in the code have that the migrated database has not, and the other way round."""
    from alembic.autogenerate import compare_metadata

    def is_ours(found: Any, name: str | None, kind: str, is_reflected: bool, other: object) -> bool:
        if kind == "table":
            return not (is_reflected and name not in metadata.tables)
        # What the database computes for itself, and its indexes over that, are the database's own.
        columns = found.columns if kind == "index" else [found]
        is_computed = any(getattr(column, "computed", None) is not None for column in columns)
        return not (is_reflected and other is None and is_computed)

    with engine.connect() as connection:
        options = {"version_table": version_table, "include_object": is_ours}
        differing: list[object] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return differing
