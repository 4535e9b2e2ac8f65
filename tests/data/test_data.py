"""The bot's data held against itself: files, intents, responses, payloads and personal data."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rapidfuzz import fuzz, process

from bot.cases import cases
from bot.conversations.log.training import CORRECTIONS, NEAR, folded
from bot.nlu.normalization import normalize
from bot.privacy.detection import find_values, mask
from bot.privacy.values import REFERENCE, reference_to
from tests.nlu.held_out import held_out_messages

DATA = Path(os.environ.get("PORTIERE_TEST_DATA", "data"))
DOMAIN = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
EXAMPLE_DOMAINS = re.compile(r"@(?:[\w-]+\.)*example\.(?:com|it|org)$")


def load(folder: str) -> dict[str, dict[str, Any]]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((DATA / folder).glob("*.yml"))
    }


def training_messages() -> list[tuple[str, str]]:
    """Intent and text of every training message."""
    return [
        (block["intent"], line[2:])
        for family in load("nlu").values()
        for block in family["nlu"]
        for line in block["examples"].splitlines()
        if line.startswith("- ")
    ]


def responses() -> dict[str, list[dict[str, Any]]]:
    return {name: texts for family in load("responses").values() for name, texts in family["responses"].items()}


def understood_as(text: str) -> str:
    """What the classifier sees: masked, with writing habits undone; without signs and accents."""
    return folded(normalize(mask(text, lambda kind, _: reference_to(kind, 1)).text))


def test_the_catalogue_the_domain_and_the_training_data_name_the_same_intents() -> None:
    in_domain = {next(iter(entry)) for entry in DOMAIN["intents"]} - {"nlu_fallback"}
    assert in_domain == set(cases())
    assert {intent for intent, _ in training_messages()} == set(cases())


def test_each_intent_stands_in_the_file_of_its_family() -> None:
    for name, content in load("nlu").items():
        family = name.removeprefix(CORRECTIONS)
        intents = {block["intent"] for block in content["nlu"]}
        of_family = {case.intent for case in cases().values() if case.family == family}
        assert intents <= of_family if name.startswith(CORRECTIONS) else intents == of_family, name


@pytest.mark.parametrize("folder", ["rules", "responses"])
def test_rules_and_responses_lie_in_families(folder: str) -> None:
    families = {case.family for case in cases().values()} | {"dialogue", "interruptions", "prompts", "recovery"}
    assert set(load(folder)) <= families


def test_each_intent_has_training_messages_enough() -> None:
    counts = Counter(intent for intent, _ in training_messages())
    few = {case.intent for case in cases().values() if counts[case.intent] < (60 if case.button else 50)}
    assert few == set()


def test_no_sentence_stands_twice() -> None:
    # Yes and no are told apart by their accents alone: "si" and "sì" are two ways of typing one word.
    counts = Counter(" ".join(text.lower().split()) for _, text in training_messages())
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_sentence_stands_in_two_intents() -> None:
    intents: dict[str, set[str]] = {}
    for intent, text in training_messages():
        if folded(text):  # punctuation and pictures alone have nothing to compare
            intents.setdefault(folded(text), set()).add(intent)
    assert {text: names for text, names in intents.items() if len(names) > 1} == {}


def test_there_are_messages_enough_of_other_matters() -> None:
    assert sum(intent == "out_of_scope" for intent, _ in training_messages()) >= 300


def test_no_message_is_left_over_from_a_broken_file() -> None:
    assert [text for _, text in training_messages() if text.startswith("{")] == []


def test_each_intent_has_held_out_messages_enough() -> None:
    counts = Counter(message.intent for message in held_out_messages())
    assert {case.intent for case in cases().values() if counts[case.intent] < 25} == set()
    assert counts["out_of_scope"] >= 150


@pytest.mark.parametrize("form", [folded, understood_as], ids=["as written", "as understood"])
def test_no_held_out_message_is_in_the_training_data(form: Callable[[str], str]) -> None:
    training = [form(text) for _, text in training_messages()]
    copies = []
    for message in held_out_messages():
        text = form(message.text)
        # Two words that differ by a letter may be different words, and once masked "il codice è …" is all alike.
        is_short = len(text.split()) < (3 if form is folded else 5)
        if is_short and form is understood_as:
            continue
        match = process.extractOne(text, training, scorer=fuzz.ratio, score_cutoff=100 if is_short else NEAR)
        if match:
            copies.append((message.text, match[0]))
    assert copies == []


def test_every_action_exists_and_every_action_in_a_rule_is_in_the_domain() -> None:
    from actions.server import action_names

    assert set(DOMAIN["actions"]) == action_names()


def test_every_button_names_an_intent_and_its_entities_in_double_braces() -> None:
    buttons = [b for texts in responses().values() for text in texts for b in text.get("buttons", [])]
    for button in buttons:
        intent, _, entities = button["payload"].removeprefix("/").partition("{")
        assert intent in cases()
        assert not entities or button["payload"].count("{{")


def test_every_placeholder_of_a_response_is_a_slot_or_given_by_an_action() -> None:
    given_by_actions = {
        *("contact_email", "first_name", "difference", "contracts", "invites", "lock"),
        *("count", "total", "first", "last", "rows", "place", "period", "addresses", "units"),
    }
    known = set(DOMAIN["slots"]) | given_by_actions
    used = {name for texts in responses().values() for text in texts for name in re.findall(r"\{(\w+)\}", text["text"])}
    assert used <= known


def test_every_response_for_the_widget_addresses_people_informally() -> None:
    formal = re.compile(r"\b(?:Lei|Suo|Sua|La preghiamo|inserisca|scriva)\b")
    assert [name for name, texts in responses().items() for text in texts if formal.search(text["text"])] == []


def test_training_messages_hold_no_personal_values() -> None:
    found = [(text, value) for _, text in training_messages() for value in find_values(REFERENCE.sub("", text))]
    assert found == []


def test_addresses_in_responses_are_of_example_domains() -> None:
    text = json.dumps(load("responses"), ensure_ascii=False)
    addresses = re.findall(r"[\w.+-]+@[\w.-]+\.\w+", text)
    assert [address for address in addresses if not EXAMPLE_DOMAINS.search(address)] == []


def test_a_text_to_copy_is_the_whole_message() -> None:
    copies = [text for name, texts in responses().items() if name.startswith("utter_copy_") for text in texts]
    assert copies
    assert [text for text in copies if text["custom"] != {"kind": "copy", "text": text["text"]}] == []
