"""One message of the bot as the gateway's API shows it: text, buttons, image, custom content, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SHOWN = ("text", "buttons", "image", "custom")


def bubble(message: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of a message that Rasa sends; empty if nothing is."""
    shown = {key: message[key] for key in _SHOWN if message.get(key)}
    if "buttons" in shown:
        shown["buttons"] = [{"title": b["title"], "payload": b["payload"]} for b in shown["buttons"]]
    return shown


def bubble_of_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a stored event of kind ``bot``."""
    return bubble({**(event.get("data") or {}), "text": event.get("text")})
