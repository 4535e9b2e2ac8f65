"""The tables of the conversation store."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.database import NAMING
from bot.moments import Moment

metadata = MetaData(naming_convention=NAMING)


def _of_conversation(**options: bool) -> Column[str]:
    reference = ForeignKey("conversation.id", ondelete="CASCADE")
    return Column("conversation_id", String(32), reference, nullable=False, **options)


conversation = Table(
    "conversation",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("channel", String(16), nullable=False),
    Column("language", String(8), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("account_id", String(64)),
    Column("subject", String(128)),
    Column("company", String(64)),
    Column("client", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    CheckConstraint("channel in ('widget', 'staff')", name="channel"),
    CheckConstraint("expires_at > created_at", name="dates"),
    Index("ix_conversation_created_at", "created_at"),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_conversation(),
    Column("side", String(8), nullable=False),
    Column("text", Text, nullable=False),  # references only
    Column("content", JSON),  # what a bubble shows besides its text: buttons, image, custom
    Column("answers", Integer, ForeignKey("message.id", ondelete="CASCADE")),  # the person's message it belongs to
    Column("client_message_id", String(64)),
    Column("support_user", String(64)),  # who of the support team wrote it, in the bot's place
    Column("state", String(8), nullable=False),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("side in ('person', 'bot')", name="side"),
    CheckConstraint("state in ('waiting', 'failed', 'done')", name="state"),
    UniqueConstraint("conversation_id", "client_message_id"),
    Index("ix_message_conversation_id_id", "conversation_id", "id"),
    Index("ix_message_answers", "answers"),
)

rating = Table(
    "rating",
    metadata,
    _of_conversation(primary_key=True),
    Column("thumb", String(4), nullable=False),
    Column("remark", Text),  # references only
    Column("created_at", Moment, nullable=False),
    CheckConstraint("thumb in ('up', 'down')", name="thumb"),
)

handoff = Table(
    "handoff",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_conversation(index=True),
    Column("number", String(12), nullable=False, unique=True),
    Column("kind", String(16), nullable=False, server_default="asked"),  # what it was opened by
    Column("reason", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("taken_by", String(64)),
    Column("taken_at", Moment),
    Column("closed_at", Moment),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("kind in ('asked', 'failures', 'limits', 'support')", name="kind"),
    CheckConstraint("state in ('open', 'taken', 'closed')", name="state"),
    Index("ix_handoff_state_id", "state", "id"),
    Index("ix_handoff_created_at", "created_at"),
    # One supporter at a time speaks in a conversation
    Index(
        "uq_handoff_unclosed",
        "conversation_id",
        unique=True,
        sqlite_where=text("state != 'closed'"),
        postgresql_where=text("state != 'closed'"),
    ),
)

# What supporters tell each other about a case; references only.
handoff_note = Table(
    "handoff_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("handoff_id", Integer, ForeignKey("handoff.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_name", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

request = Table(
    "request",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_conversation(),
    Column("kind", String(16), nullable=False),
    Column("company", String(64), nullable=False),
    Column("invite_id", String(64)),  # none once the conversation's texts are deleted
    Column("state", String(8), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("done_after", Float),  # seconds after it was made
    CheckConstraint("kind in ('reactivation', 'reminder', 'reactivated')", name="kind"),
    CheckConstraint("state in ('open', 'done')", name="state"),
    UniqueConstraint("conversation_id", "kind", "invite_id"),
    Index("ix_request_company_state", "company", "state"),
    Index("ix_request_kind_state", "kind", "state"),
    Index("ix_request_kind_created_at", "kind", "created_at"),
)

# Mails to be sent by the mail process. No address stands here: `subject` is a reference or an invite's id.
mail = Table(
    "mail",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_conversation(index=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("state", String(8), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("failure", String(64)),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("kind in ('recovery', 'reminder', 'reactivated')", name="kind"),
    CheckConstraint("state in ('waiting', 'sent', 'dead')", name="state"),
    Index("ix_mail_state_due_at", "state", "due_at"),
)

# The number that the latest recovery mail of a conversation holds; the row looks alike whether or not the address
# belongs to an account.
mailbox_number = Table(
    "mailbox_number",
    metadata,
    Column("conversation_id", String(32), ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True),
    Column("mail_id", Integer, ForeignKey("mail.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("address", String(24), nullable=False),  # a reference
    Column("digest", String(64)),
    Column("account_id", String(64)),
    Column("tries", Integer, nullable=False),
    Column("expires_at", Moment),
)

vault_key = Table(
    "vault_key",
    metadata,
    Column("conversation_id", String(32), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)

vault_value = Table(
    "vault_value",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", String(32), nullable=False),
    Column("reference", String(24), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    UniqueConstraint("conversation_id", "reference"),
    UniqueConstraint("conversation_id", "digest"),
)

# One row an event of a Rasa tracker, only ever appended (bot/conversations/tracker_store.py).
tracker_event = Table(
    "tracker_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(64), nullable=False),
    Column("type_name", String(64), nullable=False),
    Column("timestamp", Float, nullable=False),
    Column("data", Text, nullable=False),
    Index("ix_tracker_event_sender_id_id", "sender_id", "id"),
)
