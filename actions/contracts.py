"""Contracts: a unit is visible in the portal only while its contract is active."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from rasa_sdk.events import SlotSet

from actions.accounts.records import Contract
from actions.base import PortiereAction
from actions.interruptions import told
from actions.invites import company_facts, find_invite, known_code, no_company, unknown_code
from actions.turn import Event, Turn

ContractStatus = Literal["active", "not_started", "ended", "none"]

_MOST_TELLING: tuple[ContractStatus, ...] = ("active", "not_started", "ended")


def contract_status(contract: Contract | None, today: date) -> ContractStatus:
    """The finding for a contract; its first and its last day belong to it."""
    if contract is None:
        return "none"
    if today < contract.starts_on:
        return "not_started"
    if contract.ends_on is not None and contract.ends_on < today:
        return "ended"
    return "active"


def telling_contract(contracts: Sequence[Contract], today: date) -> Contract | None:
    """The contract that explains what a person sees: an active one, else the next to start, else the last to end."""
    if not contracts:
        return None

    def rank(contract: Contract) -> tuple[int, int]:
        status = contract_status(contract, today)
        last_day = contract.ends_on or date.max
        nearness = contract.starts_on.toordinal() if status == "not_started" else -last_day.toordinal()
        return _MOST_TELLING.index(status), nearness

    return min(contracts, key=rank)


class ActionCheckContract(PortiereAction):
    """Says whether there is an active contract, as far as the proof in this conversation allows."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_check_contract"

    def answer(self, turn: Turn) -> list[Event]:
        """By account if the person is known; by code otherwise, and then only from when the contract runs."""
        if turn.speaker.account_id is not None:
            return [*self._of_account(turn, turn.speaker.account_id), *told(turn, "contract")]
        return [*self._of_code(turn), *told(turn, "contract")]

    def _of_account(self, turn: Turn, account_id: str) -> list[Event]:
        accounts = self.services.accounts
        contract = telling_contract(accounts.contracts_of_account(account_id), self.services.today())
        companies = [accounts.company(contract.company)] if contract else accounts.companies_of_account(account_id)
        status = contract_status(contract, self.services.today())
        has_known_end = status == "active" and contract is not None and contract.ends_on is not None
        return [
            *(company_facts(companies[0], None) if companies else no_company()),
            *_dates(turn, contract),
            SlotSet("contract_status", status),
            SlotSet("contract_answer", "active_until" if has_known_end else status),
        ]

    def _of_code(self, turn: Turn) -> list[Event]:
        invite = find_invite(turn, self.services)
        if invite is None:
            return [
                *unknown_code(turn),
                SlotSet("contract_status", None),
                SlotSet("contract_answer", "unknown_code"),
            ]
        accounts = self.services.accounts
        contract = accounts.contract(invite.contract_id) if invite.contract_id else None
        status = contract_status(contract, self.services.today())
        # A code proves a right to the start date and no more: whether a contract has ended since stays untold.
        told = status if status in ("not_started", "none") else None
        return [
            *known_code(turn, invite, accounts.company(invite.company)),
            SlotSet("starts_on", turn.date(contract.starts_on) if contract else None),
            SlotSet("contract_status", told),
            SlotSet("contract_answer", told or "started"),
        ]


def _dates(turn: Turn, contract: Contract | None) -> list[Event]:
    """Slots for a contract's start, end and unit."""
    if contract is None:
        return []
    return [
        SlotSet("starts_on", turn.date(contract.starts_on)),
        SlotSet("ends_on", turn.date(contract.ends_on) if contract.ends_on else None),
        SlotSet("unit", contract.unit_name),
    ]
