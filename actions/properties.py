"""One look at a whole property, or at all of a company's: who is not registered, what runs out."""

from __future__ import annotations

import abc
import re
from collections.abc import Sequence
from typing import ClassVar

from actions.accounts.names import fold
from actions.accounts.records import PropertySearch, Tenancy, TenancyList
from actions.base import PortiereAction
from actions.customers import company_of
from actions.expired_invites import COLUMNS, expired_period, invite_cells, moments_of
from actions.invite_states import invite_status
from actions.periods import Period, find_period
from actions.phrases import phrase
from actions.tables import count_of, lines, table
from actions.turn import Event, Turn

_MOST_ROWS = 500
_OFFERED = 3
_UNITS_NAMED = 20
_EXPIRED = re.compile(r"\bscadut[ieoa]\b")
_EXPIRING = re.compile(r"\b(?:scad(?:e|ono|ranno|ra|ere)|(?:in|di) scadenza)\b")


def say_unknown_property(turn: Turn, where: PropertySearch) -> None:
    """Say that a place is not on file, and what comes nearest to it."""
    addresses = ", ".join(entry.address for entry in where.nearest[:_OFFERED])
    if where.nearest_units:
        units = ", ".join(where.nearest_units[:_UNITS_NAMED])
        more = len(where.nearest_units) - _UNITS_NAMED
        turn.say(
            "utter_property_unit_not_found",
            addresses=addresses,
            units=phrase("unit.and_more", units=units, count=more) if more > 0 else units,
        )
    elif addresses:
        turn.say("utter_property_nearest", addresses=addresses)
    else:
        turn.say("utter_property_not_found")


def place_name(where: PropertySearch) -> str:
    """How the places of a list are called in its sentence; nothing for the whole company."""
    addresses = ", ".join(entry.address for entry in where.properties)
    return phrase("place.at", addresses=addresses) if addresses else phrase("place.company")


class _ListOfProperty(PortiereAction, abc.ABC):
    """Answers with a table, for the property that the message names or for all; says so if there is nothing."""

    listing: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    default_period: ClassVar[str] = "this_month"

    def answer(self, turn: Turn) -> list[Event]:
        """Look the property up, then its rows."""
        company, listing = company_of(turn), self.listing_of(turn)
        where = self.services.accounts.search_properties(company, turn.text)
        if where.is_named and not where.properties:
            say_unknown_property(turn, where)
            return []
        period = self.period_of(turn)
        if period.is_unread:
            turn.say("utter_period_unread", period=period.name)
        found = self.rows(turn, company, where, period)
        cells = self.cells(turn, found.rows)
        values = {
            "place": place_name(where),
            "period": period.name,
            "count": count_of(len(cells), found.total),
            "rows": lines(cells),
        }
        if not cells:
            turn.say(f"utter_{listing}_none", **values)
            return []
        content = table(listing, self.columns, cells, turn.today, found.total)
        turn.say(f"utter_{listing}", json_message=content, **values)
        return []

    def listing_of(self, _turn: Turn) -> str:
        """Which list is meant."""
        return self.listing

    def period_of(self, turn: Turn) -> Period:
        """Which days are meant."""
        return find_period(turn.text, turn.today, self.default_period)

    @abc.abstractmethod
    def rows(self, turn: Turn, company: str, where: PropertySearch, period: Period) -> TenancyList:
        """What belongs in the table."""

    @abc.abstractmethod
    def cells(self, turn: Turn, rows: Sequence[Tenancy]) -> list[list[str]]:
        """The texts of the table, in the order of ``columns``."""


class ActionListUnregistered(_ListOfProperty):
    """Who has no account yet."""

    listing = "unregistered"
    columns = ("name", "unit", "role", "invite", "expires_on")

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_unregistered"

    def period_of(self, turn: Turn) -> Period:
        """The usual one: whoever is not registered now is meant, whatever days are said."""
        return find_period("", turn.today, self.default_period)

    def rows(self, turn: Turn, company: str, where: PropertySearch, period: Period) -> TenancyList:
        """Contacts without an account."""
        return self.services.accounts.unregistered(company, where, turn.today, turn.now, _MOST_ROWS)

    def cells(self, turn: Turn, rows: Sequence[Tenancy]) -> list[list[str]]:
        """Who, where, as what, and what became of their invite."""
        return [
            [
                row.contact.name,
                row.contract.unit_name if row.contract else "",
                phrase(f"role.{row.contract.role}") if row.contract else "",
                phrase(f"invite_state.{invite_status(row.invite, turn.now)}" if row.invite else "invite_state.none"),
                turn.short_date(row.invite.expires_at) if row.invite else "",
            ]
            for row in rows
        ]


class ActionListExpiringInvites(_ListOfProperty):
    """Which invites will expire before they are used; asked about the past, which have expired."""

    listing = "expiring_invites"
    columns = COLUMNS
    default_period = "this_week"

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_expiring_invites"

    def listing_of(self, turn: Turn) -> str:
        """What has expired is another list than what will."""
        text = fold(turn.text)
        return "expired_invites" if _EXPIRED.search(text) and not _EXPIRING.search(text) else self.listing

    def period_of(self, turn: Turn) -> Period:
        """Which days are meant; of the past, all if none are said."""
        is_past = self.listing_of(turn) == "expired_invites"
        return expired_period(turn.text, turn.today) if is_past else super().period_of(turn)

    def rows(self, turn: Turn, company: str, where: PropertySearch, period: Period) -> TenancyList:
        """Open invites that expire within the period, from now on; or those that have expired in it."""
        after, until = moments_of(period, self.services.zone)
        if self.listing_of(turn) == "expired_invites":
            until = min(until, turn.now)
            return self.services.accounts.expired_invites(company, where, turn.today, after, until, _MOST_ROWS)
        return self.services.accounts.open_invites(company, where, max(after, turn.now), until, _MOST_ROWS)

    def cells(self, turn: Turn, rows: Sequence[Tenancy]) -> list[list[str]]:
        """Who, where, which code, until when."""
        return invite_cells(turn, rows)


class ActionListEndingContracts(_ListOfProperty):
    """Whose contract ends within a span of days."""

    listing = "ending_contracts"
    columns = ("name", "unit", "role", "ends_on", "account")

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_ending_contracts"

    def rows(self, turn: Turn, company: str, where: PropertySearch, period: Period) -> TenancyList:
        """Contracts whose last day lies in the period."""
        return self.services.accounts.ending_contracts(company, where, period.first, period.last, _MOST_ROWS)

    def cells(self, turn: Turn, rows: Sequence[Tenancy]) -> list[list[str]]:
        """Who, where, as what, until when, and whether they have an account."""
        return [
            [
                row.contact.name,
                row.contract.unit_name,
                phrase(f"role.{row.contract.role}"),
                turn.short_date(row.contract.ends_on) if row.contract.ends_on else "",
                phrase("account.yes" if row.has_account else "account.no"),
            ]
            for row in rows
            if row.contract
        ]
