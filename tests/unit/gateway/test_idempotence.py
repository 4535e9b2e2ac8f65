"""The same `client_message_id` is answered once, whatever happens to the first copy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.engine import Engine

from bot.conversations.store import ABANDONED
from bot.conversations.tables import message
from bot.gateway import desk
from bot.settings import Settings
from tests.unit.gateway.client import Chat, Gateway, answer_of, detail_of, gateway_process
from tests.unit.gateway.rasa_stand_in import Call, RasaStandIn, echo

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])

KEY = "0f8fad5bd9cb469fa16570867728950e"
MOMENT = 0.15  # seconds in which the other copy arrives


@pytest.fixture
async def other_gateway(settings: Settings) -> AsyncIterator[Gateway]:
    """A second process on the same databases."""
    async with gateway_process(settings) as process:
        yield process


class Gate:
    """Makes Rasa hold its first answer until it is opened."""

    def __init__(self, rasa: RasaStandIn) -> None:
        self._opened = threading.Event()
        self._first: Callable[[Call], object] = echo
        self._is_first = True
        rasa.answer = self._answer

    def open(self, answer: Callable[[Call], object] = echo) -> None:
        """Let the first answer go, as it is made here."""
        self._first = answer
        self._opened.set()

    def _answer(self, call: Call) -> object:
        is_first, self._is_first = self._is_first, False
        if not is_first:
            return echo(call)
        self._opened.wait(10)
        return self._first(call)


def states(engine: Engine) -> list[str]:
    """The states of the person's messages."""
    with engine.connect() as connection:
        return list(connection.scalars(select(message.c.state).where(message.c.side == "person")))


async def test_a_copy_gets_the_same_answer(chat: Chat, rasa: RasaStandIn) -> None:
    rasa.offer(("Sì", "/affirm"))
    assert await chat.say("Ciao", KEY) == await chat.say("Ciao", KEY)
    assert len(rasa.messages) == 1
    assert len(await chat.history()) == 3


async def test_a_pressed_button_is_answered_once(chat: Chat, rasa: RasaStandIn) -> None:
    rasa.offer(("Sì", "/affirm"))
    await chat.say("Riattiva")
    answers = [answer_of(await chat.post(payload="/affirm", client_message_id=KEY)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(rasa.messages) == 2


async def test_copies_at_once_are_answered_once(chat: Chat, rasa: RasaStandIn) -> None:
    answers = await asyncio.gather(*(chat.say("Ciao", KEY) for _ in range(5)))
    assert answers == [[{"text": "Ciao"}]] * 5
    assert len(rasa.messages) == 1


async def test_copies_at_two_processes_are_answered_once(chat: Chat, other_gateway: Gateway, rasa: RasaStandIn) -> None:
    gate = Gate(rasa)
    first = asyncio.create_task(chat.say("Ciao", KEY))
    second = asyncio.create_task(chat.at(other_gateway).say("Ciao", KEY))
    await asyncio.sleep(MOMENT)
    gate.open()
    assert await first == await second == [{"text": "Ciao"}]
    assert len(rasa.messages) == 1


async def test_a_waiting_copy_takes_over_when_the_first_fails(
    chat: Chat, other_gateway: Gateway, rasa: RasaStandIn
) -> None:
    gate = Gate(rasa)
    first = asyncio.create_task(chat.post(text="Ciao", client_message_id=KEY))
    await asyncio.sleep(MOMENT)
    second = asyncio.create_task(chat.at(other_gateway).say("Ciao", KEY))
    await asyncio.sleep(MOMENT)
    gate.open(lambda _: {"error": "5f"})
    detail_of(await first, 503)
    assert await second == [{"text": "Ciao"}]


async def test_a_failed_message_can_be_sent_again(chat: Chat, rasa: RasaStandIn) -> None:
    rasa.status = 500
    detail_of(await chat.post(text="Ciao", client_message_id=KEY), 503)
    rasa.status = 200
    assert await chat.say("Ciao", KEY) == [{"text": "Ciao"}]
    assert [m["side"] for m in await chat.history()] == ["bot", "person", "bot"]


async def test_an_answer_that_cannot_be_kept_fails_the_message(
    chat: Chat, rasa: RasaStandIn, conversations: Engine
) -> None:
    rasa.answer = lambda _: {"messages": [{"text": "\ud800"}]}  # no database takes half a character
    detail_of(await chat.post(text="Ciao", client_message_id=KEY), 500)
    assert states(conversations) == ["failed"]
    rasa.answer = echo
    assert await chat.say("Ciao", KEY) == [{"text": "Ciao"}]


async def test_a_request_broken_off_fails_the_message(chat: Chat, rasa: RasaStandIn, conversations: Engine) -> None:
    gate = Gate(rasa)
    request = asyncio.create_task(chat.say("Ciao", KEY))
    await asyncio.sleep(MOMENT)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    gate.open()
    assert states(conversations) == ["failed"]
    assert await chat.say("Ciao", KEY) == [{"text": "Ciao"}]


async def test_a_message_whose_process_died_is_answered_in_time(chat: Chat, conversations: Engine) -> None:
    left_behind(conversations, chat, datetime.now(timezone.utc) - ABANDONED)
    assert await chat.say("Ciao", KEY) == [{"text": "Ciao"}]


async def test_until_then_its_copy_waits_and_then_frees_it(
    chat: Chat, conversations: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "WAIT_FOR_TWIN", 0.3)
    left_behind(conversations, chat, datetime.now(timezone.utc) - timedelta(seconds=1))
    response = await chat.post(text="Ciao", client_message_id=KEY)
    assert detail_of(response, 409) == "This message got no answer yet. Send it again."
    assert response.headers["Retry-After"] == "5"
    assert await chat.say("Ciao", KEY) == [{"text": "Ciao"}]


async def test_the_id_of_another_conversation_means_nothing(gateway: Gateway, rasa: RasaStandIn) -> None:
    await (await gateway.chat()).say("Sono Ada", KEY)
    assert await (await gateway.chat()).say("Sono Leo", KEY) == [{"text": "Sono Leo"}]


def left_behind(engine: Engine, chat: Chat, since: datetime) -> None:
    """A message that a process began to answer, and no more."""
    row = {
        "conversation_id": chat.id,
        "side": "person",
        "text": "Ciao",
        "client_message_id": KEY,
        "state": "waiting",
        "created_at": since,
    }
    with engine.begin() as connection:
        connection.execute(insert(message).values(row))


async def test_rasa_is_told_which_message_it_is(chat: Chat, rasa: RasaStandIn, conversations: Engine) -> None:
    rasa.status = 500
    await chat.post(text="Ciao", client_message_id=KEY)
    rasa.status = 200
    await chat.say("Ciao", KEY)
    await chat.say("Ciao", "m2")
    first, again, other = rasa.messages
    assert first["message_id"] == again["message_id"] != other["message_id"]


async def test_rasa_is_told_what_a_pressed_button_said(chat: Chat, rasa: RasaStandIn) -> None:
    rasa.offer(("Sì, grazie", "/affirm"))
    await chat.say("Riattiva")
    await chat.post(payload="/affirm")
    assert (rasa.messages[-1]["payload"], rasa.messages[-1]["shown"]) == ("/affirm", "Sì, grazie")
