"""Signed tokens by which the portal vouches for a person, and a company for its staff (RFC 7519)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import jwt

from bot.settings import TOO_SHORT, Settings, is_short

WIDGET_AUDIENCE = "portiere-widget"
STAFF_AUDIENCE = "portiere-staff"
LONGEST_LIFE = timedelta(minutes=10)
_ALGORITHMS = ("HS256", "RS256", "ES256")
_LEEWAY = 30  # seconds that clocks may differ
_LONGEST_NAME = 128
_OWN_KEY = "portiere"  # key id of tokens that the gateway issues itself after a sign-in
_NEVER = 2**53  # seconds; beyond it, and for what JSON cannot even write (NaN), times do not compare


class InvalidToken(Exception):
    """The token is wrong, expired, or not for us; the text says which, never its content."""


class UnusableKey(Exception):
    """The settings name no algorithm that we take, or no key that it can use; the text says what to set."""


@dataclass(frozen=True)
class StaffIdentity:
    """An administrator as the staff token names them."""

    subject: str
    company: str
    name: str | None = None  # as a page shows it; the subject if there is none


def portal_account(token: str, settings: Settings, now: datetime) -> str:
    """The login address that a portal token speaks for."""
    return _name(_claims(token, WIDGET_AUDIENCE, settings, now), "sub")


def staff_identity(token: str, settings: Settings, now: datetime) -> StaffIdentity:
    """The administrator that a staff token speaks for."""
    claims = _claims(token, STAFF_AUDIENCE, settings, now)
    if claims.get("role") != "administrator":
        raise InvalidToken("The token does not name the role administrator.")
    name = _name(claims, "name") if "name" in claims else None
    return StaffIdentity(_name(claims, "sub"), _name(claims, "company"), name)


def issue(
    audience: str,
    subject: str,
    settings: Settings,
    now: datetime,
    life: timedelta = LONGEST_LIFE,
    **claims: str,
) -> str:
    """Sign a token as the portal does, if our key can sign; otherwise `UnusableKey`."""
    check_key(settings)
    payload = {**claims, "aud": audience, "sub": subject, "iat": now, "exp": now + life}
    key_id, key = list(_keys(settings).items())[-1]
    headers = {"kid": key_id} if key_id else None
    try:
        return jwt.encode(payload, key, algorithm=settings.token_algorithm, headers=headers)
    except (AttributeError, TypeError) as error:  # PyJWT lets a public key come as far as signing
        raise UnusableKey(f"{_setting(key_id)} is a public key: it checks tokens but signs none.") from error


def issue_own_staff_token(staff: StaffIdentity, settings: Settings, now: datetime) -> str:
    """A staff token for somebody whom the gateway itself has signed in; it needs no key of the portal's.

    `InvalidToken` if the identity is none that a token may have.
    """
    payload = {"aud": STAFF_AUDIENCE, "sub": staff.subject, "role": "administrator", "company": staff.company}
    if staff.name:
        payload["name"] = staff.name
    times = {"iat": now, "exp": now + LONGEST_LIFE}
    token = jwt.encode({**payload, **times}, _own_key(settings), algorithm="HS256", headers={"kid": _OWN_KEY})
    staff_identity(token, settings, now)
    return token


def can_sign(settings: Settings) -> bool:
    """Whether our key can sign as the portal does: it cannot if it is the portal's public key."""
    try:
        issue(STAFF_AUDIENCE, "nobody", settings, datetime.fromtimestamp(0, timezone.utc))
    except UnusableKey:
        return False
    return True


