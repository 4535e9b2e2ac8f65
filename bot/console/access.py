"""Who may open which page: sessions, roles, and forms that only our own pages can send."""

from __future__ import annotations

import hmac
import logging
import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route

from bot.console.pages import Pages
from bot.conversations.support.tables import ROLES
from bot.conversations.support.users import ConsoleUsers, Session
from bot.database import DATABASE_TROUBLE
from bot.gateway.problems import RETRY_SOON, Problem
from bot.gateway.requests import read_body

COOKIE = "portiere_console"
HOME = "/console"
SIGN_IN = "/console/sign-in"
MOST_FORM_BYTES = 256 * 1024
MOST_FORM_FIELDS = 500
_LONGEST_ID = 18  # digits: what both databases take for a number
EVERYBODY = ROLES
TEAM = ("support", "lead")  # who works with people, besides reading
NO_STORE = {"Cache-Control": "no-store"}

logger = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """What a user asked for is not done; ``key`` names the section and the sentence in the texts that say why."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status = status
        self.key = key


@dataclass(frozen=True)
class MenuEntry:
    """A page in the navigation: its address, the key of its name in the texts, who sees it, and what waits there."""

    path: str
    name: str
    roles: Collection[str]
    count: Callable[[], int] | None = None


@dataclass
class Console:
    """What all pages of the console share; each module of pages makes its routes with it."""

    users: ConsoleUsers
    pages: Pages
    menu: list[MenuEntry] = field(default_factory=list)

    def page(
        self,
        path: str,
        endpoint: Endpoint,
        roles: Collection[str] = EVERYBODY,
        *,
        methods: Collection[str] = ("GET",),
        menu: str | None = None,
        count: Callable[[], int] | None = None,
        asks_itself: bool = False,
    ) -> Route:
        """A page for users with one of these roles. ``request.state`` has ``session``, and ``form`` of a POST.

        A page that ``asks_itself`` what is new shows nothing of whether somebody sits before it.
        """
        if menu is not None:
            self.menu.append(MenuEntry(path, menu, roles, count))

        async def guarded(request: Request) -> Response:
            try:
                _check_address(request)
                session = await self._session(request, is_sign_of_life=not asks_itself)
                if session is None:
                    return _to_sign_in(request)
                request.state.session = session
                if not session.user.may(roles):
                    raise HTTPException(403)
                if request.method not in ("GET", "HEAD"):
                    await self._check_form(request, session)
                elif not asks_itself:
                    request.state.counts = await to_thread.run_sync(self._counts, session)
                return await endpoint(request)
            except (HTTPException, Problem, Refused) as error:
                return self.refused(request, error)
            except DATABASE_TROUBLE as error:
                logger.error("A database did not answer: %s", type(error).__name__)
                return self.refused(request, HTTPException(503, headers=RETRY_SOON))
            except Exception as error:  # an entry point: whatever happened, a page says so
                error_id = uuid.uuid4().hex[:12]
                logger.error("A page of the console failed: error %s, %s", error_id, type(error).__name__)
                return self.render(request, "refused.html", status=500, kind="500", detail=None, error_id=error_id)

        return Route(path, guarded, methods=list(methods))

    def anything_else(self, routes: Sequence[Route]) -> Route:
        """Whatever else is asked for under the console: a page says so, 405 where another method would do."""

        async def refuse(request: Request) -> Response:
            try:
                _check_address(request)
                session = await self._session(request, is_sign_of_life=True)
            except (HTTPException, *DATABASE_TROUBLE):
                session = None
            request.state.session = session
            here = [route for route in routes if route.matches(request.scope)[0] != Match.NONE]
            if allowed := {method for route in here for method in route.methods or ()}:
                return self.refused(request, HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))}))
            return self.refused(request, HTTPException(404)) if session else _to_sign_in(request)

        return Route(HOME + "/{rest:path}", refuse, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

    def render(self, request: Request, template: str, *, status: int = 200, **content: Any) -> Response:
        """A page in the frame that all share: navigation for this user's roles, their name, the form token."""
        session: Session | None = getattr(request.state, "session", None)
        menu = [entry for entry in self.menu if session is not None and session.user.may(entry.roles)]
        counts = getattr(request.state, "counts", {})
        return self.pages.render(request, template, status=status, session=session, menu=menu, counts=counts, **content)

    def _counts(self, session: Session) -> dict[str, int]:
        return {entry.name: entry.count() for entry in self.menu if entry.count and session.user.may(entry.roles)}

    async def _session(self, request: Request, *, is_sign_of_life: bool) -> Session | None:
        token = request.cookies.get(COOKIE)
        return await to_thread.run_sync(self.users.session, token, now(), is_sign_of_life) if token else None

    async def _check_form(self, request: Request, session: Session) -> None:
        """Only forms of our own pages count: they bear the session's token (OWASP, synchronizer token pattern)."""
        request.state.form = form = await read_form(request)
        token = request.headers.get("x-csrf-token") or str(form.get("csrf") or "")
        if not is_own_page(request) or not hmac.compare_digest(token.encode(), session.csrf.encode()):
            raise HTTPException(403, "form")

    def refused(self, request: Request, error: HTTPException | Problem | Refused) -> Response:
        """The page that says why not, in the console's own words: those of a `Problem` are for programs."""
        status = error.status_code if isinstance(error, HTTPException) else error.status
        kind, detail = str(status), None
        if isinstance(error, Refused):
            section, _, name = error.key.partition(".")
            detail = self.pages.texts[section][name]
        elif status == 403 and error.detail == "form":
            kind = "form"
        answer = self.render(request, "refused.html", status=status, kind=kind, detail=detail, error_id=None)
        answer.headers.update(getattr(error, "headers", None) or {})
        return answer


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, the last of each name; `Problem` 413 if it is too large, 400 if it is none."""
    body = await read_body(request, MOST_FORM_BYTES)
    try:
        if b"\0" in body or b"%00" in body:
            raise ValueError("a character that no text has")
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FORM_FIELDS)
    except ValueError as error:
        raise Problem(400, "The form cannot be read.") from error
    request.state.fields = fields
    return dict(fields)


def _check_address(request: Request) -> None:
    """Refuse an address with the character that PostgreSQL takes in no text."""
    if any("\0" in str(value) for value in (*request.path_params.values(), *request.query_params.values())):
        raise HTTPException(404)


def is_own_page(request: Request) -> bool:
    """Whether the request comes from a page of this host, as far as the browser tells."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def set_cookie(response: Response, request: Request, token: str) -> None:
    """Give the browser the session: for this site's own requests alone, out of the reach of scripts."""
    is_secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, path=HOME, httponly=True, samesite="lax", secure=is_secure)


def read_id(text: str | None) -> int | None:
    """An id in an address, None if there is none in it; 404 if it can't be one."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _LONGEST_ID:
        raise HTTPException(404)
    return int(text)


def own_path(address: str | None) -> str:
    """An address within the console to go on to; its beginning, if it is another."""
    return address if address and (address == HOME or address.startswith(f"{HOME}/")) and "\\" not in address else HOME


def now() -> datetime:
    """The present moment."""
    return datetime.now(timezone.utc)


def _to_sign_in(request: Request) -> Response:
    where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    further = f"?next={quote(where)}" if request.method == "GET" and where != HOME else ""
    return RedirectResponse(SIGN_IN + further, status_code=303)
