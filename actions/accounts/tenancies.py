"""What staff see of a whole property or company: who is not registered, which invites and contracts run out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from actions.accounts.models import ContactRow, ContractRow, InviteRow, UnitRow
from actions.accounts.places import means_unit
from actions.accounts.records import Contract, Invite, PropertySearch, Tenancy
from actions.accounts.rows import contact_of, contract_of, contracts, invite_of, invites


def unregistered(session: Session, company: str, where: PropertySearch, today: date, limit: int) -> list[Tenancy]:
    """Contacts without an account: those with a contract there that has not ended; without a place, all."""
    runs = or_(ContractRow.ends_on.is_(None), ContractRow.ends_on >= today)
    living = (
        contracts()
        .join(ContractRow.contact)
        .where(ContactRow.company_slug == company, ContactRow.account_id.is_(None), runs)
    )
    found: dict[str, Tenancy] = {}
    for row in session.scalars(_there(living, session, where).order_by(ContactRow.name).limit(limit)):
        found.setdefault(row.contact_id, Tenancy(contact_of(row.contact), False, contract_of(row), None))
    if not where.is_named:
        without = select(ContactRow).where(ContactRow.company_slug == company, ContactRow.account_id.is_(None))
        for contact in session.scalars(without.order_by(ContactRow.name, ContactRow.id).limit(limit)):
            found.setdefault(contact.id, Tenancy(contact_of(contact), False, None, None))
    telling = _telling_invites(session, list(found))
    rows = [Tenancy(row.contact, False, row.contract, telling.get(key)) for key, row in found.items()]
    return sorted(rows, key=_by_unit_and_name)[:limit]


def open_invites(
    session: Session, company: str, where: PropertySearch, after: datetime, until: datetime, limit: int
) -> list[Tenancy]:
    """Invites that are neither used nor revoked and expire in a span of time, soonest first."""
    query = (
        invites()
        .join(InviteRow.contact)
        .where(ContactRow.company_slug == company)
        .where(InviteRow.used_at.is_(None), InviteRow.revoked_at.is_(None))
        .where(InviteRow.expires_at > after, InviteRow.expires_at <= until)
    )
    if where.is_named:
        living = _there(select(ContractRow.contact_id), session, where)
        query = query.where(InviteRow.contact_id.in_(living))
    rows = session.scalars(query.order_by(InviteRow.expires_at, InviteRow.id).limit(limit))
    return [_tenancy(row, invite=invite_of(row)) for row in rows]


def ending_contracts(
    session: Session, company: str, where: PropertySearch, first: date, last: date, limit: int
) -> list[Tenancy]:
    """Contracts whose last day lies between two days, soonest first."""
    query = (
        contracts()
        .join(ContractRow.contact)
        .where(ContactRow.company_slug == company, ContractRow.ends_on >= first, ContractRow.ends_on <= last)
    )
    rows = session.scalars(_there(query, session, where).order_by(ContractRow.ends_on, ContractRow.id).limit(limit))
    return [
        Tenancy(contact_of(row.contact), row.contact.account_id is not None, contract_of(row), None) for row in rows
    ]


def invites_by_id(session: Session, company: str, invite_ids: Sequence[str]) -> list[Tenancy]:
    """Invites of a company by their keys; those of another company are left out."""
    query = invites().join(InviteRow.contact)
    query = query.where(ContactRow.company_slug == company, InviteRow.id.in_(invite_ids)).order_by(InviteRow.id)
    rows = session.scalars(query)
    return [_tenancy(row, invite=invite_of(row)) for row in rows]


def addressee(session: Session, invite_id: str) -> Tenancy | None:
    """The invite of that id with its contact, in whichever company."""
    row = session.scalars(invites().join(InviteRow.contact).where(InviteRow.id == invite_id)).one_or_none()
    return _tenancy(row, invite=invite_of(row)) if row else None


def unit_names_of(session: Session, contact_ids: Sequence[str]) -> dict[str, list[str]]:
    """The names of the units that contacts have contracts for."""
    query = (
        select(ContractRow)
        .where(ContractRow.contact_id.in_(contact_ids))
        .options(joinedload(ContractRow.unit).joinedload(UnitRow.property), joinedload(ContractRow.contact))
        .order_by(ContractRow.starts_on.desc())
    )
    names: dict[str, list[str]] = {}
    for row in session.scalars(query):
        names.setdefault(row.contact_id, []).append(contract_of(row).unit_name)
    return names


def _tenancy(row: Any, contract: Contract | None = None, invite: Invite | None = None) -> Tenancy:
    return Tenancy(contact_of(row.contact), row.contact.account_id is not None, contract, invite)


def _there(query: Any, session: Session, where: PropertySearch) -> Any:
    """A query for contracts narrowed down to a place."""
    if not where.is_named:
        return query
    in_properties = UnitRow.property_id.in_([found.id for found in where.properties])
    rows = session.execute(select(UnitRow.id, UnitRow.label).where(in_properties))
    return query.where(ContractRow.unit_id.in_([key for key, label in rows if means_unit(where.units, label)]))


def _telling_invites(session: Session, contact_ids: Sequence[str]) -> dict[str, Invite]:
    """The invite of each contact that expires last."""
    query = invites().where(InviteRow.contact_id.in_(contact_ids)).order_by(InviteRow.expires_at)
    return {row.contact_id: invite_of(row) for row in session.scalars(query)}


def _by_unit_and_name(row: Tenancy) -> tuple[bool, str, str]:
    return row.contract is None, row.contract.unit_name if row.contract else "", row.contact.name
