"""Which pages may call the API: browsers say in the header Origin whose page it is that asks (RFC 6454)."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.gateway.problems import Problem, problem_response
from bot.settings import Settings

_PREFIX = "/api/"


class OriginAllowList:
    """Refuses API requests of foreign pages; what comes without an origin comes from no page and needs its token."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in settings.origins.split())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403."""
        if scope["type"] == "http" and scope["path"].startswith(_PREFIX) and self._is_foreign(Headers(scope=scope)):
            problem = Problem(403, "Pages of this origin may not call the service.")
            await problem_response(problem)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return False
        # Our own page is known by its host: behind a proxy the scheme may have got lost on the way.
        own = origin.partition("://")[2].lower()
        return origin.lower() not in self._allowed and (not own or own != headers.get("host", "").lower())
