"""Tenants' wishes for a reactivation: told to the administrator on entering, granted with one click."""

from __future__ import annotations

import json

from rasa_sdk.events import SlotSet

from actions.accounts.interface import ReactivationRefused
from actions.accounts.records import Tenancy
from actions.base import PortiereAction
from actions.customers import company_of
from actions.invite_codes import format_code
from actions.invites import invite_status
from actions.phrases import phrase
from actions.reactivation import reactivate, say_reactivated
from actions.turn import Event, Turn

_BUTTONS = 10


class ActionListRequests(PortiereAction):
    """Says who asked for a reactivation."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_requests"

    def answer(self, turn: Turn) -> list[Event]:
        """Say how many wishes are open and from whom, with a button for each; nothing if there are none."""
        company = company_of(turn)
        wishes = self.services.conversations.open_reactivations(company)
        asked_at = {wish.invite_id: wish.created_at for wish in reversed(wishes)}
        rows = self.services.accounts.invites(company, list(asked_at)) if asked_at else []
        rows = [row for row in rows if row.invite and invite_status(row.invite, turn.now) == "expired"]
        rows = sorted(rows, key=lambda row: asked_at[row.invite.id] if row.invite else turn.now)
        if not rows:
            return []
        said = [
            phrase(
                "line.request" if row.invite.unit_name else "line.request_without_unit",
                name=row.contact.name,
                unit=row.invite.unit_name,
                asked_on=turn.short_date(asked_at[row.invite.id]),
            )
            for row in rows
            if row.invite
        ]
        response = "utter_requests" if len(rows) > 1 else "utter_request"
        buttons = [_button(row) for row in rows[:_BUTTONS]]
        content = {
            "kind": "requests",
            "requests": [
                {
                    "name": row.contact.name,
                    "unit": row.invite.unit_name,
                    "asked_on": turn.short_date(asked_at[row.invite.id]),
                    **(buttons[index] if index < _BUTTONS else {}),
                }
                for index, row in enumerate(rows)
                if row.invite
            ],
        }
        turn.say(response, count=len(rows), rows="\n".join(said), buttons=buttons, json_message=content)
        return []


def _button(row: Tenancy) -> dict[str, str]:
    invite = row.invite
    title = "button.reactivate_at" if invite and invite.unit_name else "button.reactivate"
    return {
        "title": phrase(title, name=row.contact.name, unit=invite.unit_name if invite else ""),
        "payload": "/inform" + json.dumps({"request": invite.id if invite else ""}),
    }


class ActionGrantRequest(PortiereAction):
    """Reactivates the invite that a tenant asked for, at the press of a button."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_grant_request"

    def answer(self, turn: Turn) -> list[Event]:
        """Reactivate, mark the wish as done, have the tenant told by mail; a second press changes nothing more."""
        company = company_of(turn)
        rows = self.services.accounts.invites(company, [turn.entity("request") or ""])
        if not rows or rows[0].invite is None:
            return [SlotSet("reactivation", "unknown")]
        invite = rows[0].invite
        try:
            results = reactivate(turn, self.services, [invite.id])
        except ReactivationRefused:
            results = []
        if not results:
            return [
                SlotSet("reactivation", invite_status(invite, turn.now)),  # used or revoked in the meantime
                SlotSet("typed_code", turn.reference("codice", format_code(invite.code))),
                SlotSet("used_on", turn.date(invite.used_at) if invite.used_at else None),
            ]
        say_reactivated(turn, rows[0], results[0].expires_at)
        return [
            SlotSet("reactivation", "done"),
            SlotSet("customer", rows[0].contact.id),
            SlotSet("customer_name", rows[0].contact.name),
            SlotSet("typed_code", turn.reference("codice", format_code(invite.code))),
            SlotSet("expires_on", turn.date(results[0].expires_at)),
        ]
