"""Mails that are to be sent, and the numbers that prove a mailbox."""

import sqlalchemy as sa
from alembic import op

from bot.moments import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.CheckConstraint("kind in ('recovery', 'reminder', 'reactivated')", name=op.f("ck_mail_kind")),
        sa.CheckConstraint("state in ('waiting', 'sent', 'dead')", name=op.f("ck_mail_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_mail_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index(op.f("ix_mail_conversation_id"), "mail", ["conversation_id"], unique=False)
    op.create_index("ix_mail_state_due_at", "mail", ["state", "due_at"], unique=False)
    op.create_table(
        "mailbox_number",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_mailbox_number_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mailbox_number_mail_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_mailbox_number")),
    )
    op.create_index(op.f("ix_mailbox_number_mail_id"), "mailbox_number", ["mail_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_mailbox_number_mail_id"), table_name="mailbox_number")
    op.drop_table("mailbox_number")
    op.drop_index("ix_mail_state_due_at", table_name="mail")
    op.drop_index(op.f("ix_mail_conversation_id"), table_name="mail")
    op.drop_table("mail")
