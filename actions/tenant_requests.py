"""Tenants' wishes for a reactivation: told to the administrator on entering, granted with one click."""

from __future__ import annotations

import json
from typing import Any

from rasa_sdk.events import SlotSet

from actions.accounts.interface import ReactivationRefused
from actions.base import PortiereAction
from actions.customers import company_of
from actions.open_requests import OpenRequest, open_requests
from actions.phrases import phrase
from actions.reactivation import facts_of, reactivate, say_reactivated
from actions.turn import Event, Turn

_AT_ONCE = 10


class ActionListRequests(PortiereAction):
    """Says who asked for a reactivation."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_requests"

    def answer(self, turn: Turn) -> list[Event]:
        """Say how many wishes are open and from whom, ten at a time, with a button for each; of none only if asked."""
        requests = open_requests(self.services.accounts, self.services.conversations, turn.now, company_of(turn))
        after = int(turn.entity("requests_after") or 0)
        page = [entry for entry in requests if entry.id > after][:_AT_ONCE] or requests[:_AT_ONCE]
        if not page:
            if not turn.is_opening:
                turn.say("utter_requests_none")
            return []
        shown = [_shown(entry, turn.short_date(entry.asked_at)) for entry in page]
        first = requests.index(page[0]) + 1
        last = first + len(page) - 1
        more = _more(page[-1].id, len(requests) - last) if last < len(requests) else None
        content = {
            "kind": "requests",
            "requests": shown,
            "first": first,
            "last": last,
            "total": len(requests),
            **({"more": more} if more else {}),
        }
        turn.say(
            _response(len(requests), len(page)),
            count=len(requests),
            first=first,
            last=last,
            rows="\n".join(_line(entry) for entry in shown),
            buttons=[
                *({"title": entry["title"], "payload": entry["payload"]} for entry in shown),
                *([more] if more else []),
            ],
            json_message=content,
        )
        return []


def _response(total: int, shown: int) -> str:
    if shown < total:
        return "utter_requests_page"
    return "utter_requests" if total > 1 else "utter_request"


def _shown(entry: OpenRequest, asked_on: str) -> dict[str, Any]:
    """A wish as a page draws it, with what its button sends."""
    name, unit = entry.tenancy.contact.name, entry.invite.unit_name
    return {
        "name": name,
        "unit": unit,
        "asked_on": asked_on,
        "title": phrase("button.reactivate_at" if unit else "button.reactivate", name=name, unit=unit),
        "payload": "/inform" + json.dumps({"request": entry.invite.id}),
    }


def _line(entry: dict[str, Any]) -> str:
    return phrase("line.request" if entry["unit"] else "line.request_without_unit", **entry)


def _more(after: int, count: int) -> dict[str, str]:
    """The button that shows the next wishes."""
    return {
        "title": phrase("button.more_requests", count=count),
        "payload": "/list_requests" + json.dumps({"requests_after": str(after)}),
    }


class ActionGrantRequest(PortiereAction):
    """Reactivates the invite that a tenant asked for, at the press of a button."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_grant_request"

    def answer(self, turn: Turn) -> list[Event]:
        """Reactivate, mark the wish as done, have the tenant told by mail; a second press changes nothing more."""
        company = company_of(turn)
        wished = turn.entity("request") or ""
        try:
            (result,) = reactivate(turn, self.services, [wished])
        except ReactivationRefused:
            return [SlotSet("reactivation", "unknown")]
        (row,) = self.services.accounts.invites(company, [wished])
        if result.hindrance:
            return [SlotSet("reactivation", result.hindrance), *facts_of(turn, row)]
        say_reactivated(turn, row, result.expires_at)
        # Whoever has no address on file gets no mail.
        return [SlotSet("reactivation", "done" if row.contact.email else "done_untold"), *facts_of(turn, row)]
