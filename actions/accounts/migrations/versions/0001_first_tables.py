"""The account store's first tables."""

import sqlalchemy as sa
from alembic import op

from bot.moments import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=254), nullable=False),
        sa.Column("folded_login", sa.String(length=254), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("locked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_index(op.f("ix_account_folded_login"), "account", ["folded_login"], unique=False)
    op.create_table(
        "company",
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_company")),
    )
    op.create_table(
        "administrator",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("company_slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_slug"], ["company.slug"], name=op.f("fk_administrator_company_slug"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrator")),
    )
    op.create_index(op.f("ix_administrator_company_slug"), "administrator", ["company_slug"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("company_slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("folded_email", sa.String(length=254), nullable=True),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_contact_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["company_slug"], ["company.slug"], name=op.f("fk_contact_company_slug"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_account_id"), "contact", ["account_id"], unique=False)
    op.create_index("ix_contact_company_slug_folded_email", "contact", ["company_slug", "folded_email"], unique=False)
    op.create_table(
        "property",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("company_slug", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("folded_address", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_slug"], ["company.slug"], name=op.f("fk_property_company_slug"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_property")),
    )
    op.create_index(
        "ix_property_company_slug_folded_address",
        "property",
        ["company_slug", "folded_address"],
        unique=False,
    )
    op.create_table(
        "contact_name_word",
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("company_slug", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_name_word_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "word", name=op.f("pk_contact_name_word")),
    )
    op.create_index(
        op.f("ix_contact_name_word_company_slug_word_contact_id"),
        "contact_name_word",
        ["company_slug", "word", "contact_id"],
        unique=False,
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("property_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["property_id"], ["property.id"], name=op.f("fk_unit_property_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("property_id", "label", name=op.f("uq_unit_property_id_label")),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("role in ('tenant', 'owner')", name=op.f("ck_contract_role")),
        sa.CheckConstraint("ends_on is null or ends_on >= starts_on", name=op.f("ck_contract_dates")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contract_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_contract_unit_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
    )
    op.create_index(op.f("ix_contract_contact_id"), "contract", ["contact_id"], unique=False)
    op.create_index(op.f("ix_contract_unit_id"), "contract", ["unit_id"], unique=False)
    op.create_table(
        "invite",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("contract_id", sa.String(length=64), nullable=True),
        sa.Column("administrator_id", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("issued_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("used_by", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.CheckConstraint("expires_at > issued_at", name=op.f("ck_invite_expiry")),
        sa.CheckConstraint("revoked_at is null or revoked_at >= issued_at", name=op.f("ck_invite_revocation")),
        sa.CheckConstraint("used_at is null or used_at >= issued_at", name=op.f("ck_invite_use")),
        sa.CheckConstraint("used_by is null or used_at is not null", name=op.f("ck_invite_user")),
        sa.ForeignKeyConstraint(
            ["administrator_id"],
            ["administrator.id"],
            name=op.f("fk_invite_administrator_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_invite_contact_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_invite_contract_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["used_by"], ["account.id"], name=op.f("fk_invite_used_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invite")),
        sa.UniqueConstraint("code", name=op.f("uq_invite_code")),
    )
    op.create_index(op.f("ix_invite_contact_id"), "invite", ["contact_id"], unique=False)
    op.create_table(
        "access_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("invite_id", sa.String(length=64), nullable=False),
        sa.Column("company_slug", sa.String(length=64), nullable=False),
        sa.Column("administrator", sa.String(length=128), nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("expired_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("happened_at", Moment(), nullable=False),
        sa.CheckConstraint("kind in ('reactivated')", name=op.f("ck_access_event_kind")),
        sa.ForeignKeyConstraint(["invite_id"], ["invite.id"], name=op.f("fk_access_event_invite_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_event")),
    )
    op.create_index(op.f("ix_access_event_invite_id"), "access_event", ["invite_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_access_event_invite_id"), table_name="access_event")
    op.drop_table("access_event")
    op.drop_index(op.f("ix_invite_contact_id"), table_name="invite")
    op.drop_table("invite")
    op.drop_index(op.f("ix_contract_unit_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_contact_id"), table_name="contract")
    op.drop_table("contract")
    op.drop_table("unit")
    op.drop_index(op.f("ix_contact_name_word_company_slug_word_contact_id"), table_name="contact_name_word")
    op.drop_table("contact_name_word")
    op.drop_index("ix_property_company_slug_folded_address", table_name="property")
    op.drop_table("property")
    op.drop_index("ix_contact_company_slug_folded_email", table_name="contact")
    op.drop_index(op.f("ix_contact_account_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_administrator_company_slug"), table_name="administrator")
    op.drop_table("administrator")
    op.drop_table("company")
    op.drop_index(op.f("ix_account_folded_login"), table_name="account")
    op.drop_table("account")
