"""The way from Rasa to the action server: bounded in time, and answering kindly when there is no answer."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

import aiohttp
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Portiere-Secret"  # noqa: S105 - a header's name
# The action server answers its own failures the same way (actions/base.py): a person can't tell them apart.
UNAVAILABLE = "utter_service_unavailable"
_RECENT_EVENTS = 60
# Well below what the action server keeps (actions/server.py): a connection that it closes while a call is on its way
# fails that call.
_KEPT_SECONDS = 30


class ActionEndpoint(EndpointConfig):
    """An end point that keeps its connections, gives up after ``seconds`` and never raises.

    Rasa writes the text of an exception, and with it the tracker that was sent, into its log; so a failure becomes
    an ordinary answer here and only an error id is logged. Actions are sent the last events of a conversation, not
    all of them: its length must not decide how long a turn takes.
    """

    def __init__(self, url: str, secret: str, seconds: float) -> None:
        super().__init__(url=url, enable_selective_domain=True)
        self._headers = {SECRET_HEADER: secret}
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def request(self, *_args: Any, json: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Run one action; the answer is the action server's, or a kind sentence if it has none in time."""
        json["tracker"]["events"] = json["tracker"]["events"][-_RECENT_EVENTS:]
        try:
            async with self._open_session().post(f"{self.url}/webhook", json=json) as response:
                if response.status == 200:
                    answer = await response.json()
                    if _is_answer(answer):
                        return dict(answer)
                    failure = "an answer of another form"
                else:
                    failure = f"status {response.status}"
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            failure = type(error).__name__
        error_id = uuid.uuid4().hex[:12]
        logger.error("Action %s failed: error %s, %s", json["next_action"], error_id, failure)
        return {"events": [{"event": "followup", "name": UNAVAILABLE}], "responses": []}

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(keepalive_timeout=_KEPT_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=self._timeout)
        return self._session

    async def close(self) -> None:
        """Close the kept connections."""
        if self._session is not None:
            await self._session.close()


def check_answers_once() -> None:
    """Spare Rasa its own check of answers that `ActionEndpoint` has checked.

    Rasa walks a JSON schema of every event that exists for each answer, and first the schema itself by its
    meta-schema: 46 % of the time of a turn with a look-up (py-spy, rasa 3.6.21).
    """
    RemoteAction._validate_action_result = lambda _action, _answer: True


def _is_answer(answer: Any) -> bool:
    """Whether this is what an action server sends: a list of events that say what they are, and one of responses."""
    if not isinstance(answer, dict):
        return False
    events, responses = answer.get("events", []), answer.get("responses", [])
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(isinstance(event, dict) and isinstance(event.get("event"), str) for event in events)
        and all(isinstance(response, dict) for response in responses)
    )
