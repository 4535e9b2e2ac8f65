"""What actions may ask of an account store; the portal's own API, say, could stand behind it as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

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


class ReactivationRefused(Exception):
    """The invite is not of this company, or was used or revoked."""


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

    def contracts_of_account(self, account_id: str) -> Sequence[Contract]:
        """All contracts of the contacts that share the account, in whichever company."""

    def companies_of_account(self, account_id: str) -> Sequence[Company]:
        """The companies that have a contact with this account."""

    def search_contacts(self, company: str, query: ContactQuery, limit: int) -> Sequence[Contact]:
        """The contacts of a company that a query means equally well, at most ``limit``; best matches only."""

    def customer(self, company: str, contact_id: str) -> CustomerRecord | None:
        """Everything about a contact, if it is of this company."""

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
        """Set a new expiry, with an entry in the audit trail; `ReactivationRefused` if that may not be.

        The same conversation asking again for an invite that it has just made valid changes nothing.
        """
