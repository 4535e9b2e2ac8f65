"""Which pages may call the API: browsers say in the header Origin whose page it is that asks (RFC 6454).

What a page of another origin may read of the answer, and whether it may ask at all, browsers ask us first (CORS).
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.gateway.problems import Problem, problem_response
from bot.settings import Settings

_PREFIX = "/api/"
_METHODS = ("GET", "POST", "DELETE")


class OriginAllowList:
    """Refuses API requests of foreign pages; what comes without an origin comes from no page and needs its token."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in settings.origins.split())
        self._shared = CORSMiddleware(
            app,
            allow_origins=self._allowed,
            allow_methods=_METHODS,
            allow_headers=("Authorization", "Content-Type", "Last-Event-ID"),
            expose_headers=("Retry-After",),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403; to pages of listed origins, say that they may read the answer."""
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self._is_foreign(headers):
            problem = Problem(403, "Pages of this origin may not call the service.")
            await problem_response(problem)(scope, receive, send)
        elif headers.get("origin") in self._allowed:
            await self._shared(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return False
        # Our own page is known by its host: behind a proxy the scheme may have got lost on the way.
        own = origin.partition("://")[2].lower()
        return origin.lower() not in self._allowed and (not own or own != headers.get("host", "").lower())
