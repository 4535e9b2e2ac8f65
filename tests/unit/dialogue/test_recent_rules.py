"""The faster rule policy decides as Rasa's own, on the bot's own rules."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.core.slots import BooleanSlot, CategoricalSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.structures import StoryGraph

from bot.dialogue.live_tracker import LiveTracker
from bot.dialogue.recent_rules import RecentRulePolicy
from bot.dialogue.recent_turns import MOST_TURNS, recent_turns

CONVERSATIONS = 60
TURNS = 12
FALLBACK = {
    "core_fallback_threshold": 0.3,
    "core_fallback_action_name": "utter_lost_thread",
    "enable_fallback_prediction": True,
}


class UsualRulePolicy(RulePolicy):
    """Rasa's own policy, except that it picks among rules of one length in one order instead of by chance."""

    def _get_possible_keys(self, *arguments: Any) -> list[str]:
        return sorted(super()._get_possible_keys(*arguments))


@pytest.fixture(scope="module")
def policies(
    domain: Domain, rules: StoryGraph, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RulePolicy, RecentRulePolicy]:
    """Both policies, each trained on the bot's rules."""
    trackers = TrainingDataGenerator(rules, domain, augmentation_factor=0).generate()
    trained = []
    for policy_class in (UsualRulePolicy, RecentRulePolicy):
        storage = LocalModelStorage.create(Path(tmp_path_factory.mktemp("policy")))
        context = ExecutionContext(GraphSchema({}), "test")
        config = {**policy_class.get_default_config(), **FALLBACK}
        policy = policy_class.create(config, storage, Resource("policy"), context)
        policy.train(trackers, domain)
        trained.append(policy)
    return trained[0], trained[1]


def test_training_leaves_the_same_rules(policies: tuple[RulePolicy, RecentRulePolicy]) -> None:
    usual, recent = policies

    assert len(usual.lookup[RULES]) > 100
    assert recent.lookup == usual.lookup


def test_every_prediction_is_that_of_rasas_own_policy(
    policies: tuple[RulePolicy, RecentRulePolicy], domain: Domain
) -> None:
    usual, recent = policies
    chance = random.Random(5)
    predicted: set[str] = set()

    for number in range(CONVERSATIONS):
        tracker = LiveTracker(f"conversation {number}", domain.slots)
        say(tracker, domain, ActionExecuted(ACTION_SESSION_START_NAME), ActionExecuted(ACTION_LISTEN_NAME))
        for _ in range(TURNS):
            intent = {"name": chance.choice(domain.intents), "confidence": 1.0}
            say(tracker, domain, UserUttered("parole", intent), *some_slots(domain, chance))
            for _ in range(5):
                expected = usual.predict_action_probabilities(tracker, domain)
                found = recent.predict_action_probabilities(tracker, domain)

                assert found.probabilities == expected.probabilities
                assert found.events == expected.events
                assert tracker.copy().current_state() == replayed(tracker, domain).current_state()

                action = domain.action_names_or_texts[expected.probabilities.index(max(expected.probabilities))]
                predicted.add(action)
                say(tracker, domain, *expected.events, *what_happens(action, domain, chance))
                if action == ACTION_LISTEN_NAME:
                    break
    assert len(predicted) > 40


def test_a_shortened_conversation_goes_on_as_the_whole_one(
    policies: tuple[RulePolicy, RecentRulePolicy], domain: Domain
) -> None:
    _, recent = policies
    chance = random.Random(7)
    inside_a_form = 0

    for number in range(20):
        whole = LiveTracker(f"conversation {number}", domain.slots)
        say(whole, domain, ActionExecuted(ACTION_SESSION_START_NAME), ActionExecuted(ACTION_LISTEN_NAME))
        short = whole.copy()
        for _ in range(4 * MOST_TURNS):
            said = [UserUttered("parole", {"name": chance.choice(domain.intents), "confidence": 1.0})]
            for _ in range(6):
                for tracker in (whole, short):
                    say(tracker, domain, *said)
                expected = recent.predict_action_probabilities(whole, domain)
                found = recent.predict_action_probabilities(short, domain)

                assert found.probabilities == expected.probabilities
                assert found.events == expected.events

                action = domain.action_names_or_texts[expected.probabilities.index(max(expected.probabilities))]
                said = [*expected.events, *what_happens(action, domain, chance, stays=0.9)]
                if action == ACTION_LISTEN_NAME:
                    break
            for tracker in (whole, short):
                say(tracker, domain, *said)
            short = recent_turns(short, domain)
            inside_a_form += len(short.events) < len(whole.events) and short.active_loop_name is not None

            assert short.active_loop_name == whole.active_loop_name
            assert short.is_active_loop_rejected == whole.is_active_loop_rejected
            assert short.current_slot_values() == whole.current_slot_values()
    assert inside_a_form > 200


def test_a_copy_goes_its_own_way(domain: Domain) -> None:
    tracker = LiveTracker("conversation", domain.slots)
    say(tracker, domain, ActionExecuted(ACTION_LISTEN_NAME), ActiveLoop("handoff_form"))
    before = replayed(tracker, domain).current_state()

    copied = tracker.copy()
    say(copied, domain, SlotSet("tier", "code"), ActionExecutionRejected("handoff_form"))

    assert tracker.current_state() == before
    assert copied.get_slot("tier") == "code"
    assert copied.active_loop is not None
    assert copied.active_loop.rejected


def replayed(tracker: DialogueStateTracker, domain: Domain) -> DialogueStateTracker:
    """The same conversation as Rasa's own tracker."""
    return DialogueStateTracker.from_events(tracker.sender_id, list(tracker.events), domain.slots)


def say(tracker: DialogueStateTracker, domain: Domain, *events: Event) -> None:
    for event in events:
        tracker.update(event, domain)


def some_slots(domain: Domain, chance: random.Random) -> list[Event]:
    """One or two slots that rules look at, set to one of their values or to nothing."""
    return [one_slot(domain, chance) for _ in range(chance.randrange(3))]


def one_slot(domain: Domain, chance: random.Random) -> Event:
    slot = chance.choice([slot for slot in domain.slots if isinstance(slot, (BooleanSlot, CategoricalSlot))])
    values = [True, False, None] if isinstance(slot, BooleanSlot) else [*slot.values, None]
    return SlotSet(slot.name, chance.choice(values))


def what_happens(action: str, domain: Domain, chance: random.Random, stays: float = 0.0) -> list[Event]:
    """An action's events: a form goes on, which is so likely or a third, ends, or refuses the message."""
    if action not in domain.form_names:
        return [ActionExecuted(action), *some_slots(domain, chance)]
    if chance.random() < stays:
        return [ActionExecuted(action), ActiveLoop(action)]
    return chance.choice(
        [
            [ActionExecuted(action), ActiveLoop(action)],
            [ActionExecuted(action), ActiveLoop(None)],
            [ActiveLoop(action), ActionExecutionRejected(action)],
        ]
    )
