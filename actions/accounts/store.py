"""The account store over SQLAlchemy, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, joinedload

from actions.accounts.interface import ReactivationRefused
from actions.accounts.models import (
    AccessEventRow,
    AccountRow,
    CompanyRow,
    ContactRow,
    ContractRow,
    InviteRow,
    UnitRow,
    fold,
)
from actions.accounts.records import (
    Account,
    Company,
    Contact,
    ContactQuery,
    Contract,
    CustomerRecord,
    Invite,
    Reactivation,
)
from actions.accounts.search import matching_contacts


class SqlAccounts:
    """Implements `Accounts`; a session for each call, nothing kept between calls."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def is_empty(self) -> bool:
        """Whether no company is on file."""
        with self._session() as session:
            return session.scalar(select(CompanyRow.slug).limit(1)) is None

    def company(self, slug: str) -> Company:
        """The company of that slug."""
        with self._session() as session:
            row = session.get(CompanyRow, slug)
        if row is None:
            raise LookupError(f"no company {slug}")
        return _company(row)

    def find_invite(self, code: str) -> Invite | None:
        """The invite of a normalised code."""
        with self._session() as session:
            row = session.scalars(_invites().where(InviteRow.code == code)).one_or_none()
            return _invite(row) if row else None

    def find_account(self, login: str) -> Account | None:
        """The account whose login address is exactly this one."""
        query = select(AccountRow).where(AccountRow.folded_login == fold(login))
        with self._session() as session:
            return next((_account(row) for row in session.scalars(query) if row.login == login), None)

    def account_at(self, address: str) -> Account | None:
        """The account whose login address this is, letter case aside."""
        query = select(AccountRow).where(AccountRow.folded_login == fold(address))
        with self._session() as session:
            found = [row for row in session.scalars(query) if row.login.lower() == address.lower()]
        exact = [row for row in found if row.login == address]
        return _account((exact or found)[0]) if exact or len(found) == 1 else None

    def account(self, account_id: str) -> Account | None:
        """The account of that id."""
        with self._session() as session:
            row = session.get(AccountRow, account_id)
            return _account(row) if row else None

    def account_of_invite(self, invite_id: str) -> Account | None:
        """The account that was made or extended with an invite."""
        query = select(AccountRow).join(InviteRow, InviteRow.used_by == AccountRow.id).where(InviteRow.id == invite_id)
        with self._session() as session:
            row = session.scalars(query).one_or_none()
            return _account(row) if row else None

    def invites_of_account(self, account_id: str) -> Sequence[Invite]:
        """All invites of the contacts that share the account."""
        query = _invites().join(InviteRow.contact).where(ContactRow.account_id == account_id)
        with self._session() as session:
            return [_invite(row) for row in session.scalars(query)]

    def invites_to(self, address: str) -> Sequence[Invite]:
        """All invites of the contacts that have this contact address and no account."""
        is_meant = and_(ContactRow.folded_email == fold(address), ContactRow.account_id.is_(None))
        with self._session() as session:
            rows = session.scalars(_invites().join(InviteRow.contact).where(is_meant))
            return [_invite(row) for row in rows if row.contact.email.lower() == address.lower()]

    def contract(self, contract_id: str) -> Contract | None:
        """The contract of that id."""
        with self._session() as session:
            row = session.scalars(_contracts().where(ContractRow.id == contract_id)).one_or_none()
            return _contract(row) if row else None

    def contracts_of_account(self, account_id: str) -> Sequence[Contract]:
        """All contracts of the contacts that share the account."""
        query = _contracts().join(ContractRow.contact).where(ContactRow.account_id == account_id)
        with self._session() as session:
            return [_contract(row) for row in session.scalars(query)]

    def companies_of_account(self, account_id: str) -> Sequence[Company]:
        """The companies that have a contact with this account."""
        contacts = select(ContactRow.company_slug).where(ContactRow.account_id == account_id)
        query = select(CompanyRow).where(CompanyRow.slug.in_(contacts)).order_by(CompanyRow.name)
        with self._session() as session:
            return [_company(row) for row in session.scalars(query)]

    def search_contacts(self, company: str, query: ContactQuery, limit: int) -> Sequence[Contact]:
        """The contacts of a company that a query means equally well."""
        with self._session() as session:
            return [_contact(row) for row in matching_contacts(session, company, query, limit)]

    def customer(self, company: str, contact_id: str) -> CustomerRecord | None:
        """Everything about a contact, if it is of this company."""
        with self._session() as session:
            contact = session.get(ContactRow, contact_id, options=[joinedload(ContactRow.account)])
            if contact is None or contact.company_slug != company:
                return None
            contracts = session.scalars(_contracts().where(ContractRow.contact_id == contact_id))
            invites = session.scalars(_invites().where(InviteRow.contact_id == contact_id))
            return CustomerRecord(
                contact=_contact(contact),
                account=_account(contact.account) if contact.account else None,
                contracts=[_contract(row) for row in contracts],
                invites=[_invite(row) for row in invites],
            )

    def reactivate_invite(
        self,
        invite_id: str,
        *,
        company: str,
        administrator: str,
        conversation: str,
        now: datetime,
        expires_at: datetime,
    ) -> Reactivation:
        """Set a new expiry, with an entry in the audit trail, in one transaction."""
        with self._session() as session, session.begin():
            invite = session.get(InviteRow, invite_id, options=[joinedload(InviteRow.contact)])
            if invite is None or invite.contact.company_slug != company:
                raise ReactivationRefused
            before = invite.expires_at
            # The expiry that was read is part of the condition: of two confirmations at once, one changes it.
            changed = session.execute(
                update(InviteRow)
                .where(InviteRow.id == invite_id, InviteRow.expires_at == before, InviteRow.expires_at <= now)
                .where(InviteRow.used_at.is_(None), InviteRow.revoked_at.is_(None))
                .values(expires_at=expires_at)
                .execution_options(synchronize_session=False)
            )
            if changed.rowcount == 0:
                session.refresh(invite)
                if invite.used_at or invite.revoked_at:
                    raise ReactivationRefused
                # Valid already: a second confirmation, or a colleague was faster.
                return Reactivation(invite_id, invite.expires_at)
            session.add(
                AccessEventRow(
                    kind="reactivated",
                    invite_id=invite_id,
                    company_slug=company,
                    administrator=administrator,
                    conversation=conversation,
                    expired_at=before,
                    expires_at=expires_at,
                    happened_at=now,
                )
            )
        return Reactivation(invite_id, expires_at)

    def _session(self) -> Session:
        return Session(self._engine, future=True)


