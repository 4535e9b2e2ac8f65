"""Administrators sign in by OpenID Connect and get a staff token."""

from __future__ import annotations

from collections.abc import Callable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions.accounts.interface import Accounts
from bot.settings import Settings
from bot.web.openid import Claims, SignInPage, claim, openid_routes, values
from bot.web.openid_provider import Client, Provider, SignInFailed

LOGIN = "/staff/login"
_CALLBACK = "/staff/callback"
_ROLE = "administrator"

# A staff token for a subject, a company and a name; `ValueError` if a token may not have one of them.
TokenOf = Callable[[str, str, "str | None"], str]


def staff_openid_routes(settings: Settings, accounts: Accounts, token_of: TokenOf) -> list[Route]:
    """The routes of the sign-in; none without an issuer."""
    if not settings.staff_openid_issuer:
        return []
    client = Client(
        settings.staff_openid_issuer,
        settings.staff_openid_client_id,
        settings.staff_openid_client_secret,
        settings.staff_openid_scope,
    )

    async def signed_in(_request: Request, claims: Claims) -> Response:
        if _ROLE not in values(claims, settings.staff_openid_role_claim):
            raise SignInFailed("identity", "no administrator", "role")
        companies = values(claims, settings.staff_openid_company_claim)
        if len(companies) != 1:
            raise SignInFailed("identity", "not one company", "company")
        try:
            await to_thread.run_sync(accounts.company, companies[0])
        except LookupError as error:
            raise SignInFailed("identity", "unknown company", "company") from error
        name = claim(claims, settings.staff_openid_name_claim)
        try:
            token = token_of(claims["sub"], companies[0], name if isinstance(name, str) and name else None)
        except ValueError as error:
            raise SignInFailed("identity", "unusable subject or name", "person") from error
        # A fragment stays in the browser: no log and no other site gets to see it.
        return RedirectResponse(f"/staff#token={token}", status_code=303)

    page = SignInPage(LOGIN, _CALLBACK, "/staff", settings.key("staff sign-in flow"), settings.public_url)
    return openid_routes(page, Provider(client), signed_in)
