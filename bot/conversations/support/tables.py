"""The tables of the support team."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.conversations.tables import metadata
from bot.moments import Moment

ROLES = ("support", "lead", "privacy")
# Views of lists show what was said, too: each is a kind of its own.
READINGS = ("transcript", "reveal", "download", "list", "search", "queue", "review", "corrections", "replay")

console_user = Table(
    "console_user",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),  # lower case
    Column("roles", JSON, nullable=False),
    Column("password_hash", Text),  # none for those who sign in by OpenID Connect
    Column("subject", String(512), unique=True),  # who they are there: issuer and `sub`, which never change
    Column("is_active", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment),
)

console_session = Table(
    "console_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Integer, ForeignKey("console_user.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)

# Failed sign-ins by a keyed hash of name and client, or of the client alone.
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("who", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("latest_at", Moment, nullable=False, index=True),
)

# Who looked at which transcript, and at which masked value: it outlives user and conversation.
read_audit = Table(
    "read_audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_name", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("conversation_id", String(32)),
    Column("reference", String(24)),
    Column("reason", Text),
    Column("at", Moment, nullable=False),
    CheckConstraint(f"kind in ({', '.join(map(repr, READINGS))})", name="kind"),
    Index("ix_read_audit_user_name_id", "user_name", "id"),
    Index("ix_read_audit_conversation_id", "conversation_id"),
    Index("ix_read_audit_at", "at"),
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("console_user.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("query", Text, nullable=False),  # of the list's address
    UniqueConstraint("user_id", "name"),
)
