"""The conversation log."""

import sqlalchemy as sa
from alembic import op

from bot.moments import Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "deletion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.CheckConstraint("kind in ('erase', 'texts', 'figures')", name=op.f("ck_deletion_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deletion")),
    )
    op.create_index("ix_deletion_at", "deletion", ["at"], unique=False)
    op.create_table(
        "logged_conversation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("company", sa.String(length=64), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("lowest_confidence", sa.Float(), nullable=True),
        sa.Column("unsure_turns", sa.Integer(), nullable=False),
        sa.Column("has_answer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("handed_off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("thumb", sa.String(length=4), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("is_settled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("has_texts", sa.Boolean(), nullable=False),
        sa.CheckConstraint("channel in ('widget', 'staff')", name=op.f("ck_logged_conversation_channel")),
        sa.CheckConstraint(
            "outcome in ('resolved', 'handed_off', 'unresolved', 'abandoned', 'out_of_scope')",
            name=op.f("ck_logged_conversation_outcome"),
        ),
        sa.CheckConstraint("thumb in ('up', 'down')", name=op.f("ck_logged_conversation_thumb")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logged_conversation")),
    )
    op.create_index(
        "ix_logged_conversation_channel_started_at",
        "logged_conversation",
        ["channel", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_logged_conversation_handed_off_started_at",
        "logged_conversation",
        ["handed_off", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_logged_conversation_has_texts_ended_at", "logged_conversation", ["has_texts", "ended_at"], unique=False
    )
    op.create_index(
        "ix_logged_conversation_is_settled_ended_at", "logged_conversation", ["is_settled", "ended_at"], unique=False
    )
    op.create_index(
        "ix_logged_conversation_lowest_confidence", "logged_conversation", ["lowest_confidence"], unique=False
    )
    op.create_index(
        "ix_logged_conversation_outcome_started_at",
        "logged_conversation",
        ["outcome", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_logged_conversation_person_started_at", "logged_conversation", ["person", "started_at"], unique=False
    )
    op.create_index("ix_logged_conversation_started_at", "logged_conversation", ["started_at", "id"], unique=False)
    op.create_index(
        "ix_logged_conversation_thumb_started_at", "logged_conversation", ["thumb", "started_at", "id"], unique=False
    )
    op.create_index(
        "ix_logged_conversation_unsure_turns_started_at",
        "logged_conversation",
        ["unsure_turns", "started_at", "id"],
        unique=False,
    )
    op.create_table(
        "conversation_label",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.CheckConstraint("kind in ('intent', 'finding')", name=op.f("ck_conversation_label_kind")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["logged_conversation.id"],
            name=op.f("fk_conversation_label_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "kind", "name", name=op.f("pk_conversation_label")),
    )
    op.create_index(
        "ix_conversation_label_kind_name_started_at",
        "conversation_label",
        ["kind", "name", "started_at", "conversation_id"],
        unique=False,
    )
    op.create_table(
        "turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=True),
        sa.Column("support_user", sa.String(length=64), nullable=True),
        sa.Column("intent", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("is_unsure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("ranking", sa.JSON(), nullable=True),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("milliseconds", sa.Float(), nullable=True),
        sa.CheckConstraint("side in ('person', 'support', 'bot')", name=op.f("ck_turn_side")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["logged_conversation.id"], name=op.f("fk_turn_conversation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("conversation_id", "number", name=op.f("uq_turn_conversation_id_number")),
    )
    op.create_index("ix_turn_at", "turn", ["at", "id"], unique=False)
    op.create_index("ix_turn_intent_at", "turn", ["intent", "at"], unique=False)
    op.create_index("ix_turn_is_unsure_at", "turn", ["is_unsure", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_turn_is_unsure_at", table_name="turn")
    op.drop_index("ix_turn_intent_at", table_name="turn")
    op.drop_index("ix_turn_at", table_name="turn")
    op.drop_table("turn")
    op.drop_index("ix_conversation_label_kind_name_started_at", table_name="conversation_label")
    op.drop_table("conversation_label")
    op.drop_index("ix_logged_conversation_unsure_turns_started_at", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_thumb_started_at", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_started_at", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_person_started_at", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_outcome_started_at", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_lowest_confidence", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_is_settled_ended_at", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_has_texts_ended_at", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_handed_off_started_at", table_name="logged_conversation")
    op.drop_index("ix_logged_conversation_channel_started_at", table_name="logged_conversation")
    op.drop_table("logged_conversation")
    op.drop_index("ix_deletion_at", table_name="deletion")
    op.drop_table("deletion")
