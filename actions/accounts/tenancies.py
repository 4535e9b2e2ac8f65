"""What staff see of a whole property or company: who is not registered, which invites and contracts run out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from actions.accounts.models import ContactRow, ContractRow, InviteRow, UnitRow
from actions.accounts.property_search import units_of
from actions.accounts.records import Contract, Invite, PropertySearch, Tenancy, TenancyList
from actions.accounts.rows import contact_of, contract_of, contracts, invite_of, invites
from actions.accounts.units import means_unit
from actions.invite_states import telling_invite


def unregistered(
    session: Session, company: str, where: PropertySearch, today: date, now: datetime, limit: int
) -> TenancyList:
    """Contacts without an account: those with a contract there that has not ended; without a place, all."""
    living = [_has_not_ended(today), *_there(session, where)]
    are_meant = [ContactRow.company_slug == company, ContactRow.account_id.is_(None)]
    if where.is_named:
        are_meant.append(ContactRow.id.in_(select(ContractRow.contact_id).where(*living)))
    query = select(ContactRow).where(*are_meant).order_by(ContactRow.name, ContactRow.id)
    contacts = session.scalars(query.limit(limit)).all()
    keys = [row.id for row in contacts]
    of_contacts: dict[str, Contract] = {}
    rows = session.scalars(contracts().where(ContractRow.contact_id.in_(keys), *living).order_by(ContractRow.starts_on))
    for row in rows:
        of_contacts.setdefault(row.contact_id, contract_of(row))  # the earliest runs, if any does
    sent = _invites_of(session, keys)
    found = [_unregistered(row, of_contacts.get(row.id), sent.get(row.id, ()), now) for row in contacts]
    return TenancyList(sorted(found, key=_by_unit_and_name), _total(session, query, found, limit))


def open_invites(
    session: Session, company: str, where: PropertySearch, after: datetime, until: datetime, limit: int
) -> TenancyList:
    """Invites that are neither used nor revoked and expire in a span of time, soonest first."""
    query = _unused(session, company, where).where(InviteRow.expires_at > after, InviteRow.expires_at <= until)
    return _page_of_invites(session, query.order_by(InviteRow.expires_at, InviteRow.id), limit)


def expired_invites(
    session: Session,
    company: str,
    where: PropertySearch,
    today: date,
    after: datetime | None,
    until: datetime,
    limit: int,
) -> TenancyList:
    """Invites that expired in a span of time and would still be of use, the latest first.

    Left out are those of contracts that have ended, and those that another invite for the same contract has replaced.
    """
    other = aliased(InviteRow)
    replaced = exists(other.id).where(
        other.contact_id == InviteRow.contact_id,
        or_(
            other.contract_id == InviteRow.contract_id,
            and_(other.contract_id.is_(None), InviteRow.contract_id.is_(None)),
        ),
        other.revoked_at.is_(None),
        or_(other.used_at.is_not(None), other.expires_at > InviteRow.expires_at),
    )
    query = (
        _unused(session, company, where)
        .outerjoin(ContractRow, ContractRow.id == InviteRow.contract_id)
        .where(InviteRow.expires_at <= until, _has_not_ended(today), ~replaced)
    )
    if after is not None:
        query = query.where(InviteRow.expires_at > after)
    return _page_of_invites(session, query.order_by(InviteRow.expires_at.desc(), InviteRow.id), limit)


def ending_contracts(
    session: Session, company: str, where: PropertySearch, first: date, last: date, limit: int
) -> TenancyList:
    """Contracts whose last day lies between two days, soonest first."""
    query = (
        contracts()
        .join(ContractRow.contact)
        .where(ContactRow.company_slug == company, ContractRow.ends_on >= first, ContractRow.ends_on <= last)
        .where(*_there(session, where))
        .order_by(ContractRow.ends_on, ContractRow.id)
    )
    rows = [
        Tenancy(contact_of(row.contact), row.contact.account_id is not None, contract_of(row), None)
        for row in session.scalars(query.limit(limit))
    ]
    return TenancyList(rows, _total(session, query, rows, limit))


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


def _unregistered(contact: ContactRow, contract: Contract | None, sent: Sequence[Invite], now: datetime) -> Tenancy:
    """A contact with the invite that counts there: one for the contract or for none in particular, else any."""
    fitting = [invite for invite in sent if invite.contract_id in {None, contract.id if contract else None}]
    return Tenancy(contact_of(contact), False, contract, telling_invite(fitting or sent, now))


def _unused(session: Session, company: str, where: PropertySearch) -> Any:
    """A query for a company's invites that are neither used nor revoked, for units at a place.

    One that is for no contract in particular counts wherever its contact has a contract.
    """
    query = (
        invites()
        .join(InviteRow.contact)
        .where(ContactRow.company_slug == company)
        .where(InviteRow.used_at.is_(None), InviteRow.revoked_at.is_(None))
    )
    if not where.is_named:
        return query
    there = _there(session, where)
    of_contract = InviteRow.contract_id.in_(select(ContractRow.id).where(*there))
    of_contact = InviteRow.contact_id.in_(select(ContractRow.contact_id).where(*there))
    return query.where(or_(of_contract, and_(InviteRow.contract_id.is_(None), of_contact)))


def _page_of_invites(session: Session, query: Any, limit: int) -> TenancyList:
    rows = [_tenancy(row, invite=invite_of(row)) for row in session.scalars(query.limit(limit))]
    return TenancyList(rows, _total(session, query, rows, limit))


def _total(session: Session, query: Any, rows: Sequence[Tenancy], limit: int) -> int:
    """How many rows a query has without its limit."""
    if len(rows) < limit:
        return len(rows)
    counted = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return int(session.scalar(counted))


def _has_not_ended(today: date) -> Any:
    return or_(ContractRow.ends_on.is_(None), ContractRow.ends_on >= today)


def _there(session: Session, where: PropertySearch) -> list[Any]:
    """What narrows contracts down to the places that are named."""
    if not where.is_named:
        return []
    units: list[str] = []
    for place in where.places:
        there = units_of(session, [found.id for found in place.properties])
        units += [key for key, label in there if means_unit(place.units, label)]
    return [ContractRow.unit_id.in_(units)]


def _invites_of(session: Session, contact_ids: Sequence[str]) -> dict[str, list[Invite]]:
    found: dict[str, list[Invite]] = {}
    for row in session.scalars(invites().where(InviteRow.contact_id.in_(contact_ids)).order_by(InviteRow.id)):
        found.setdefault(row.contact_id, []).append(invite_of(row))
    return found


def _by_unit_and_name(row: Tenancy) -> tuple[bool, str, str]:
    return row.contract is None, row.contract.unit_name if row.contract else "", row.contact.name
