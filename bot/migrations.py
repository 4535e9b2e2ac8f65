"""Alembic without its configuration file: each store keeps its revisions beside its tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData
from sqlalchemy.engine import Engine

from bot.database import open_engine


def upgrade(url: str, folder: Path, version_table: str) -> None:
    """Bring a database to the newest revision in ``folder``; two stores may share one database."""
    engine = open_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes.update(connection=connection, version_table=version_table)
        command.upgrade(config, "head")
    engine.dispose()


def differences(engine: Engine, metadata: MetaData, version_table: str) -> list[object]:
    """What the tables in the code have that the migrated database has not, and the other way round."""
    from alembic.autogenerate import compare_metadata

    def is_ours(_object: object, name: str | None, kind: str, is_reflected: bool, _other: object) -> bool:
        return not (kind == "table" and is_reflected and name not in metadata.tables)

    with engine.connect() as connection:
        options = {"version_table": version_table, "include_object": is_ours}
        differing: list[object] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return differing
