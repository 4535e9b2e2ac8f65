"""An OpenID provider: a real HTTP server with real RSA keys that does what a test tells it to do wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "portiere"
CLIENT_SECRET = "a word between the two of us"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


FIRST_KEY = new_key("first")


@dataclass
class OpenIdProvider:
    """The provider; ``person`` are the claims of whoever signs in, ``changes`` what a test spoils."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    asks: bool = False  # shows a page to consent or deny, instead of consenting at once
    denies: bool = False
    is_down: bool = False
    answer: bytes | None = None  # of the token end point, instead of a token; empty: it hangs up
    keys: list[RSAKey] = field(default_factory=lambda: [FIRST_KEY])
    signing_key: RSAKey | None = None  # another than the one that it publishes
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key_reads: int = 0

    @property
    def issuer(self) -> str:
        return f"{self.url}/realm"

    def rotate(self) -> None:
        """A new key; the old one is published no longer."""
        self.keys = [new_key(secrets.token_hex(4))]

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            # As careless as a provider may be: the client must choose.
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def code_for(self, query: dict[str, str]) -> str:
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        return code

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if authorization not in (f"Basic {expected}", f"Basic {plain}"):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked.get("code_challenge_method") != "S256" or asked.get("code_challenge") != challenge:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        times = {"iat": now, "exp": now + 60}
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "nonce": nonce, **times, **self.person, **self.changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.algorithm == "none":
            header = {"alg": "none"}
            return ".".join(_coded(part) for part in (header, claims)) + "."
        if self.algorithm == "HS256":  # with the public key as a shared secret
            signed = ".".join(_coded(part) for part in ({"alg": "HS256", "kid": self.keys[0].kid}, claims))
            mac = hmac.digest(self.keys[0].as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        signing = self.signing_key or self.keys[-1]
        return jwt.encode({"alg": "RS256", "kid": self.keys[-1].kid}, claims, signing)


def _coded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """Run a provider on a free port."""
    provider = OpenIdProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            query = {name: found[0] for name, found in parse_qs(where.query).items()}
            if provider.is_down:
                self._answer(503, b"down", "text/plain")
            elif where.path == "/realm/.well-known/openid-configuration":
                self._json(200, provider.described())
            elif where.path == "/keys":
                provider.key_reads += 1
                self._json(200, {"keys": [key.as_dict(private=False) for key in provider.keys]})
            elif where.path == "/authorize" and provider.asks:
                links = (f'<a href="/{word}?{escape(where.query)}">{word}</a>' for word in ("consent", "deny"))
                self._answer(200, " ".join(links).encode(), "text/html")
            elif where.path == "/deny" or (where.path == "/authorize" and provider.denies):
                self._back(query, error="access_denied", error_description="<script>document.title=1</script>")
            elif where.path in ("/authorize", "/consent"):
                self._back(query, code=provider.code_for(query))
            else:
                self._answer(404, b"", "text/plain")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: found[0] for name, found in parse_qs(body).items()}
            if provider.answer is not None:
                if provider.answer:
                    self._answer(200, provider.answer, "application/json")
                return
            self._json(*provider.token(form, self.headers.get("Authorization", "")))

        def _back(self, query: dict[str, str], **answer: str) -> None:
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{urlencode({**answer, 'state': query['state']})}")
            self.end_headers()

        def _json(self, status: int, content: dict[str, Any]) -> None:
            self._answer(status, json.dumps(content).encode(), "application/json")

        def _answer(self, status: int, body: bytes, media_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
