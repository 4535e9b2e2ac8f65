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
    """Slots that say what is being told, with nothing on offer, and what had been asked before it.

    What waits is remembered, the latest first: a code that does not exist answers nothing, the next one may.
    """
    waiting = _waiting(turn, topic)
    return [
        SlotSet("topic", topic),
        SlotSet("offer", None),
        SlotSet("unanswered", waiting or None),
        SlotSet("interrupted", waiting[0] if waiting else "nothing"),
    ]


def _waiting(turn: Turn, topic: Topic) -> list[Topic]:
    """The cases that wait for their answer; none where the account is known without a code."""
    if turn.speaker.account_id is not None:
        return []
    displaced = turn.forms_displaced()
    of_forms = {form: case for case, (form, _) in _CASES.items()}
    cases = [*(of_forms[form] for form in displaced if form in of_forms), *(turn.slot("unanswered") or [])]
    return [case for case in dict.fromkeys(cases) if case != topic and not turn.has_run(_CASES[case][1])]
