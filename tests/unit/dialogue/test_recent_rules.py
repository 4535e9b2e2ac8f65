"""The faster rule policy decides as Rasa's own, on the bot's own rules."""

from __future__ import annotations

import random
from pathlib import Path

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

from bot.dialogue.recent_rules import RecentRulePolicy

CONVERSATIONS = 60
TURNS = 12
FALLBACK = {
    "core_fallback_threshold": 0.3,
    "core_fallback_action_name": "utter_lost_thread",
    "enable_fallback_prediction": True,
}


@pytest.fixture(scope="module")
def policies(
    domain: Domain, rules: StoryGraph, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RulePolicy, RecentRulePolicy]:
    """Both policies, each trained on the bot's rules."""
    trackers = TrainingDataGenerator(rules, domain, augmentation_factor=0).generate()
    trained = []
    for policy_class in (RulePolicy, RecentRulePolicy):
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
        tracker = DialogueStateTracker.from_events(f"conversation {number}", [], domain.slots)
        say(tracker, domain, ActionExecuted(ACTION_SESSION_START_NAME), ActionExecuted(ACTION_LISTEN_NAME))
        for _ in range(TURNS):
            intent = {"name": chance.choice(domain.intents), "confidence": 1.0}
            say(tracker, domain, UserUttered("parole", intent), *some_slots(domain, chance))
            for _ in range(5):
                expected = usual.predict_action_probabilities(tracker, domain)
                found = recent.predict_action_probabilities(tracker, domain)

                assert found.probabilities == expected.probabilities
                assert found.events == expected.events

                action = domain.action_names_or_texts[expected.probabilities.index(max(expected.probabilities))]
                predicted.add(action)
                say(tracker, domain, *expected.events, *what_happens(action, domain, chance))
                if action == ACTION_LISTEN_NAME:
                    break
    assert len(predicted) > 40


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


def what_happens(action: str, domain: Domain, chance: random.Random) -> list[Event]:
    """An action's events: a form goes on, ends, or refuses the message."""
    if action not in domain.form_names:
        return [ActionExecuted(action), *some_slots(domain, chance)]
    return chance.choice(
        [
            [ActionExecuted(action), ActiveLoop(action)],
            [ActionExecuted(action), ActiveLoop(None)],
            [ActiveLoop(action), ActionExecutionRejected(action)],
        ]
    )
