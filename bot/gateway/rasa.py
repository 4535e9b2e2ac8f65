"""The gateway's way to Rasa."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from bot.conversations.store import Conversation
from bot.settings import Settings

_SECONDS = 15.0  # altogether; shorter than `ABANDONED` of the conversation store, so that no turn is taken twice
SECRET_HEADER = "X-Portiere-Secret"  # noqa: S105 - a header's name


class RasaUnavailable(Exception):
    """Rasa gave no answer."""


class RasaClient:
    """Calls our two input channels of one Rasa process, on connections that are kept."""

    def __init__(self, settings: Settings) -> None:
        self._client = httpx.AsyncClient(
            base_url=settings.rasa_url,
            headers={SECRET_HEADER: settings.inner_secret("rasa")},
            timeout=_SECONDS,
            trust_env=False,  # the secret goes to Rasa, never through a proxy that the environment names
        )

    async def open(self, conversation: Conversation) -> list[dict[str, Any]]:
        """Begin a conversation; the answer is its greeting."""
        return await self._call(conversation, "sessions", {})

    async def send(self, conversation: Conversation, message: dict[str, str]) -> list[dict[str, Any]]:
        """Send a ``text`` or a ``payload``; the answer is the bot's messages."""
        return await self._call(conversation, "messages", message)

    async def is_ready(self) -> bool:
        """Whether Rasa has its model and answers."""
        try:
            return (await self._client.get("/webhooks/widget/ready", timeout=2)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def close(self) -> None:
        """Close the kept connections."""
        await self._client.aclose()

    async def _call(self, conversation: Conversation, path: str, message: dict[str, str]) -> list[dict[str, Any]]:
        proof = conversation.proof
        metadata = {
            "tier": proof.tier,
            "account_id": proof.account_id,
            "role": proof.role,
            "subject": proof.subject,
            "company": proof.company,
            "client": proof.client,
            "language": conversation.language,
        }
        body = {"conversation_id": conversation.id, "metadata": metadata, **message}
        try:
            call = self._client.post(f"/webhooks/{conversation.channel}/{path}", json=body)
            response = await asyncio.wait_for(call, _SECONDS)
            response.raise_for_status()
            messages: list[dict[str, Any]] = list(response.json()["messages"])
        except (httpx.HTTPError, asyncio.TimeoutError, ValueError, KeyError, TypeError) as error:
            raise RasaUnavailable(type(error).__name__) from error
        return messages
