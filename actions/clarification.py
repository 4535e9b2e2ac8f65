"""What happens when a message is not understood: the likeliest cases as buttons, and a person after the second time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.base import PortiereAction
from actions.phrases import phrase
from actions.turn import Event, Turn
from bot.cases import cases

_OFFERED = 3
_LIKELY = 0.12  # below this probability a candidate is noise rather than a guess

Button = dict[str, str]


def likely_cases(ranking: Sequence[dict[str, Any]], channel: str) -> list[Button]:
    """Buttons for the likeliest cases of a channel, three at most; none if no case is likely at all."""
    known = cases()
    return [
        _button(case.intent)
        for candidate in ranking
        if (case := known.get(candidate["name"]))
        and case.button
        and case.concerns(channel)
        and candidate["confidence"] >= _LIKELY
    ][:_OFFERED]


def with_ways_out(buttons: Sequence[Button]) -> list[Button]:
    """The buttons, and what else a person may want: a person always, something else where there is one guess only."""
    ways_out = [_button("talk_to_human")]
    if len(buttons) == 1:
        ways_out.insert(0, {**_button("ask_capabilities"), "title": phrase("button.something_else")})
    offered = {button["payload"] for button in buttons}
    return [*buttons, *(button for button in ways_out if button["payload"] not in offered)]


class ActionOfferCases(PortiereAction):
    """Asks back instead of guessing."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_offer_cases"

    def answer(self, turn: Turn) -> list[Event]:
        """Offer candidates, or say what the bot can do; call a person when this is the second time in a row."""
        buttons = likely_cases(turn.intent_ranking, turn.slot("audience") or "widget")
        if turn.was_unsure_before():
            self.services.call_support(turn.conversation_id, "failures")
            turn.say("utter_offer_human")
        elif not buttons:
            turn.say("utter_not_understood")
        else:
            question = "utter_unsure_single" if len(buttons) == 1 else "utter_unsure"
            turn.say(question, buttons=with_ways_out(buttons))
        return []


def _button(intent: str) -> Button:
    return {"title": cases()[intent].button or "", "payload": f"/{intent}"}
