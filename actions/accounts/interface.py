"""What actions may ask of an account store; the portal's own API, say, could stand behind it as well."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from actions.accounts.records import (
    Account,
    Administrator,
    Company,
    Confirmation,
    ContactQuery,
    ContactSearch,
    Contract,
    CustomerRecord,
    Invite,
    PropertySearch,
    Reactivation,
    Tenancy,
    TenancyList,
)


class ReactivationRefused(Exception):
    """An invite is not of this company."""


class Accounts(Protocol):
    """Look-ups by key, a search within one company, and the single write."""

    def is_empty(self) -> bool:
        """Whether no company is on file."""

    def company(self, slug: str) -> Company:
        """The company of that slug; `LookupError` if there is none."""

    def find_invite(self, code: str) -> Invite | None:
        """The invite of a normalised code."""

    def find_account(self, login: str) -> Account | None:
        """The account whose login address is exactly this one."""

    def account_at(self, address: str) -> Account | None:
        """The account whose login address this is, letter case aside if no other one is written exactly so."""

    def account(self, account_id: str) -> Account | None:
        """The account of that id."""

    def account_of_invite(self, invite_id: str) -> Account | None:
        """The account that was made or extended with an invite."""

    def invites_of_account(self, account_id: str) -> Sequence[Invite]:
        """All invites of the contacts that share the account."""

    def invites_to(self, address: str) -> Sequence[Invite]:
        """All invites of the contacts that have this contact address and no account."""

    def contract(self, contract_id: str) -> Contract | None:
        """The contract of that id."""

    def administrators(self, ids: Collection[str]) -> Sequence[Administrator]:
        """The administrators with these keys, in the order of their companies' names."""

    def contracts_of_account(self, account_id: str) -> Sequence[Contract]:
        """All contracts of the contacts that share the account, in whichever company."""

    def companies_of_account(self, account_id: str) -> Sequence[Company]:
        """The companies that have a contact with this account."""

    def search_contacts(self, company: str, query: ContactQuery, limit: int) -> ContactSearch:
        """The contacts of a company that a query means equally well, or the nearest; at most ``limit``."""

    def search_properties(self, company: str, text: str) -> PropertySearch:
        """The properties of a company that a sentence names, or the nearest."""

    def unregistered(self, company: str, where: PropertySearch, today: date, now: datetime, limit: int) -> TenancyList:
        """Contacts without an account: with a contract there that has not ended; without a place, all."""

    def open_invites(
        self, company: str, where: PropertySearch, after: datetime, until: datetime, limit: int
    ) -> TenancyList:
        """Invites neither used nor revoked that expire after one moment and until another, soonest first."""

    def expired_invites(
        self,
        company: str,
        where: PropertySearch,
        today: date,
        after: datetime | None,
        until: datetime,
        limit: int,
    ) -> TenancyList:
        """Invites that expired after one moment and until another, the latest first.

        Left out are those of contracts that have ended, and those that another invite for the same contract replaced.
        """

    def ending_contracts(self, company: str, where: PropertySearch, first: date, last: date, limit: int) -> TenancyList:
        """Contracts whose last day lies between two days, soonest first."""

    def invites(self, company: str, invite_ids: Sequence[str]) -> Sequence[Tenancy]:
        """Invites of a company by their keys; those of another company are left out."""

    def addressee(self, invite_id: str) -> Tenancy | None:
        """The invite of that id with its contact, in whichever company."""

    def customer(self, company: str, contact_id: str) -> CustomerRecord | None:
        """Everything about a contact, if it is of this company."""

    def reactivate_invites(self, invite_ids: Sequence[str], confirmation: Confirmation) -> Sequence[Reactivation]:
        """Set new expiries, each with an entry in the audit trail, in one transaction; what became of each invite.

        What was used or revoked in the meantime stays as it is; `ReactivationRefused` if one is not of the company. The
        same conversation asking again for what it has just made valid changes nothing.
        """
