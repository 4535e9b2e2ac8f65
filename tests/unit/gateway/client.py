"""A gateway process as its clients see it, and the conversations that they hold with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import httpx

from bot.gateway.app import create_app
from bot.gateway.tokens import STAFF_AUDIENCE, WIDGET_AUDIENCE, issue
from bot.settings import Settings

LOOPBACK = "127.0.0.1"


@dataclass
class Chat:
    """One conversation on one gateway process."""

    http: httpx.AsyncClient
    channel: str
    session: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session['token']}"}

    @property
    def id(self) -> str:
        return str(self.session["conversation_id"])

    async def post(self, content: object = None, **fields: object) -> httpx.Response:
        """Post a message as it is: bytes as the body, else JSON."""
        body = content if isinstance(content, bytes) else json.dumps(fields if content is None else content)
        headers = {**self.headers, "Content-Type": "application/json"}
        return await self.http.post(f"/api/{self.channel}/messages", content=body, headers=headers)

    async def say(self, text: str, client_message_id: str | None = None) -> list[dict[str, Any]]:
        """Say something; the answer."""
        key = {"client_message_id": client_message_id} if client_message_id else {}
        return answer_of(await self.post(text=text, **key))

    async def history(self) -> list[dict[str, Any]]:
        """The conversation so far."""
        return answer_of(await self.http.get(f"/api/{self.channel}/messages", headers=self.headers))

    def at(self, gateway: Gateway) -> Chat:
        """The same conversation by way of another process."""
        return Chat(gateway.http, self.channel, self.session)


@dataclass
class Gateway:
    """One gateway process."""

    http: httpx.AsyncClient
    settings: Settings

    async def begin(self, channel: str = "widget", bearer: str | None = None, **content: object) -> httpx.Response:
        """Ask for a conversation."""
        headers = {"Content-Type": "application/json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        return await self.http.post(f"/api/{channel}/sessions", content=json.dumps(content), headers=headers)

    async def chat(self, channel: str = "widget", bearer: str | None = None, **content: object) -> Chat:
        """Begin a conversation."""
        response = await self.begin(channel, bearer, **content)
        assert response.status_code == 201, response.text
        return Chat(self.http, channel, response.json())

    def staff_token(self, company: str = "brenta", **claims: Any) -> str:
        now = datetime.now(timezone.utc)
        return issue(
            STAFF_AUDIENCE, "Martina Kofler", self.settings, now, role="administrator", company=company, **claims
        )

    def portal_token(self, login: str) -> str:
        return issue(WIDGET_AUDIENCE, login, self.settings, datetime.now(timezone.utc))


@asynccontextmanager
async def gateway_process(settings: Settings, client: str = LOOPBACK) -> AsyncIterator[Gateway]:
    """A gateway with these settings, asked from an address."""
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 50000))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://bot.example") as http,
    ):
        yield Gateway(http, settings)


def answer_of(response: httpx.Response) -> list[dict[str, Any]]:
    """The messages of a good answer."""
    assert response.status_code == 200, response.text
    messages: list[dict[str, Any]] = response.json()["messages"]
    return messages


def detail_of(response: httpx.Response, status: int) -> str:
    """The sentence of a problem document of that status."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == "about:blank"
    assert problem["status"] == status
    assert problem["title"]
    return str(problem["detail"])
