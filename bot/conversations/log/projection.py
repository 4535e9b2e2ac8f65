"""From the events of a tracker to turns of the log: pure, alike for a turn that is being saved and for a rebuild.

Findings bear the names of the specification, which no two checks share: the values of the slots `invite_status`,
`email_status` and `contract_status`, and the names in the slot `findings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from bot.cases import cases
from bot.conversations.bubbles import bubble_of_event

Event = Mapping[str, Any]  # as stored: `rasa.shared.core.events.Event.as_dict()`

FALLBACK = "nlu_fallback"
STATUS_SLOTS = ("invite_status", "email_status", "contract_status")
FINDINGS_SLOT = "findings"
FAILURES = ("utter_service_unavailable", "utter_too_many_attempts", "utter_lost_thread")
TIERS = ("anonymous", "code", "mailbox", "portal", "administrator")  # each proves more than those before it
RANKED = 5  # candidates that are kept

_BEGINNING = "session_started_metadata"  # Rasa's slot with what the channel began the conversation with
_RASA_SLOTS = (_BEGINNING, "requested_slot")
RASA_ACTIONS = ("action_listen", "action_session_start")
_LISTEN = "action_listen"
_NO_CASES = ("smalltalk", "dialogue", "out_of_scope")
_UNANSWERABLE = (*_NO_CASES, "handoff")
_QUESTIONS = ("utter_ask_", "utter_unsure", "utter_not_understood", "utter_offer_human", "utter_cancelled")


@dataclass
class LoggedTurn:
    """One turn: the columns of the table `turn`, and what its outcome follows from. Texts hold references only."""

    side: str
    at: datetime
    text: str | None = None
    answers: list[dict[str, Any]] = field(default_factory=list)
    support_user: str | None = None
    intent: str | None = None
    confidence: float | None = None
    is_unsure: bool = False
    ranking: list[dict[str, Any]] | None = None
    actions: list[str] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    milliseconds: float | None = None
    responses: list[str] = field(default_factory=list)
    begins_form: bool = False
    is_answer: bool = False  # when the bot listened again: what is said or set later answers nothing

    @property
    def case(self) -> str | None:
        """The case that the person brought up, if the bot acted on it."""
        return self.intent if not self.is_unsure and _is_case(self.intent, _NO_CASES) else None

    def has_answered(self) -> bool:
        """Whether a finding was told, or the answer of a case; a question back, an offer or a failure is none."""
        if any(action in FAILURES for action in self.actions):
            return False
        if self.findings:
            return True
        if self.is_unsure or self.begins_form or not _is_case(self.intent, _UNANSWERABLE):
            return False
        return any(not response.startswith(_QUESTIONS) for response in self.responses)


@dataclass
class Traits:
    """What the events tell of the conversation as a whole; None where they tell nothing."""

    channel: str | None = None
    language: str | None = None
    company: str | None = None
    account: str | None = None
    client: str | None = None
    tier: str = TIERS[0]
    handed_off: bool = False

    def take_proof(self, metadata: Mapping[str, Any]) -> None:
        """What the gateway has proven, as it came with the beginning or with a message."""
        self.channel = metadata.get("channel") or self.channel
        self.language = metadata.get("language") or self.language
        self.company = metadata.get("company") or self.company
        self.account = metadata.get("account_id") or self.account
        self.client = metadata.get("client") or self.client
        self.take_tier(metadata.get("tier"))

    def take_tier(self, tier: str | None) -> None:
        """A tier that holds now; the highest counts."""
        self.tier = higher_tier(self.tier, tier)


@dataclass
class Projection:
    """New turns in order, what still belongs to the turn before them, and the conversation's traits."""

    turns: list[LoggedTurn]
    rest: LoggedTurn | None
    traits: Traits


def higher_tier(one: str, other: str | None) -> str:
    """The tier of two that proves more."""
    return other if other in TIERS and TIERS.index(other) > TIERS.index(one) else one


def project(events: Iterable[Event], *, has_begun: bool = False, is_paused: bool = False) -> Projection:
    """The turns that events make up.

    ``has_begun`` tells that there are turns before them, the opening at least, and ``is_paused`` that support has the
    conversation. What the person says to support is not the bot's: it is kept without any understanding or time.
    """
    reading = _Reading(has_begun, is_paused)
    for event in events:
        reading.take(event)
    reading.close()
    return Projection(reading.turns, reading.rest, reading.traits)


