"""Takeovers when something is in the way: no answer of Rasa, a conversation that has ended, a second supporter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import update
from sqlalchemy.engine import Engine

from bot.conversations.handoffs import Handoffs
from bot.conversations.store import ConversationStore
from bot.conversations.tables import conversation
from bot.gateway.problems import Problem
from bot.gateway.rasa import RasaClient
from bot.gateway.takeover import Ended, NotYours, Takeover
from bot.privacy.vault import Vault
from bot.settings import Settings
from tests.unit.gateway.client import Chat
from tests.unit.gateway.rasa_stand_in import Call, RasaStandIn

STEPS = ("take-over", "say", "give-back")

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@pytest.fixture
def handoffs(conversations: Engine) -> Handoffs:
    return Handoffs(conversations)


@pytest.fixture
async def takeover(settings: Settings, conversations: Engine, handoffs: Handoffs) -> AsyncIterator[Takeover]:
    vault, client = Vault(conversations, settings.key("vault")), RasaClient(settings)
    yield Takeover(settings, ConversationStore(conversations), handoffs, vault, client)
    await client.close()


@pytest.fixture
def number(chat: Chat, handoffs: Handoffs, rasa: RasaStandIn) -> str:
    """An open case of the conversation; Rasa says nothing by itself from now on."""
    rasa.answer = lambda _: {"messages": []}
    return handoffs.open(chat.id, kind="asked", reason="", contact="chat", now=datetime.now(timezone.utc))


def end(conversations: Engine, chat: Chat) -> None:
    ended = datetime.now(timezone.utc) - timedelta(minutes=1)
    began = ended - timedelta(hours=1)
    with conversations.begin() as connection:
        is_this = conversation.c.id == chat.id
        connection.execute(update(conversation).where(is_this).values(created_at=began, expires_at=ended))


def steps(rasa: RasaStandIn) -> list[str]:
    """What Rasa was asked for in takeovers."""
    return [path.rsplit("/", 1)[1] for path in rasa.paths if path.rsplit("/", 1)[1] in STEPS]


async def test_a_case_stays_in_the_queue_if_the_bot_could_not_be_silenced(
    takeover: Takeover, handoffs: Handoffs, number: str, rasa: RasaStandIn, chat: Chat
) -> None:
    rasa.status = 500
    with pytest.raises(Problem):
        await takeover.take(number, "anna")
    assert handoffs.waiting() == 1
    assert [message["side"] for message in await chat.history()] == ["bot"]
    rasa.status = 200
    await takeover.take(number, "bruno")
    assert handoffs.standing(chat.id) == {"state": "taken", "support": "Bruno"}


async def test_a_running_conversation_is_taken_without_a_case_and_has_one_then(
    takeover: Takeover, handoffs: Handoffs, rasa: RasaStandIn, chat: Chat
) -> None:
    rasa.answer = lambda _: {"messages": []}
    case = await takeover.begin(chat.id, "anna")
    assert (case.kind, case.state, case.taken_by, case.contact) == ("support", "taken", "anna", "chat")
    assert handoffs.standing(chat.id) == {"state": "taken", "support": "Anna"}
    with pytest.raises(NotYours):
        await takeover.begin(chat.id, "bruno")


async def test_taking_a_running_conversation_takes_the_case_that_it_has(
    takeover: Takeover, handoffs: Handoffs, rasa: RasaStandIn, chat: Chat
) -> None:
    rasa.answer = lambda _: {"messages": []}
    now = datetime.now(timezone.utc)
    number = handoffs.open(chat.id, kind="asked", reason="non entro", contact="⟨telefono 1⟩", now=now)
    case = await takeover.begin(chat.id, "anna")
    assert (case.number, case.kind, case.reason, case.contact) == (number, "asked", "non entro", "⟨telefono 1⟩")


async def test_a_conversation_that_has_ended_is_not_taken(
    takeover: Takeover, handoffs: Handoffs, conversations: Engine, chat: Chat
) -> None:
    end(conversations, chat)
    with pytest.raises(Ended):
        await takeover.begin(chat.id, "anna")
    assert handoffs.waiting() == 0


async def test_what_rasa_did_not_take_is_not_shown_and_may_be_said_again(
    takeover: Takeover, number: str, rasa: RasaStandIn, chat: Chat
) -> None:
    await takeover.take(number, "anna")
    rasa.status = 500
    with pytest.raises(Problem):
        await takeover.say(number, "anna", "Eccomi", "s1")
    rasa.status = 200
    for _ in range(2):
        await takeover.say(number, "anna", "Eccomi", "s1")
    assert [message["text"] for message in await chat.history()] == ["Benvenuto", "", "Eccomi"]


async def test_personal_values_that_support_writes_reach_rasa_as_references_and_the_person_as_they_are(
    takeover: Takeover, number: str, rasa: RasaStandIn, chat: Chat
) -> None:
    await takeover.take(number, "anna")
    await takeover.say(number, "anna", "Scrivi a ada.neri@example.com", "s1")
    assert "ada.neri" not in str(rasa.calls)
    assert (await chat.history())[-1]["text"] == "Scrivi a ada.neri@example.com"


async def test_nobody_but_who_took_it_speaks(takeover: Takeover, number: str, chat: Chat) -> None:
    with pytest.raises(NotYours):
        await takeover.say(number, "anna", "Eccomi", "s1")
    await takeover.take(number, "anna")
    for step in (takeover.take(number, "bruno"), takeover.say(number, "bruno", "Io", "s2")):
        with pytest.raises(NotYours):
            await step
    assert [message["text"] for message in await chat.history()] == ["Benvenuto", ""]


async def test_nothing_is_said_where_nobody_would_read_it(
    takeover: Takeover, number: str, chat: Chat, conversations: Engine, handoffs: Handoffs
) -> None:
    end(conversations, chat)
    await takeover.take(number, "anna")
    with pytest.raises(Ended):
        await takeover.say(number, "anna", "Eccomi", "s1")
    await takeover.give_back(number, "anna")
    assert handoffs.queue("anna", datetime.now(timezone.utc)) == ([], False)


async def test_a_case_that_is_lost_while_rasa_lets_its_taking_wait_leaves_nobody_mute(
    takeover: Takeover, handoffs: Handoffs, number: str, rasa: RasaStandIn
) -> None:
    def lose(_: Call) -> Call:
        handoffs.release(number, "anna")
        return {"messages": []}

    rasa.answer = lose
    with pytest.raises(NotYours):
        await takeover.take(number, "anna")
    assert steps(rasa) == ["take-over", "give-back"]
    assert handoffs.waiting() == 1


async def test_a_case_that_somebody_takes_while_it_is_put_back_leaves_the_bot_silent(
    takeover: Takeover, handoffs: Handoffs, number: str, rasa: RasaStandIn
) -> None:
    await takeover.take(number, "anna")

    def pass_on(_: Call) -> Call:
        handoffs.assign(number, "bruno", "anna")
        return {"messages": []}

    rasa.answer = pass_on
    await takeover.put_back(number, "anna")
    assert steps(rasa) == ["take-over", "give-back", "take-over"]


async def test_a_message_said_while_a_lead_puts_the_case_back_does_not_leave_the_bot_mute(
    takeover: Takeover, handoffs: Handoffs, number: str, rasa: RasaStandIn
) -> None:
    await takeover.take(number, "anna")

    def put_back(_: Call) -> Call:
        handoffs.release(number, "anna")
        return {"messages": []}

    rasa.answer = put_back
    await takeover.say(number, "anna", "Eccomi", "s1")
    assert steps(rasa) == ["take-over", "take-over", "say", "give-back"]


async def test_the_person_learns_no_more_of_a_supporter_than_the_name_they_are_called_by(
    takeover: Takeover, number: str, chat: Chat
) -> None:
    await takeover.take(number, "anna.bianchi-neri@example.com")
    await takeover.say(number, "anna.bianchi-neri@example.com", "Eccomi", "s1")
    history = str(await chat.history())
    assert "Anna" in history
    assert "bianchi" not in history


async def test_a_conversation_lives_on_while_support_writes(
    takeover: Takeover, number: str, chat: Chat, conversations: Engine
) -> None:
    await takeover.take(number, "anna")
    soon = datetime.now(timezone.utc) + timedelta(minutes=1)
    with conversations.begin() as connection:
        connection.execute(update(conversation).where(conversation.c.id == chat.id).values(expires_at=soon))
    await takeover.say(number, "anna", "Eccomi", "s1")
    found = ConversationStore(conversations).conversation(chat.id)
    assert found is not None
    assert found.expires_at > soon + timedelta(minutes=10)
