"""The gateway's application, wired in one place."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actions.accounts.records import Administrator
from actions.accounts.store import SqlAccounts
from bot.console.app import console_routes
from bot.conversations.handoffs import Handoffs
from bot.conversations.outbox import Outbox
from bot.conversations.store import ConversationStore
from bot.database import DATABASE_TROUBLE, open_engine
from bot.gateway.api import api_routes
from bot.gateway.desk import Desk
from bot.gateway.health import health_routes
from bot.gateway.limiter import Limiter
from bot.gateway.metrics import CountRequests, Metrics, metrics_routes
from bot.gateway.origins import OriginAllowList
from bot.gateway.problems import (
    LastResort,
    Problem,
    on_database_trouble,
    on_http_exception,
    on_problem,
)
from bot.gateway.rasa import RasaClient
from bot.gateway.streams import Streams
from bot.gateway.takeover import Takeover
from bot.gateway.tokens import (
    STAFF_AUDIENCE,
    InvalidToken,
    StaffIdentity,
    can_sign,
    check_key,
    issue,
    issue_own_staff_token,
)
from bot.privacy.vault import Vault
from bot.settings import Settings
from bot.web.mailbox import mailbox_routes
from bot.web.pages import page_routes
from bot.web.staff import staff_routes
from bot.web.staff_openid import staff_openid_routes

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# A year, as browsers' preload lists ask for at least; only said where TLS is in use (RFC 6797, section 7.2).
_STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")


def create_app(settings: Settings) -> Starlette:
    """The application; nothing connects before the first request needs it.

    `UnusableKey` if it could check no token, `UnusableOrigin` if nobody could tell who may embed the widget.
    """
    check_key(settings)
    metrics = Metrics()
    accounts_engine = open_engine(settings.accounts_database())
    conversations_engine = open_engine(settings.conversations_database())
    accounts = SqlAccounts(accounts_engine)
    conversations = ConversationStore(conversations_engine)
    rasa = RasaClient(settings)
    vault = Vault(conversations_engine, settings.key("vault"))
    handoffs = Handoffs(conversations_engine)
    limiter = Limiter(settings, metrics)
    desk = Desk(settings, conversations, handoffs, vault, rasa, limiter, metrics)
    streams = Streams(handoffs, desk.shown)
    takeover = Takeover(settings, conversations, handoffs, vault, rasa)

    def staff_token(who: Administrator) -> str:
        now = datetime.now(timezone.utc)
        return issue(STAFF_AUDIENCE, who.name, settings, now, role="administrator", company=who.company, name=who.name)

    def signed_in_token(subject: str, company: str, name: str | None) -> str:
        try:
            return issue_own_staff_token(StaffIdentity(subject, company, name), settings, datetime.now(timezone.utc))
        except InvalidToken as error:
            raise ValueError(str(error)) from error

    stores = {"accounts": accounts.is_empty, "conversations": conversations.is_empty}
    routes: list[BaseRoute] = [
        *api_routes(settings, desk, streams, limiter, accounts),
        *health_routes(settings, rasa, stores),
        *metrics_routes(metrics, Outbox(conversations_engine)),
        *mailbox_routes(settings),
        *staff_routes(settings, accounts, staff_token if can_sign(settings) else None),
        *staff_openid_routes(settings, accounts, signed_in_token),
        *console_routes(settings, conversations_engine, vault, takeover),
    ]
    routes += page_routes(settings, {route.path for route in routes if isinstance(route, Route)})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        streams.close()
        await rasa.close()
        accounts_engine.dispose()
        conversations_engine.dispose()

    app = Starlette(
        routes=routes,
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_http_exception,
            **dict.fromkeys(DATABASE_TROUBLE, on_database_trouble),
        },
        middleware=[
            Middleware(CountRequests, metrics, [route.path for route in routes if isinstance(route, Route)]),
            Middleware(SecurityHeaders),
            Middleware(OriginAllowList, settings),
            Middleware(LastResort),
        ],
        lifespan=lifespan,
    )
    app.state.streams = streams  # whoever serves the application ends them before it waits for connections
    return app


@functools.lru_cache
def _headers(is_api: bool, is_secure: bool) -> list[tuple[bytes, bytes]]:
    """The headers as the server protocol wants them."""
    chosen = {**_HEADERS, **({"Cache-Control": "no-store"} if is_api else {})}
    pairs = [*chosen.items(), *([_STRICT_TRANSPORT] if is_secure else [])]
    return [(name.lower().encode(), value.encode()) for name, value in pairs]


class SecurityHeaders:
    """Puts the security headers on every answer; answers of the API are never cached."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer with the headers back."""
        is_api = scope["type"] == "http" and scope["path"].startswith("/api/")
        more = _headers(is_api, scope.get("scheme") == "https")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [pair for pair in message["headers"] if pair[0] != b"cache-control" or not is_api]
                names = {name for name, _ in own}
                message["headers"] = own + [pair for pair in more if pair[0] not in names]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
