"""The schema of the conversation store."""

from __future__ import annotations

from pathlib import Path

from bot.migrations import upgrade as migrate

VERSION_TABLE = "conversations_version"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the conversation store to a revision of its schema, the newest by default."""
    migrate(url, Path(__file__).with_name("migrations"), VERSION_TABLE, revision)
