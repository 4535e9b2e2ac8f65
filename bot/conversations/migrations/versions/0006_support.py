"""The support team, and the words of the log for full-text search."""

import sqlalchemy as sa
from alembic import op

from bot.moments import Moment

revision = "0006"
down_revision = "0005"

# What persons and supporters wrote, by words. SQLite keeps an index beside the table, without a copy of the texts
# (https://sqlite.org/fts5.html, external content tables).
_FORGET = "INSERT INTO turn_words (turn_words, rowid, text) VALUES ('delete', old.id, old.text);"
_LEARN = "INSERT INTO turn_words (rowid, text) VALUES (new.id, new.text);"
_WORDS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE turn_words USING fts5 "
        "(text, content='turn', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        f"CREATE TRIGGER turn_words_added AFTER INSERT ON turn WHEN new.text IS NOT NULL BEGIN {_LEARN} END",
        f"CREATE TRIGGER turn_words_removed AFTER DELETE ON turn WHEN old.text IS NOT NULL BEGIN {_FORGET} END",
        f"CREATE TRIGGER turn_words_emptied AFTER UPDATE OF text ON turn "
        f"WHEN old.text IS NOT NULL AND new.text IS NULL BEGIN {_FORGET} END",
        f"CREATE TRIGGER turn_words_filled AFTER UPDATE OF text ON turn "
        f"WHEN old.text IS NULL AND new.text IS NOT NULL BEGIN {_LEARN} END",
        f"CREATE TRIGGER turn_words_changed AFTER UPDATE OF text ON turn "
        f"WHEN old.text <> new.text BEGIN {_FORGET} {_LEARN} END",
        "INSERT INTO turn_words (turn_words) VALUES ('rebuild')",
    ),
    # A column, not an index over an expression: PostgreSQL would analyse a text anew for each look at a row.
    "postgresql": (
        "ALTER TABLE turn ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('italian', text)) STORED",
        "CREATE INDEX ix_turn_words ON turn USING gin (words)",
    ),
}
_WITHOUT_WORDS = {
    "sqlite": (
        "DROP TRIGGER turn_words_added",
        "DROP TRIGGER turn_words_removed",
        "DROP TRIGGER turn_words_emptied",
        "DROP TRIGGER turn_words_filled",
        "DROP TRIGGER turn_words_changed",
        "DROP TABLE turn_words",
    ),
    "postgresql": ("DROP INDEX ix_turn_words", "ALTER TABLE turn DROP COLUMN words"),
}


def upgrade() -> None:
    op.create_table(
        "console_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("subject", sa.String(length=512), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_user")),
        sa.UniqueConstraint("name", name=op.f("uq_console_user_name")),
        sa.UniqueConstraint("subject", name=op.f("uq_console_user_subject")),
    )
    op.create_table(
        "read_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("reference", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("kind in ('transcript', 'reveal', 'download')", name=op.f("ck_read_audit_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_audit")),
    )
    op.create_index("ix_read_audit_conversation_id", "read_audit", ["conversation_id"], unique=False)
    op.create_index("ix_read_audit_user_name_id", "read_audit", ["user_name", "id"], unique=False)
    op.create_table(
        "sign_in_failure",
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("latest_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_latest_at"), "sign_in_failure", ["latest_at"], unique=False)
    op.create_table(
        "console_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["console_user.id"], name=op.f("fk_console_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_session")),
    )
    op.create_index(op.f("ix_console_session_expires_at"), "console_session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_console_session_user_id"), "console_session", ["user_id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["console_user.id"], name=op.f("fk_saved_view_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_view_user_id_name")),
    )
    for statement in _WORDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("saved_view")
    op.drop_index(op.f("ix_console_session_user_id"), table_name="console_session")
    op.drop_index(op.f("ix_console_session_expires_at"), table_name="console_session")
    op.drop_table("console_session")
    op.drop_index(op.f("ix_sign_in_failure_latest_at"), table_name="sign_in_failure")
    op.drop_table("sign_in_failure")
    op.drop_index("ix_read_audit_user_name_id", table_name="read_audit")
    op.drop_index("ix_read_audit_conversation_id", table_name="read_audit")
    op.drop_table("read_audit")
    op.drop_table("console_user")
    for statement in _WITHOUT_WORDS[op.get_bind().dialect.name]:
        op.execute(statement)
