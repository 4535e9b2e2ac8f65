"""Conversations as Rasa's tracker store is given them, turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from sqlalchemy import select
from sqlalchemy.engine import Engine, Row

from bot.conversations.log.tables import conversation_label, logged_conversation, turn
from bot.conversations.tracker_store import ConversationTrackerStore
from tests.unit.conversations.factories import NOON

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    slots:
      tier: {type: text, influence_conversation: false, mappings: [{type: custom}]}
      invite_status: {type: text, influence_conversation: false, mappings: [{type: custom}]}
      findings: {type: list, influence_conversation: false, mappings: [{type: custom}]}
      handoff_open: {type: bool, influence_conversation: false, mappings: [{type: custom}]}
    forms:
      invite_form: {required_slots: []}
    """
)
PROOF = {"tier": "anonymous", "account_id": None, "company": None, "client": "somewhere", "language": "it"}


def said(response: str, text: str = "Ecco", **shown: Any) -> list[Event]:
    """An action that says one response."""
    return [ActionExecuted(response), BotUttered(text, shown, {"utter_action": response})]


def understood(text: str, intent: str, confidence: float = 0.9, **metadata: Any) -> UserUttered:
    """A message and what the classifier made of it; below two thirds the bot does not act."""
    ranking = [{"name": intent, "confidence": confidence}, {"name": "thank", "confidence": 0.01}]
    acted_on = {"name": intent if confidence >= 0.67 else "nlu_fallback", "confidence": confidence}
    parsed = {"intent": acted_on, "intent_ranking": ranking}
    return UserUttered(text, acted_on, parse_data=parsed, metadata={**PROOF, "channel": "widget", **metadata})


class Talk:
    """One conversation at one Rasa process. Its clock stands at ``at`` and moves on by a second an event."""

    def __init__(self, store: ConversationTrackerStore, name: str = "talk", at: datetime = NOON) -> None:
        self.name = name
        self._store = store
        self._clock = at.timestamp()

    async def open(self, channel: str = "widget", **proof: Any) -> Talk:
        """The greeting."""
        metadata = {**PROOF, **proof, "channel": channel, "began": self._clock}
        tracker = await self._store.get_or_create_tracker(self.name, append_action_listen=False)
        self._tell(
            tracker,
            SlotSet("session_started_metadata", metadata),
            ActionExecuted("action_session_start"),
            SessionStarted(),
            ActionExecuted("action_listen"),
            SlotSet("audience", channel),
            *said("utter_greet", "Ciao!"),
            ActionExecuted("action_listen"),
        )
        await self._store.save(tracker)
        return self

    async def say(self, message: UserUttered, *answer: Event) -> None:
        """A message and what the bot did about it."""
        await self.happens(message, *answer, ActionExecuted("action_listen"))

    async def happens(self, *events: Event) -> None:
        """Anything else that is saved in one go."""
        tracker = await self._store.retrieve(self.name)
        assert tracker is not None
        self._tell(tracker, *events)
        await self._store.save(tracker)

    def wait(self, seconds: float) -> None:
        """Nobody says anything."""
        self._clock += seconds

    def _tell(self, tracker: Any, *events: Event) -> None:
        for event in events:
            self._clock += 1
            event.timestamp = self._clock
            tracker.update(event, DOMAIN)


async def hold_many_kinds(store: ConversationTrackerStore) -> None:
    """Conversations with everything that a projection must get right."""
    talk = await Talk(store, "plain").open()
    await talk.say(understood("ciao", "greet"), *said("utter_hello_again"))
    await talk.say(
        understood("boh", "reset_password", 0.4), *said("utter_unsure", buttons=[{"title": "Sì", "payload": "/x"}])
    )
    await talk.say(
        understood("il codice ⟨codice 1⟩ è scaduto", "invite_code_expired", tier="code"),
        ActionExecuted("action_check_invite"),
        SlotSet("invite_status", "expired"),
        SlotSet("tier", "code"),
        *said("utter_invite_expired", "È scaduto"),
    )
    talk = await Talk(store, "form", NOON).open(account_id="ada", tier="portal")
    await talk.say(
        understood("/invite_code_expired", "invite_code_expired", 1.0, shown="Il mio codice è scaduto"),
        *said("utter_invite_code_expired"),
        ActionExecuted("invite_form"),
        ActiveLoop("invite_form"),
        BotUttered("Quale?", metadata={"utter_action": "utter_ask_invite_form_invite_code"}),
    )
    talk = await Talk(store, "taken over").open()
    await talk.say(
        understood("una persona", "talk_to_human"), SlotSet("handoff_open", True), *said("utter_handoff_opened")
    )
    await talk.happens(ConversationPaused())
    await talk.happens(BotUttered("Buongiorno, sono Carla", metadata={"support": "carla"}))
    await talk.happens(understood("grazie Carla", "thank", began=NOON.timestamp()))
    await talk.say(understood("mah", "out_of_scope", 0.3))
    await talk.say(understood("e la password?", "reset_password"))
    talk.wait(600)
    await talk.happens(ConversationResumed(), *said("utter_assistant_back", "Sono di nuovo io"))
    talk = await Talk(store, "given back unanswered").open()
    await talk.say(
        understood("il codice è scaduto", "invite_code_expired"),
        BotUttered("Quale?", metadata={"utter_action": "utter_ask_invite_form_invite_code"}),
    )
    await talk.happens(ConversationPaused())
    await talk.happens(ConversationResumed(), *said("utter_assistant_back"), SlotSet("invite_status", "expired"))
    talk = await Talk(store, "staff").open("staff", tier="administrator", company="brenta")
    await talk.say(
        understood("chi non entra?", "customer_cannot_log_in", channel="staff", tier="administrator", company="brenta"),
        SlotSet("findings", ["no_account", "invite_open"]),
        *said("utter_diagnosis"),
    )


def rows(engine: Engine, *, with_ids: bool = False) -> dict[str, list[dict[str, Any]]]:
    """The whole log."""
    order = {
        logged_conversation: logged_conversation.c.id,
        turn: turn.c.id,
        conversation_label: conversation_label.c.name,
    }
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (
                    {k: v for k, v in row._mapping.items() if with_ids or table is not turn or k != "id"}
                    for row in connection.execute(select(table).order_by(column))
                ),
                key=lambda row: str((row.get("conversation_id", row.get("id")), row.get("number"), row.get("name"))),
            )
            for table, column in order.items()
        }


def turns(engine: Engine, name: str = "talk") -> Sequence[Row]:
    """The turns of one conversation in order."""
    with engine.connect() as connection:
        return connection.execute(select(turn).where(turn.c.conversation_id == name).order_by(turn.c.number)).all()


def logged(engine: Engine, name: str = "talk") -> Row:
    """The row of one conversation."""
    with engine.connect() as connection:
        return connection.execute(select(logged_conversation).where(logged_conversation.c.id == name)).one()