def check_key(settings: Settings) -> None:
    """Raise `UnusableKey` unless tokens can be checked with the algorithm and all keys of the settings."""
    algorithm = settings.token_algorithm
    if algorithm not in _ALGORITHMS:
        raise UnusableKey(f"PORTIERE_TOKEN_ALGORITHM must be one of {', '.join(_ALGORITHMS)}.")
    if algorithm != "HS256" and not (settings.portal_key or settings.portal_keys):
        raise UnusableKey(f"PORTIERE_TOKEN_ALGORITHM={algorithm} needs the portal's key in PORTIERE_PORTAL_KEY.")
    if _OWN_KEY in settings.portal_keys:
        raise UnusableKey(f"PORTIERE_PORTAL_KEYS may not name a key {_OWN_KEY}: that is the gateway's own.")
    for key_id, key in _keys(settings).items():
        try:
            _checking_key(key, algorithm)
        except (jwt.PyJWTError, ValueError) as error:
            raise UnusableKey(f"{_setting(key_id)} is no key for {algorithm}.") from error
        if algorithm == "HS256" and is_short(key):
            raise UnusableKey(f"{_setting(key_id)} {TOO_SHORT}.")


def _claims(token: str, audience: str, settings: Settings, now: datetime) -> dict[str, Any]:
    if not token.isascii():
        raise InvalidToken("The token is not valid.")
    try:
        # The key that a token names decides by which algorithm it is checked, never the token.
        if audience == STAFF_AUDIENCE and _is_own(token):
            key, algorithm = _own_key(settings), "HS256"
        else:
            key, algorithm = _checking_key(_key_of(token, settings), settings.token_algorithm), settings.token_algorithm
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            # PyJWT would read the clock itself: times are checked below.
            options={
                "require": ["exp", "aud", "sub"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except jwt.InvalidAudienceError as error:
        raise InvalidToken("The token is for somebody else.") from error
    except (jwt.PyJWTError, RecursionError) as error:
        raise InvalidToken("The token is not valid.") from error
    _check_times(claims, now.timestamp())
    return claims


def _check_times(claims: dict[str, Any], now: float) -> None:
    """Check `exp`, which must be there, and `nbf` and `iat`, which may be: seconds since 1970."""
    times = {name: claims[name] for name in ("exp", "nbf", "iat") if name in claims}
    for name, value in times.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _NEVER:
            raise InvalidToken(f"The token's {name} is not a time.")
    if times["exp"] <= now - _LEEWAY:
        raise InvalidToken("The token has expired.")
    if times["exp"] > now + LONGEST_LIFE.total_seconds() + _LEEWAY:
        raise InvalidToken("The token lives longer than ten minutes.")
    if max(times.get("nbf", now), times.get("iat", now)) > now + _LEEWAY:
        raise InvalidToken("The token is not valid yet.")


def _name(claims: dict[str, Any], claim: str) -> str:
    value = claims.get(claim)
    if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= _LONGEST_NAME:
        raise InvalidToken(f"The token's {claim} must be 1 to {_LONGEST_NAME} printable characters.")
    return value


def _is_own(token: str) -> bool:
    return bool(jwt.get_unverified_header(token).get("kid") == _OWN_KEY)


def _own_key(settings: Settings) -> str:
    return settings.inner_secret("staff sign-in")


def _key_of(token: str, settings: Settings) -> str:
    """The key that a token names by its key id (RFC 7515, section 4.1.4); the only one where no ids are in use."""
    keys = _keys(settings)
    key_id = jwt.get_unverified_header(token).get("kid", "") if settings.portal_keys else ""
    if key_id not in keys:
        raise InvalidToken("The token is signed with a key that is not in use.")
    return keys[key_id]


def _keys(settings: Settings) -> dict[str, str]:
    """All keys in use by their ids, the one that signs last; the nameless one is for tokens without a key id."""
    if settings.portal_key or not settings.portal_keys:
        return {**settings.portal_keys, "": settings.portal_key or settings.inner_secret("tokens")}
    return dict(settings.portal_keys)


def _setting(key_id: str) -> str:
    return f"The key {key_id} in PORTIERE_PORTAL_KEYS" if key_id else "PORTIERE_PORTAL_KEY"


def _checking_key(key: str, algorithm: str) -> Any:
    """The shared secret, or the public key; of a private key, its public half, which is all that RSA checks with."""
    prepared = jwt.get_algorithm_by_name(algorithm).prepare_key(key)
    return prepared.public_key() if hasattr(prepared, "public_key") else prepared
