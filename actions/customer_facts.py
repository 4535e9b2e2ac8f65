"""What is on file about one customer, what is wrong with it, and how each fault is mended."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions.accounts.names import first_name
from actions.accounts.records import CustomerRecord
from actions.base import PortiereAction
from actions.contracts import contract_status, telling_contract
from actions.customers import company_of, is_certain, offer, search_customer
from actions.diagnosis import Finding, diagnose, differs_in
from actions.email_spelling import compare
from actions.invite_codes import format_code
from actions.invite_states import invite_status, telling_invite
from actions.phrases import phrase
from actions.turn import Event, Turn

FINDING_RESPONSES: dict[Finding, str] = {
    "account_locked": "utter_finding_account_locked",
    "no_contract": "utter_finding_no_contract",
    "contract_not_started": "utter_finding_contract_not_started",
    "contract_ended": "utter_finding_contract_ended",
    "no_account": "utter_finding_no_account",
    "invite_open": "utter_finding_invite_open",
    "invite_expired": "utter_finding_invite_expired",
    "login_google_twin": "utter_finding_login_google_twin",
    "login_near_typo": "utter_finding_login_near_typo",
    "login_differs_from_contact": "utter_finding_login_differs_from_contact",
    "all_in_order": "utter_finding_all_in_order",
}
# What can be sent to the customer; a missing account is told together with the invite.
COPY_RESPONSES: dict[Finding, str] = {
    "account_locked": "utter_copy_account_locked",
    "no_contract": "utter_copy_no_contract",
    "contract_not_started": "utter_copy_contract_not_started",
    "contract_ended": "utter_copy_contract_ended",
    "invite_open": "utter_copy_invite_open",
    "invite_expired": "utter_copy_invite_expired",
    "no_account": "utter_copy_no_account",
    "login_google_twin": "utter_copy_login_google_twin",
    "login_near_typo": "utter_copy_login_address",
    "login_differs_from_contact": "utter_copy_login_address",
    "all_in_order": "utter_copy_all_in_order",
}
_BESIDE_ACCOUNT = {"valid": "utter_invite_open_beside_account", "expired": "utter_invite_expired_beside_account"}


class ActionDiagnoseCustomer(PortiereAction):
    """Says everything that keeps one customer out, each finding with its fix."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_diagnose_customer"

    def answer(self, turn: Turn) -> list[Event]:
        """Say what is on file, then the findings in order, each with a text for the customer."""
        customer = self.services.accounts.customer(company_of(turn), turn.slot("customer") or "")
        if customer is None:
            raise LookupError("the chosen contact is gone")
        findings = say_diagnosis(turn, customer, with_copies=True)
        turn.say("utter_diagnosis_next")
        return [SlotSet("findings", findings), SlotSet("offer", None)]


