"""Nothing that needs a proof is said without it: every response, every rule, every finding."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.shared.core.domain import Domain
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.customer_facts import COPY_RESPONSES, FINDING_RESPONSES
from actions.invites import ActionCheckInvite
from bot.channels.tiered_responses import REFUSED, TieredResponses
from bot.settings import Settings
from bot.tiers import ANONYMOUS, tiers
from tests.data.test_data import DOMAIN, load, responses

TIERS = tuple(tiers().grants)
OPEN = yaml.safe_load(Path("bot/tiers.yml").read_text(encoding="utf-8"))["open"]
REFUSAL = responses()[REFUSED][0]["text"]


def variations() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, texts in responses().items():
        for text in texts:
            yield name, text


def declared(variation: dict[str, Any]) -> str:
    return str(variation.get("metadata", {}).get("tier", ANONYMOUS))


def placeholders(variation: dict[str, Any]) -> set[str]:
    buttons = [button["title"] for button in variation.get("buttons", [])]
    return {name for text in (variation["text"], *buttons) for name in re.findall(r"\{(\w+)\}", text)}


def is_enough(tier: str, needed: str) -> bool:
    """Whether whoever may be told what needs the one tier may be told what needs the other."""
    return all(tiers().allows(proven, needed) for proven in TIERS if tiers().allows(proven, tier))


def said_after_findings() -> Iterator[tuple[str, str, str]]:
    """Rule, response, and the tier of a finding that the rule says it for."""
    for family in load("rules").values():
        for rule in family["rules"]:
            needed: set[str] = set()
            for step in rule["steps"]:
                for found in step.get("slot_was_set", ()):
                    needed |= {tiers().needed_for(slot, value) for slot, value in dict(found).items()}
                if step.get("action", "").startswith("utter_"):
                    yield from ((rule["rule"], step["action"], tier) for tier in needed - {ANONYMOUS})


def test_the_catalogue_names_slots_and_values_that_exist() -> None:
    slots = DOMAIN["slots"]
    given_by_actions = {"contact_email", "first_name", "difference", "contracts", "invites", "lock"}
    given_by_actions |= {"rows", "count", "total", "first", "last", "period", "place", "addresses", "units"}
    assert set(tiers().facts) <= set(slots) | given_by_actions
    for slot, values in tiers().findings.items():
        known = set(slots[slot].get("values", ())) | {True, False, "any"}
        assert set(values) <= known, slot


def test_every_slot_of_the_server_is_in_the_catalogue() -> None:
    """What is not there would need no proof: whoever adds a slot says what it needs."""
    catalogue = yaml.safe_load(Path("bot/tiers.yml").read_text(encoding="utf-8"))
    places = [set(catalogue[place]) for place in ("facts", "findings", "open", "plain")]
    of_the_server = {
        name
        for name, slot in DOMAIN["slots"].items()
        if [mapping["type"] for mapping in slot["mappings"]] == ["custom"]
    }
    assert of_the_server - set.union(*places) == set()
    assert sum(map(len, places)) == len(set.union(*places)), "each stands in one place"
    assert set(catalogue["plain"]) <= of_the_server


def set_slots() -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Where the code sets a slot (file, and class and function), the slot's name and its value."""

    def within(node: ast.AST, place: tuple[str, ...]) -> Iterator[tuple[str, ast.expr, ast.expr]]:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            place = (*place, node.name)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "SlotSet":
            yield ".".join(place), node.args[0], node.args[1]
        for child in ast.iter_child_nodes(node):
            yield from within(child, place)

    for folder in ("actions", "bot"):
        for path in sorted(Path(folder).rglob("*.py")):
            yield from within(ast.parse(path.read_text(encoding="utf-8")), (path.with_suffix("").as_posix(),))


def test_only_the_channel_and_the_checks_of_proofs_set_the_tier() -> None:
    setting_it = [
        (place, ast.unparse(value))
        for place, name, value in set_slots()
        if isinstance(name, ast.Constant) and name.value == "tier"
    ]
    assert setting_it == [
        ("actions/invites.proof_of_code", "'code'"),
        ("actions/recovery.ActionCheckNumber.answer", "'mailbox'"),
        ("bot/channels/gateway_channel.GatewayChannel._open", "metadata['tier']"),
    ]


