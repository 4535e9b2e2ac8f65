"""Invite codes: what became of one, and what can be asked for because of it."""

from __future__ import annotations

from typing import ClassVar, Literal

from rasa_sdk.events import SlotSet

from actions.accounts.records import Company, Invite
from actions.base import PortiereAction
from actions.email_spelling import mailbox_of
from actions.interruptions import told
from actions.invite_codes import ALPHABET, LENGTH, format_code, is_possible, normalize_code
from actions.invite_states import InviteStatus, invite_status
from actions.services import Services
from actions.turn import Event, Turn

CodeShape = Literal["possible", "wrong_length", "wrong_characters"]


def code_shape(code: str) -> CodeShape:
    """Why a normalised code can or cannot exist: its length first, since a wrong length is seen at a glance."""
    if len(code) != LENGTH:
        return "wrong_length"
    return "possible" if set(code) <= set(ALPHABET) else "wrong_characters"


def find_invite(turn: Turn, services: Services) -> Invite | None:
    """The invite whose code the person gave. Each new code is counted, found or not; too many raise
    `TooManyAttempts`.

    To whoever speaks for a company, its own codes are no guesses: they have lists of them.
    """
    typed = turn.value("invite_code")
    if typed is None:
        return None
    code, speaker = normalize_code(typed), turn.speaker
    invite = services.accounts.find_invite(code) if is_possible(code) else None
    if invite and speaker.is_administrator:
        if invite.company == speaker.company:
            return invite
        invite = None  # whoever speaks for one company learns nothing of another's codes
    services.attempts.count("code", turn.conversation_id, speaker.client, code, guess=code)
    return invite


def unknown_code(turn: Turn) -> list[Event]:
    """Events for a code that does not exist; the slot is emptied, so that the next code counts."""
    typed = turn.value("invite_code") or ""
    return [
        SlotSet("invite_status", "unknown"),
        SlotSet("code_shape", code_shape(normalize_code(typed))),
        SlotSet("typed_code", turn.slot("invite_code")),
        SlotSet("invite_code", None),
    ]


def known_code(turn: Turn, invite: Invite, company: Company) -> list[Event]:
    """Events for a code that exists: possession of it proves the tier `code`, and names who sent it."""
    return [
        *proof_of_code(turn),
        SlotSet("invite_status", invite_status(invite, turn.now)),
        SlotSet("typed_code", turn.reference("codice", format_code(invite.code))),
        *company_facts(company, invite.sent_by_name),
    ]


def proof_of_code(turn: Turn) -> list[Event]:
    """The tier `code` for somebody who has given a code that exists and proven nothing more."""
    return [SlotSet("tier", "code")] if turn.speaker.tier == "anonymous" else []


def company_facts(company: Company, sender: str | None) -> list[Event]:
    """Slots that say how the company that sent an invite is reached."""
    return [
        SlotSet("company_name", company.name),
        SlotSet("company_phone", company.phone),
        SlotSet("company_email", company.email),
        SlotSet("sender", sender or company.name),
    ]


def no_company() -> list[Event]:
    """Empties what `company_facts` sets: nobody manages anything for this account any more."""
    return [SlotSet(name, None) for name in ("company_name", "company_phone", "company_email", "sender")]


class ActionCheckInvite(PortiereAction):
    """Looks the code up and says what became of it."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_check_invite"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `invite_status` with its dates, and what is offered next."""
        invite = find_invite(turn, self.services)
        if invite is None:
            return [*unknown_code(turn), *told(turn, "invite")]
        offers = {"expired": "reactivation_request", "used": "reminder"}
        return [
            *known_code(turn, invite, self.services.accounts.company(invite.company)),
            SlotSet("expires_on", turn.date(invite.expires_at)),
            SlotSet("used_on", turn.date(invite.used_at) if invite.used_at else None),
            *told(turn, "invite"),
            SlotSet("offer", offers.get(invite_status(invite, turn.now))),
        ]


class _RequestForInvite(PortiereAction):
    """Passes a wish about the code on, if it was offered in the message before."""

    kind: ClassVar[Literal["reactivation", "reminder"]]
    offered_by: ClassVar[str]
    status: ClassVar[InviteStatus]

    def answer(self, turn: Turn) -> list[Event]:
        """Keep the request; the same one twice is kept once."""
        invite = find_invite(turn, self.services) if turn.has_just_said(self.offered_by) else None
        if invite is None or invite_status(invite, turn.now) != self.status:
            return [SlotSet("request_made", False), SlotSet("offer", None)]
        self._count(turn, invite)
        self.services.conversations.add_request(
            turn.conversation_id, kind=self.kind, company=invite.company, invite_id=invite.id, now=turn.now
        )
        return [SlotSet("request_made", True), SlotSet("offer", None)]

    def _count(self, turn: Turn, invite: Invite) -> None:
        """Count a request that writes to somebody."""


class ActionRequestReactivation(_RequestForInvite):
    """Asks the administrator to reactivate an expired code."""

    kind = "reactivation"
    offered_by = "utter_invite_expired"
    status = "expired"

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_request_reactivation"


class ActionRequestReminder(_RequestForInvite):
    """Asks for a mail to the address on file of a used code."""

    kind = "reminder"
    offered_by = "utter_invite_used"
    status = "used"

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_request_reminder"

    def _count(self, turn: Turn, invite: Invite) -> None:
        """Count a mail to the account's owner: any number of conversations may hold the code."""
        account = self.services.accounts.account_of_invite(invite.id)
        target = mailbox_of(account.login) if account else ""
        self.services.attempts.count("mail", turn.conversation_id, turn.speaker.client, target)