def _contracts() -> Any:  # SQLAlchemy 1.4 cannot name the type of a select
    return select(ContractRow).options(
        joinedload(ContractRow.unit).joinedload(UnitRow.property), joinedload(ContractRow.contact)
    )


def _invites() -> Any:
    return select(InviteRow).options(
        joinedload(InviteRow.contact),
        joinedload(InviteRow.contract).joinedload(ContractRow.unit).joinedload(UnitRow.property),
        joinedload(InviteRow.administrator),
    )


def _company(row: CompanyRow) -> Company:
    return Company(row.slug, row.name, row.phone, row.email)


def _contact(row: ContactRow) -> Contact:
    return Contact(row.id, row.company_slug, row.name, row.email)


def _account(row: AccountRow) -> Account:
    return Account(row.id, row.login, row.locked_at)


def _contract(row: ContractRow) -> Contract:
    return Contract(
        id=row.id,
        company=row.contact.company_slug,
        contact_id=row.contact_id,
        role=row.role,
        unit_name=_unit_name(row.unit),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _unit_name(unit: UnitRow) -> str:
    return f"{unit.property.address} {unit.label}"


def _invite(row: InviteRow) -> Invite:
    return Invite(
        id=row.id,
        company=row.contact.company_slug,
        contact_id=row.contact_id,
        contract_id=row.contract_id,
        code=row.code,
        unit_name=_unit_name(row.contract.unit) if row.contract else None,
        sent_by_name=row.administrator.name if row.administrator else None,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_by=row.used_by,
        revoked_at=row.revoked_at,
    )
