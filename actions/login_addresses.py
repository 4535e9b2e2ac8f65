"""The address that someone logs in with: how it is written, and whether it is the account's."""

from __future__ import annotations

from typing import Literal

from rasa_sdk.events import SlotSet

from actions.accounts.records import Account
from actions.base import PortiereAction
from actions.email_spelling import EmailCheck, check_spelling, compare
from actions.invite_codes import normalize_code
from actions.invites import find_invite, proof_of_code
from actions.turn import Event, Turn

EmailStatus = Literal["ok", "invalid", "typo", "google_twin", "match", "twin_mismatch", "near_miss", "different"]


def email_status(check: EmailCheck, typed: str, login: str | None) -> EmailStatus:
    """The finding for a typed address: against the address on file if a proof allows that, else from its letters.

    A slip in the typed address comes before "different", since it is the likelier reason; a match comes first.
    """
    if login is None:
        return check.status
    if check.status == "invalid":
        return "invalid"
    compared = compare(typed, login)
    if compared == "different" and check.status == "typo":
        return "typo"
    return compared


class ActionCheckEmail(PortiereAction):
    """Checks a typed address."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_check_email"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `email_status`, with a suggestion or the Google twin where there is one."""
        typed = turn.value("email")
        if typed is None:
            return [SlotSet("email_status", "invalid")]
        check = check_spelling(typed)
        account, proof = self._account(turn)
        status = email_status(check, typed, account.login if account else None)
        return [
            *proof,
            SlotSet("email_status", status),
            SlotSet("email_suggestion", turn.reference("email", check.suggestion) if check.suggestion else None),
            SlotSet("email_twin", turn.reference("email", check.twin) if check.twin else None),
            SlotSet("topic", "email"),
            *([SlotSet("recovery", None)] if turn.slot("recovery") == "doubtful" else []),
            SlotSet("offer", "recovery" if account is None and status in ("ok", "google_twin") else None),
        ]

    def _account(self, turn: Turn) -> tuple[Account | None, list[Event]]:
        """The account that the person has proven a right to compare with: their own, or the one behind their code.

        With it, what a code proves.
        """
        accounts = self.services.accounts
        if turn.speaker.account_id is not None:
            return accounts.account(turn.speaker.account_id), []
        invite = find_invite(turn, self.services)
        if invite is None:
            return None, []
        # A guess at the address on file: counted whether or not there is one, and how near it comes.
        code = normalize_code(turn.value("invite_code") or "")
        guess = f"{code} {turn.value('email')}"
        self.services.attempts.count(
            "code", turn.conversation_id, turn.speaker.client, f"address of {code}", guess=guess
        )
        account = accounts.account(invite.used_by) if invite.used_by else None
        return account, proof_of_code(turn)


class ActionCheckAccount(PortiereAction):
    """Tells a person who has proven a right to it about their own account."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_check_account"

    def answer(self, turn: Turn) -> list[Event]:
        """Name the exact login address, and whether the account is locked."""
        account = self.services.accounts.account(turn.speaker.account_id or "")
        if account is None:
            raise LookupError("the proven account is gone")
        return [
            SlotSet("login_email", turn.reference("email", account.login)),
            SlotSet("is_locked", account.locked_at is not None),
            SlotSet("locked_on", turn.date(account.locked_at) if account.locked_at else None),
            SlotSet("topic", "email"),
        ]
