"""From rows of the account store to the records that actions see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from actions.accounts.models import AccountRow, CompanyRow, ContactRow, ContractRow, InviteRow, UnitRow
from actions.accounts.records import Account, Company, Contact, Contract, Invite


def contracts() -> Any:  # SQLAlchemy 1.4 cannot name the type of a select
    """A query for contracts with all that a record holds."""
    return select(ContractRow).options(
        joinedload(ContractRow.unit).joinedload(UnitRow.property), joinedload(ContractRow.contact)
    )


def invites() -> Any:
    """A query for invites with all that a record holds."""
    return select(InviteRow).options(
        joinedload(InviteRow.contact),
        joinedload(InviteRow.contract).joinedload(ContractRow.unit).joinedload(UnitRow.property),
        joinedload(InviteRow.administrator),
    )


def company_of(row: CompanyRow) -> Company:
    """A company."""
    return Company(row.slug, row.name, row.phone, row.email)


def contact_of(row: ContactRow) -> Contact:
    """A contact."""
    return Contact(row.id, row.company_slug, row.name, row.email)


def account_of(row: AccountRow) -> Account:
    """An account."""
    return Account(row.id, row.login, row.locked_at)


def contract_of(row: ContractRow) -> Contract:
    """A contract with the name of its unit."""
    return Contract(
        id=row.id,
        company=row.contact.company_slug,
        contact_id=row.contact_id,
        role=row.role,
        unit_name=unit_name(row.unit),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def unit_name(unit: UnitRow) -> str:
    """The address and label of a unit."""
    return f"{unit.property.address} {unit.label}"


def invite_of(row: InviteRow) -> Invite:
    """An invite with the names of its unit and sender."""
    return Invite(
        id=row.id,
        company=row.contact.company_slug,
        contact_id=row.contact_id,
        contract_id=row.contract_id,
        code=row.code,
        unit_name=unit_name(row.contract.unit) if row.contract else None,
        sent_by_name=row.administrator.name if row.administrator else None,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_by=row.used_by,
        revoked_at=row.revoked_at,
    )
