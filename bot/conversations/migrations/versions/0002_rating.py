"""What people thought of a conversation."""

import sqlalchemy as sa
from alembic import op

from bot.moments import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "rating",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("thumb", sa.String(length=4), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("thumb in ('up', 'down')", name=op.f("ck_rating_thumb")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_rating_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_rating")),
    )


def downgrade() -> None:
    op.drop_table("rating")
