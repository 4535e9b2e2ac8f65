"""Cases that support opens itself, and views of lists in the read audit."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_KINDS = ("asked", "failures", "limits", "support")
_READINGS = ("transcript", "reveal", "download", "list", "search", "queue", "review", "corrections", "replay")


def upgrade() -> None:
    _allow_cases(_KINDS)
    _allow_readings(_READINGS)
    op.create_index("ix_read_audit_at", "read_audit", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_read_audit_at", table_name="read_audit")
    op.execute("DELETE FROM read_audit WHERE kind NOT IN ('transcript', 'reveal', 'download')")
    _allow_readings(_READINGS[:3])
    op.execute("UPDATE handoff SET kind = 'asked' WHERE kind = 'support'")
    _allow_cases(_KINDS[:3])


def _allow_readings(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("read_audit") as table:
        table.drop_constraint(op.f("ck_read_audit_kind"), type_="check")
        table.create_check_constraint(op.f("ck_read_audit_kind"), f"kind in ({_listed(kinds)})")


def _allow_cases(kinds: tuple[str, ...]) -> None:
    """SQLite builds the table anew for this; dropping the old one takes the notes with it, so they are put back."""
    is_built_anew = op.get_bind().dialect.name == "sqlite"
    if is_built_anew:
        op.execute("CREATE TABLE handoff_note_kept AS SELECT * FROM handoff_note")
    op.drop_index("uq_handoff_unclosed", table_name="handoff")  # its condition would not be carried over
    with op.batch_alter_table("handoff") as table:
        table.drop_constraint(op.f("ck_handoff_kind"), type_="check")
        table.create_check_constraint(op.f("ck_handoff_kind"), f"kind in ({_listed(kinds)})")
    is_unclosed = sa.text("state != 'closed'")
    op.create_index(
        "uq_handoff_unclosed",
        "handoff",
        ["conversation_id"],
        unique=True,
        sqlite_where=is_unclosed,
        postgresql_where=is_unclosed,
    )
    if is_built_anew:
        op.execute("DELETE FROM handoff_note")
        op.execute("INSERT INTO handoff_note SELECT * FROM handoff_note_kept")
        op.drop_table("handoff_note_kept")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)
