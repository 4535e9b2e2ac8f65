"""What a person is offered whose message was not understood for sure."""

from __future__ import annotations

import pytest
from rasa_sdk import Tracker

from actions.clarification import ActionOfferCases, likely_cases, with_ways_out
from actions.turn import Turn


class _Clock:
    def now(self) -> None:
        return None


def ranking(**confidences: float) -> list[dict[str, object]]:
    return [{"name": name, "confidence": confidence} for name, confidence in confidences.items()]


def answer(*before: str, **confidences: float) -> tuple[str, list[str]]:
    """The bot's response and its buttons to a message of such a ranking, after messages of such intents."""
    latest = {"intent": {"name": "nlu_fallback"}, "intent_ranking": ranking(**confidences)}
    said = [*({"intent": {"name": intent}} for intent in before), latest]
    events = [{"event": "user", "parse_data": message} for message in said]
    turn = Turn(Tracker("c", {"audience": "widget"}, latest, events, False, None, {}, None), _Clock())  # type: ignore[arg-type]
    ActionOfferCases().answer(turn)
    (message,) = turn.messages
    return message["response"], [button["title"] for button in message.get("buttons", [])]


def test_the_three_likeliest_cases_are_offered() -> None:
    offered = likely_cases(
        ranking(nlu_fallback=0.6, cannot_log_in=0.3, reset_password=0.2, add_property=0.15, check_contract=0.14),
        "widget",
    )
    assert [button["payload"] for button in offered] == ["/cannot_log_in", "/reset_password", "/add_property"]


def test_cases_of_the_other_channel_and_noise_are_not_offered() -> None:
    offered = likely_cases(ranking(customer_cannot_log_in=0.3, greet=0.2, add_property=0.01), "widget")
    assert offered == []


def test_two_cases_are_offered_with_a_person() -> None:
    assert answer(nlu_fallback=0.5, cannot_log_in=0.4, reset_password=0.3) == (
        "utter_unsure",
        ["Non riesco ad accedere", "Password dimenticata", "Parlare con una persona"],
    )


@pytest.mark.parametrize(
    "beside",
    [{"cannot_log_in": 0.08, "add_property": 0.08}, {"out_of_scope": 0.35}],
    ids=["beside noise", "beside something else altogether"],
)
def test_the_only_likely_case_is_offered_with_something_else_and_a_person(beside: dict[str, float]) -> None:
    assert answer(nlu_fallback=0.4, reset_password=0.6, **beside) == (
        "utter_unsure_single",
        ["Password dimenticata", "Altro", "Parlare con una persona"],
    )


def test_nothing_is_offered_twice() -> None:
    assert answer(nlu_fallback=0.6, talk_to_human=0.4)[1] == ["Parlare con una persona", "Altro"]
    assert answer(nlu_fallback=0.6, ask_capabilities=0.4)[1] == ["Cosa sai fare", "Parlare con una persona"]


def test_something_else_leads_to_what_the_bot_can_do() -> None:
    payloads = [button["payload"] for button in with_ways_out([{"title": "x", "payload": "/reset_password"}])]
    assert payloads == ["/reset_password", "/ask_capabilities", "/talk_to_human"]


def test_without_a_likely_case_the_bot_says_what_it_can_do() -> None:
    assert answer(nlu_fallback=0.9, out_of_scope=0.5, cannot_log_in=0.1) == ("utter_not_understood", [])


def test_the_second_time_in_a_row_a_person_is_offered() -> None:
    assert answer("nlu_fallback", nlu_fallback=0.4, reset_password=0.6)[0] == "utter_offer_human"
    assert answer("nlu_fallback", "greet", nlu_fallback=0.4, reset_password=0.6)[0] == "utter_unsure_single"
