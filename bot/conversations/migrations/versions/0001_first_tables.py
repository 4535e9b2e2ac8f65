"""The conversation store's first tables."""

import sqlalchemy as sa
from alembic import op

from bot.moments import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.String(length=128), nullable=True),
        sa.Column("company", sa.String(length=64), nullable=True),
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.CheckConstraint("channel in ('widget', 'staff')", name=op.f("ck_conversation_channel")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_conversation_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_conversation_token_hash")),
    )
    op.create_index("ix_conversation_created_at", "conversation", ["created_at"], unique=False)
    op.create_table(
        "tracker_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.String(length=64), nullable=False),
        sa.Column("type_name", sa.String(length=64), nullable=False),
        sa.Column("timestamp", sa.Float(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracker_event")),
    )
    op.create_index("ix_tracker_event_sender_id_id", "tracker_event", ["sender_id", "id"], unique=False)
    op.create_table(
        "vault_key",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_vault_key")),
    )
    op.create_table(
        "vault_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_value")),
        sa.UniqueConstraint("conversation_id", "digest", name=op.f("uq_vault_value_conversation_id_digest")),
        sa.UniqueConstraint("conversation_id", "reference", name=op.f("uq_vault_value_conversation_id_reference")),
    )
    op.create_index(op.f("ix_vault_value_expires_at"), "vault_value", ["expires_at"], unique=False)
    op.create_table(
        "handoff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("state in ('open', 'taken', 'closed')", name=op.f("ck_handoff_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_handoff_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
        sa.UniqueConstraint("number", name=op.f("uq_handoff_number")),
    )
    op.create_index(op.f("ix_handoff_conversation_id"), "handoff", ["conversation_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.Column("client_message_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("side in ('person', 'bot')", name=op.f("ck_message_side")),
        sa.CheckConstraint("state in ('waiting', 'failed', 'done')", name=op.f("ck_message_state")),
        sa.ForeignKeyConstraint(["answers"], ["message.id"], name=op.f("fk_message_answers"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_message_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "conversation_id", "client_message_id", name=op.f("uq_message_conversation_id_client_message_id")
        ),
    )
    op.create_index("ix_message_answers", "message", ["answers"], unique=False)
    op.create_index("ix_message_conversation_id_id", "message", ["conversation_id", "id"], unique=False)
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("company", sa.String(length=64), nullable=False),
        sa.Column("invite_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("kind in ('reactivation', 'reminder')", name=op.f("ck_request_kind")),
        sa.CheckConstraint("state in ('open', 'done')", name=op.f("ck_request_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_request_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint(
            "conversation_id", "kind", "invite_id", name=op.f("uq_request_conversation_id_kind_invite_id")
        ),
    )
    op.create_index("ix_request_company_state", "request", ["company", "state"], unique=False)
    op.create_index("ix_request_kind_state", "request", ["kind", "state"], unique=False)
    # ### end Alembic commands ###


def downgrade() -> None:
    op.drop_index("ix_request_kind_state", table_name="request")
    op.drop_index("ix_request_company_state", table_name="request")
    op.drop_table("request")
    op.drop_index("ix_message_conversation_id_id", table_name="message")
    op.drop_index("ix_message_answers", table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("ix_handoff_conversation_id"), table_name="handoff")
    op.drop_table("handoff")
    op.drop_index(op.f("ix_vault_value_expires_at"), table_name="vault_value")
    op.drop_table("vault_value")
    op.drop_table("vault_key")
    op.drop_index("ix_tracker_event_sender_id_id", table_name="tracker_event")
    op.drop_table("tracker_event")
    op.drop_index("ix_conversation_created_at", table_name="conversation")
    op.drop_table("conversation")
    # ### end Alembic commands ###
