"""Signed tokens by which the portal vouches for a person, and a company for its staff (RFC 7519)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from bot.settings import Settings

WIDGET_AUDIENCE = "portiere-widget"
STAFF_AUDIENCE = "portiere-staff"
LONGEST_LIFE = timedelta(minutes=10)
_ALGORITHMS = ("HS256", "RS256", "ES256")
_LEEWAY = 30  # seconds that clocks may differ


class InvalidToken(Exception):
    """The token is wrong, expired, or not for us; the text says which, never its content."""


@dataclass(frozen=True)
class StaffIdentity:
    """An administrator as the staff token names them."""

    subject: str
    company: str


def portal_account(token: str, settings: Settings) -> str:
    """The login address that a portal token speaks for."""
    return str(_claims(token, WIDGET_AUDIENCE, settings)["sub"])


def staff_identity(token: str, settings: Settings) -> StaffIdentity:
    """The administrator that a staff token speaks for."""
    claims = _claims(token, STAFF_AUDIENCE, settings)
    if claims.get("role") != "administrator" or not isinstance(claims.get("company"), str):
        raise InvalidToken("The token does not name an administrator and a company.")
    return StaffIdentity(str(claims["sub"]), claims["company"])


def issue(audience: str, subject: str, settings: Settings, now: datetime, **claims: str) -> str:
    """Sign a token with the demo's own key; a portal of the real world signs with its own."""
    payload = {**claims, "aud": audience, "sub": subject, "iat": now, "exp": now + LONGEST_LIFE}
    return jwt.encode(payload, _key(settings), algorithm=settings.token_algorithm)


def _claims(token: str, audience: str, settings: Settings) -> dict[str, Any]:
    if settings.token_algorithm not in _ALGORITHMS:
        raise ValueError(f"PORTIERE_TOKEN_ALGORITHM must be one of {', '.join(_ALGORITHMS)}")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(settings),
            algorithms=[settings.token_algorithm],
            audience=audience,
            leeway=_LEEWAY,
            options={"require": ["exp", "aud", "sub"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise InvalidToken("The token has expired.") from error
    except jwt.InvalidAudienceError as error:
        raise InvalidToken("The token is for somebody else.") from error
    except jwt.PyJWTError as error:
        raise InvalidToken("The token is not valid.") from error
    if claims["exp"] > datetime.now().timestamp() + LONGEST_LIFE.total_seconds() + _LEEWAY:
        raise InvalidToken("The token lives longer than ten minutes.")
    return claims


def _key(settings: Settings) -> str:
    return settings.portal_key or settings.inner_secret("tokens")
