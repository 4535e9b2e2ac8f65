"""Rasa's rule policy, looking back as far as a rule can see and trying only the rules that can apply."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.live_tracker import LiveTracker

Lookup = dict[str, str]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class RecentRulePolicy(RulePolicy):
    """Predicts what `RulePolicy` predicts, at a cost that does not grow with the conversation.

    Rasa describes every state of the whole conversation anew for each prediction, twice (once by text, once by
    intent), and compares each rule with each of them. But a rule sees its own last few states only, all our rules go
    by intent, and a rule can apply only where its last action and intent are the conversation's.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._books: dict[str, _RuleBook] = {}
        super().__init__(*arguments, **named)

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        """The action of the rule that applies; there is nothing to look for by text if no rule names one."""
        if use_text_for_last_user_input and not any(book.names_texts for book in self._all_books()):
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        """The last states of a conversation, as many as the longest rule has."""
        if not isinstance(tracker, LiveTracker):
            tracker = LiveTracker.from_events(tracker.sender_id, tracker.events, tracker.slots.values())
        states = tracker.last_states(domain, max(book.longest for book in self._all_books()))
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    def _get_possible_keys(self, lookup: Lookup, states: list[State]) -> list[str]:
        """The rules that apply to the states, in one order.

        Rasa takes the longest rule of a set, so that the seed of Python's hashes decides between two of one length.
        """
        possible = self._book(RULES if lookup is self.lookup[RULES] else RULES_FOR_LOOP_UNHAPPY_PATH).at(states[-1])
        return sorted(super()._get_possible_keys({key: lookup[key] for key in possible}, states))

    def _all_books(self) -> list[_RuleBook]:
        return [self._book(RULES), self._book(RULES_FOR_LOOP_UNHAPPY_PATH)]

    def _book(self, kind: str) -> _RuleBook:
        """The index of one kind of rules, made anew when training has changed them."""
        lookup, book = self.lookup.get(kind, {}), self._books.get(kind)
        if book is None or not book.is_of(lookup):
            book = self._books[kind] = _RuleBook(lookup)
        return book


class _RuleBook:
    """Rules by the last action and the intent that they ask for."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._size = len(lookup)
        self._by_place: defaultdict[tuple[Any, Any], list[str]] = defaultdict(list)
        rules: dict[str, list[State]] = {key: json.loads(key) for key in lookup}
        for key, states in rules.items():
            self._by_place[_place(states[-1])].append(key)
        self.longest = max(map(len, rules.values()), default=1)
        self.names_texts = any("text" in state.get(USER, {}) for states in rules.values() for state in states)

    def is_of(self, lookup: Lookup) -> bool:
        return lookup is self._lookup and len(lookup) == self._size

    def at(self, state: State) -> list[str]:
        """The rules that can apply where a conversation is in this state."""
        action, intent = _place(state)
        if action is None:  # a conversation's very beginning
            return list(self._lookup)
        if intent is None:
            return self._by_place[action, None]
        return self._by_place[action, intent] + self._by_place[action, None]


def _place(state: State) -> tuple[Any, Any]:
    """The last action and the intent of a state; None where it has none, or where a rule leaves it open."""
    return state.get(PREVIOUS_ACTION, {}).get("action_name"), state.get(USER, {}).get("intent")
