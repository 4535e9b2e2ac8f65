"""The gateway's way to Rasa."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from bot.conversations.store import Conversation, Turn
from bot.settings import Settings

_SECONDS = 15.0  # altogether; shorter than `ABANDONED` of the conversation store, so that no turn is taken twice
# Well below what Rasa keeps (bot/channels/server.py): a connection that it closes while a call is on its way fails it.
_KEPT_SECONDS = 30
SECRET_HEADER = "X-Portiere-Secret"  # noqa: S105 - a header's name


class RasaUnavailable(Exception):
    """Rasa gave no answer."""


class RasaClient:
    """Calls our two input channels of one Rasa process, on connections that are kept."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.rasa_url
        self._headers = {SECRET_HEADER: settings.inner_secret("rasa")}
        self._session: aiohttp.ClientSession | None = None

    async def open(self, conversation: Conversation) -> list[dict[str, Any]]:
        """Begin a conversation; the answer is its greeting."""
        return await self._call(conversation, "sessions", {})

    async def send(self, conversation: Conversation, message: dict[str, str], turn: Turn) -> list[dict[str, Any]]:
        """Send a ``text``, or a ``payload`` with the title that was ``shown``; the answer is the bot's messages.

        A turn that was sent before may have been handled: Rasa then gives the answer that it has kept.
        """
        return await self._call(conversation, "messages", {**message, "message_id": turn.id})

    async def take_over(self, conversation: Conversation) -> None:
        """Silence the bot in a conversation; twice is once."""
        await self._call(conversation, "take-over", {})

    async def say(self, conversation: Conversation, user: str, text: str, message_id: str) -> None:
        """Have what a supporter says stand in the conversation's log; the same id twice is once."""
        await self._call(conversation, "say", {"user": user, "text": text, "message_id": message_id})

    async def give_back(self, conversation: Conversation) -> list[dict[str, Any]]:
        """Let the bot answer again; the answer is how it says so, and empty if it was not silent."""
        return await self._call(conversation, "give-back", {})

    async def is_ready(self) -> bool:
        """Whether Rasa has its model and answers."""
        wait = aiohttp.ClientTimeout(total=2)
        try:
            async with self._open_session().get(f"{self._url}/webhooks/widget/ready", timeout=wait) as response:
                return response.status == 200
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False

    async def close(self) -> None:
        """Close the kept connections."""
        if self._session is not None:
            await self._session.close()

    async def _call(self, conversation: Conversation, path: str, message: dict[str, Any]) -> list[dict[str, Any]]:
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
        url = f"{self._url}/webhooks/{conversation.channel}/{path}"
        try:
            async with self._open_session().post(url, json=body, allow_redirects=False) as response:
                if response.status != 200:
                    raise RasaUnavailable(f"status {response.status}")
                messages: list[dict[str, Any]] = list((await response.json(content_type=None))["messages"])
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError, TypeError) as error:
            raise RasaUnavailable(type(error).__name__) from error
        return messages

    def _open_session(self) -> aiohttp.ClientSession:
        """The session, made when the first call needs it: it belongs to the running event loop.

        It does not heed proxies that the environment names: the secret goes to Rasa and nobody else.
        """
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(keepalive_timeout=_KEPT_SECONDS, limit=0)
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session
