"""Streams of events of a gateway process, as browsers read them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from sqlalchemy import delete
from sqlalchemy.engine import Engine

from bot.conversations.handoffs import Handoffs
from bot.conversations.store import Conversation, Proof
from bot.conversations.tables import message
from bot.gateway.streams import _LATE, LOOK_AGAIN, MOST_OF_CONVERSATION, Streams
from bot.privacy.vault import Vault
from bot.settings import Settings
from tests.service import free_port

Event = tuple[str, str | None, Any]  # name, id, data


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def process(settings: Settings) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A running gateway: its address and its process."""
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "PORTIERE_HOME": str(settings.home),
        "PORTIERE_SECRET": settings.secret,
        "PORTIERE_RASA_URL": settings.rasa_url,
        "PORTIERE_ACCOUNTS_URL": settings.accounts_database(),
        "PORTIERE_CONVERSATIONS_URL": settings.conversations_database(),
    }
    running = subprocess.Popen([sys.executable, "-m", "bot.cli.main", "serve", "gateway"], env=environment)
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{url}/healthz", trust_env=False)
            break
        except httpx.TransportError:
            assert time.monotonic() < until, "the gateway does not start"
            time.sleep(0.1)
    yield url, running
    running.terminate()
    running.wait(10)


@pytest.fixture
def url(process: tuple[str, subprocess.Popen[bytes]]) -> str:
    return process[0]


@pytest.fixture
def session(url: str) -> dict[str, Any]:
    return dict(httpx.post(f"{url}/api/widget/sessions", trust_env=False).json())


@pytest.fixture
def handoffs(conversations: Engine) -> Handoffs:
    return Handoffs(conversations)


Listen = Callable[..., AbstractContextManager[Iterator[Event]]]


@pytest.fixture
def listen(url: str, session: dict[str, Any]) -> Listen:
    @contextmanager
    def open_stream(**headers: str) -> Iterator[Iterator[Event]]:
        proof = {"Authorization": f"Bearer {session['token']}", **headers}
        with httpx.stream("GET", f"{url}/api/widget/events", headers=proof, timeout=10, trust_env=False) as response:
            assert response.headers["Content-Type"].startswith("text/event-stream")
            yield events(response)

    return open_stream


def events(response: httpx.Response) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield fields["event"], fields.get("id"), json.loads(fields["data"])
            fields = {}
        else:
            fields = {}


def say(handoffs: Handoffs, session: dict[str, Any], text: str) -> None:
    now = datetime.now(timezone.utc)
    handoffs.say(session["conversation_id"], "Anna", text, f"key {text}", now)


def test_what_support_says_arrives_at_once(listen: Listen, handoffs: Handoffs, session: dict[str, Any]) -> None:
    with listen() as stream:
        assert next(stream) == ("handoff", None, None)
        for text in ("Eccomi", "Dimmi pure"):
            say(handoffs, session, text)
            name, _, data = next(stream)
            assert (name, data) == ("message", {"side": "support", "support": "Anna", "text": text})


def test_a_stream_begins_with_how_the_hand_off_stands(
    listen: Listen, handoffs: Handoffs, session: dict[str, Any]
) -> None:
    now = datetime.now(timezone.utc)
    number = handoffs.open(session["conversation_id"], kind="asked", reason="", contact="chat", now=now)
    with listen() as stream:
        assert next(stream) == ("handoff", None, {"state": "open"})
    handoffs.take(number, "Anna", now)
    with listen() as stream:
        assert next(stream) == ("handoff", None, {"state": "taken", "support": "Anna"})


def test_who_comes_back_is_told_what_was_missed_and_nothing_twice(
    listen: Listen, handoffs: Handoffs, session: dict[str, Any]
) -> None:
    with listen() as stream:
        next(stream)
        say(handoffs, session, "uno")
        last = next(stream)[1]
    say(handoffs, session, "due")
    say(handoffs, session, "tre")
    with listen(**{"Last-Event-ID": str(last)}) as stream:
        next(stream)
        say(handoffs, session, "quattro")
        assert [next(stream)[2]["text"] for _ in range(3)] == ["due", "tre", "quattro"]


