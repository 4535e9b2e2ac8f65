"""What happens when a message is not understood: the likeliest cases as buttons, and a person after the second time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.base import PortiereAction
from actions.turn import Event, Turn
from bot.cases import cases

_OFFERED = 3
_LIKELY = 0.12  # below this probability a candidate is noise rather than a guess


def likely_cases(ranking: Sequence[dict[str, Any]], channel: str) -> list[dict[str, str]]:
    """Buttons for the two or three likeliest cases of a channel; none if fewer than two are likely at all."""
    known = cases()
    buttons = [
        {"title": case.button, "payload": f"/{case.intent}"}
        for candidate in ranking
        if (case := known.get(candidate["name"]))
        and case.button
        and case.concerns(channel)
        and candidate["confidence"] >= _LIKELY
    ][:_OFFERED]
    return buttons if len(buttons) > 1 else []


class ActionOfferCases(PortiereAction):
    """Asks back instead of guessing."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_offer_cases"

    def answer(self, turn: Turn) -> list[Event]:
        """Offer candidates, or say what the bot can do; offer a person when this is the second time in a row."""
        buttons = likely_cases(turn.intent_ranking, turn.slot("audience") or "widget")
        if turn.was_unsure_before():
            turn.say("utter_offer_human")
        elif buttons:
            human = {"title": cases()["talk_to_human"].button, "payload": "/talk_to_human"}
            turn.say("utter_unsure", buttons=[*buttons, human])
        else:
            turn.say("utter_not_understood")
        return []