def test_actions_set_slots_by_their_names_or_empty_them() -> None:
    """Else the test above would not see them."""
    computed = {
        ast.unparse(value)
        for place, name, value in set_slots()
        if place.startswith("actions/") and not isinstance(name, ast.Constant)
    }
    assert computed == {"None"}
    by_hand = re.compile(r"""["']event["']: ["']slot["']""")
    assert [path for path in Path("actions").rglob("*.py") if by_hand.search(path.read_text(encoding="utf-8"))] == []


def test_every_tier_of_a_conversation_is_in_the_catalogue() -> None:
    assert set(DOMAIN["slots"]["tier"]["values"]) == set(TIERS)


def test_every_declared_tier_is_one_that_some_conversation_has() -> None:
    assert {declared(variation) for _, variation in variations()} <= set(TIERS)


def test_everything_that_a_response_mentions_is_in_the_catalogue() -> None:
    mentioned = {name for _, variation in variations() for name in placeholders(variation)}
    assert mentioned - set(tiers().facts) - set(OPEN) == set()


def test_a_response_declares_what_its_facts_need() -> None:
    missing = [
        (name, fact)
        for name, variation in variations()
        for fact in placeholders(variation) & set(tiers().facts)
        if not is_enough(declared(variation), tiers().facts[fact])
    ]
    assert missing == []


def test_a_response_to_a_finding_declares_what_the_finding_needs() -> None:
    pairs = list(said_after_findings())
    assert len(pairs) > 20
    missing = [
        (rule, name)
        for rule, name, needed in pairs
        for variation in responses()[name]
        if not is_enough(declared(variation), needed)
    ]
    assert missing == []


def test_all_of_a_diagnosis_is_for_administrators() -> None:
    names = [*FINDING_RESPONSES.values(), *COPY_RESPONSES.values(), "utter_diagnosis"]
    assert {declared(variation) for name in names for variation in responses()[name]} == {"administrator"}


@pytest.mark.parametrize("tier", [*TIERS, None, "nonsense"])
@pytest.mark.parametrize("channel", ["widget", "staff"])
def test_no_response_is_said_without_its_proof(
    tier: str | None, channel: str, caplog: pytest.LogCaptureFixture
) -> None:
    domain = Domain.from_dict({"responses": responses()})
    said = TieredResponses(domain=domain)
    slots: dict[str, Any] = dict.fromkeys(DOMAIN["slots"], "X")
    for name, texts in responses().items():
        caplog.clear()
        answer = said.generate_from_slots(name, {**slots, "tier": tier}, channel)
        if answer is None:  # this response has no variation for the channel
            assert all(text.get("channel", channel) != channel or "condition" in text for text in texts), name
            continue
        (needed,) = {declared(text) for text in texts}
        if tiers().allows(tier, needed):
            assert "metadata" not in answer or answer["metadata"]["tier"] == needed
            assert answer["text"] != REFUSAL or name == REFUSED
        else:
            assert answer["text"] == REFUSAL, name
            assert re.search(r"refused: error [0-9a-f]{12}", caplog.text)


class NoServices:
    """All that an action's frame needs."""

    settings = Settings()

    @staticmethod
    def now() -> None:
        return None


def facts_and_findings() -> list[tuple[str, Any, str]]:
    told: list[tuple[str, Any, str]] = [(slot, "X", needed) for slot, needed in tiers().facts.items()]
    for slot, values in tiers().findings.items():
        told += [(slot, "X" if value == "any" else value, needed) for value, needed in values.items()]
    return told


@pytest.mark.parametrize("tier", TIERS)
async def test_no_action_tells_without_a_proof(
    tier: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.ERROR)
    message = {"metadata": {"tier": tier}}
    for slot, value, needed in facts_and_findings():
        caplog.clear()
        tracker = Tracker("talk", {}, message, [], False, None, {}, None)
        action = ActionCheckInvite(NoServices())  # type: ignore[arg-type]
        events = [{"event": "slot", "name": slot, "value": value}]
        monkeypatch.setattr(action, "answer", lambda _turn, told=events: told)
        events = await action.run(CollectingDispatcher(), tracker, {})
        if tiers().allows(tier, needed):
            assert events[0]["event"] == "slot", (slot, value)
        else:
            assert events[0] == {"event": "followup", "name": REFUSED, "timestamp": None}, (slot, value)
            assert re.search(r"error [0-9a-f]{12}, TierMissing", caplog.text)
