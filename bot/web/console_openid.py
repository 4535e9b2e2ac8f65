"""The support team signs in by OpenID Connect; what the console does with them is the console's own."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route

from bot.settings import Settings
from bot.web.openid import Claims, SignedIn, SignInPage, openid_routes, values
from bot.web.openid_provider import Client, Provider

LOGIN = "/console/login/openid"
_CALLBACK = "/console/login/openid/callback"


def console_openid_routes(settings: Settings, signed_in: SignedIn) -> list[Route]:
    """The routes of the sign-in; none without an issuer. ``signed_in`` answers with the console's session."""
    if not settings.console_openid_issuer:
        return []
    client = Client(
        settings.console_openid_issuer,
        settings.console_openid_client_id,
        settings.console_openid_client_secret,
        settings.console_openid_scope,
    )
    page = SignInPage(LOGIN, _CALLBACK, LOGIN, settings.key("console sign-in flow"), settings.public_url)
    return openid_routes(page, Provider(client), signed_in)


def console_roles(claims: Claims, settings: Settings, known: Sequence[str]) -> list[str]:
    """Those of the ``known`` roles that the claims give: by the settings' map, or by their own names without one."""
    groups = values(claims, settings.console_openid_roles_claim)
    named = {settings.console_openid_roles.get(group) if settings.console_openid_roles else group for group in groups}
    return [role for role in known if role in named]
