"""Invites that a wish for reactivations lists one by one, by codes or by names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actions.accounts.interface import Accounts
from actions.accounts.records import ContactQuery, CustomerRecord, Tenancy
from actions.customers import company_of, is_certain
from actions.invite_codes import normalize_code
from actions.invite_states import invite_status, telling_invite
from actions.phrases import phrase
from actions.reactivation_wishes import parts_of
from actions.turn import Turn

_MOST_NAMES = 20


@dataclass(frozen=True)
class Chosen:
    """The invites of a list that can be reactivated, and a line for each of the others."""

    expired: Sequence[Tenancy]
    left_out: Sequence[str]


def chosen_invites(turn: Turn) -> Chosen | None:
    """What a message lists, if that is more than one code or more than one customer."""
    codes = turn.references_given("invite_code")
    if len(codes) > 1:
        return _of_codes(turn, codes)
    customers = [] if codes or turn.gives("email") else _customers(turn)
    return _of_customers(turn, customers) if len(customers) > 1 else None


def _of_codes(turn: Turn, codes: Sequence[str]) -> Chosen:
    company = company_of(turn)
    expired: dict[str, Tenancy] = {}
    left_out: list[str] = []
    for reference in codes:
        invite = turn.accounts.find_invite(normalize_code(turn.resolve(reference) or ""))
        # Another company's code is as unknown as one that does not exist.
        rows = turn.accounts.invites(company, [invite.id]) if invite else []
        status = invite_status(rows[0].invite if rows else None, turn.now)
        if status == "expired":
            expired.setdefault(reference, rows[0])
        else:
            left_out.append(_left_out(reference, status))
    return Chosen(list(expired.values()), left_out)


def _customers(turn: Turn) -> Sequence[CustomerRecord]:
    """The customers that the parts of a list name for certain, each once."""
    company = company_of(turn)
    keys = [_named(turn.accounts, company, part) for part in parts_of(turn.text)[:_MOST_NAMES]]
    records = [turn.accounts.customer(company, key) for key in dict.fromkeys(keys) if key]
    return [record for record in records if record is not None]


def _named(accounts: Accounts, company: str, words: str) -> str | None:
    search = accounts.search_contacts(company, ContactQuery(text=words), 1)
    return search.contacts[0].contact.id if is_certain(search) and not search.has_more else None


def _of_customers(turn: Turn, customers: Sequence[CustomerRecord]) -> Chosen:
    expired: list[Tenancy] = []
    left_out: list[str] = []
    for customer in customers:
        invite = telling_invite(customer.invites, turn.now, wanted="expired")
        status = invite_status(invite, turn.now) if invite else "none"
        if status == "expired":
            expired.append(Tenancy(customer.contact, customer.account is not None, None, invite))
        else:
            left_out.append(_left_out(customer.contact.name, status))
    return Chosen(expired, left_out)


def _left_out(who: str, status: str) -> str:
    return phrase("line.left_out", who=who, state=phrase(f"invite_state.{status}"))
