"""Personal values stay with the person and in the vault: planted ones are looked for everywhere else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from tests.databases import every_value
from tests.unit.gateway.client import Chat, Gateway, detail_of, gateway_process
from tests.unit.gateway.rasa_stand_in import RasaStandIn

ADDRESS = "marker.quercia@example.com"
CODE = "USAT-2345"
MARKS = ("quercia", "usat-2345", "usat2345", "usat 2345")
TEXT = f"Sono {ADDRESS} e il codice usat 2345 non va"

on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@on_both
async def test_rasa_sees_references_only(chat: Chat, rasa: RasaStandIn) -> None:
    await chat.say(TEXT)
    assert rasa.messages[0]["text"] == "Sono ⟨email 1⟩ e il codice ⟨codice 1⟩ non va"
    assert not [mark for mark in MARKS if mark in str(rasa.calls).lower()]


@on_both
async def test_no_table_holds_a_value(chat: Chat, conversations: Engine, rasa: RasaStandIn) -> None:
    rasa.offer(("Scrivi a ⟨email 1⟩", "/a"))
    await chat.say(TEXT, "m1")
    found = every_value(conversations).lower()
    assert "⟨email 1⟩" in found
    assert not [mark for mark in MARKS if mark in found]


async def test_no_file_holds_a_value(gateway: Gateway, chat: Chat) -> None:
    await chat.say(TEXT)
    files = [path for path in Path(gateway.settings.home).rglob("*") if path.is_file()]
    assert [path.name for path in files if path.name.startswith("conversations.db")]
    for path in files:
        content = path.read_bytes().decode("latin-1").lower()
        assert not [mark for mark in MARKS if mark in content], path


@on_both
async def test_the_person_sees_the_values(chat: Chat, rasa: RasaStandIn) -> None:
    rasa.offer(("Scrivi a ⟨email 1⟩", "/a"))
    answer = await chat.say(f"Sono {ADDRESS}", "m1")
    assert answer[0]["buttons"] == [{"title": f"Scrivi a {ADDRESS}", "payload": "/a"}]
    assert await chat.say(f"Sono {ADDRESS}", "m1") == answer
    assert [m["text"] for m in await chat.history() if m["side"] == "person"] == [f"Sono {ADDRESS}"]


async def test_a_reference_typed_by_hand_points_at_nothing(chat: Chat) -> None:
    await chat.say(f"Sono {ADDRESS}")
    assert await chat.say("Chi è ⟨email 1⟩?") == [{"text": "Chi è <email 1>?"}]


async def test_a_reference_of_another_conversation_stays_one(gateway: Gateway, chat: Chat, rasa: RasaStandIn) -> None:
    await chat.say(f"Sono {ADDRESS}")
    rasa.answer = lambda _: {"messages": [{"text": "⟨email 1⟩"}]}
    assert await (await gateway.chat()).say("Chi sono?") == [{"text": "⟨email 1⟩"}]


async def test_an_unexpected_failure_tells_an_id_and_nothing_else(
    gateway: Gateway, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    await chat.say("Sono leo@example.com")
    other_secret = gateway.settings.copy(update={"secret": "t" * 32})
    async with gateway_process(other_secret) as process:  # its vault cannot add to what another key began
        with caplog.at_level(logging.DEBUG):
            response = await chat.at(process).post(text=TEXT)
    detail = detail_of(response, 500)
    error_id = detail.partition("error ")[2][:12]
    assert f"error {error_id}, WrongMasterKey" in caplog.text
    for mark in MARKS:
        assert mark not in response.text.lower()
        assert mark not in caplog.text.lower()


@pytest.mark.parametrize("status", [500, 200])
async def test_a_failing_rasa_leaves_no_value_in_the_log(
    chat: Chat, rasa: RasaStandIn, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    rasa.status = status
    rasa.answer = lambda call: {"error": call["text"] + TEXT}
    with caplog.at_level(logging.DEBUG):
        response = await chat.post(text=TEXT)
    detail_of(response, 503)
    for mark in MARKS:
        assert mark not in response.text.lower()
        assert mark not in caplog.text.lower()
