"""Help by mail for people who cannot prove who they are: nothing is looked up here, only asked for.

What the mail process finds (bot/mail/recovery.py) goes to the mailbox alone; the number in it proves the mailbox.
"""

from __future__ import annotations

from typing import Literal

from rasa_sdk.events import SlotSet

from actions.base import PortiereAction
from actions.email_spelling import check_spelling, mailbox_of
from actions.turn import Event, Turn

Recovery = Literal["address_wanted", "address_known", "account_known", "not_meant", "doubtful", "requested"]

# The responses that end with the question whether a mail is wanted: a yes right after one of them means it.
_OFFERED_BY = ("utter_check_email_spelling_ok", "utter_check_email_spelling_google_twin")


class ActionBeginRecovery(PortiereAction):
    """Finds out whether a mail is meant, and whether there is an address for it already."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_begin_recovery"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `recovery`; whoever is known already needs no mail, and staff have their own channel."""
        if turn.gives("other_address"):
            return [SlotSet("recovery", self._when_known(turn) or "address_wanted"), *_forget_address()]
        if not turn.gives("help_by_mail") and not any(turn.has_just_said(response) for response in _OFFERED_BY):
            return [SlotSet("recovery", "not_meant"), SlotSet("offer", None)]
        step = self._when_known(turn) or ("address_known" if turn.slot("email") else "address_wanted")
        return [SlotSet("recovery", step), SlotSet("offer", None)]

    @staticmethod
    def _when_known(turn: Turn) -> Recovery | None:
        if turn.speaker.is_administrator:
            return "not_meant"
        return "account_known" if turn.speaker.account_id is not None else None


class ActionRequestRecovery(PortiereAction):
    """Asks the mail process for a mail to the address that was typed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_request_recovery"

    def answer(self, turn: Turn) -> list[Event]:
        """Put the mail into the outbox, unless the address is no address or has a likely slip.

        An address with a slip is taken if it is typed a second time.
        """
        typed, reference = turn.value("email"), turn.slot("email")
        check = check_spelling(typed or "")
        is_first_slip = check.status == "typo" and turn.slot("doubtful_email") != reference
        if check.address is None or is_first_slip:
            return [SlotSet("recovery", "doubtful"), *_forget_address(), SlotSet("doubtful_email", reference)]
        self.services.attempts.count("mail", turn.conversation_id, turn.speaker.client, mailbox_of(check.address))
        self.services.outbox.add_recovery(turn.conversation_id, reference, turn.now)
        return [
            SlotSet("recovery", "requested"),
            SlotSet("doubtful_email", None),
            SlotSet("mailbox_number", None),
            SlotSet("offer", None),
        ]


class ActionCheckNumber(PortiereAction):
    """Checks the number out of a mail; a right one proves the mailbox in this conversation."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_check_number"

    def answer(self, turn: Turn) -> list[Event]:
        """Set `number_status`, and with a proof the tier; the slots of both are set by the server alone."""
        numbers, typed = self.services.mailbox_numbers, turn.value("mailbox_number") or ""
        mailbox = mailbox_of(numbers.address(turn.conversation_id) or "")
        self.services.attempts.count("number", turn.conversation_id, turn.speaker.client, mailbox)
        account_id = numbers.prove(turn.conversation_id, typed, turn.now)
        if account_id is None:
            return [SlotSet("number_status", "wrong"), SlotSet("mailbox_number", None)]
        return [
            SlotSet("number_status", "proven"),
            SlotSet("tier", "mailbox"),
            SlotSet("knows_account", True),
            SlotSet("mailbox_number", None),
            SlotSet("recovery", None),
        ]


def _forget_address() -> list[Event]:
    return [SlotSet("email", None), SlotSet("doubtful_email", None), SlotSet("offer", None)]
