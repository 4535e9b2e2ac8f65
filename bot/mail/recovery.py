"""What a recovery mail says, and to whom: here, and only here, a typed address is looked up without a proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from actions.accounts.interface import Accounts
from actions.accounts.records import Account, Company, Invite
from actions.contracts import contract_status
from actions.email_spelling import compare, google_twin
from actions.invite_states import invite_status

Finding = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Recovery:
    """The mail's text, its recipient, its findings, and the account that its number proves, if there is one."""

    text: str
    recipient: str
    findings: Sequence[Finding]
    account: Account | None = None


class Lookup:
    """Finds what is on file about an address, in words for its owner."""

    def __init__(self, accounts: Accounts, zone: ZoneInfo, now: datetime) -> None:
        self._accounts = accounts
        self._now = now
        self._zone = zone

    def recovery(self, typed: str) -> Recovery:
        """The mail for a typed address: to the login address that it or its Google twin is, else to the typed one."""
        spellings = [address for address in (typed, google_twin(typed)) if address]
        for address in spellings:
            account = self._accounts.account_at(address)
            if account is not None:
                findings = list(self._of_account(account, is_twin=compare(typed, account.login) == "twin_mismatch"))
                return Recovery("recovery", account.login, findings, account)
        invites = [invite for address in spellings for invite in self._accounts.invites_to(address)]
        findings = list(self._of_invites(invites, open_="registration_open", expired="registration_expired"))
        return Recovery("no_account", typed, findings or [("no_account", {})])

    def _of_account(self, account: Account, *, is_twin: bool) -> Iterator[Finding]:
        if is_twin:
            yield "spelling", {}
        if account.locked_at is not None:
            yield "account_locked", {"day": self._day(account.locked_at)}
        else:
            yield "account_open", {}
        contracts = self._accounts.contracts_of_account(account.id)
        for contract in contracts:
            status = contract_status(contract, self._now.astimezone(self._zone).date())
            yield (
                f"contract_{status}",
                {
                    "unit": contract.unit_name,
                    "starts_on": self._day(contract.starts_on),
                    "ends_on": self._day(contract.ends_on) if contract.ends_on else "",
                    **_reached(self._accounts.company(contract.company)),
                },
            )
        if not contracts:
            for company in self._accounts.companies_of_account(account.id):
                yield "contract_none", _reached(company)
        invites = self._accounts.invites_of_account(account.id)
        yield from self._of_invites(invites, open_="invite_open", expired="invite_expired")

    def _of_invites(self, invites: Sequence[Invite], *, open_: str, expired: str) -> Iterator[Finding]:
        names = {"valid": open_, "expired": expired}
        for invite in invites:
            name = names.get(invite_status(invite, self._now))
            if name:
                facts = {"expires_on": self._day(invite.expires_at), **_reached(self._accounts.company(invite.company))}
                yield name, facts

    def _day(self, moment: date) -> str:
        if isinstance(moment, datetime):
            moment = moment.astimezone(self._zone).date()
        return format_date(moment, "EEEE d MMMM y", locale="it")


def _reached(company: Company) -> dict[str, str]:
    return {"company": company.name, "phone": company.phone, "email": company.email}
