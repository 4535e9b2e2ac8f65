"""The account store over SQLAlchemy, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import and_, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, joinedload

from actions.accounts import tenancies
from actions.accounts.models import AccountRow, AdministratorRow, CompanyRow, ContactRow, ContractRow, InviteRow
from actions.accounts.names import fold
from actions.accounts.property_search import search_properties
from actions.accounts.reactivations import reactivate
from actions.accounts.records import (
    Account,
    Administrator,
    Company,
    Confirmation,
    ContactQuery,
    ContactSearch,
    Contract,
    CustomerRecord,
    FoundContact,
    Invite,
    PropertySearch,
    Reactivation,
    Tenancy,
    TenancyList,
)
from actions.accounts.rows import account_of, company_of, contact_of, contract_of, contracts, invite_of, invites
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
        return company_of(row)

    def administrators(self, ids: Collection[str]) -> Sequence[Administrator]:
        """The administrators with these keys, in the order of their companies' names."""
        query = (
            select(AdministratorRow.id, AdministratorRow.name, CompanyRow.slug, CompanyRow.name)
            .join(CompanyRow, CompanyRow.slug == AdministratorRow.company_slug)
            .where(AdministratorRow.id.in_(ids))
            .order_by(CompanyRow.name.desc(), AdministratorRow.name)
        )
        with self._session() as session:
            return [Administrator(*row) for row in session.execute(query)]

    def find_invite(self, code: str) -> Invite | None:
        """The invite of a normalised code."""
        with self._session() as session:
            row = session.scalars(invites().where(InviteRow.code == code)).one_or_none()
            return invite_of(row) if row else None

    def find_account(self, login: str) -> Account | None:
        """The account whose login address is exactly this one."""
        query = select(AccountRow).where(AccountRow.folded_login == fold(login))
        with self._session() as session:
            return next((account_of(row) for row in session.scalars(query) if row.login == login), None)

    def account_at(self, address: str) -> Account | None:
        """The account whose login address this is, letter case aside."""
        query = select(AccountRow).where(AccountRow.folded_login == fold(address))
        with self._session() as session:
            found = [row for row in session.scalars(query) if row.login.lower() == address.lower()]
        exact = [row for row in found if row.login == address]
        return account_of((exact or found)[0]) if exact or len(found) == 1 else None

    def account(self, account_id: str) -> Account | None:
        """The account of that id."""
        with self._session() as session:
            row = session.get(AccountRow, account_id)
            return account_of(row) if row else None

    def account_of_invite(self, invite_id: str) -> Account | None:
        """The account that was made or extended with an invite."""
        query = select(AccountRow).join(InviteRow, InviteRow.used_by == AccountRow.id).where(InviteRow.id == invite_id)
        with self._session() as session:
            row = session.scalars(query).one_or_none()
            return account_of(row) if row else None

    def invites_of_account(self, account_id: str) -> Sequence[Invite]:
        """All invites of the contacts that share the account."""
        query = invites().join(InviteRow.contact).where(ContactRow.account_id == account_id)
        with self._session() as session:
            return [invite_of(row) for row in session.scalars(query)]

    def invites_to(self, address: str) -> Sequence[Invite]:
        """All invites of the contacts that have this contact address and no account."""
        is_meant = and_(ContactRow.folded_email == fold(address), ContactRow.account_id.is_(None))
        with self._session() as session:
            rows = session.scalars(invites().join(InviteRow.contact).where(is_meant))
            return [invite_of(row) for row in rows if row.contact.email.lower() == address.lower()]

    def contract(self, contract_id: str) -> Contract | None:
        """The contract of that id."""
        with self._session() as session:
            row = session.scalars(contracts().where(ContractRow.id == contract_id)).one_or_none()
            return contract_of(row) if row else None

    def contracts_of_account(self, account_id: str) -> Sequence[Contract]:
        """All contracts of the contacts that share the account."""
        query = contracts().join(ContractRow.contact).where(ContactRow.account_id == account_id)
        with self._session() as session:
            return [contract_of(row) for row in session.scalars(query)]

    def companies_of_account(self, account_id: str) -> Sequence[Company]:
        """The companies that have a contact with this account."""
        contacts = select(ContactRow.company_slug).where(ContactRow.account_id == account_id)
        query = select(CompanyRow).where(CompanyRow.slug.in_(contacts)).order_by(CompanyRow.name)
        with self._session() as session:
            return [company_of(row) for row in session.scalars(query)]

    def search_contacts(self, company: str, query: ContactQuery, limit: int) -> ContactSearch:
        """The contacts of a company that a query means equally well, or the nearest."""
        with self._session() as session:
            found = matching_contacts(session, company, query, limit + 1)
            units = tenancies.unit_names_of(session, [row.id for row in found.contacts])
            contacts = [FoundContact(contact_of(row), units.get(row.id, ())) for row in found.contacts[:limit]]
        return ContactSearch(contacts, found.is_near, len(found.contacts) > limit, found.names_somebody)

    def search_properties(self, company: str, text: str) -> PropertySearch:
        """The properties of a company that a sentence names, or the nearest."""
        with self._session() as session:
            return search_properties(session, company, text)

    def unregistered(self, company: str, where: PropertySearch, today: date, now: datetime, limit: int) -> TenancyList:
        """Contacts without an account."""
        with self._session() as session:
            return tenancies.unregistered(session, company, where, today, now, limit)

    def open_invites(
        self, company: str, where: PropertySearch, after: datetime, until: datetime, limit: int
    ) -> TenancyList:
        """Invites that wait to be used and expire in a span of time."""
        with self._session() as session:
            return tenancies.open_invites(session, company, where, after, until, limit)

    def expired_invites(
        self,
        company: str,
        where: PropertySearch,
        today: date,
        after: datetime | None,
        until: datetime,
        limit: int,
    ) -> TenancyList:
        """Invites that expired in a span of time and would still be of use."""
        with self._session() as session:
            return tenancies.expired_invites(session, company, where, today, after, until, limit)

    def ending_contracts(self, company: str, where: PropertySearch, first: date, last: date, limit: int) -> TenancyList:
        """Contracts whose last day lies between two days."""
        with self._session() as session:
            return tenancies.ending_contracts(session, company, where, first, last, limit)

    def invites(self, company: str, invite_ids: Sequence[str]) -> Sequence[Tenancy]:
        """Invites of a company by their keys."""
        with self._session() as session:
            return tenancies.invites_by_id(session, company, invite_ids)

    def addressee(self, invite_id: str) -> Tenancy | None:
        """The invite of that id with its contact."""
        with self._session() as session:
            return tenancies.addressee(session, invite_id)

    def customer(self, company: str, contact_id: str) -> CustomerRecord | None:
        """Everything about a contact, if it is of this company."""
        with self._session() as session:
            contact = session.get(ContactRow, contact_id, options=[joinedload(ContactRow.account)])
            if contact is None or contact.company_slug != company:
                return None
            of_contact = session.scalars(contracts().where(ContractRow.contact_id == contact_id))
            sent = session.scalars(invites().where(InviteRow.contact_id == contact_id))
            return CustomerRecord(
                contact=contact_of(contact),
                account=account_of(contact.account) if contact.account else None,
                contracts=[contract_of(row) for row in of_contact],
                invites=[invite_of(row) for row in sent],
            )

    def reactivate_invites(self, invite_ids: Sequence[str], confirmation: Confirmation) -> Sequence[Reactivation]:
        """Set new expiries, with their entries in the audit trail, in one transaction."""
        with self._session() as session, session.begin():
            return reactivate(session, invite_ids, confirmation)

    def _session(self) -> Session:
        return Session(self._engine, future=True)
