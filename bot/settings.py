"""The settings of every process, read once from the environment (prefix ``PORTIERE_``)."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseSettings, Field, PositiveFloat, PositiveInt, validator
from pydantic.fields import ModelField

_SHORTEST_SECRET = 32  # bytes
TOO_SHORT = f"must have {_SHORTEST_SECRET} bytes or more; `openssl rand -hex 32` makes such a secret"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """What an operator can set; the defaults run the embedded bot under ``var/``."""

    home: Path = Field(Path("var"), description="Folder of the embedded databases, the secret and the logs.")
    accounts_url: str = Field("", description="Account store; default: SQLite file `accounts.db` in home.")
    conversations_url: str = Field("", description="Conversation store; default: SQLite `conversations.db`.")
    redis_url: str = Field("", description="Rasa's lock store and the limits; default: in memory.")

    port: int = Field(5005, env="PORT", description="Public port of the gateway.")
    host: str = Field("127.0.0.1", description="Address that the gateway listens on.")
    rasa_url: str = Field("http://127.0.0.1:5006", description="Inner address of Rasa, loopback.")
    actions_url: str = Field("http://127.0.0.1:5055", description="Inner address of the action server.")

    model: str = Field("", description="Model file that Rasa serves; default: the one of the present sources.")

    smtp_url: str = Field(
        "", description="Mail server: smtp://, smtp+starttls:// or smtps://user:word@host:port; default: files."
    )
    mail_from: str = Field("portiere@portal.example.com", description="Sender of mails.")

    mail_tries: PositiveInt = Field(8, description="Tries after which a mail is dead; the first wait is 30 s.")

    secret: str = Field("", description="Master secret, 32 bytes or more; default: made on first use in home.")
    portal_key: str = Field("", description="Key that portal and staff tokens are signed with; default: derived.")
    portal_keys: dict[str, str] = Field(
        {}, description='Further keys by their key id (`kid`), as JSON, while keys change: {"2026-12": "…"}.'
    )
    token_algorithm: str = Field("HS256", description="HS256, RS256 or ES256.")

    action_seconds: PositiveFloat = Field(3.0, description="Time budget of one custom action, seconds.")
    conversation_minutes: PositiveInt = Field(60, description="Idle minutes after which a conversation ends.")
    keep_texts_days: PositiveInt = Field(30, description="Days after which the texts of a conversation are deleted.")
    keep_figures_months: PositiveInt = Field(13, description="Months after which its figures are deleted as well.")
    timezone: str = Field("Europe/Rome", description="Zone in which contract and expiry days are counted.")
    demo: bool = Field(True, description="Show the demo portal at /, and let pages on this machine embed the widget.")
    staff_sign_in: str = Field("", description="The portal's address that sends administrators to /staff#token=….")
    public_url: str = Field("", description="Address at which browsers reach the gateway; default: as they ask for it.")
    staff_openid_issuer: str = Field("", description="OpenID Connect: the issuer that administrators sign in with.")
    staff_openid_client_id: str = Field("", description="Our client id at that issuer.")
    staff_openid_client_secret: str = Field("", description="Our client secret; none for a public client.")
    staff_openid_scope: str = Field("openid profile", description="Scopes to ask for, parted by blanks.")
    staff_openid_company_claim: str = Field("company", description="Claim with the company's key.")
    staff_openid_role_claim: str = Field("role", description="Claim that must be, or hold, `administrator`.")
    staff_openid_name_claim: str = Field("name", description="Claim with the name to show.")
    console_openid_issuer: str = Field("", description="The same for the console.")
    console_openid_client_id: str = Field("", description="Our client id at that issuer.")
    console_openid_client_secret: str = Field("", description="Our client secret; none for a public client.")
    console_openid_scope: str = Field("openid profile", description="Scopes to ask for, parted by blanks.")
    console_openid_roles_claim: str = Field("roles", description="Claim with a person's groups or roles.")
    console_openid_roles: dict[str, str] = Field(
        {}, description='Console roles by that claim\'s values, as JSON: {"help-desk": "support"}; default: same names.'
    )
    embedded_by: str = Field("", description="Origins of the sites that may embed the widget, parted by blanks.")
    session_limit: PositiveInt = Field(600, description="Conversations that one client address may begin an hour.")
    message_limit: PositiveInt = Field(60, description="Messages that one conversation may send a minute.")
    client_request_limit: PositiveInt = Field(
        600, description="Messages, readings, ratings and listenings that one client address may ask for a minute."
    )
    code_attempts: PositiveInt = Field(
        8, description="Codes, and addresses to compare with one, that a conversation may try an hour, right or wrong."
    )
    client_code_attempts: PositiveInt = Field(60, description="The same for a client address, perhaps a house.")
    target_code_attempts: PositiveInt = Field(20, description="The same for one code, whoever tries.")
    mail_requests: PositiveInt = Field(3, description="Help mails that one conversation may ask for an hour.")
    client_mail_requests: PositiveInt = Field(20, description="The same for a client address.")
    target_mail_requests: PositiveInt = Field(3, description="The same for one mail address, whoever asks.")
    number_attempts: PositiveInt = Field(10, description="One-time numbers that one conversation may try an hour.")
    client_number_attempts: PositiveInt = Field(40, description="The same for a client address.")
    target_number_attempts: PositiveInt = Field(10, description="The same for one mail address, whoever tries.")
    trusted_proxies: str = Field(
        "127.0.0.1", description="Reverse proxies whose X-Forwarded-For and -Proto are believed, separated by commas."
    )
    origins: str = Field(
        "", description="Origins whose pages may call the API, separated by blanks; default: our own alone."
    )

    class Config:
        """Environment names and immutability."""

        env_prefix = "PORTIERE_"
        frozen = True

    @validator("secret")
    @classmethod
    def _is_long_enough(cls, value: str) -> str:
        if value and is_short(value):
            raise ValueError(TOO_SHORT)
        return value

    @validator("staff_sign_in", "public_url", "staff_openid_issuer", "console_openid_issuer")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not is_web_address(value):
            raise ValueError("must be an absolute address such as https://portal.example.com/login")
        return value

    @validator("staff_openid_issuer", "console_openid_issuer")
    @classmethod
    def _is_confidential(cls, value: str) -> str:
        """Discovery must use TLS (OpenID Connect Discovery 1.0, section 7.1); on this machine it need not."""
        if value.startswith("http:") and urlsplit(value).hostname not in LOOPBACK:
            raise ValueError("must begin with https://, since what the issuer says is believed")
        return value

    @validator("staff_openid_client_id", "console_openid_client_id", always=True)
    @classmethod
    def _belongs_to_issuer(cls, value: str, values: dict[str, Any], field: ModelField) -> str:
        issuer = field.name.replace("client_id", "issuer")
        if bool(value) != bool(values.get(issuer, value)):
            raise ValueError(f"is needed together with PORTIERE_{issuer.upper()}")
        return value

    @validator("staff_openid_scope", "console_openid_scope")
    @classmethod
    def _asks_for_openid(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("must hold the scope openid")
        return value

    def accounts_database(self) -> str:
        """URL of the account store."""
        return self.accounts_url or f"sqlite:///{self.home / 'accounts.db'}"

    def conversations_database(self) -> str:
        """URL of the conversation store."""
        return self.conversations_url or f"sqlite:///{self.home / 'conversations.db'}"

    def key(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, derived from the master secret (HMAC-SHA256 as in RFC 5869's expand)."""
        return hmac.new(_master_secret(self), purpose.encode(), hashlib.sha256).digest()

    def inner_secret(self, purpose: str) -> str:
        """The shared secret that our own processes show each other, as text."""
        return self.key(f"inner {purpose}").hex()


def is_short(secret: str) -> bool:
    """Whether a shared secret is shorter than the hash that it is used with (RFC 7518, section 3.2)."""
    return len(secret.encode()) < _SHORTEST_SECRET


def is_web_address(text: str) -> bool:
    """Whether a text is an absolute http or https address, without user, word or blanks."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' "<>\\^`{|}')
    return (
        is_plain
        and parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and port != 0
        and "@" not in parts.netloc
    )


def _master_secret(settings: Settings) -> bytes:
    if settings.secret:
        return settings.secret.encode()
    path = settings.home / "secret"
    if not path.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # another process was faster: its secret counts
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_bytes()


@functools.lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()  # type: ignore[call-arg]  # pydantic 1: mypy does not see the fields' defaults
