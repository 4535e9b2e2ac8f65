"""`portiere parse`: what the bot understands of messages, as JSON lines."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from bot.models import current_model
from bot.nlu.case_classifier import FALLBACK
from bot.nlu.references import kind_of_reference
from bot.privacy.detection import mask


def understand(lines: Iterable[str], channel: str) -> Iterator[dict[str, Any]]:
    """Parse each message as the gateway and Rasa would: personal values masked before, named again after.

    `fallback` tells that the bot would not act on the intent; the intent is then the likeliest one all the same.
    """
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    model = current_model()
    if not model.exists():
        raise FileNotFoundError(f"There is no model of the present sources ({model}): run `make train`.")
    processor = Agent.load(str(model)).processor
    if processor is None:
        raise FileNotFoundError(f"{model} cannot be loaded: remove it and run `make train`.")
    loop = asyncio.new_event_loop()
    for line in lines:
        text = line.rstrip("\n")
        values: dict[str, str] = {}
        masked = mask(text, _referrer(values))
        metadata = {"channel": channel, "google_mail": masked.names_google_mail}
        message = UserMessage(masked.text or " ", metadata=metadata)
        parsed = loop.run_until_complete(processor.parse_message(message))
        yield result(text, parsed, values)
    loop.close()


def result(text: str, parsed: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """One line of output from Rasa's parse result."""
    ranking = [candidate for candidate in parsed.get("intent_ranking", []) if candidate["name"] != FALLBACK]
    best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
    return {
        "text": text,
        "intent": best["name"],
        "confidence": round(float(best["confidence"] or 0), 4),
        "fallback": parsed["intent"]["name"] in (FALLBACK, None),
        "entities": [
            {"entity": entity["entity"], "value": values.get(entity["value"], entity["value"])}
            for entity in parsed.get("entities", [])
        ],
    }


def _referrer(values: dict[str, str]) -> Any:
    """Hands out references like the vault, remembering the values for this one message."""

    def refer(kind: str, value: str) -> str:
        for known, stored in values.items():
            if stored == value and kind_of_reference(known) == kind:
                return known
        count = sum(kind_of_reference(known) == kind for known in values)
        reference = f"⟨{kind} {count + 1}⟩"
        values[reference] = value
        return reference

    return refer


def parse(channel: str) -> None:
    """Read messages from standard input, one a line, and write one JSON object a line."""
    for answer in understand(sys.stdin, channel):
        print(json.dumps(answer, ensure_ascii=False), flush=True)
