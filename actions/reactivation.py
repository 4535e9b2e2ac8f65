"""Reactivating an invite: found and confirmed in two steps, by an administrator of the company that sent it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from rasa_sdk.events import SlotSet

from actions.accounts.interface import ReactivationRefused
from actions.accounts.records import Invite
from actions.base import PortiereAction
from actions.customers import company_of, customer_query, latest_invite
from actions.invite_codes import format_code
from actions.invites import invite_status
from actions.turn import Event, Turn

Answer = Literal["ask", "not_needed", "used", "revoked", "unknown", "which", "done"]

VALIDITY = timedelta(days=30)

_ANSWERS: dict[str, Answer] = {"expired": "ask", "valid": "not_needed", "used": "used", "revoked": "revoked"}


def new_expiry(now: datetime) -> datetime:
    """Until when a reactivated invite is valid."""
    return now + VALIDITY


class ActionFindInvite(PortiereAction):
    """Finds the invite that an administrator wants reactivated, and asks before anything changes."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_find_invite"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `reactivation` to what stands in the way, or to `ask`."""
        company = company_of(turn)
        query = customer_query(turn)
        contacts = self.services.accounts.search_contacts(company, query, 2)
        if not contacts and (query.email or query.code):
            return _answer("unknown")
        customer = contacts[0].id if len(contacts) == 1 else turn.slot("customer")
        record = self.services.accounts.customer(company, customer) if customer else None
        if record is None:
            return _answer("which")
        invite = next((i for i in record.invites if i.code == query.normal_code), latest_invite(record.invites))
        if invite is None:
            return _answer("unknown")
        answer = _ANSWERS[invite_status(invite, turn.now)]
        return [
            *_answer(answer, invite if answer == "ask" else None),
            SlotSet("customer", record.contact.id),
            SlotSet("customer_name", record.contact.name),
            SlotSet("unit", invite.unit_name),
            SlotSet("typed_code", turn.reference("codice", format_code(invite.code))),
            SlotSet("expires_on", turn.date(invite.expires_at)),
            SlotSet("used_on", turn.date(invite.used_at) if invite.used_at else None),
            SlotSet("new_expires_on", turn.date(new_expiry(turn.now))),
        ]


class ActionReactivateInvite(PortiereAction):
    """Reactivates the invite that was just confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_reactivate_invite"

    def answer(self, turn: Turn) -> list[Event]:
        """Change the expiry, once per confirmation, with its audit entry."""
        company = company_of(turn)
        invite_id = turn.slot("invite_to_reactivate")
        if invite_id is None or not turn.has_just_said("utter_ask_reactivate_invite"):
            return _answer("unknown")
        try:
            reactivation = self.services.accounts.reactivate_invite(
                invite_id,
                company=company,
                administrator=turn.speaker.subject or "",
                conversation=turn.conversation_id,
                now=turn.now,
                expires_at=new_expiry(turn.now),
            )
        except ReactivationRefused:
            return _answer("unknown")
        return [*_answer("done"), SlotSet("expires_on", turn.date(reactivation.expires_at))]


def _answer(answer: Answer, invite: Invite | None = None) -> list[Event]:
    return [
        SlotSet("reactivation", answer),
        SlotSet("offer", "reactivation" if invite else None),
        SlotSet("invite_to_reactivate", invite.id if invite else None),
    ]
