"""Requests for the mail that tells a tenant of a reactivated invite."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _allow("kind in ('reactivation', 'reminder', 'reactivated')")


def downgrade() -> None:
    op.execute("DELETE FROM request WHERE kind = 'reactivated'")
    _allow("kind in ('reactivation', 'reminder')")


def _allow(kinds: str) -> None:
    with op.batch_alter_table("request") as table:
        table.drop_constraint(op.f("ck_request_kind"), type_="check")
        table.create_check_constraint(op.f("ck_request_kind"), kinds)
