"""The staff channel's question "why can't my customer get in?": who is meant, and what is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rasa_sdk.events import SlotSet

from actions.accounts.records import Contact, ContactQuery, CustomerRecord, Invite
from actions.base import PortiereAction
from actions.contracts import telling_contract
from actions.diagnosis import Finding, diagnose
from actions.turn import Event, Turn

_OFFERED = 5
_NOTHING = "—"

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


class NotAdministrator(Exception):
    """A staff action was reached without a staff token: a fault in the rules, never something to answer."""


def company_of(turn: Turn) -> str:
    """The company of the administrator who speaks, from the staff token alone."""
    if not turn.speaker.is_administrator or turn.speaker.company is None:
        raise NotAdministrator
    return turn.speaker.company


def customer_query(turn: Turn) -> ContactQuery:
    """What the latest message says about a customer: free words, an address, a code."""
    return ContactQuery(
        text=turn.slot("customer_query") or turn.text,
        email=turn.value("email") if turn.gives("email") else None,
        code=turn.value("invite_code") if turn.gives("invite_code") else None,
    )


class ActionFindCustomer(PortiereAction):
    """Finds the contacts that a message may mean, within the administrator's company."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_find_customer"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `customer_match`, and `customer` if exactly one contact is meant; several become buttons."""
        company = company_of(turn)
        accounts = self.services.accounts
        if turn.gives("customer"):
            chosen = turn.slot("customer")
            return _match("found" if accounts.customer(company, chosen) else "unknown", chosen)
        query = customer_query(turn)
        contacts = accounts.search_contacts(company, query, _OFFERED)
        if len(contacts) == 1:
            return _match("found", contacts[0].id)
        if contacts:
            turn.say("utter_customer_several", buttons=[_button(contact) for contact in contacts])
            return _match("several")
        return _match("unknown" if turn.slot("customer_query") or query.email or query.code else "unnamed")


def _match(match: str, customer: str | None = None) -> list[Event]:
    return [SlotSet("customer_match", match), SlotSet("customer", customer), SlotSet("customer_query", None)]


def _button(contact: Contact) -> dict[str, str]:
    return {"title": contact.name, "payload": "/inform" + json.dumps({"customer": contact.id})}


class ActionDiagnoseCustomer(PortiereAction):
    """Says everything that keeps one customer out, each finding with its fix."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_diagnose_customer"

    def answer(self, turn: Turn) -> list[Event]:
        """Say who is meant, then the findings in order."""
        customer = self.services.accounts.customer(company_of(turn), turn.slot("customer") or "")
        if customer is None:
            raise LookupError("the chosen contact is gone")
        findings = diagnose(customer, turn.now, self.services.today())
        facts = self._facts(turn, customer)
        turn.say("utter_diagnosis", **facts)
        for finding in findings:
            turn.say(FINDING_RESPONSES[finding], **facts)
        turn.say("utter_diagnosis_next")
        return [SlotSet("findings", findings), SlotSet("offer", None)]

    def _facts(self, turn: Turn, customer: CustomerRecord) -> dict[str, str]:
        account, contact = customer.account, customer.contact
        contract = telling_contract(customer.contracts, self.services.today())
        invite = latest_invite(customer.invites)
        return {
            "customer_name": contact.name,
            "contact_email": turn.reference("email", contact.email) if contact.email else _NOTHING,
            "login_email": turn.reference("email", account.login) if account else _NOTHING,
            "locked_on": turn.date(account.locked_at) if account and account.locked_at else _NOTHING,
            "starts_on": turn.date(contract.starts_on) if contract else _NOTHING,
            "ends_on": turn.date(contract.ends_on) if contract and contract.ends_on else _NOTHING,
            "expires_on": turn.date(invite.expires_at) if invite else _NOTHING,
        }


def latest_invite(invites: Sequence[Invite]) -> Invite | None:
    """The invite that counts for a customer: the one that expires last."""
    return max(invites, key=lambda invite: invite.expires_at, default=None)
