"""The vault: personal values, encrypted under a key for each conversation, found by their references.

AES-256-GCM (NIST SP 800-38D) with a random nonce for each value and the reference as associated data; the
conversation's key is itself encrypted under the master key. Erasing a conversation's key makes its values unreadable
wherever copies of them may lie.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import datetime, timedelta, timezone

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from bot.conversations.tables import vault_key, vault_value
from bot.privacy.detection import clean, find_values
from bot.privacy.values import REFERENCE, Value, reference_to

_NONCE_BYTES = 12
_KEY_BYTES = 32
_RETRIES = 5


class Vault:
    """Stores and resolves the personal values of conversations."""

    def __init__(self, engine: Engine, master_key: bytes, keep: timedelta = timedelta(days=30)) -> None:
        self._engine = engine
        self._master = AESGCM(master_key)
        self._keep = keep

    def mask(self, conversation_id: str, text: str) -> str:
        """The cleaned text with every personal value stored and replaced by its reference."""
        text = clean(text)
        values = find_values(text)
        if not values:
            return text
        references = self._store(conversation_id, values)
        parts, position = [], 0
        for value, reference in zip(values, references):
            parts += [text[position : value.start], reference]
            position = value.end
        return "".join([*parts, text[position:]])

    def unmask(self, conversation_id: str, text: str) -> str:
        """The text with references replaced by their values; one whose value is gone stays a reference."""
        return REFERENCE.sub(
            lambda match: self.resolve(conversation_id, match.group()) or match.group(), text
        )

    def store(self, conversation_id: str, kind: str, value: str) -> str:
        """Keep one value and return its reference; the same value has the same reference in a conversation."""
        return self._store(conversation_id, [Value(kind, 0, 0, value)])[0]  # type: ignore[arg-type]

    def resolve(self, conversation_id: str, reference: str) -> str | None:
        """The value behind a reference, or None if there is none, it has expired, or its key was erased."""
        query = (
            select(vault_key.c.wrapped_key, vault_value.c.ciphertext, vault_value.c.expires_at)
            .join(vault_value, vault_value.c.conversation_id == vault_key.c.conversation_id)
            .where(vault_key.c.conversation_id == conversation_id, vault_value.c.reference == reference)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.expires_at <= _now():
            return None
        try:
            key = self._unwrap(conversation_id, row.wrapped_key)
            return _decrypt(AESGCM(key), row.ciphertext, reference).decode()
        except InvalidTag:  # another master key, or a row moved by hand
            return None

    def erase(self, conversation_id: str) -> None:
        """Destroy a conversation's key and values."""
        with self._engine.begin() as connection:
            for table in (vault_value, vault_key):
                connection.execute(delete(table).where(table.c.conversation_id == conversation_id))

    def _store(self, conversation_id: str, values: list[Value]) -> list[str]:
        for _ in range(_RETRIES - 1):
            try:
                with self._engine.begin() as connection:
                    return self._store_in(connection, conversation_id, values)
            except IntegrityError:  # another process stored at the same moment: look again
                continue
        with self._engine.begin() as connection:
            return self._store_in(connection, conversation_id, values)

    def _store_in(self, connection: Connection, conversation_id: str, values: list[Value]) -> list[str]:
        key = self._key(connection, conversation_id)
        known = {
            row.digest: row.reference
            for row in connection.execute(
                select(vault_value.c.digest, vault_value.c.reference).where(
                    vault_value.c.conversation_id == conversation_id
                )
            )
        }
        references = []
        for value in values:
            digest = hmac.new(key, f"{value.kind}\0{value.value}".encode(), hashlib.sha256).hexdigest()
            if digest not in known:
                count = sum(reference.startswith(f"⟨{value.kind} ") for reference in known.values())
                known[digest] = reference_to(value.kind, count + 1)
                connection.execute(
                    insert(vault_value).values(
                        conversation_id=conversation_id,
                        reference=known[digest],
                        kind=value.kind,
                        digest=digest,
                        ciphertext=_encrypt(AESGCM(key), value.value.encode(), known[digest]),
                        expires_at=_now() + self._keep,
                    )
                )
            references.append(known[digest])
        return references

    def _key(self, connection: Connection, conversation_id: str) -> bytes:
        query = select(vault_key.c.wrapped_key).where(vault_key.c.conversation_id == conversation_id)
        wrapped = connection.scalar(query)
        if wrapped is not None:
            return self._unwrap(conversation_id, wrapped)
        key = os.urandom(_KEY_BYTES)
        connection.execute(
            insert(vault_key).values(
                conversation_id=conversation_id,
                wrapped_key=_encrypt(self._master, key, conversation_id),
                created_at=_now(),
            )
        )
        return key

    def _unwrap(self, conversation_id: str, wrapped: bytes) -> bytes:
        return _decrypt(self._master, wrapped, conversation_id)


def _encrypt(cipher: AESGCM, value: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, value, bound_to.encode())


def _decrypt(cipher: AESGCM, stored: bytes, bound_to: str) -> bytes:
    return cipher.decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], bound_to.encode())


def _now() -> datetime:
    return datetime.now(timezone.utc)