def test_what_is_said_after_an_erasure_arrives_though_its_number_was_used_before(
    listen: Listen, handoffs: Handoffs, session: dict[str, Any], url: str, conversations: Engine
) -> None:
    other = dict(httpx.post(f"{url}/api/widget/sessions", trust_env=False).json())
    with listen() as stream, listen(Authorization=f"Bearer {other['token']}"):
        next(stream)
        for number in range(5):
            say(handoffs, other, f"altrove {number}")
        time.sleep(_LATE + 2 * LOOK_AGAIN)  # until nothing below is looked for any more
        with conversations.begin() as connection:
            connection.execute(delete(message).where(message.c.conversation_id == other["conversation_id"]))
        time.sleep(2 * LOOK_AGAIN)
        say(handoffs, session, "Eccomi")
        assert next(stream)[2]["text"] == "Eccomi"


def test_nobody_hears_what_is_said_to_somebody_else(
    url: str, listen: Listen, handoffs: Handoffs, session: dict[str, Any]
) -> None:
    stranger = httpx.post(f"{url}/api/widget/sessions", trust_env=False).json()
    with listen() as stream:
        next(stream)
        say(handoffs, stranger, "Per altri")
        say(handoffs, session, "Per te")
        assert next(stream)[2]["text"] == "Per te"


def test_personal_values_arrive_in_place_of_their_references(
    url: str, listen: Listen, handoffs: Handoffs, session: dict[str, Any], settings: Settings, conversations: Engine
) -> None:
    masked = Vault(conversations, settings.key("vault")).mask(session["conversation_id"], "Scrivi a ada@example.com")
    assert "ada@" not in masked
    with listen() as stream:
        next(stream)
        say(handoffs, session, masked)
        assert next(stream)[2]["text"] == "Scrivi a ada@example.com"


@pytest.mark.parametrize(("headers", "status"), [({}, 422), ({"Authorization": "Bearer wrong"}, 401)])
def test_a_stream_is_refused_to_who_has_no_token_or_no_sense(
    url: str, session: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    proof = {"Authorization": f"Bearer {session['token']}", "Last-Event-ID": "x", **headers}
    assert httpx.get(f"{url}/api/widget/events", headers=proof, trust_env=False).status_code == status


def test_a_conversation_has_a_bounded_number_of_streams_and_its_neighbours_have_their_own(
    url: str, listen: Listen, session: dict[str, Any]
) -> None:
    proof = {"Authorization": f"Bearer {session['token']}"}
    neighbour = httpx.post(f"{url}/api/widget/sessions", trust_env=False).json()
    with ExitStack() as stack:
        streams = [stack.enter_context(listen()) for _ in range(MOST_OF_CONVERSATION)]
        for stream in streams:
            next(stream)
        refused = httpx.get(f"{url}/api/widget/events", headers=proof, trust_env=False)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")
        next(stack.enter_context(listen(Authorization=f"Bearer {neighbour['token']}")))
    time.sleep(0.5)
    with listen() as stream:
        next(stream)


@pytest.mark.parametrize(("most_of_client", "talks_at_once"), [(300, 1), (4, 10)])
async def test_streams_that_are_asked_for_at_the_same_moment_are_bounded_too(
    monkeypatch: pytest.MonkeyPatch, handoffs: Handoffs, most_of_client: int, talks_at_once: int
) -> None:
    monkeypatch.setattr("bot.gateway.streams.MOST_OF_CLIENT", most_of_client)

    async def show(_conversation_id: str, bubbles: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        return bubbles

    now, streams = datetime.now(timezone.utc), Streams(handoffs, show)
    talks = [Conversation(str(number), "widget", "it", Proof(client="office"), now) for number in range(talks_at_once)]
    asked = await asyncio.gather(*(streams.open(talk, None) for talk in talks for _ in range(12 // talks_at_once + 1)))
    pieces = [await first_of(stream) for stream in asked]
    assert len([piece for piece in pieces if piece]) == min(most_of_client, MOST_OF_CONVERSATION)
    streams.close()
    for stream in asked:
        await stream.aclose()


async def first_of(stream: AsyncGenerator[bytes, None]) -> bytes | None:
    async for piece in stream:
        return piece
    return None


def test_a_gateway_that_is_told_to_stop_ends_its_streams(
    process: tuple[str, subprocess.Popen[bytes]], listen: Listen
) -> None:
    with listen() as stream:
        next(stream)
        process[1].terminate()
        assert list(stream) == []
    assert process[1].wait(5) is not None
