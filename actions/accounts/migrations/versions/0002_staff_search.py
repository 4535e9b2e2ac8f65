"""Spelling keys of names, and indexes for what staff look up."""

import sqlalchemy as sa
from alembic import op

from actions.accounts.names import spelling_keys

revision = "0002"
down_revision = "0001"

_INDEXES = (
    ("invite", "contract_id"),
    ("invite", "administrator_id"),
    ("invite", "used_by"),
    ("invite", "expires_at"),
    ("contract", "ends_on"),
)
_AT_ONCE = 10_000


def upgrade() -> None:
    keys = op.create_table(
        "contact_name_key",
        sa.Column("company_slug", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("company_slug", "key", "word", name=op.f("pk_contact_name_key")),
    )
    connection = op.get_bind()
    words = connection.execute(sa.text("SELECT DISTINCT company_slug, word FROM contact_name_word")).all()
    rows = [
        {"company_slug": company, "key": key, "word": word} for company, word in words for key in spelling_keys(word)
    ]
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(sa.insert(keys), rows[start : start + _AT_ONCE])
    for table, column in _INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def downgrade() -> None:
    for table, column in reversed(_INDEXES):
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    op.drop_table("contact_name_key")
