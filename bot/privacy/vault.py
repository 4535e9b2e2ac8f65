"""The vault: personal values, encrypted under a key for each conversation, found by their references.

AES-256-GCM (NIST SP 800-38D) with a random nonce for each value; a value is bound to its conversation and
reference, so that a row moved by hand opens nothing. The conversation's key is itself encrypted under the
master key: erasing it makes its values unreadable wherever copies of them may lie.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from bot.conversations.tables import vault_key, vault_value
from bot.privacy.detection import clean, find_values, replace_values
from bot.privacy.values import KINDS, PERSON, REFERENCE, Masked, reference_to

_NONCE_BYTES = 12
_KEY_BYTES = 32
_PERSON_KIND = PERSON[1:-1].split()[0]
_RETRIES = 20  # as many writers may store in one conversation at the same moment
_GONE = "expired "  # begins the digest of a dropped value: no HMAC looks like it


class WrongMasterKey(Exception):
    """Values cannot be added to a conversation, because the master key has changed since it began."""


class Vault:
    """Stores and resolves the personal values of conversations. Safe for threads and processes."""

    def __init__(
        self,
        engine: Engine,
        master_key: bytes,
        keep: timedelta = timedelta(days=30),
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Open the vault in a migrated conversation store; `master_key` has 32 bytes."""
        self._engine = engine
        self._master = AESGCM(master_key)
        self._keep = keep
        self._now = now

    def take(self, conversation_id: str, text: str) -> Masked:
        """The cleaned text with every personal value stored and replaced by its reference."""
        text = clean(text)
        values = find_values(text)
        if not values:
            return Masked(text, False)
        references = self._store(conversation_id, [(value.kind, value.value) for value in values])
        return Masked(replace_values(text, values, references), any(value.is_google_mail for value in values))

    def mask(self, conversation_id: str, text: str) -> str:
        """The text of `take` alone."""
        return self.take(conversation_id, text).text

    def unmask(self, conversation_id: str, text: str) -> str:
        """The text with references replaced by their values; one whose value is gone stays a reference."""
        references = {match.group() for match in REFERENCE.finditer(text)}
        if not references:
            return text
        values = self._resolve(conversation_id, references)
        return REFERENCE.sub(lambda match: values.get(match.group(), match.group()), text)

    def store(self, conversation_id: str, kind: str, value: str) -> str:
        """Keep one value and return its reference: the same for the same value in a conversation."""
        if kind not in KINDS:
            raise ValueError(f"no kind of personal value: {kind!r} (known: {', '.join(KINDS)})")
        return self._store(conversation_id, [(kind, value)])[0]

    def store_all(self, conversation_id: str, values: Sequence[tuple[str, str]]) -> list[str]:
        """Keep several values, given as pairs of kind and value, and return their references in order."""
        if unknown := {kind for kind, _ in values if kind not in KINDS}:
            raise ValueError(f"no kinds of personal values: {sorted(unknown)} (known: {', '.join(KINDS)})")
        return self._store(conversation_id, values) if values else []

    def store_person(self, conversation_id: str, subject: str) -> None:
        """Keep who speaks, as a signed token names them; `PERSON` resolves to it. Once in a conversation."""
        self._store(conversation_id, [(_PERSON_KIND, subject)])

    def resolve(self, conversation_id: str, reference: str) -> str | None:
        """The value behind a reference, or None if there is none, it has expired, or its key was erased."""
        return self._resolve(conversation_id, [reference]).get(reference)

    def erase(self, conversation_id: str) -> None:
        """Destroy a conversation's key and values."""
        with self._engine.begin() as connection:
            for table in (vault_key, vault_value):
                connection.execute(delete(table).where(table.c.conversation_id == conversation_id))

    def drop_expired(self) -> int:
        """Destroy all expired values and return how many they were.

        Their rows stay without content, so that no reference in an old transcript ever means another value.
        """
        is_due = and_(vault_value.c.expires_at <= self._now(), vault_value.c.ciphertext != b"")
        emptied = update(vault_value).where(is_due)
        with self._engine.begin() as connection:
            digest = _GONE + vault_value.c.reference
            dropped: int = connection.execute(emptied.values(ciphertext=b"", digest=digest)).rowcount
        return dropped

    def _resolve(self, conversation_id: str, references: Iterable[str]) -> dict[str, str]:
        query = (
            select(vault_key.c.wrapped_key, vault_value.c.reference, vault_value.c.ciphertext)
            .join(vault_value, vault_value.c.conversation_id == vault_key.c.conversation_id)
            .where(
                vault_key.c.conversation_id == conversation_id,
                vault_value.c.reference.in_(list(references)),
                vault_value.c.expires_at > self._now(),
            )
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        values = {}
        for row in rows:
            try:
                cipher = AESGCM(_decrypt(self._master, row.wrapped_key, conversation_id))
                values[row.reference] = _decrypt(cipher, row.ciphertext, conversation_id + row.reference).decode()
            except InvalidTag:  # another master key, or a row changed by hand
                continue
        return values

    def _store(self, conversation_id: str, values: Sequence[tuple[str, str]]) -> list[str]:
        for _ in range(_RETRIES - 1):
            try:
                with self._engine.begin() as connection:
                    return self._store_in(connection, conversation_id, values)
            except IntegrityError:  # another writer stored at the same moment: look again
                continue
        with self._engine.begin() as connection:
            return self._store_in(connection, conversation_id, values)

    def _store_in(self, connection: Connection, conversation_id: str, values: Sequence[tuple[str, str]]) -> list[str]:
        rows = connection.execute(
            select(vault_key.c.wrapped_key, vault_value)
            .outerjoin(vault_value, vault_value.c.conversation_id == vault_key.c.conversation_id)
            .where(vault_key.c.conversation_id == conversation_id)
        ).all()
        key = self._opened(conversation_id, rows[0].wrapped_key) if rows else self._new_key(connection, conversation_id)
        digest_key = hmac.digest(key, b"digest", "sha256")  # one key, one use
        now = self._now()
        rows = [row for row in rows if row.reference is not None]
        known = {row.digest: row.reference for row in rows}
        fading = {row.reference for row in rows if row.expires_at < now + self._keep / 2}
        numbers = Counter(row.kind for row in rows)
        new, references = [], []
        for kind, value in values:
            digest = hmac.new(digest_key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()
            if digest not in known:
                numbers[kind] += 1
                known[digest] = reference = reference_to(kind, numbers[kind])
                new.append(
                    {
                        "conversation_id": conversation_id,
                        "reference": reference,
                        "kind": kind,
                        "digest": digest,
                        "ciphertext": _encrypt(AESGCM(key), value.encode(), conversation_id + reference),
                        "expires_at": now + self._keep,
                    }
                )
            references.append(known[digest])
        if new:
            connection.execute(insert(vault_value), new)
        if renewed := fading.intersection(references):
            same = and_(vault_value.c.conversation_id == conversation_id, vault_value.c.reference.in_(list(renewed)))
            connection.execute(update(vault_value).where(same).values(expires_at=now + self._keep))
        return references

    def _opened(self, conversation_id: str, wrapped: bytes) -> bytes:
        try:
            return _decrypt(self._master, wrapped, conversation_id)
        except InvalidTag as error:
            raise WrongMasterKey(
                f"conversation {conversation_id}: its vault key was made under another master key"
            ) from error

    def _new_key(self, connection: Connection, conversation_id: str) -> bytes:
        key = os.urandom(_KEY_BYTES)
        connection.execute(
            insert(vault_key).values(
                conversation_id=conversation_id,
                wrapped_key=_encrypt(self._master, key, conversation_id),
                created_at=self._now(),
            )
        )
        return key


def _encrypt(cipher: AESGCM, value: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, value, bound_to.encode())


def _decrypt(cipher: AESGCM, stored: bytes, bound_to: str) -> bytes:
    return cipher.decrypt(stored[:_NONCE_BYTES], stored[_NONCE_BYTES:], bound_to.encode())
