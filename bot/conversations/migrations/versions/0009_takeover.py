"""Hand-off cases that the support team works on, and what its members write in a running conversation."""

import sqlalchemy as sa
from alembic import op

from bot.moments import Moment

revision = "0009"
down_revision = "0008"

_STATE = "state in ('open', 'taken', 'closed')"


def upgrade() -> None:
    # A message of the support team is one of the bot's side with a name. Another side would need SQLite to build the
    # table anew, and dropping the old one would take every answer with the message that it belongs to.
    op.add_column("message", sa.Column("support_user", sa.String(length=64), nullable=True))
    with op.batch_alter_table("handoff") as table:
        table.add_column(sa.Column("kind", sa.String(length=16), nullable=False, server_default="asked"))
        table.add_column(sa.Column("taken_by", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("taken_at", Moment(), nullable=True))
        table.add_column(sa.Column("closed_at", Moment(), nullable=True))
        table.drop_constraint(op.f("ck_handoff_state"), type_="check")
        table.create_check_constraint(op.f("ck_handoff_state"), _STATE)
        table.create_check_constraint(op.f("ck_handoff_kind"), "kind in ('asked', 'failures', 'limits')")
        table.create_index("ix_handoff_state_id", ["state", "id"], unique=False)
    op.execute(
        "UPDATE handoff SET state = 'closed', closed_at = created_at WHERE state != 'closed' AND id NOT IN"
        " (SELECT max(id) FROM handoff WHERE state != 'closed' GROUP BY conversation_id)"
    )
    is_unclosed = sa.text("state != 'closed'")
    op.create_index(
        "uq_handoff_unclosed",
        "handoff",
        ["conversation_id"],
        unique=True,
        sqlite_where=is_unclosed,
        postgresql_where=is_unclosed,
    )
    op.create_table(
        "handoff_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handoff_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoff.id"], name=op.f("fk_handoff_note_handoff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_note")),
    )
    op.create_index(op.f("ix_handoff_note_handoff_id"), "handoff_note", ["handoff_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_handoff_note_handoff_id"), table_name="handoff_note")
    op.drop_table("handoff_note")
    op.drop_index("uq_handoff_unclosed", table_name="handoff")
    with op.batch_alter_table("handoff") as table:
        table.drop_index("ix_handoff_state_id")
        table.drop_constraint(op.f("ck_handoff_kind"), type_="check")
        for column in ("closed_at", "taken_at", "taken_by", "kind"):
            table.drop_column(column)
        table.drop_constraint(op.f("ck_handoff_state"), type_="check")
        table.create_check_constraint(op.f("ck_handoff_state"), _STATE)
    op.execute("DELETE FROM message WHERE support_user IS NOT NULL")
    op.drop_column("message", "support_user")
