from __future__ import annotations

import pytest

from bot.settings import Settings
from tests.unit.gateway.client import answer_of, gateway_process
from tests.unit.gateway.rasa_stand_in import RasaStandIn

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


async def test_a_conversation_outlives_the_gateway(settings: Settings, rasa: RasaStandIn) -> None:
    async with gateway_process(settings) as before:
        chat = await before.chat()
        rasa.offer(("Sì", "/affirm"))
        answer = await chat.say("Sono leo@example.com", "m1")
        history = await chat.history()
    async with gateway_process(settings) as after:
        same = chat.at(after)
        assert await same.history() == history
        assert await same.say("Sono leo@example.com", "m1") == answer
        assert answer_of(await same.post(payload="/affirm")) == answer
        assert {call["conversation_id"] for call in rasa.calls} == {chat.id}


async def test_proofs_outlive_the_gateway(settings: Settings, rasa: RasaStandIn) -> None:
    async with gateway_process(settings) as before:
        chat = await before.chat("staff", before.staff_token())
    async with gateway_process(settings) as after:
        await chat.at(after).say("Ciao")
    assert rasa.messages[0]["metadata"]["company"] == "brenta"
