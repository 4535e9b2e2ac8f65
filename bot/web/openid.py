"""Signing in by OpenID Connect: the authorization code flow with PKCE, for whichever page needs it.

Core 1.0 section 3.1, Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (the issuer in the answer).
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.web.openid_provider import Provider, SignInFailed

logger = logging.getLogger(__name__)

_FOLDER = Path(__file__).parent
_PRIVATE = {"Cache-Control": "no-store"}
_COOKIE = "portiere_sign_in"
_FLOW_SECONDS = 600  # how long a person may take at the provider
_LONGEST_CODE = 4096
_STATUS = {"denied": 403, "stale": 400, "provider": 502, "identity": 403}

Claims = Mapping[str, Any]
SignedIn = Callable[[Request, Claims], Awaitable[Response]]


@dataclass(frozen=True)
class SignInPage:
    """Which page signs its people in: its addresses, and the key of its cookie.

    ``public_url`` is where browsers reach the gateway; empty: where they say that they do.
    """

    login: str
    callback: str
    cookie_path: str
    key: bytes
    public_url: str = ""


def openid_routes(page: SignInPage, provider: Provider, signed_in: SignedIn) -> list[Route]:
    """The address that leads to the provider, and the one that the provider leads back to.

    ``signed_in`` gets the claims of a checked ID token and answers with the page's own session; it raises
    `SignInFailed` for somebody who may not enter.
    """
    flows = URLSafeTimedSerializer(page.key, salt=page.callback)
    texts = json.loads((_FOLDER / "openid.it.json").read_text(encoding="utf-8"))
    template = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True).get_template("openid.html")

    def failed(failure: SignInFailed) -> Response:
        shown = template.render(texts=texts, failure=texts["failures"][failure.what], again=page.login)
        return HTMLResponse(shown, status_code=_STATUS[failure.reason], headers=_PRIVATE)

    async def login(request: Request) -> Response:
        flow = {name: secrets.token_urlsafe(32) for name in ("state", "nonce")} | {
            "verifier": secrets.token_urlsafe(48)
        }
        try:
            where = await provider.authorization_url(_callback_url(request, page), **flow)
        except SignInFailed as failure:
            return failed(failure)
        response = RedirectResponse(where, status_code=303, headers=_PRIVATE)
        response.set_cookie(_COOKIE, flows.dumps(flow), max_age=_FLOW_SECONDS, **_cookie(request, page))
        return response

    async def callback(request: Request) -> Response:
        try:
            flow = _flow_of(request, flows)
            code = _code_of(request)
            claims = await provider.claims(
                code, _callback_url(request, page), flow["verifier"], flow["nonce"], request.query_params.get("iss")
            )
            response = await signed_in(request, claims)
        except SignInFailed as failure:
            logger.warning("Sign-in at %s failed: %s (%s)", page.login, failure.reason, failure.detail)
            response = failed(failure)
        response.delete_cookie(_COOKIE, **_cookie(request, page))
        response.headers.update(_PRIVATE)
        return response

    return [Route(page.login, login), Route(page.callback, callback)]


def claim(claims: Claims, name: str) -> Any:
    """A claim by its name, or by a path with dots into nested ones, such as `realm_access.roles`; None if missing."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def values(claims: Claims, name: str) -> list[str]:
    """The texts of a claim that is one text or a list of them."""
    found = claim(claims, name)
    several = found if isinstance(found, list) else [found]
    return [value for value in several if isinstance(value, str) and value]


def _flow_of(request: Request, flows: URLSafeTimedSerializer) -> dict[str, str]:
    """What this browser began with; `SignInFailed` unless the answer belongs to it."""
    try:
        flow: dict[str, str] = flows.loads(request.cookies.get(_COOKIE, ""), max_age=_FLOW_SECONDS)
    except BadSignature as error:
        raise SignInFailed("stale", "no cookie of a sign-in, or an old one") from error
    state = request.query_params.get("state", "")
    if not hmac.compare_digest(state.encode(), flow["state"].encode()):
        raise SignInFailed("stale", "the state is of another sign-in")
    return flow


def _code_of(request: Request) -> str:
    error = request.query_params.get("error")
    if error == "access_denied":
        raise SignInFailed("denied", error)
    if error is not None:
        raise SignInFailed("provider", error if re.fullmatch(r"[a-z_]{1,40}", error) else "unknown error")
    code = request.query_params.get("code", "")
    if not 1 <= len(code) <= _LONGEST_CODE:
        raise SignInFailed("provider", "no code")
    return code


def _callback_url(request: Request, page: SignInPage) -> str:
    return f"{_own_url(request, page)}{page.callback}"


def _own_url(request: Request, page: SignInPage) -> str:
    return page.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def _cookie(request: Request, page: SignInPage) -> dict[str, Any]:
    """Lax: the cookie must come along when the provider leads back, which is another site."""
    is_secure = _own_url(request, page).startswith("https:")
    return {"path": page.cookie_path, "httponly": True, "samesite": "lax", "secure": is_secure}
