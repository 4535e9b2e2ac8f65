"""The action server: rasa-sdk's own, on loopback, behind a shared secret, silent about its failures.

The SDK's server has no authentication, and its error answers hold the whole request. Here a call without the secret
gets nothing, and every error body is replaced before it leaves.
"""

from __future__ import annotations

import hmac
import importlib
import logging
from urllib.parse import urlsplit

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from actions.services import services
from bot.settings import Settings

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Portiere-Secret"  # noqa: S105 - a header's name
_KEPT_SECONDS = 90  # longer than Rasa keeps a connection (bot/channels/action_endpoint.py)
# Imported by name: the SDK would import every module below `actions`, migrations included.
ACTION_MODULES = (
    "administrators",
    "clarification",
    "contracts",
    "customer_facts",
    "customers",
    "handoff",
    "invites",
    "login_addresses",
    "properties",
    "reactivation",
    "recovery",
    "tenant_requests",
)


def action_names() -> set[str]:
    """The names of all actions that the server runs."""
    executor = ActionExecutor()
    for module in ACTION_MODULES:
        importlib.import_module(f"actions.{module}")
    executor.register_package("actions.server")
    return set(executor.actions)


def create_server(settings: Settings) -> Sanic:
    """The Sanic application with all actions."""
    for module in ACTION_MODULES:
        importlib.import_module(f"actions.{module}")
    app = create_app("actions.server", cors_origins="")
    app.config.KEEP_ALIVE_TIMEOUT = _KEPT_SECONDS
    secret = settings.inner_secret("actions")

    @app.middleware("request")
    async def require_secret(request: Request) -> HTTPResponse | None:
        if request.path == "/health" or hmac.compare_digest(request.headers.get(SECRET_HEADER, ""), secret):
            return None
        return response.json({"error": "forbidden"}, status=403)

    @app.middleware("response")
    async def hide_errors(_request: Request, answer: HTTPResponse) -> HTTPResponse | None:
        if answer.status < 400 or answer.status == 403:
            return None
        return response.json({"error": "failed"}, status=answer.status)

    return app


def serve(settings: Settings) -> None:
    """Run the action server until it is told to stop."""
    services()  # open the stores now rather than in the first person's turn
    logging.getLogger("rasa_sdk.endpoint").addFilter(_without_request)
    address = urlsplit(settings.actions_url)
    create_server(settings).run(host=address.hostname, port=address.port, access_log=False, motd=False)


def _without_request(record: logging.LogRecord) -> bool:
    """The SDK logs an exception with its traceback, whose text may hold the request: keep the type alone."""
    if record.exc_info and record.exc_info[0]:
        record.msg, record.args = f"Request failed: {record.exc_info[0].__name__}", ()
        record.exc_info = record.exc_text = None
    return True
