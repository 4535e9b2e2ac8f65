"""A message is handled once, in whatever order its attempts arrive."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.shared.core.events import ActionExecuted

from bot.channels.gateway_channel import SECRET_HEADER, Answer
from bot.channels.widget import WidgetChannel
from bot.conversations import schema
from bot.conversations.tracker_store import ConversationTrackerStore
from tests.unit.conversations.log.talks import DOMAIN, Talk, said, understood

SAID = {"conversation_id": "talk", "text": "ciao", "message_id": 11, "metadata": {}}


class Processor:
    """What handles messages in one Rasa process: answers, and counts how often."""

    def __init__(self, url: str) -> None:
        self.lock_store = InMemoryLockStore()
        self.tracker_store = ConversationTrackerStore(DOMAIN, url=url)
        self.handled: list[Any] = []

    async def handle_message(self, message: UserMessage) -> None:
        self.handled.append((message.metadata or {}).get("message_id"))
        tracker = await self.tracker_store.retrieve("talk")
        assert tracker is not None
        spoken = understood(message.text, "greet", **(message.metadata or {}))
        for event in (spoken, *said("utter_greet", "Ciao!"), ActionExecuted("action_listen")):
            tracker.update(event, DOMAIN)
        await self.tracker_store.save(tracker)
        assert isinstance(message.output_channel, Answer)
        message.output_channel.messages.append({"text": "Ciao!"})


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'conversations.db'}"
    schema.upgrade(url)
    return url


async def send(processor: Processor) -> Any:
    """What the gateway's call to this process comes to."""

    async def never(_: UserMessage) -> None:
        raise AssertionError("Rasa's own way looks for no kept answer")

    blueprint = WidgetChannel("secret").blueprint(never)
    handle = next(route.handler for route in blueprint._future_routes if "messages" in route.uri)
    agent = SimpleNamespace(processor=processor)
    app = SimpleNamespace(ctx=SimpleNamespace(agent=agent))
    return await handle(SimpleNamespace(app=app, headers={SECRET_HEADER: "secret"}, json=SAID))


async def test_an_attempt_that_arrives_late_at_another_process_gets_the_kept_answer(url: str) -> None:
    first, second = Processor(url), Processor(url)
    await Talk(first.tracker_store).open()
    answers = [await send(second), await send(first)]
    assert (second.handled, first.handled) == ([11], [])
    assert answers[0].body == answers[1].body


async def test_two_attempts_at_once_are_one(url: str) -> None:
    processor = Processor(url)
    await Talk(processor.tracker_store).open()
    answers = await asyncio.gather(send(processor), send(processor))
    assert processor.handled == [11]
    assert answers[0].body == answers[1].body


async def test_a_message_is_handled_to_its_end_though_its_caller_has_gone(url: str) -> None:
    class Slow(Processor):
        async def handle_message(self, message: UserMessage) -> None:
            actions_run.append(message.text)
            begun.set()
            await asyncio.sleep(0.1)
            await super().handle_message(message)

    begun, actions_run, processor = asyncio.Event(), list[Any](), Slow(url)
    await Talk(processor.tracker_store).open()
    gone = asyncio.ensure_future(send(processor))
    await begun.wait()
    gone.cancel()
    answer = await send(processor)
    assert gone.cancelled()
    assert len(actions_run) == 1
    assert b"Ciao!" in answer.body
