"""The users of the console, their passwords and sessions."""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from bot.conversations.support.tables import ROLES, console_session, console_user, sign_in_failure
from bot.database import insert_missing

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200  # a longer one would only cost time to hash
IDLE = timedelta(hours=8)
LONGEST = timedelta(hours=16)
_SEEN_STEP = timedelta(minutes=1)
FREE_FAILURES = 3  # that cost no waiting
CLIENT_FREE_FAILURES = 20
_LONGEST_WAIT = timedelta(minutes=5)
_FORGOTTEN = timedelta(hours=1)


class UserError(ValueError):
    """A user cannot be made or changed so; the text says why."""


@dataclass(frozen=True)
class User:
    """Somebody of the support team."""

    id: int
    name: str
    roles: frozenset[str]
    is_active: bool = True
    seen_at: datetime | None = None

    def may(self, roles: Iterable[str]) -> bool:
        """Whether one of these roles is theirs."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True)
class Session:
    """A signed-in user, and the token that their forms must bear."""

    user: User
    csrf: str


class ConsoleUsers:
    """Users in the conversation store. Passwords are kept as Argon2id hashes, session tokens as SHA-256."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        """``key`` hides who failed to sign in."""
        self._engine = engine
        self._key = key
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex())  # so that an unknown name takes as long as a known one

    def add(self, name: str, roles: Iterable[str], password: str | None, now: datetime) -> User:
        """Make a user; `UserError` if the name is taken or something about it is wrong."""
        return self._add(name, roles, now, password_hash=None if password is None else self._hash(password))

    def know(self, subject: str, name: str, roles: Iterable[str], now: datetime) -> User:
        """The user whom a provider has signed in, made or brought up to date; `UserError` if they may not enter.

        ``subject`` is who they are (OpenID Connect Core 1.0, section 5.7: a name is not, it may go to somebody else).
        """
        is_this = console_user.c.subject == subject
        with self._engine.connect() as connection:
            row = connection.execute(select(console_user).where(is_this)).one_or_none()
        if row is None:
            return self._add(name, roles, now, subject=subject)
        chosen = frozenset(roles)
        with self._engine.begin() as connection:  # without a role left, what is open may do nothing more either
            connection.execute(update(console_user).where(is_this).values(roles=sorted(chosen)))
        if not row.is_active:
            raise UserError(f"{row.name} is disabled")
        return User(row.id, row.name, _checked_roles(chosen))

    def listed(self) -> Sequence[User]:
        """All users by name."""
        with self._engine.connect() as connection:
            return [_user(row) for row in connection.execute(select(console_user).order_by(console_user.c.name))]

    def find(self, name: str) -> User | None:
        """The user of this name."""
        query = select(console_user).where(console_user.c.name == name.strip().lower())
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return _user(row) if row else None

    def change(
        self, name: str, *, password: str | None = None, roles: Iterable[str] | None = None, active: bool | None = None
    ) -> User:
        """Change what is given and end the user's sessions; `UserError` if there is no such user."""
        values: dict[str, object] = {}
        if password is not None:
            values["password_hash"] = self._hash(password)
        if roles is not None:
            values["roles"] = sorted(_checked_roles(roles))
        if active is not None:
            values["is_active"] = active
        found = self.find(name)
        if found is None:
            raise UserError(f"there is no user {name}")
        with self._engine.begin() as connection:
            if values:
                connection.execute(update(console_user).where(console_user.c.id == found.id).values(**values))
            connection.execute(delete(console_session).where(console_session.c.user_id == found.id))
        return self.find(name) or found

    def admit(self, name: str, client: str, now: datetime) -> int:
        """Count a try against the client before its password is looked at; or how many seconds it must wait first.

        The wait grows with the failures of the client, for one name and altogether. Nobody can lock out somebody
        else: another client has failures of its own. Of many tries at once, each finds those before it counted.
        """
        waits = [0]
        failing = sign_in_failure.c
        with self._engine.begin() as connection:
            connection.execute(delete(sign_in_failure).where(failing.latest_at < now - _FORGOTTEN))
            for who, free in self._failing(name, client):
                new = {"who": who, "failures": 0, "latest_at": now}
                connection.execute(insert_missing(connection, sign_in_failure).values(new))
                connection.execute(update(sign_in_failure).where(failing.who == who).values(failures=failing.failures))
                row = connection.execute(select(sign_in_failure).where(failing.who == who)).one()
                if row.failures > free:
                    wait = min(_LONGEST_WAIT, timedelta(seconds=2 ** min(row.failures - free, 10)))
                    waits.append(math.ceil((row.latest_at + wait - now).total_seconds()))
            if max(waits) == 0:
                everywhere = failing.who.in_([who for who, _ in self._failing(name, client)])
                more = {"failures": failing.failures + 1, "latest_at": now}
                connection.execute(update(sign_in_failure).where(everywhere).values(more))
        return max(waits)

    def check_password(self, name: str, password: str, client: str) -> User | None:
        """The user whose name and password these are: the try that was admitted is none against the client, then."""
        query = select(console_user).where(console_user.c.name == name.strip().lower()[:64])
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        is_known = row is not None and row.is_active and row.password_hash is not None
        if self._verify(row.password_hash if is_known else self._nobody, password) and is_known:
            self._forgive(name, client)
            return _user(row)
        return None

    def open_session(self, user: User, now: datetime) -> str:
        """Sign a user in; the session's token, which is told once."""
        token = secrets.token_urlsafe(32)
        with self._engine.begin() as connection:
            connection.execute(delete(console_session).where(console_session.c.expires_at <= now))
            connection.execute(
                insert(console_session).values(
                    token_hash=_hashed(token),
                    user_id=user.id,
                    csrf=secrets.token_urlsafe(32),
                    seen_at=now,
                    expires_at=now + LONGEST,
                )
            )
            connection.execute(update(console_user).where(console_user.c.id == user.id).values(seen_at=now))
        return token

    def session(self, token: str, now: datetime, is_sign_of_life: bool = True) -> Session | None:
        """The session of a token, unless it was idle or open for too long, or the user may not sign in any more."""
        query = (
            select(console_user, console_session.c.csrf, console_session.c.seen_at.label("last_seen"))
            .join(console_session, console_session.c.user_id == console_user.c.id)
            .where(
                console_session.c.token_hash == _hashed(token),
                console_session.c.expires_at > now,
                console_session.c.seen_at > now - IDLE,
                console_user.c.is_active,
            )
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if is_sign_of_life and row.last_seen < now - _SEEN_STEP:
            is_this = console_session.c.token_hash == _hashed(token)
            with self._engine.begin() as connection:
                connection.execute(update(console_session).where(is_this).values(seen_at=now))
        return Session(_user(row), row.csrf)

    def close_session(self, token: str) -> None:
        """Sign out."""
        with self._engine.begin() as connection:
            connection.execute(delete(console_session).where(console_session.c.token_hash == _hashed(token)))

    def _add(self, name: str, roles: Iterable[str], now: datetime, **credential: str | None) -> User:
        name, chosen = _checked_name(name), _checked_roles(roles)
        values = {"name": name, "roles": sorted(chosen), "is_active": True, "created_at": now}
        try:
            with self._engine.begin() as connection:
                added = connection.execute(insert(console_user).values(**values, **credential))
        except IntegrityError as error:
            raise UserError(f"there is a user {name} already") from error
        return User(added.inserted_primary_key[0], name, chosen)

    def _hash(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise UserError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
        return self._hasher.hash(password)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return bool(self._hasher.verify(hashed, password[:LONGEST_PASSWORD]))
        except (VerificationError, InvalidHashError):
            return False

    def _failing(self, name: str, client: str) -> Sequence[tuple[str, int]]:
        def keyed(*parts: str) -> str:
            return hmac.new(self._key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()

        return (keyed(name.strip().lower(), client), FREE_FAILURES), (keyed(client), CLIENT_FREE_FAILURES)

    def _forgive(self, name: str, client: str) -> None:
        (who, _), (anywhere, _) = self._failing(name, client)
        failing = sign_in_failure.c
        with self._engine.begin() as connection:
            connection.execute(delete(sign_in_failure).where(failing.who == who))
            fewer = update(sign_in_failure).where(failing.who == anywhere, failing.failures > 0)
            connection.execute(fewer.values(failures=failing.failures - 1))


def _checked_name(name: str) -> str:
    name = name.strip().lower()
    if not 1 <= len(name) <= 64 or not name.isprintable() or any(character.isspace() for character in name):
        raise UserError("a name has 1 to 64 visible characters and no blanks")
    return name


def _checked_roles(roles: Iterable[str]) -> frozenset[str]:
    chosen = frozenset(roles)
    if not chosen or chosen - set(ROLES):
        raise UserError(f"roles are: {', '.join(ROLES)}; at least one is needed")
    return chosen


def _user(row: object) -> User:
    return User(row.id, row.name, frozenset(row.roles), row.is_active, row.seen_at)  # type: ignore[attr-defined]


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
