"""Passing a conversation to a person."""

from __future__ import annotations

from rasa_sdk.events import SlotSet

from actions.base import PortiereAction
from actions.turn import Event, Turn

_OFFERS = {"utter_offer_human": "failures", "utter_too_many_attempts": "limits"}


class ActionOpenHandoff(PortiereAction):
    """Opens a hand-off case once it is known what for and how the person can be reached."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_open_handoff"

    def answer(self, turn: Turn) -> list[Event]:
        """Open the case; reason and contact hold references only."""
        number = self.services.conversations.open_handoff(
            turn.conversation_id,
            reason=turn.slot("handoff_reason") or "",
            contact=turn.slot("handoff_contact") or "chat",
            kind=_kind(turn),
            now=turn.now,
        )
        return [
            SlotSet("handoff_open", True),
            SlotSet("handoff_number", str(number)),
            SlotSet("handoff_reason", None),
            SlotSet("handoff_contact", None),
        ]


def _kind(turn: Turn) -> str:
    """What the case is opened by: the bot's offer that the person took up, else their own wish."""
    said = turn.said_before_form("handoff_form")
    return next((kind for response, kind in _OFFERS.items() if response in said), "asked")
