"""Reading requests: JSON of a bounded size with known fields, a bearer token, the client's keyed address."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from bot.gateway.problems import Problem

MOST_BYTES = 32 * 1024  # 2,000 emoji, each escaped as twelve bytes, and room for the rest
_LONGEST_SHOWN = 64
_LINE = 64  # bits of an IPv6 address that tell one line from another
_CHALLENGE = 'Bearer realm="portiere"'


async def read_body(request: Request, most: int) -> bytes:
    """The body, of at most so many bytes, whatever its length was said to be."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem(413, f"The body is too large: {most:,} bytes are allowed.")
    return body


async def read_json(request: Request, fields: Mapping[str, int]) -> dict[str, str]:
    """The body's fields, all of them texts; ``fields`` gives the characters that each may have."""
    body = await read_body(request, MOST_BYTES)
    media_type = request.headers.get("content-type")
    if media_type is None and not body:
        return {}
    if (media_type or "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "Send JSON, with the header Content-Type: application/json.")
    try:
        content: Any = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Problem(400, "The body is not valid JSON.") from error
    if not isinstance(content, dict):
        raise Problem(422, "The body must be a JSON object.")
    for name, value in content.items():
        if name not in fields:
            raise Problem(422, f"Unknown field: {_shown(name)}. Known are: {', '.join(fields)}.")
        if not isinstance(value, str):
            raise Problem(422, f"The field {name} must be a text.")
        if len(value) > fields[name]:
            raise Problem(422, f"The field {name} is too long: {fields[name]:,} characters are allowed.")
    return content


def bearer_token(request: Request) -> str:
    """The token of the Authorization header (RFC 6750)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(401, "A bearer token is needed.", {"WWW-Authenticate": _CHALLENGE})
    return token.strip()


def unauthorized(detail: str) -> Problem:
    """The problem of a token that is wrong or has expired (RFC 6750, section 3.1)."""
    return Problem(401, detail, {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'})


def client_of(request: Request, key: bytes) -> str:
    """A keyed hash of the client's address or network: enough to count by, nothing to look up."""
    network = _network_of(request.client.host if request.client else "")
    return hmac.new(key, network.encode(), hashlib.sha256).hexdigest()[:16]


def _network_of(host: str) -> str:
    """The /64 of an IPv6 address, all of which one line has to itself (RFC 6177); other addresses as they are."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _LINE), strict=False))


def _shown(name: str) -> str:
    """A field's name as an error may repeat it."""
    return "".join(character for character in name[:_LONGEST_SHOWN] if character.isprintable())
