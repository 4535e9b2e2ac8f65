"""Cases that asked for the code when another one that needs it, too, came in between: they are answered after it."""

from __future__ import annotations

from typing import Literal

from rasa_sdk.events import SlotSet

from actions.turn import Event, Turn

Topic = Literal["invite", "contract", "administrator"]

# The form that asks for the code, and the action that answers once it is there.
_CASES: dict[Topic, tuple[str, str]] = {
    "invite": ("invite_form", "action_check_invite"),
    "contract": ("contract_form", "action_check_contract"),
    "administrator": ("administrator_form", "action_find_administrator"),
}


def told(turn: Turn, topic: Topic) -> list[Event]:
    """Slots that say what is being told, with nothing on offer, and what had been asked before it."""
    return [
        SlotSet("topic", topic),
        SlotSet("offer", None),
        SlotSet("interrupted", _interrupted(turn, topic) or "nothing"),
    ]


def _interrupted(turn: Turn, topic: Topic) -> Topic | None:
    """The case that waits for its answer, the latest one first; none where the account is known without a code."""
    if turn.speaker.account_id is not None:
        return None
    displaced = turn.forms_displaced()
    waiting = [
        case
        for case, (form, action) in _CASES.items()
        if case != topic and form in displaced and not turn.has_run(action)
    ]
    return min(waiting, key=lambda case: displaced.index(_CASES[case][0]), default=None)
