"""Why a customer can't get in: everything on file about them, as an ordered list of findings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from actions.accounts.records import CustomerRecord
from actions.contracts import contract_status, telling_contract
from actions.email_spelling import compare
from actions.invite_states import invite_status, telling_invite

Finding = Literal[
    "account_locked",
    "no_contract",
    "contract_not_started",
    "contract_ended",
    "invite_expired",
    "invite_open",
    "no_account",
    "login_google_twin",
    "login_near_typo",
    "login_differs_from_contact",
    "all_in_order",
]

AddressPart = Literal["local", "domain", "both"]

_CONTRACT_FINDINGS: dict[str, Finding] = {
    "none": "no_contract",
    "not_started": "contract_not_started",
    "ended": "contract_ended",
}
_INVITE_FINDINGS: dict[str, Finding] = {"valid": "invite_open", "expired": "invite_expired"}
_ADDRESS_FINDINGS: dict[str, Finding] = {
    "twin_mismatch": "login_google_twin",
    "near_miss": "login_near_typo",
    "different": "login_differs_from_contact",
}


def differs_in(one: str, other: str) -> AddressPart | None:
    """Which part tells two addresses apart, letter case aside; None if none does."""
    (local, _, domain), (other_local, _, other_domain) = (a.lower().rpartition("@") for a in (one, other))
    if local == other_local:
        return None if domain == other_domain else "domain"
    return "local" if domain == other_domain else "both"


def diagnose(customer: CustomerRecord, now: datetime, today: date) -> list[Finding]:
    """The findings of a customer, what keeps them out first, each to be mended before the next one counts.

    A locked account or a missing contract keeps out whoever knows the right address; without an account the invite
    decides; with one, the login address that differs from the contact address is the likeliest trap.
    """
    findings: list[Finding] = []
    if customer.account is not None and customer.account.locked_at is not None:
        findings.append("account_locked")
    contract = contract_status(telling_contract(customer.contracts, today), today)
    if contract in _CONTRACT_FINDINGS:
        findings.append(_CONTRACT_FINDINGS[contract])
    if customer.account is None:
        findings.append("no_account")
        invite = invite_status(telling_invite(customer.invites, now), now)
        if invite in _INVITE_FINDINGS:
            findings.append(_INVITE_FINDINGS[invite])
    elif customer.contact.email:
        compared = compare(customer.contact.email, customer.account.login)
        if compared in _ADDRESS_FINDINGS:
            findings.append(_ADDRESS_FINDINGS[compared])
    return findings or ["all_in_order"]
