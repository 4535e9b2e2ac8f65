"""Reviews of turns."""

import sqlalchemy as sa
from alembic import op

from bot.moments import Moment

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("accepted_by", sa.String(length=64), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("(intent is null) = (state = 'dismissed')", name=op.f("ck_review_intent")),
        sa.CheckConstraint("state in ('proposed', 'accepted', 'dismissed')", name=op.f("ck_review_state")),
        sa.PrimaryKeyConstraint("conversation_id", "number", name=op.f("pk_review")),
    )
    op.create_index("ix_review_state_at", "review", ["state", "at"], unique=False)
    op.create_table(
        "review_item",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "number", name=op.f("pk_review_item")),
    )
    op.create_index("ix_review_item_cluster_place", "review_item", ["cluster", "place"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_review_item_cluster_place", table_name="review_item")
    op.drop_table("review_item")
    op.drop_index("ix_review_state_at", table_name="review")
    op.drop_table("review")
