"""One look at a whole property, or at all of a company's: who is not registered, what runs out."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import ClassVar

from actions.accounts.records import PropertySearch, Tenancy
from actions.base import PortiereAction
from actions.customers import company_of
from actions.invite_codes import format_code
from actions.invites import invite_status
from actions.periods import Period, find_period
from actions.phrases import phrase
from actions.tables import lines, table
from actions.turn import Event, Turn

_MOST_ROWS = 500
_OFFERED = 3


class _ListOfProperty(PortiereAction, abc.ABC):
    """Answers with a table, for the property that the message names or for all; says so if there is nothing."""

    listing: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    default_period: ClassVar[str] = "this_month"

    def answer(self, turn: Turn) -> list[Event]:
        """Look the property up, then its rows."""
        company = company_of(turn)
        where = self.services.accounts.search_properties(company, turn.text)
        if where.is_named and not where.properties:
            self._say_unknown_property(turn, where)
            return []
        period = find_period(turn.text, turn.today, self.default_period)
        found = self.rows(turn, company, where, period)
        cells = self.cells(turn, found)
        place = ", ".join(entry.address for entry in where.properties)
        values = {
            "place": phrase("place.at", addresses=place) if place else phrase("place.company"),
            "period": period.name,
            "count": len(cells),
            "rows": lines(cells),
        }
        if not cells:
            turn.say(f"utter_{self.listing}_none", **values)
            return []
        turn.say(f"utter_{self.listing}", json_message=table(self.listing, self.columns, cells, turn.today), **values)
        return []

    @abc.abstractmethod
    def rows(self, turn: Turn, company: str, where: PropertySearch, period: Period) -> Sequence[Tenancy]:
        """What belongs in the table."""

    @abc.abstractmethod
    def cells(self, turn: Turn, rows: Sequence[Tenancy]) -> list[list[str]]:
        """The texts of the table, in the order of ``columns``."""

    def _say_unknown_property(self, turn: Turn, where: PropertySearch) -> None:
        addresses = ", ".join(entry.address for entry in where.nearest[:_OFFERED])
        if addresses:
            turn.say("utter_property_nearest", addresses=addresses)
        else:
            turn.say("utter_property_not_found")


class ActionListUnregistered(_ListOfProperty):
    """Who has no account yet."""

    listing = "unregistered"
    columns = ("name", "unit", "role", "invite", "expires_on")

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_unregistered"

    def rows(self, turn: Turn, company: str, where: PropertySearch, period: Period) -> Sequence[Tenancy]:
        """Contacts without an account."""
        return self.services.accounts.unregistered(company, where, turn.today, _MOST_ROWS)

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
    """Which invites will expire before they are used."""

    listing = "expiring_invites"
    columns = ("name", "unit", "code", "expires_on")
    default_period = "this_week"

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_expiring_invites"

    def rows(self, turn: Turn, company: str, where: PropertySearch, period: Period) -> Sequence[Tenancy]:
        """Open invites that expire within the period, from now on."""
        zone = self.services.zone
        begin = datetime.combine(period.first, time(), zone) - timedelta(microseconds=1)
        end = datetime.combine(period.last + timedelta(days=1), time(), zone) - timedelta(microseconds=1)
        return self.services.accounts.open_invites(company, where, max(begin, turn.now), end, _MOST_ROWS)

    def cells(self, turn: Turn, rows: Sequence[Tenancy]) -> list[list[str]]:
        """Who, where, which code, until when."""
        invites = [row.invite for row in rows if row.invite]
        codes = turn.references([("codice", format_code(invite.code)) for invite in invites])
        return [
            [row.contact.name, invite.unit_name or "", code, turn.short_date(invite.expires_at)]
            for row, invite, code in zip(rows, invites, codes, strict=True)
        ]


class ActionListEndingContracts(_ListOfProperty):
    """Whose contract ends within a span of days."""

    listing = "ending_contracts"
    columns = ("name", "unit", "role", "ends_on", "account")

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_list_ending_contracts"

    def rows(self, turn: Turn, company: str, where: PropertySearch, period: Period) -> Sequence[Tenancy]:
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
