"""The settings of every process, read once from the environment (prefix ``PORTIERE_``)."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from pydantic import BaseSettings, Field, PositiveFloat, PositiveInt


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

    secret: str = Field("", description="Master secret; default: made on first use in home.")
    portal_key: str = Field("", description="Key that portal and staff tokens are signed with; default: derived.")
    portal_keys: dict[str, str] = Field(
        {}, description='Further keys by their key id (`kid`), as JSON, while keys change: {"2026-12": "…"}.'
    )
    token_algorithm: str = Field("HS256", description="HS256, RS256 or ES256.")

    action_seconds: PositiveFloat = Field(3.0, description="Time budget of one custom action, seconds.")
    conversation_minutes: PositiveInt = Field(60, description="Idle minutes after which a conversation ends.")
    timezone: str = Field("Europe/Rome", description="Zone in which contract and expiry days are counted.")
    demo: bool = Field(True, description="Show the demo portal at /, and let pages on this machine embed the widget.")
    staff_sign_in: str = Field("", description="The portal's address that sends administrators to /staff#token=….")
    embedded_by: str = Field("", description="Origins of the sites that may embed the widget, parted by blanks.")
    session_limit: PositiveInt = Field(600, description="Conversations that one client address may begin an hour.")
    message_limit: PositiveInt = Field(60, description="Messages that one conversation may send a minute.")
    code_attempts: PositiveInt = Field(5, description="Wrong codes that one conversation may try an hour.")
    client_code_attempts: PositiveInt = Field(20, description="The same for a client address, perhaps a house.")
    target_code_attempts: PositiveInt = Field(20, description="The same for one code, whoever tries.")
    mail_requests: PositiveInt = Field(3, description="Help mails that one conversation may ask for an hour.")
    client_mail_requests: PositiveInt = Field(20, description="The same for a client address.")
    target_mail_requests: PositiveInt = Field(3, description="The same for one mail address, whoever asks.")
    number_attempts: PositiveInt = Field(10, description="One-time numbers that one conversation may try an hour.")
    client_number_attempts: PositiveInt = Field(40, description="The same for a client address.")
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
