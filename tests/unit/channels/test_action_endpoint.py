"""The way to the action server: whatever happens there, Rasa gets an answer in time and its log no values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.action_endpoint import SECRET_HEADER, UNAVAILABLE, ActionEndpoint, check_answers_once

SECONDS = 0.5
KIND_SENTENCE = {"events": [{"event": "followup", "name": UNAVAILABLE}], "responses": []}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ActionServer:
    """A real HTTP server that answers as told and keeps what it was sent."""

    def __init__(self) -> None:
        self.answer: Answer = answering({"events": [], "responses": []})
        self.bodies: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []

    async def webhook(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.secrets.append(request.headers.get(SECRET_HEADER))
        return await self.answer(request)


def answering(content: Any, status: int = 200) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response(content, status=status)

    return answer


@pytest.fixture
def actions() -> ActionServer:
    return ActionServer()


@pytest.fixture
async def endpoint(actions: ActionServer) -> AsyncIterator[ActionEndpoint]:
    app = web.Application()
    app.router.add_post("/webhook", actions.webhook)
    async with TestServer(app) as server:
        endpoint = ActionEndpoint(str(server.make_url("")).rstrip("/"), "secret", SECONDS)
        yield endpoint
        await endpoint.close()


def call(events: int = 3) -> dict[str, Any]:
    listed = [{"event": "action", "name": f"action_{number}"} for number in range(events)]
    return {"next_action": "action_check_invite", "tracker": {"events": listed}}


async def test_the_answer_is_the_action_servers(actions: ActionServer, endpoint: ActionEndpoint) -> None:
    given = {"events": [{"event": "slot", "name": "tier", "value": "code"}], "responses": [{"text": "Ecco"}]}
    actions.answer = answering(given)

    assert await endpoint.request(json=call()) == given
    assert actions.secrets == ["secret"]


async def test_only_the_last_events_are_sent(actions: ActionServer, endpoint: ActionEndpoint) -> None:
    await endpoint.request(json=call(events=500))

    sent = actions.bodies[0]["tracker"]["events"]
    assert len(sent) < 100
    assert sent[-1] == {"event": "action", "name": "action_499"}


@pytest.mark.parametrize(
    "answer",
    [
        answering({"error": "failed"}, status=500),
        answering({"error": "forbidden"}, status=403),
        answering(["events"]),
        answering({"events": "none"}),
        answering({"events": [{"name": "tier"}]}),
        answering({"events": [], "responses": ["Ecco"]}),
    ],
)
async def test_a_failure_becomes_the_kind_sentence(
    actions: ActionServer, endpoint: ActionEndpoint, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    actions.answer = answer

    assert await endpoint.request(json=call()) == KIND_SENTENCE
    assert "Action action_check_invite failed: error " in caplog.text


async def test_no_json_is_a_failure(actions: ActionServer, endpoint: ActionEndpoint) -> None:
    async def html(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>", content_type="text/html")

    actions.answer = html

    assert await endpoint.request(json=call()) == KIND_SENTENCE


async def test_an_answer_that_is_late_is_not_waited_for(actions: ActionServer, endpoint: ActionEndpoint) -> None:
    async def late(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(10 * SECONDS)
        return web.json_response({})

    actions.answer = late
    began = asyncio.get_running_loop().time()

    assert await endpoint.request(json=call()) == KIND_SENTENCE
    assert asyncio.get_running_loop().time() - began < 5 * SECONDS


async def test_nobody_there_is_a_failure() -> None:
    endpoint = ActionEndpoint("http://127.0.0.1:9", "secret", SECONDS)

    assert await endpoint.request(json=call()) == KIND_SENTENCE
    await endpoint.close()


async def test_rasa_takes_checked_answers_as_they_are(actions: ActionServer, endpoint: ActionEndpoint) -> None:
    check_answers_once()
    actions.answer = answering(
        {"events": [{"event": "slot", "name": "tier", "value": "code"}], "responses": [{"text": "Ecco"}]}
    )
    tracker = DialogueStateTracker("conversation", [])

    events = await RemoteAction("action_check_invite", endpoint).run(
        CollectingOutputChannel(), TemplatedNaturalLanguageGenerator({}), tracker, Domain.empty()
    )

    assert [event.text for event in events if isinstance(event, BotUttered)] == ["Ecco"]
    assert SlotSet("tier", "code") in events
