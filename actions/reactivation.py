"""Reactivating invites: found and confirmed in two steps, by an administrator of the company that sent them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from rasa_sdk.events import SlotSet

from actions.accounts.interface import ReactivationRefused
from actions.accounts.names import fold
from actions.accounts.records import Confirmation, ContactSearch, Invite, Reactivation, Tenancy
from actions.base import PortiereAction
from actions.customer_facts import latest_invite
from actions.customers import choices, company_of, customer_query, is_certain, search_customer
from actions.invite_codes import format_code
from actions.invites import invite_status
from actions.services import Services
from actions.tables import lines, table
from actions.turn import Event, Turn

Answer = Literal[
    "ask",
    "ask_several",
    "not_needed",
    "used",
    "revoked",
    "unknown",
    "which",
    "which_customer",
    "none_expired",
    "no_such_property",
    "done",
    "done_several",
]

VALIDITY = timedelta(days=30)

_ANSWERS: dict[str, Answer] = {"expired": "ask", "valid": "not_needed", "used": "used", "revoked": "revoked"}
_SEVERAL = re.compile(r"\b(?:tutt[ie]|ogni|scadut[ie]|inviti|codici|entrambi)\b")
_MOST_AT_ONCE = 100
_CONFIRMED_BY = ("utter_ask_reactivate_invite", "utter_ask_reactivate_invites")


def new_expiry(now: datetime) -> datetime:
    """Until when a reactivated invite is valid."""
    return now + VALIDITY


def reactivate(turn: Turn, services: Services, invite_ids: Sequence[str]) -> Sequence[Reactivation]:
    """Set the new expiry of invites of the speaker's company, and have the tenants told who asked for it."""
    company = company_of(turn)
    confirmation = Confirmation(
        company=company,
        administrator=turn.speaker.subject or "",
        conversation=turn.conversation_id,
        now=turn.now,
        expires_at=new_expiry(turn.now),
    )
    results = services.accounts.reactivate_invites(invite_ids, confirmation)
    services.conversations.close_reactivations(company, [result.invite_id for result in results], turn.now)
    return results


def say_reactivated(turn: Turn, row: Tenancy, expires_at: datetime) -> None:
    """Say a text for the customer whose invite is valid again."""
    if row.invite is not None:
        turn.say(
            "utter_copy_reactivated",
            first_name=row.contact.name.split()[0],
            typed_code=turn.reference("codice", format_code(row.invite.code)),
            expires_on=turn.date(expires_at),
        )


class ActionFindInvite(PortiereAction):
    """Finds the invites that an administrator wants reactivated, and asks before anything changes."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_find_invite"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `reactivation` to what stands in the way, or to `ask` or `ask_several`."""
        company = company_of(turn)
        if turn.gives("customer"):
            return self._of_customer(turn, turn.entity("customer") or "")
        query = customer_query(turn)
        has_value = query.email is not None or query.code is not None
        place = self.services.accounts.search_properties(company, query.text)
        is_bulk = not has_value and bool(_SEVERAL.search(fold(turn.text)))
        search = ContactSearch((), False, False, False) if is_bulk and place.is_named else search_customer(turn)
        if is_certain(search):
            return self._of_customer(turn, search.contacts[0].contact.id)
        if is_bulk and (place.is_named or not search.names_somebody):
            if place.is_named and not place.properties:
                return _answer("no_such_property")
            rows = self.services.accounts.unregistered(company, place, self.services.today(), _MOST_AT_ONCE * 10)
            return self._several(turn, rows)
        if search.contacts:
            response = "utter_customer_nearest" if search.is_near else "utter_customer_several"
            turn.say(response, buttons=choices(search.contacts, "reactivate_invite"))
            return _answer("which_customer")
        if has_value or search.names_somebody:
            return _answer("unknown")
        return self._of_customer(turn, turn.slot("customer") or "")

    def _of_customer(self, turn: Turn, customer: str) -> list[Event]:
        record = self.services.accounts.customer(company_of(turn), customer) if customer else None
        if record is None:
            return _answer("which")
        code = customer_query(turn).normal_code
        invite = next((i for i in record.invites if i.code == code), latest_invite(record.invites))
        if invite is None:
            return _answer("unknown")
        answer = _ANSWERS[invite_status(invite, turn.now)]
        return [
            *_answer(answer, [invite] if answer == "ask" else []),
            SlotSet("customer", record.contact.id),
            SlotSet("customer_name", record.contact.name),
            SlotSet("unit", invite.unit_name or "—"),
            SlotSet("typed_code", turn.reference("codice", format_code(invite.code))),
            SlotSet("expires_on", turn.date(invite.expires_at)),
            SlotSet("used_on", turn.date(invite.used_at) if invite.used_at else None),
            SlotSet("new_expires_on", turn.date(new_expiry(turn.now))),
        ]

    def _several(self, turn: Turn, rows: Sequence[Tenancy]) -> list[Event]:
        expired = [row for row in rows if row.invite and invite_status(row.invite, turn.now) == "expired"]
        expired = expired[:_MOST_AT_ONCE]
        if not expired:
            return _answer("none_expired")
        if len(expired) == 1:
            return self._of_customer(turn, expired[0].contact.id)
        invites = [row.invite for row in expired if row.invite]
        codes = turn.references([("codice", format_code(invite.code)) for invite in invites])
        cells = [
            [row.contact.name, invite.unit_name or "", code, turn.short_date(invite.expires_at)]
            for row, invite, code in zip(expired, invites, codes, strict=True)
        ]
        turn.say(
            "utter_ask_reactivate_invites",
            json_message=table("expired_invites", ("name", "unit", "code", "expires_on"), cells, turn.today),
            count=len(expired),
            rows=lines(cells),
            new_expires_on=turn.date(new_expiry(turn.now)),
        )
        return _answer("ask_several", invites)


class ActionReactivateInvite(PortiereAction):
    """Reactivates what was just confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_reactivate_invite"

    def answer(self, turn: Turn) -> list[Event]:
        """Change the expiries, once per confirmation, with their audit entries."""
        company = company_of(turn)
        invite_ids = turn.slot("invites_to_reactivate") or []
        if not invite_ids or not any(turn.has_just_said(question) for question in _CONFIRMED_BY):
            return _answer("unknown")
        try:
            results = reactivate(turn, self.services, invite_ids)
        except ReactivationRefused:
            results = []
        if not results:
            return _answer("unknown")
        expires_on = SlotSet("expires_on", turn.date(results[0].expires_at))
        if len(invite_ids) > 1:
            return [*_answer("done_several"), expires_on, SlotSet("reactivated_count", str(len(results)))]
        for row in self.services.accounts.invites(company, invite_ids):
            say_reactivated(turn, row, results[0].expires_at)
        return [*_answer("done"), expires_on]


def _answer(answer: Answer, invites: Sequence[Invite] = ()) -> list[Event]:
    return [
        SlotSet("reactivation", answer),
        SlotSet("offer", "reactivation" if invites else None),
        SlotSet("invites_to_reactivate", [invite.id for invite in invites] or None),
    ]