class _Reading:
    def __init__(self, has_begun: bool, is_paused: bool) -> None:
        self.turns: list[LoggedTurn] = []
        self.rest: LoggedTurn | None = None
        self.traits = Traits()
        self._has_begun = has_begun
        self._current: LoggedTurn | None = None
        self._began: float | None = None  # when the message came in; None once its turn is over
        self._is_paused = is_paused
        self._is_over = False  # the bot has listened since the turn began

    def take(self, event: Event) -> None:
        kind = event["event"]
        support_user = (event.get("metadata") or {}).get("support") if kind == "bot" else None
        if kind == "user":
            began = None if self._is_paused else (event.get("metadata") or {}).get("began")
            self._begin(_to_support(event) if self._is_paused else _to_bot(event), began)
            self._take_person(event)
        elif support_user:
            self.traits.handed_off = True
            self._begin(LoggedTurn("support", _moment(event), event.get("text"), support_user=support_user), None)
        else:
            self._take_answer(kind, event)
        if kind in ("pause", "resume"):
            self._is_paused = kind == "pause"
        if kind == "action" and event["name"] == _LISTEN:
            self._end(event)
        elif kind in ("pause", "resume"):
            self._end(None)
        elif self._current is not None and self._began is not None:
            self._current.milliseconds = _milliseconds(self._began, event)

    def close(self) -> None:
        """Nothing that comes now is part of the answer to the latest turn."""
        if self._current is not None and not self._is_over:
            self._current.is_answer = self._current.has_answered()
            self._is_over = True

    def _take_answer(self, kind: str, event: Event) -> None:
        current = self._current or self._open(event)
        if kind == "bot":
            shown = bubble_of_event(event)
            if shown:
                current.answers.append(shown)
                current.responses.append((event.get("metadata") or {}).get("utter_action") or "")
        elif kind == "action" and event["name"] not in RASA_ACTIONS and event["name"]:
            current.actions.append(event["name"])
        elif kind == "active_loop":
            current.begins_form = event["name"] is not None
        elif kind == "slot":
            self._take_slot(current, event["name"], event["value"])

    def _take_person(self, event: Event) -> None:
        metadata = event.get("metadata") or {}
        self.traits.take_proof(metadata)
        self.traits.channel = metadata.get("channel") or event.get("input_channel") or self.traits.channel

    def _take_slot(self, current: LoggedTurn, name: str, value: Any) -> None:
        if name == _BEGINNING:
            self.traits.take_proof(value or {})
            if self._current is current and current.side == "bot":
                self._began = (value or {}).get("began")
        elif name == "audience":
            self.traits.channel = value or self.traits.channel
        elif name == "tier":
            self.traits.take_tier(value)
        elif name == "handoff_open" and value:
            self.traits.handed_off = True
        if name in _RASA_SLOTS:
            return
        current.slots[name] = value
        found = [value] if name in STATUS_SLOTS and value else value if name == FINDINGS_SLOT and value else []
        current.findings += [finding for finding in found if finding not in current.findings]

    def _begin(self, new: LoggedTurn, began: float | None) -> None:
        self.close()
        self.turns.append(new)
        self._current, self._began, self._is_over = new, began, False

    def _open(self, event: Event) -> LoggedTurn:
        """The opening, or what still belongs to a turn that was saved before."""
        new = LoggedTurn("bot", _moment(event))
        if self._has_begun:
            self.rest = self._current = new
        else:
            self._begin(new, None)
        return new

    def _end(self, listening: Event | None) -> None:
        """The bot listens, or is told to be silent: what comes later is not time that the answer took."""
        is_opening = self._current is not None and self._current.side == "bot"
        if listening is not None and self._current is not None and self._began is not None:
            self._current.milliseconds = _milliseconds(self._began, listening)
        if not is_opening:  # Rasa listens once before an opening is said
            self._began = None
            self.close()


def _to_support(event: Event) -> LoggedTurn:
    return LoggedTurn("person", _moment(event), (event.get("metadata") or {}).get("shown") or event.get("text"))


def _to_bot(event: Event) -> LoggedTurn:
    metadata, parsed = event.get("metadata") or {}, event.get("parse_data") or {}
    understood = parsed.get("intent") or {}
    ranking = [
        {"name": candidate["name"], "confidence": round(float(candidate.get("confidence") or 0), 4)}
        for candidate in parsed.get("intent_ranking") or [understood]
        if candidate.get("name") not in (None, FALLBACK)
    ][:RANKED]
    return LoggedTurn(
        "person",
        _moment(event),
        metadata.get("shown") or event.get("text"),
        intent=ranking[0]["name"] if ranking else None,
        confidence=ranking[0]["confidence"] if ranking else None,
        is_unsure=understood.get("name") == FALLBACK,
        ranking=ranking or None,
    )


def labels(turns: Sequence[LoggedTurn]) -> list[tuple[str, str]]:
    """The intents that were acted on and the findings of some turns, as pairs of kind and name, each once."""
    pairs = [("intent", turn.intent) for turn in turns if turn.intent and not turn.is_unsure]
    pairs += [("finding", finding) for turn in turns for finding in turn.findings]
    return list(dict.fromkeys(pairs))


def _is_case(intent: str | None, excepted: tuple[str, ...]) -> bool:
    return intent in cases() and cases()[intent].family not in excepted


def _moment(event: Event) -> datetime:
    return datetime.fromtimestamp(event["timestamp"], timezone.utc)


def _milliseconds(began: float, event: Event) -> float:
    return round(max(0.0, event["timestamp"] - began) * 1000, 1)
