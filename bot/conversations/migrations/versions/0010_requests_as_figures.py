"""Requests that outlive the texts as figures: how long they took, and without the invite that they were about."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    with op.batch_alter_table("request") as table:
        table.alter_column("invite_id", existing_type=sa.String(length=64), nullable=True)
        table.add_column(sa.Column("done_after", sa.Float(), nullable=True))
        table.create_index("ix_request_kind_created_at", ["kind", "created_at"], unique=False)
    op.create_index("ix_handoff_created_at", "handoff", ["created_at"], unique=False)
    # Texts that were deleted before left these behind
    op.execute(
        "UPDATE request SET invite_id = NULL WHERE conversation_id IN"
        " (SELECT id FROM logged_conversation WHERE NOT has_texts)"
    )
    op.execute("DELETE FROM mail WHERE conversation_id IN (SELECT id FROM logged_conversation WHERE NOT has_texts)")


def downgrade() -> None:
    op.drop_index("ix_handoff_created_at", table_name="handoff")
    op.execute("DELETE FROM request WHERE invite_id IS NULL")
    with op.batch_alter_table("request") as table:
        table.drop_index("ix_request_kind_created_at")
        table.drop_column("done_after")
        table.alter_column("invite_id", existing_type=sa.String(length=64), nullable=False)
