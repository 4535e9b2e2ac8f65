"""The tables of the account store."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import registry, relationship

from bot.database import NAMING
from bot.moments import Moment

metadata = MetaData(naming_convention=NAMING)
_registry = registry(metadata=metadata)


class Base:
    """A row of the account store, made from the values of its columns."""

    __table__: ClassVar[Table]

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


_KEY = String(64)


def _to(target: str) -> ForeignKey:
    return ForeignKey(target, ondelete="CASCADE")


@_registry.mapped
class CompanyRow(Base):
    """A management company."""

    __tablename__ = "company"
    slug = Column(_KEY, primary_key=True)
    name = Column(String(200), nullable=False)
    phone = Column(String(64), nullable=False)
    email = Column(String(254), nullable=False)


@_registry.mapped
class AdministratorRow(Base):
    """A colleague of a company who sends invites."""

    __tablename__ = "administrator"
    id = Column(_KEY, primary_key=True)
    company_slug = Column(_KEY, _to("company.slug"), nullable=False, index=True)
    name = Column(String(200), nullable=False)


@_registry.mapped
class PropertyRow(Base):
    """A building that a company manages."""

    __tablename__ = "property"
    id = Column(_KEY, primary_key=True)
    company_slug = Column(_KEY, _to("company.slug"), nullable=False)
    address = Column(String(200), nullable=False)
    folded_address = Column(String(200), nullable=False)
    __table_args__ = (Index("ix_property_company_slug_folded_address", "company_slug", "folded_address"),)


@_registry.mapped
class UnitRow(Base):
    """A flat, shop or garage in a property."""

    __tablename__ = "unit"
    id = Column(_KEY, primary_key=True)
    property_id = Column(_KEY, _to("property.id"), nullable=False)
    label = Column(String(64), nullable=False)
    property = relationship(PropertyRow)
    __table_args__ = (UniqueConstraint("property_id", "label"),)


@_registry.mapped
class ContactRow(Base):
    """A customer as the company keeps them."""

    __tablename__ = "contact"
    id = Column(_KEY, primary_key=True)
    company_slug = Column(_KEY, _to("company.slug"), nullable=False)
    name = Column(String(200), nullable=False)
    email = Column(String(254))
    folded_email = Column(String(254))
    account_id = Column(_KEY, ForeignKey("account.id", ondelete="SET NULL"), index=True)
    account = relationship("AccountRow")
    __table_args__ = (Index("ix_contact_company_slug_folded_email", "company_slug", "folded_email"),)


@_registry.mapped
class NameWordRow(Base):
    """One word of a contact's name, folded, so that a sentence finds the contacts that it names."""

    __tablename__ = "contact_name_word"
    contact_id = Column(_KEY, _to("contact.id"), primary_key=True)
    word = Column(String(64), primary_key=True)
    company_slug = Column(_KEY, nullable=False)
    # With the contact in it, the index alone answers a search by name.
    __table_args__ = (Index(None, "company_slug", "word", "contact_id"),)


@_registry.mapped
class NameKeyRow(Base):
    """What a word among a company's names shares with its misspellings (`names.spelling_keys`).

    A word stays when the last contact of that name is gone: it then leads to nobody.
    """

    __tablename__ = "contact_name_key"
    company_slug = Column(_KEY, primary_key=True)
    key = Column(_KEY, primary_key=True)
    word = Column(_KEY, primary_key=True)


@_registry.mapped
class AccountRow(Base):
    """A login to the portal for all properties of its holder: found by its folded address, then compared."""

    __tablename__ = "account"
    id = Column(_KEY, primary_key=True)
    login = Column(String(254), nullable=False, unique=True)
    folded_login = Column(String(254), nullable=False, index=True)
    created_at = Column(Moment, nullable=False)
    locked_at = Column(Moment)


@_registry.mapped
class ContractRow(Base):
    """What ties a contact to a unit."""

    __tablename__ = "contract"
    id = Column(_KEY, primary_key=True)
    contact_id = Column(_KEY, _to("contact.id"), nullable=False, index=True)
    unit_id = Column(_KEY, _to("unit.id"), nullable=False, index=True)
    role = Column(String(8), nullable=False)
    starts_on = Column(Date, nullable=False)
    ends_on = Column(Date, index=True)
    contact = relationship(ContactRow)
    unit = relationship(UnitRow)
    __table_args__ = (
        CheckConstraint("role in ('tenant', 'owner')", name="role"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="dates"),
    )


@_registry.mapped
class InviteRow(Base):
    """An invitation to register; it is of the company that its contact is of."""

    __tablename__ = "invite"
    id = Column(_KEY, primary_key=True)
    contact_id = Column(_KEY, _to("contact.id"), nullable=False, index=True)
    contract_id = Column(_KEY, _to("contract.id"), index=True)
    administrator_id = Column(_KEY, ForeignKey("administrator.id", ondelete="SET NULL"), index=True)
    code = Column(String(8), nullable=False, unique=True)
    issued_at = Column(Moment, nullable=False)
    expires_at = Column(Moment, nullable=False, index=True)
    used_at = Column(Moment)
    used_by = Column(_KEY, ForeignKey("account.id", ondelete="SET NULL"), index=True)
    revoked_at = Column(Moment)
    contact = relationship(ContactRow)
    contract = relationship(ContractRow)
    administrator = relationship(AdministratorRow)
    __table_args__ = (
        CheckConstraint("expires_at > issued_at", name="expiry"),
        CheckConstraint("used_at is null or used_at >= issued_at", name="use"),
        CheckConstraint("used_by is null or used_at is not null", name="user"),
        CheckConstraint("revoked_at is null or revoked_at >= issued_at", name="revocation"),
    )


@_registry.mapped
class AccessEventRow(Base):
    """The audit trail: who changed an invite, from what to what, in which conversation.

    Only ever appended to: an invite with an entry cannot be deleted. When it was used stands in the invite.
    """

    __tablename__ = "access_event"
    id = Column(Integer, primary_key=True)
    kind = Column(String(16), nullable=False)
    invite_id = Column(_KEY, ForeignKey("invite.id"), nullable=False, index=True)
    company_slug = Column(_KEY, nullable=False)
    administrator = Column(String(128), nullable=False)
    conversation = Column(String(64), nullable=False)
    expired_at = Column(Moment, nullable=False)
    expires_at = Column(Moment, nullable=False)
    happened_at = Column(Moment, nullable=False)
    __table_args__ = (CheckConstraint("kind in ('reactivated')", name="kind"),)
