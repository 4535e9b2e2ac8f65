"""One turn as an action sees it: who speaks, what they gave, and what is said back."""

from __future__ import annotations

import datetime as clock
import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date
from rasa_sdk import Tracker

from actions.accounts.interface import Accounts
from actions.services import Services

Event = dict[str, Any]

_BEGINNING = "session_started_metadata"  # Rasa's name; set by the channel alone, never from text or entities


@dataclass(frozen=True)
class Speaker:
    """Who speaks, as the gateway proved it: never read from text, entities or slots."""

    tier: str
    client: str
    account_id: str | None = None
    company: str | None = None
    subject: str | None = None

    @property
    def is_administrator(self) -> bool:
        """Whether this is signed-in staff of a company."""
        return self.tier == "administrator" and self.company is not None


class Turn:
    """The latest message of a conversation with everything an action may use to answer it."""

    def __init__(self, tracker: Tracker, services: Services) -> None:
        self._tracker = tracker
        self._services = services
        self.conversation_id: str = tracker.sender_id
        self.messages: list[dict[str, Any]] = []
        self.now: datetime = services.now()

    @property
    def accounts(self) -> Accounts:
        """The account store."""
        return self._services.accounts

    @property
    def today(self) -> clock.date:
        """The current day in the portal's zone."""
        return self._services.today()

    @property
    def text(self) -> str:
        """What was typed, personal values replaced by references; nothing where a button was pressed.

        Typed text never begins with the sign of a payload: the channel sees to it.
        """
        text = self._tracker.latest_message.get("text") or ""
        return "" if text.startswith("/") else text

    @property
    def is_opening(self) -> bool:
        """Whether the conversation begins: nobody has said or pressed anything yet."""
        return not self._tracker.latest_message.get("text")

    @property
    def intent_ranking(self) -> list[dict[str, Any]]:
        """Candidate intents with their confidence, likeliest first."""
        return self._tracker.latest_message.get("intent_ranking") or []

    @functools.cached_property
    def speaker(self) -> Speaker:
        """Who sent the latest message; a conversation without proof is anonymous.

        What was proven in this very turn, after the gateway had sent its proof, stands in the conversation store.
        """
        if self.slot("tier") == "mailbox":
            stored = self._services.conversations.proof(self.conversation_id)
            if stored is not None:
                return Speaker(stored.tier, stored.client, stored.account_id, stored.company, stored.subject)
        # When a conversation begins there is no message yet, only what the channel began it with.
        proof = self._tracker.latest_message.get("metadata") or self._tracker.get_slot(_BEGINNING) or {}
        return Speaker(
            tier=proof.get("tier") or "anonymous",
            client=proof.get("client") or "",
            account_id=proof.get("account_id"),
            company=proof.get("company"),
            subject=proof.get("subject"),
        )

    @property
    def administrator(self) -> str:
        """Who the staff token names, for the audit trail alone: the conversation holds a reference to it."""
        subject = self.speaker.subject or ""
        return self.resolve(subject) or subject

    def slot(self, name: str) -> Any:
        """A slot as it stands."""
        return self._tracker.get_slot(name)

    def gives(self, entity: str) -> bool:
        """Whether the latest message itself holds such an entity, rather than an earlier one."""
        return any(found["entity"] == entity for found in self._tracker.latest_message.get("entities") or [])

    def value(self, name: str) -> str | None:
        """The personal value behind the reference in a slot; None if the slot is empty or the value has expired."""
        reference = self._tracker.get_slot(name)
        return self.resolve(reference) if reference else None

    def references_given(self, entity: str) -> list[str]:
        """The references in the latest message itself, each once; its typed values of that kind stand behind them."""
        found = self._tracker.latest_message.get("entities") or []
        return list(dict.fromkeys(str(entry["value"]) for entry in found if entry["entity"] == entity))

    def resolve(self, reference: str) -> str | None:
        """The personal value behind a reference of this conversation; None if it has expired."""
        return self._services.vault.resolve(self.conversation_id, reference)

    def reference(self, kind: str, value: str) -> str:
        """A reference for a personal value that the bot is about to say; the gateway puts the value back."""
        return self._services.vault.store(self.conversation_id, kind, value)

    def references(self, values: Sequence[tuple[str, str]]) -> list[str]:
        """References for several personal values, given as pairs of kind and value, in one transaction."""
        return self._services.vault.store_all(self.conversation_id, values)

    def short_date(self, moment: clock.date) -> str:
        """A day as it stands in a table: "03/03/2026"."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(self._services.zone).date()
        return format_date(moment, "dd/MM/yyyy", locale="it")

    def entity(self, name: str) -> str | None:
        """What a pressed button carries; typed text holds references only, which are not meant here."""
        found = [entity for entity in self._tracker.latest_message.get("entities") or [] if entity["entity"] == name]
        return str(found[0]["value"]) if found else None

    def date(self, moment: Any) -> str:
        """A day as an Italian reader writes it, in the portal's time zone: "martedì 3 marzo 2026".

        The weekday is there for the grammar, too: it needs no article, which "8 marzo" and "3 marzo" have of two kinds.
        """
        if isinstance(moment, datetime):
            moment = moment.astimezone(self._services.zone).date()
        return format_date(moment, "EEEE d MMMM y", locale="it")

    def say(self, response: str, **values: Any) -> None:
        """Say a response of the domain, its placeholders filled in."""
        self.messages.append({"response": response, **values})

    def has_just_said(self, response: str) -> bool:
        """Whether the bot said this response right before the latest message: an offer holds for one turn."""
        said_before = [said for _, said in self._events_with_said_before()]
        return bool(said_before) and response in said_before[-1]

    def said_before_form(self, form: str) -> set[str | None]:
        """The responses that the bot gave right before the message that last began this form."""
        said_then: set[str | None] = set()
        for event, said_before in self._events_with_said_before():
            if event["event"] == "active_loop" and event.get("name") == form:
                said_then = said_before
        return said_then

    def _events_with_said_before(self) -> Iterator[tuple[Event, set[str | None]]]:
        """Each event, with the responses that the bot gave right before the message that it follows."""
        said: set[str | None] = set()
        said_before = said
        for event in self._tracker.events:
            if event["event"] == "user":
                said_before, said = said, set()
            elif event["event"] == "bot":
                said.add((event.get("metadata") or {}).get("utter_action"))
            yield event, said_before

    def forms_displaced(self) -> list[str]:
        """The forms that gave way, one to the next, to the one that this message has filled; the latest first."""
        forms = [event.get("name") for event in self._tracker.events if event["event"] == "active_loop"]
        if not any(event["event"] == "active_loop" and event.get("name") is None for event in self._since_message()):
            return []
        return list(itertools.takewhile(bool, reversed(forms[:-1])))[1:]

    def has_run(self, action: str) -> bool:
        """Whether an action has answered the latest message already."""
        return any(event["event"] == "action" and event.get("name") == action for event in self._since_message())

    def _since_message(self) -> Iterator[Event]:
        """The events since the latest message, the latest first."""
        return itertools.takewhile(lambda event: event["event"] != "user", reversed(self._tracker.events))

    def was_unsure_before(self) -> bool:
        """Whether the message before the latest one was not understood either."""
        intents = [
            (event.get("parse_data") or {}).get("intent", {}).get("name")
            for event in self._tracker.events
            if event["event"] == "user"
        ]
        return len(intents) > 1 and intents[-2] == "nlu_fallback"