class ActionTellCustomer(PortiereAction):
    """Adds the facts of the customer whom a general question names."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_tell_customer"

    def answer(self, turn: Turn) -> list[Event]:
        """Say what is on file and what is wrong; of several customers ask which; nothing if nobody is named."""
        chosen = turn.entity("customer") or self._named(turn)
        customer = self.services.accounts.customer(company_of(turn), chosen) if chosen else None
        if customer is None:
            return []
        findings = say_diagnosis(turn, customer, with_copies=False)
        return [SlotSet("customer", customer.contact.id), SlotSet("findings", findings)]

    @staticmethod
    def _named(turn: Turn) -> str | None:
        search = search_customer(turn)
        if is_certain(search):
            return search.contacts[0].contact.id
        if search.contacts:
            offer(turn, search)
        elif search.names_somebody:
            turn.say("utter_customer_not_recognized")
        return None


def say_diagnosis(turn: Turn, customer: CustomerRecord, *, with_copies: bool) -> list[Finding]:
    """Say the facts, then each finding with its fix; the findings in order."""
    findings = diagnose(customer, turn.now, turn.today)
    content, facts = _facts(turn, customer)
    turn.say("utter_diagnosis", json_message={**content, "findings": findings}, **facts)
    has_invite = {"invite_open", "invite_expired"} & set(findings)
    for finding in findings:
        is_without_address = finding == "all_in_order" and not customer.contact.email
        turn.say("utter_finding_all_in_order_no_address" if is_without_address else FINDING_RESPONSES[finding], **facts)
        if with_copies and not (finding == "no_account" and has_invite):
            turn.say(COPY_RESPONSES[finding], **facts)
    # Whoever has an account needs no invite to get in: it is no finding, but it may be what they ask for.
    invite = invite_status(telling_invite(customer.invites, turn.now), turn.now)
    if customer.account and invite in _BESIDE_ACCOUNT:
        turn.say(_BESIDE_ACCOUNT[invite], **facts)
    return findings


def _facts(turn: Turn, customer: CustomerRecord) -> tuple[dict[str, Any], dict[str, str]]:
    """What is on file: structured for a page, and as values of the responses' placeholders."""
    account, contact, today = customer.account, customer.contact, turn.today
    contract = telling_contract(customer.contracts, today)
    invite = telling_invite(customer.invites, turn.now)
    values = [("email", contact.email)] if contact.email else []
    values += [("email", account.login)] if account else []
    values += [("codice", format_code(invite.code)) for invite in customer.invites]
    references = iter(turn.references(values))
    contact_email = next(references) if contact.email else None
    login_email = next(references) if account else None
    codes = {invite.id: next(references) for invite in customer.invites}
    compared = compare(contact.email, account.login) if account and contact.email else None
    where = differs_in(contact.email or "", account.login) if account and compared != "match" else None
    contracts = [
        {
            "unit": entry.unit_name,
            "role": phrase(f"role.{entry.role}"),
            "starts_on": turn.short_date(entry.starts_on),
            "ends_on": turn.short_date(entry.ends_on) if entry.ends_on else None,
            "status": contract_status(entry, today),
        }
        for entry in customer.contracts
    ]
    invites = [
        {
            "code": codes[entry.id],
            "status": invite_status(entry, turn.now),
            "expires_on": turn.short_date(entry.expires_at),
            "used_on": turn.short_date(entry.used_at) if entry.used_at else None,
            "unit": entry.unit_name,
        }
        for entry in customer.invites
    ]
    content = {
        "kind": "diagnosis",
        "customer": contact.name,
        "contact_email": contact_email,
        "login_email": login_email,
        "emails": compared,
        "differs_in": where,
        "locked_on": turn.short_date(account.locked_at) if account and account.locked_at else None,
        "contracts": contracts,
        "invites": invites,
    }
    nothing = phrase("facts.none")
    facts = {
        "customer_name": contact.name,
        "first_name": first_name(contact.name),
        "contact_email": contact_email or nothing,
        "login_email": login_email or phrase("facts.no_account"),
        "difference": _difference(compared, where, contact.email or "", account.login if account else ""),
        "contracts": "; ".join(_contract_line(entry) for entry in contracts) or phrase("facts.no_contract"),
        "invites": "; ".join(phrase(f"invite.{entry['status']}", **entry) for entry in invites)
        or phrase("facts.no_invite"),
        "lock": phrase("facts.locked", locked_on=turn.short_date(account.locked_at))
        if account and account.locked_at
        else phrase("facts.no_lock"),
        "locked_on": turn.date(account.locked_at) if account and account.locked_at else nothing,
        "unit": contract.unit_name if contract else nothing,
        "starts_on": turn.date(contract.starts_on) if contract else nothing,
        "ends_on": turn.date(contract.ends_on) if contract and contract.ends_on else nothing,
        "expires_on": turn.date(invite.expires_at) if invite else nothing,
        "typed_code": codes[invite.id] if invite else nothing,
    }
    return content, facts


def _difference(compared: str | None, where: str | None, contact_email: str, login: str) -> str:
    if compared is None:
        return ""
    return phrase(
        f"difference.{compared}",
        where=phrase(f"where.{where}") if where else "",
        ours=contact_email.rpartition("@")[2],
        theirs=login.rpartition("@")[2],
    )


def _contract_line(contract: dict[str, Any]) -> str:
    form = "active_until" if contract["status"] == "active" and contract["ends_on"] else contract["status"]
    return phrase(f"contract.{form}", **contract)
