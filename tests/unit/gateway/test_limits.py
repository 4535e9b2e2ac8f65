from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.redis_server import own_redis
from tests.service import free_port
from tests.unit.gateway.client import detail_of, gateway_process
from tests.unit.gateway.rasa_stand_in import RasaStandIn


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Redis."""
    yield from own_redis(tmp_path)


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


@pytest.mark.parametrize("channel", ["widget", "staff"])
async def test_wrong_tokens_are_counted_as_conversations(settings: Settings, channel: str) -> None:
    async with gateway_process(few(settings)) as gateway:
        wrong = {"bearer": "wrong"} if channel == "staff" else {"identity": "wrong"}
        for _ in range(2):
            detail_of(await gateway.begin(channel, **wrong), 401)
        assert "Too many conversations" in detail_of(await gateway.begin(channel, **wrong), 429)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("nowhere", "elsewhere", False),
    ],
)
async def test_one_line_is_one_client_however_many_addresses_it_has(
    settings: Settings, redis_url: str, one: str, other: str, is_same: bool
) -> None:
    shared = few(settings, redis_url=redis_url)
    async with gateway_process(shared, one) as here, gateway_process(shared, other) as there:
        for _ in range(2):
            await here.chat()
        assert (await there.begin()).status_code == (429 if is_same else 201)


async def test_a_client_may_not_ask_on_in_other_conversations(settings: Settings) -> None:
    async with gateway_process(settings.copy(update={"client_request_limit": 4})) as gateway:
        first, second = await gateway.chat(), await gateway.chat()
        await first.say("Ciao")
        await second.say("Ciao")
        await first.history()
        await second.history()
        for response in (
            await first.post(text="Ciao"),
            await second.http.get("/api/widget/messages", headers=second.headers),
            await asyncio.wait_for(second.http.get("/api/widget/events", headers=second.headers), 5),
            await second.http.post("/api/widget/rating", json={"thumb": "up"}, headers=second.headers),
            await second.http.get("/api/widget/messages", headers={"Authorization": "Bearer guessed"}),
        ):
            assert "Too many requests" in detail_of(response, 429)
            assert 1 <= int(response.headers["Retry-After"]) <= 61


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
