"""Accepted corrections as training data, and a conversation as a test story: both masked, both in Rasa's YAML."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from bot.cases import cases
from bot.conversations.log.projection import RASA_ACTIONS, Event
from bot.nlu.normalization import normalize
from bot.privacy.detection import find_values, replace_values
from bot.privacy.values import REFERENCE, reference_to

_ROOT = Path(__file__).parents[3]
NEAR = 90  # share of like letters (Indel), %
_SHORT = 3  # words
CORRECTIONS = "corrections-"  # what the names of files with corrections begin with
_EXAMPLE = re.compile(r"^\s*- (.*)$", re.MULTILINE)
_ANNOTATED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_RASA_SLOTS = ("session_started_metadata",)
_OPENING_SLOTS = ("audience", "tier", "knows_account")


@dataclass(frozen=True)
class Known:
    """The messages that training and its tests hold already, as they are compared: none is to be learnt again."""

    training: frozenset[str]
    held_out: tuple[str, ...] = ()

    def holds(self, message: str) -> bool:
        """Whether a message is known, or so near to a held-out one that learning it would spoil the measurement."""
        compared = _compared(message)
        if compared in self.training:
            return True
        words = folded(message)
        is_short = len(words.split()) < _SHORT  # two words that differ by a letter may be different words
        cutoff = 100 if is_short else NEAR
        return process.extractOne(words, self.held_out, scorer=fuzz.ratio, score_cutoff=cutoff) is not None


def known_messages(training: Path = _ROOT / "data" / "nlu", held_out: Path = _ROOT / "tests" / "nlu") -> Known:
    """What the files of two folders hold; read anew when one of them has changed."""
    return _known_messages(_as_they_are(training), _as_they_are(held_out))


def _as_they_are(folder: Path) -> tuple[tuple[Path, int], ...]:
    return tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.yml")))


@functools.lru_cache(maxsize=1)
def _known_messages(training: tuple[tuple[Path, int], ...], held_out: tuple[tuple[Path, int], ...]) -> Known:
    # Training data hold references (a test sees to it), held-out messages are as people write them.
    learnt = [text for entry in _entries(training, "nlu") for text in _EXAMPLE.findall(entry.get("examples") or "")]
    kept_apart = [_masked(text) for entry in _entries(held_out, "tests") for text in entry["messages"]]
    return Known(
        frozenset(_compared(as_example(text)) for text in (*learnt, *kept_apart)),
        tuple(folded(as_example(text)) for text in kept_apart),
    )


def _entries(files: Iterable[tuple[Path, int]], key: str) -> Iterable[dict[str, Any]]:
    for path, _ in files:
        yield from (yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}).get(key, ())


def nlu_files(corrections: Iterable[tuple[str, str]], known: Known) -> dict[str, str]:
    """One file a case family, beside the others in `data/nlu/`; ``corrections`` are pairs of text and right intent.

    Messages that are known are left out, and each message stands once, under the intent that comes first.
    `tests/data` takes such a file as a part of its family.
    """
    seen: set[str] = set()
    families: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for text, intent in corrections:
        message = as_example(text)
        case = cases().get(intent)
        compared = _compared(message)
        if case is None or not compared or compared in seen or known.holds(message):
            continue
        seen.add(compared)
        families[case.family][intent].append(message)
    return {f"{CORRECTIONS}{family}.yml": _nlu_yaml(intents) for family, intents in sorted(families.items())}


def as_example(text: str) -> str:
    """A message as training data hold it: one line, references counted from 1, nothing that Rasa takes for markup."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    line = re.sub(r"\[([^\]]*)\](?=[({])", r"(\1) ", line).lstrip("-/ ")
    numbers: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def renumbered(match: re.Match[str]) -> str:
        kind, number = match.groups()
        return reference_to(kind, numbers[kind].setdefault(number, len(numbers[kind]) + 1))

    return REFERENCE.sub(renumbered, line)


def test_story(name: str, events: Iterable[Event]) -> str | None:
    """A conversation as a test story of Rasa: what was said and understood, what the bot did, what was set.

    The opening is left out but for the slots that the channel set. A message whose intent was too uncertain to act on
    is expected to stay so. The story ends where somebody took the conversation over: the bot is silent from there on.
    None if it never spoke.
    """
    steps: list[dict[str, Any]] = []
    opening: dict[str, Any] = {}
    for event in events:
        kind = event["event"]
        if kind == "pause":
            break
        if kind == "user":
            steps.append(_user_step(event))
        elif not steps:
            if kind == "slot" and event["name"] in _OPENING_SLOTS and event["value"] is not None:
                opening[event["name"]] = event["value"]
        elif kind == "action" and event["name"] not in RASA_ACTIONS:
            steps.append({"action": event["name"]})
        elif kind == "active_loop":
            steps.append({"active_loop": event["name"]})
        elif kind == "slot" and event["name"] not in _RASA_SLOTS and _is_plain(event["value"]):
            steps.append({"slot_was_set": [{event["name"]: event["value"]}]})
    if not steps:
        return None
    beginning = [{"slot_was_set": [{slot: value} for slot, value in opening.items()]}] if opening else []
    story = {"version": "3.1", "stories": [{"story": name, "steps": [*beginning, *steps]}]}
    return yaml.safe_dump(story, allow_unicode=True, sort_keys=False, width=10_000)


def _user_step(event: Event) -> dict[str, Any]:
    parsed = event.get("parse_data") or {}
    text = event.get("text") or ""
    if text.startswith("/"):  # a button: what it sent
        return {"user": text, "intent": parsed["intent"]["name"]}
    for entity in sorted(parsed.get("entities") or (), key=lambda found: -(found.get("start") or 0)):
        if entity.get("start") is not None:
            start, end = entity["start"], entity["end"]
            marked = f"[{text[start:end]}]({entity['entity']})"
            if str(entity["value"]) != text[start:end]:
                told = json.dumps({"entity": entity["entity"], "value": entity["value"]}, ensure_ascii=False)
                marked = f"[{text[start:end]}]{told}"
            text = text[:start] + marked + text[end:]
    return {"user": text, "intent": parsed["intent"]["name"]}


def _nlu_yaml(intents: Mapping[str, list[str]]) -> str:
    lines = ['version: "3.1"', "", "nlu:"]
    for intent in sorted(intents):
        lines += [f"  - intent: {intent}", "    examples: |"]
        lines += [f"      - {message}" for message in sorted(intents[intent])]
    return "\n".join(lines) + "\n"


def folded(text: str) -> str:
    """The words of a text without accents and signs: what the lint of the data compares."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[\w⟨⟩]+", plain))


def _compared(text: str) -> str:
    return folded(normalize(_ANNOTATED.sub(r"\1", text)))


def _masked(text: str) -> str:
    """The text with references in place of personal values, as they stand in the log."""
    values = find_values(text)
    return replace_values(text, values, [reference_to(value.kind, number) for number, value in enumerate(values, 1)])


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
