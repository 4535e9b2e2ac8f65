"""Who a person's administrator is."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.base import PortiereAction
from actions.interruptions import told
from actions.invites import company_facts, find_invite, known_code, unknown_code
from actions.turn import Event, Turn


class ActionFindAdministrator(PortiereAction):
    """Names the company and colleague behind a code or an account."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_find_administrator"

    def answer(self, turn: Turn) -> list[Event]:
        """Set the company's contact data."""
        accounts = self.services.accounts
        topic = told(turn, "administrator")
        if turn.speaker.account_id is not None:
            companies = accounts.companies_of_account(turn.speaker.account_id)
            if companies:
                return [*company_facts(companies[0], None), SlotSet("administrator_known", True), *topic]
        invite = find_invite(turn, self.services)
        if invite is None:
            return [*unknown_code(turn), SlotSet("administrator_known", False), *topic]
        company = accounts.company(invite.company)
        return [*known_code(turn, invite, company), SlotSet("administrator_known", True), *topic]
