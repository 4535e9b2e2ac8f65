"""Which customer an administrator means: a search within their own company."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from rasa_sdk.events import SlotSet

from actions.accounts.records import ContactQuery, ContactSearch, FoundContact
from actions.base import PortiereAction
from actions.phrases import phrase
from actions.turn import Event, Turn

SearchFinding = Literal["no_contact", "several_contacts"]

_OFFERED = 5
_BARE_NAME = 3  # words at most
# What a search finds wrong by itself; where one contact is meant, the diagnosis has the findings.
_FINDINGS: dict[str, SearchFinding] = {
    "several": "several_contacts",
    "nearest": "no_contact",
    "unknown": "no_contact",
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


def search_customer(turn: Turn) -> ContactSearch:
    """The contacts of the administrator's company that the latest message means."""
    return turn.accounts.search_contacts(company_of(turn), customer_query(turn), _OFFERED)


def is_certain(search: ContactSearch) -> bool:
    """Whether a search came to exactly one contact, and by more than a guess."""
    return len(search.contacts) == 1 and not search.is_near


def choices(found: Sequence[FoundContact], intent: str) -> list[dict[str, str]]:
    """A button for each contact; namesakes are told apart by their unit."""
    return [
        {
            "title": phrase("button.customer", name=entry.contact.name, unit=entry.unit_names[0])
            if entry.unit_names
            else entry.contact.name,
            "payload": f"/{intent}" + json.dumps({"customer": entry.contact.id}),
        }
        for entry in found
    ]


class ActionFindCustomer(PortiereAction):
    """Finds the contacts that a message may mean, within the administrator's company."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_find_customer"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `customer_match`, and `customer` if exactly one contact is meant; several become buttons."""
        company = company_of(turn)
        if turn.gives("customer"):
            chosen = turn.entity("customer") or ""
            is_own = self.services.accounts.customer(company, chosen) is not None
            return _match("found", chosen) if is_own else _match("unknown")
        search = search_customer(turn)
        if is_certain(search):
            return _match("found", search.contacts[0].contact.id)
        if search.contacts:
            offer(turn, search)
            return _match("nearest" if search.is_near else "several")
        is_named = search.names_somebody or turn.slot("customer_query")
        return _match("unknown" if is_named else "unnamed")


class ActionRecognizeCustomer(PortiereAction):
    """Looks whether a message that asks for nothing clear names a customer: "chi è Bianchi?", "Sara"."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_recognize_customer"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `customer_match` to `found` or `several`; to `nearest` for a bare name, else to `unnamed` for a guess."""
        search = search_customer(turn)
        if is_certain(search):
            return _match("found", search.contacts[0].contact.id)
        is_bare = len(turn.text.split()) <= _BARE_NAME
        if search.contacts and (is_bare or not search.is_near):
            offer(turn, search)
            return _match("nearest" if search.is_near else "several")
        return [SlotSet("customer_match", "unnamed")]


def offer(turn: Turn, search: ContactSearch) -> None:
    """Say that a search did not come to one contact, with a button for each that may be meant."""
    several = "utter_customer_many" if search.has_more else "utter_customer_several"
    response = "utter_customer_nearest" if search.is_near else several
    turn.say(response, buttons=choices(search.contacts, "inform"))


def _match(match: str, customer: str | None = None) -> list[Event]:
    finding = _FINDINGS.get(match)
    return [
        SlotSet("customer_match", match),
        SlotSet("customer", customer),
        SlotSet("customer_query", None),
        SlotSet("findings", [finding] if finding else None),
    ]
