"""Reactivating invites: found and confirmed in two steps, by an administrator of the company that sent them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from rasa_sdk.events import SlotSet

from actions.accounts.interface import ReactivationRefused
from actions.accounts.names import first_name
from actions.accounts.records import (
    Confirmation,
    Contact,
    ContactSearch,
    Invite,
    PropertySearch,
    Reactivation,
    Tenancy,
    TenancyList,
)
from actions.base import PortiereAction
from actions.chosen_invites import Chosen, chosen_invites
from actions.customers import choices, company_of, customer_query, is_certain, search_customer
from actions.expired_invites import COLUMNS, invite_cells, moments_of, period_of_expired
from actions.invite_codes import format_code
from actions.invite_states import invite_status, telling_invite
from actions.phrases import phrase
from actions.properties import place_name, say_unknown_property
from actions.reactivation_wishes import makes_exception, means_many
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
    "no_exceptions",
    "no_such_property",
    "done",
    "done_several",
    "done_in_part",
    "none_left",
    "refused",
]

VALIDITY = timedelta(days=30)

_ANSWERS: dict[str, Answer] = {"expired": "ask", "valid": "not_needed", "used": "used", "revoked": "revoked"}
_MOST_AT_ONCE = 100
_CONFIRMED_BY = (
    "utter_ask_reactivate_invite",
    "utter_ask_reactivate_invites",
    "utter_ask_reactivate_first_invites",
)


def new_expiry(now: datetime) -> datetime:
    """Until when a reactivated invite is valid."""
    return now + VALIDITY


def reactivate(turn: Turn, services: Services, invite_ids: Sequence[str]) -> Sequence[Reactivation]:
    """Set the new expiry of invites of the speaker's company, and have the tenants told who asked for it.

    What became of each; `ReactivationRefused` if one of them is not of the company, or not there any more.
    """
    company = company_of(turn)
    confirmation = Confirmation(
        company=company,
        administrator=turn.administrator,
        conversation=turn.conversation_id,
        now=turn.now,
        expires_at=new_expiry(turn.now),
    )
    results = services.accounts.reactivate_invites(invite_ids, confirmation)
    done = [result.invite_id for result in results if result.hindrance is None]
    services.conversations.close_reactivations(company, done, turn.now)
    return results


def say_reactivated(turn: Turn, row: Tenancy, expires_at: datetime) -> None:
    """Say a text for the customer whose invite is valid again."""
    if row.invite is not None:
        turn.say(
            "utter_copy_reactivated",
            first_name=first_name(row.contact.name),
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
        if makes_exception(turn.text):
            return _answer("no_exceptions")
        chosen = chosen_invites(turn)
        if chosen is not None:
            return self._of_chosen(turn, chosen)
        query = customer_query(turn)
        has_value = query.email is not None or query.code is not None
        place = self.services.accounts.search_properties(company, query.text)
        is_bulk = not has_value and means_many(turn.text)
        search = ContactSearch((), False, False, False) if is_bulk and place.is_named else search_customer(turn)
        if is_certain(search):
            return self._of_customer(turn, search.contacts[0].contact.id)
        if is_bulk and (place.is_named or not search.names_somebody):
            return self._of_place(turn, place)
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
        if code is None and means_many(turn.text):
            expired = [invite for invite in record.invites if invite_status(invite, turn.now) == "expired"]
            rows = [Tenancy(record.contact, record.account is not None, None, invite) for invite in expired]
            if len(rows) > 1:
                return self._ask_for(turn, TenancyList(rows, len(rows)))
        telling = telling_invite(record.invites, turn.now, wanted="expired")
        invite = next((i for i in record.invites if i.code == code), telling)
        return _answer("unknown") if invite is None else self._of_invite(turn, record.contact, invite)

    @staticmethod
    def _of_invite(turn: Turn, contact: Contact, invite: Invite) -> list[Event]:
        answer = _ANSWERS[invite_status(invite, turn.now)]
        return [
            *_answer(answer, [invite] if answer == "ask" else []),
            SlotSet("customer", contact.id),
            SlotSet("customer_name", contact.name),
            SlotSet("unit", invite.unit_name or "—"),
            SlotSet("typed_code", turn.reference("codice", format_code(invite.code))),
            SlotSet("expires_on", turn.date(invite.expires_at)),
            SlotSet("used_on", turn.date(invite.used_at) if invite.used_at else None),
            SlotSet("new_expires_on", turn.date(new_expiry(turn.now))),
        ]

    def _of_chosen(self, turn: Turn, chosen: Chosen) -> list[Event]:
        if chosen.left_out:
            turn.say("utter_reactivate_left_out", rows="\n".join(chosen.left_out))
        if not chosen.expired:
            return _answer("none_expired")
        return self._ask_for(turn, TenancyList(chosen.expired, len(chosen.expired)))

    def _of_place(self, turn: Turn, place: PropertySearch) -> list[Event]:
        """What has expired at a place, or everywhere, within the days that are said."""
        if place.is_named and not place.properties:
            say_unknown_property(turn, place)
            return _answer("no_such_property")
        period = period_of_expired(turn.text, turn.today)
        if period.is_unread:
            turn.say("utter_period_unread", period=period.name)
        after, until = moments_of(period, self.services.zone)
        expired = self.services.accounts.expired_invites(
            company_of(turn), place, turn.today, after, min(until, turn.now), _MOST_AT_ONCE
        )
        said = {"period": period.name, "place": place_name(place)}
        if not expired.rows:
            turn.say("utter_reactivate_none_expired", **said)
            return _answer("none_expired")
        return self._ask_for(turn, expired, **said)

    def _ask_for(self, turn: Turn, expired: TenancyList, **said: str) -> list[Event]:
        invites = [row.invite for row in expired.rows if row.invite]
        if len(invites) == 1:
            return self._of_invite(turn, expired.rows[0].contact, invites[0])
        cells = invite_cells(turn, expired.rows)
        turn.say(
            "utter_ask_reactivate_first_invites" if expired.total > len(invites) else "utter_ask_reactivate_invites",
            json_message=table("expired_invites", COLUMNS, cells, turn.today, expired.total),
            **{"period": phrase("period.so_far"), "place": "", **said},
            count=len(invites),
            total=expired.total,
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
            return _answer("refused")
        done = [result for result in results if result.hindrance is None]
        if len(results) > 1:
            return _several_done(turn, done, len(results) - len(done))
        (row,) = self.services.accounts.invites(company, invite_ids)
        if not done:
            return [*_answer(results[0].hindrance or "refused"), *facts_of(turn, row)]
        say_reactivated(turn, row, done[0].expires_at)
        return [*_answer("done"), *facts_of(turn, row)]


def facts_of(turn: Turn, row: Tenancy) -> list[Event]:
    """Slots that say which invite a sentence is about."""
    invite = row.invite
    if invite is None:
        return []
    return [
        SlotSet("customer", row.contact.id),
        SlotSet("customer_name", row.contact.name),
        SlotSet("typed_code", turn.reference("codice", format_code(invite.code))),
        SlotSet("expires_on", turn.date(invite.expires_at)),
        SlotSet("used_on", turn.date(invite.used_at) if invite.used_at else None),
    ]


def _several_done(turn: Turn, done: Sequence[Reactivation], left_out: int) -> list[Event]:
    if not done:
        return _answer("none_left")
    return [
        *_answer("done_in_part" if left_out else "done_several"),
        SlotSet("expires_on", turn.date(done[0].expires_at)),
        SlotSet("reactivated_count", str(len(done))),
        SlotSet("left_out_count", str(left_out)),
    ]


def _answer(answer: Answer, invites: Sequence[Invite] = ()) -> list[Event]:
    return [
        SlotSet("reactivation", answer),
        SlotSet("offer", "reactivation" if invites else None),
        SlotSet("invites_to_reactivate", [invite.id for invite in invites] or None),
    ]
