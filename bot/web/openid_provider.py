"""An OpenID provider as its client sees it: discovery, exchanging a code, and checking the ID token."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

# Whoever holds a public key can make an HMAC of it, and `none` signs nothing: neither is ever taken.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_LEEWAY = 30  # seconds that clocks may differ
_FRESH = 3600  # seconds that the provider's own description is believed
_PATIENCE = 10.0  # seconds for one request
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class SignInFailed(Exception):
    """Nobody was signed in.

    ``reason`` is `denied`, `stale`, `provider` or `identity`; ``what`` names the text to show, the reason itself if it
    is not given; ``detail`` is for the log and holds nothing about the person.
    """

    def __init__(self, reason: str, detail: str, what: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.what = what or reason


@dataclass(frozen=True)
class Client:
    """How the provider knows us."""

    issuer: str
    client_id: str
    client_secret: str = ""
    scope: str = "openid profile"


class Provider:
    """One provider; its description and its keys are read when they are needed, and kept for an hour."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = float("-inf")

    async def authorization_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send a browser that shall sign in (PKCE with S256)."""
        metadata = await self._described()
        async with self._oauth(metadata) as oauth:
            url, _ = oauth.create_authorization_url(
                metadata["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                redirect_uri=redirect_uri,
            )
        return str(url)

    async def claims(
        self, code: str, redirect_uri: str, verifier: str, nonce: str, issuer: str | None = None
    ) -> Mapping[str, Any]:
        """The checked claims of the ID token that a code is exchanged for; ``issuer`` as the answer named it."""
        metadata = await self._described()
        if issuer is not None and issuer != metadata["issuer"]:
            raise SignInFailed("provider", "the answer is another issuer's")
        try:
            async with self._oauth(metadata) as oauth:
                answer = await oauth.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    redirect_uri=redirect_uri,
                )
        except AuthlibBaseError as error:
            known = error.error if re.fullmatch(r"[a-z_]{1,40}", str(error.error)) else "unknown error"
            raise SignInFailed("stale" if known == "invalid_grant" else "provider", str(known)) from error
        except (httpx2.HTTPError, ValueError) as error:
            raise SignInFailed("provider", f"token endpoint: {type(error).__name__}") from error
        id_token = answer.get("id_token") if isinstance(answer, Mapping) else None
        if not isinstance(id_token, str):
            raise SignInFailed("provider", "no ID token")
        return await self._checked(id_token, nonce, metadata)

    async def _checked(self, id_token: str, nonce: str, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            try:
                token = self._decoded(id_token, await self._key_set(metadata), metadata)
            except (InvalidKeyIdError, BadSignatureError):  # the provider may have changed its keys meanwhile
                token = self._decoded(id_token, await self._key_set(metadata, is_anew=True), metadata)
            expected = jwt.JWTClaimsRegistry(
                now=int(time.time()),
                leeway=_LEEWAY,
                iss={"essential": True, "value": metadata["issuer"]},
                aud={"essential": True, "value": self._client.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True},
            )
            expected.validate(token.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignInFailed("provider", f"ID token: {type(error).__name__}") from error
        claims: Mapping[str, Any] = token.claims
        if not isinstance(claims["nonce"], str) or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
            raise SignInFailed("provider", "ID token: nonce of another sign-in")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._client.client_id) != self._client.client_id:
            raise SignInFailed("provider", "ID token: issued to another client")
        return claims

    def _decoded(self, id_token: str, keys: KeySet, metadata: Mapping[str, Any]) -> jwt.Token:
        supported = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        allowed = [name for name in supported if name in _ALGORITHMS]
        return jwt.decode(id_token, keys, registry=JWSRegistry(algorithms=allowed, strict_check_header=False))

    async def _described(self) -> Mapping[str, Any]:
        """The provider's description of itself (Discovery 1.0, section 4)."""
        if time.monotonic() - self._read_at < _FRESH:
            return self._metadata
        metadata = await self._read(f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration")
        # Some settings have a slash more at the end than the issuer; what counts in tokens is how the issuer writes it.
        if str(metadata.get("issuer")).rstrip("/") != self._client.issuer.rstrip("/"):
            raise SignInFailed("provider", "discovery: the description is another issuer's")
        scheme = urlsplit(self._client.issuer).scheme
        if any(urlsplit(str(metadata.get(name))).scheme not in ("https", scheme) for name in _ENDPOINTS):
            raise SignInFailed("provider", "discovery: an end point is missing or not confidential")
        self._metadata, self._keys, self._read_at = metadata, None, time.monotonic()
        return metadata

    async def _key_set(self, metadata: Mapping[str, Any], is_anew: bool = False) -> KeySet:
        if self._keys is None or is_anew:
            found: Any = await self._read(metadata["jwks_uri"])
            self._keys = KeySet.import_key_set(found)
        return self._keys

    async def _read(self, url: str) -> dict[str, Any]:
        try:
            async with httpx2.AsyncClient(timeout=_PATIENCE) as http:
                response = await http.get(url, headers={"Accept": "application/json"})
                response.raise_for_status()
                content = response.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise SignInFailed("provider", f"{urlsplit(url).path}: {type(error).__name__}") from error
        if not isinstance(content, dict):
            raise SignInFailed("provider", f"{urlsplit(url).path}: no JSON object")
        return content

    def _oauth(self, metadata: Mapping[str, Any]) -> AsyncOAuth2Client:
        # Without the member a provider takes client_secret_basic (Discovery 1.0, section 3).
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return AsyncOAuth2Client(
            self._client.client_id,
            self._client.client_secret or None,
            token_endpoint_auth_method=method if self._client.client_secret else "none",
            scope=self._client.scope,
            code_challenge_method="S256",
            timeout=_PATIENCE,
        )
