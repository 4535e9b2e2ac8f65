"""Turns out of events, where the events alone decide."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    SlotSet,
    UserUttered,
)

from bot.conversations.log.projection import LoggedTurn, higher_tier, labels, project
from tests.unit.conversations.log.talks import said, understood


def projected(*happened: Event, has_begun: bool = True) -> list[LoggedTurn]:
    """The turns of events that are a second apart, the first of them at second 100."""
    events: list[dict[str, Any]] = []
    for place, event in enumerate(happened):
        event.timestamp = 100.0 + place
        events.append(event.as_dict())
    return project(events, has_begun=has_begun).turns


def heard(*answer: Event, intent: str = "reset_password", confidence: float = 0.9) -> LoggedTurn:
    (turn,) = projected(understood("dunque", intent, confidence, began=99.5), *answer, ActionExecuted("action_listen"))
    return turn


class TestAnswers:
    def test_the_answer_of_a_case_counts(self) -> None:
        assert heard(*said("utter_reset_password")).is_answer

    def test_a_finding_counts_whatever_was_asked(self) -> None:
        assert heard(SlotSet("invite_status", "unknown"), *said("utter_invite_unknown"), intent="inform").is_answer

    def test_small_talk_does_not(self) -> None:
        assert not heard(*said("utter_thank"), intent="thank").is_answer

    def test_other_matters_do_not(self) -> None:
        assert not heard(*said("utter_out_of_scope"), intent="out_of_scope").is_answer

    def test_a_form_that_begins_does_not(self) -> None:
        begun = [*said("utter_invite_code_expired"), ActiveLoop("invite_form")]
        assert not heard(*begun, intent="invite_code_expired").is_answer

    def test_a_form_that_goes_on_asking_does_not(self) -> None:
        asked = BotUttered("Quale?", metadata={"utter_action": "utter_ask_handoff_form_handoff_reason"})
        assert not heard(ActionExecuted("handoff_form"), asked, intent="cannot_log_in").is_answer

    def test_an_answer_in_the_middle_of_a_form_does(self) -> None:
        asked = BotUttered("E il codice?", metadata={"utter_action": "utter_ask_invite_form_invite_code"})
        assert heard(*said("utter_reset_password"), ActionExecuted("invite_form"), asked).is_answer

    def test_a_failure_does_not(self) -> None:
        assert not heard(ActionExecuted("action_check_email"), *said("utter_service_unavailable")).is_answer

    def test_asking_back_does_not(self) -> None:
        assert not heard(*said("utter_unsure"), confidence=0.5).is_answer

    def test_silence_does_not(self) -> None:
        assert not heard().is_answer


class TestUnderstanding:
    def test_what_the_bot_did_not_act_on_is_told_as_the_likeliest(self) -> None:
        turn = heard(confidence=0.4)
        assert (turn.intent, turn.confidence, turn.is_unsure, turn.case) == ("reset_password", 0.4, True, None)
        assert labels([turn]) == []

    def test_five_candidates_are_kept_and_the_fallback_is_none(self) -> None:
        names = ["nlu_fallback", *(f"case_{number}" for number in range(8))]
        ranking = [{"name": name, "confidence": 0.123456} for name in names]
        (turn,) = projected(UserUttered("eh", ranking[0], parse_data={"intent": ranking[0], "intent_ranking": ranking}))
        assert turn.ranking == [{"name": f"case_{number}", "confidence": 0.1235} for number in range(5)]

    def test_a_message_without_any_understanding_is_logged_all_the_same(self) -> None:
        (turn,) = projected(UserUttered("eh"))
        assert (turn.text, turn.intent, turn.confidence, turn.ranking) == ("eh", None, None, None)

    def test_slots_of_rasa_itself_are_left_out_and_the_last_value_counts(self) -> None:
        turn = heard(SlotSet("requested_slot", "email"), SlotSet("topic", "invite"), SlotSet("topic", None))
        assert turn.slots == {"topic": None}

    def test_findings_keep_their_order(self) -> None:
        turn = heard(SlotSet("invite_status", "used"), SlotSet("findings", ["no_account", "used"]))
        assert turn.findings == ["used", "no_account"]
        assert labels([turn, turn]) == [("intent", "reset_password"), ("finding", "used"), ("finding", "no_account")]


class TestTime:
    def test_it_goes_from_receipt_until_the_bot_listens(self) -> None:
        assert heard(*said("utter_reset_password")).milliseconds == 3500

    def test_a_case_that_is_given_back_later_adds_nothing(self) -> None:
        back = BotUttered("Sono di nuovo io", metadata={"utter_action": "utter_assistant_back"})
        (turn,) = projected(
            understood("una persona", "talk_to_human", began=99.5), ActionExecuted("action_listen"),
            ConversationPaused(), ConversationResumed(), back,
        )  # fmt: skip
        assert turn.milliseconds == 1500
        assert turn.answers == [{"text": "Sono di nuovo io"}]


class TestTakeover:
    BACK = (ConversationResumed(), *said("utter_assistant_back"), ActionExecuted("action_listen"))

    def test_what_is_said_to_a_person_is_no_doubt_and_no_time_of_the_bot(self) -> None:
        _, turn = projected(
            understood("una persona", "talk_to_human"),
            ConversationPaused(),
            understood("boh", "reset_password", 0.4, began=101.0),
            ActionExecuted("action_listen"),
        )
        assert (turn.text, turn.is_unsure, turn.milliseconds) == ("boh", False, None)
        assert (turn.intent, turn.confidence, turn.ranking, turn.case) == (None, None, None, None)

    def test_the_bot_that_is_back_has_not_answered_what_was_said_to_a_person(self) -> None:
        said_to_support = (ConversationPaused(), understood("la password", "reset_password"))
        turns = projected(understood("una persona", "talk_to_human"), *said_to_support, *self.BACK)
        assert [turn.is_answer for turn in turns] == [False, False]

    def test_nor_what_it_had_not_answered_before(self) -> None:
        asked = BotUttered("Quale?", metadata={"utter_action": "utter_ask_invite_form_invite_code"})
        (turn,) = projected(
            understood("il codice è scaduto", "invite_code_expired"), asked, ActionExecuted("action_listen"),
            ConversationPaused(), *self.BACK, SlotSet("invite_status", "expired"),
        )  # fmt: skip
        assert turn.findings == ["expired"]
        assert not turn.is_answer

    def test_afterwards_it_answers_again(self) -> None:
        *_, turn = projected(
            ConversationPaused(), *self.BACK, understood("la password", "reset_password"), *said("utter_reset_password")
        )
        assert turn.is_answer


def test_a_tier_is_never_lost() -> None:
    assert higher_tier("mailbox", "code") == "mailbox"
    assert higher_tier("code", "mailbox") == "mailbox"
    assert higher_tier("code", None) == "code"
    assert higher_tier("code", "king") == "code"
