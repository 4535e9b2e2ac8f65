from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.api_jws import PyJWS

from bot.gateway.app import create_app
from bot.gateway.tokens import (
    STAFF_AUDIENCE,
    WIDGET_AUDIENCE,
    InvalidToken,
    StaffIdentity,
    UnusableKey,
    check_key,
    issue,
    issue_own_staff_token,
    portal_account,
    staff_identity,
)
from bot.settings import Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
LOGIN = "ada.neri@example.com"
KEY = "k" * 32
DEMO = Settings(portal_key=KEY)
AT_NOON = int(NOON.timestamp())


def portal_claims(**changes: Any) -> dict[str, Any]:
    """Claims of a good portal token; a change to `...` takes one away."""
    claims = {"aud": WIDGET_AUDIENCE, "sub": LOGIN, "exp": AT_NOON + 300, **changes}
    return {name: value for name, value in claims.items() if value is not ...}


def staff_claims(**changes: Any) -> dict[str, Any]:
    claims = {"aud": STAFF_AUDIENCE, "sub": "Ada", "role": "administrator", "company": "brenta"}
    return portal_claims(**{**claims, **changes})


def signed(claims: object, key: str = KEY, algorithm: str = "HS256") -> str:
    """Sign anything, also what PyJWT would not take for claims."""
    return PyJWS().encode(json.dumps(claims).encode(), key, algorithm)


def unsigned(header: object, claims: object) -> str:
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)
    )


class TestPortal:
    def test_a_token_speaks_for_an_account(self) -> None:
        assert portal_account(issue(WIDGET_AUDIENCE, LOGIN, DEMO, NOON), DEMO, NOON) == LOGIN

    def test_the_login_address_stays_as_it_is_written(self) -> None:
        assert portal_account(signed(portal_claims(sub="Ada.Neri@Example.com")), DEMO, NOON) == "Ada.Neri@Example.com"

    @pytest.mark.parametrize(
        "changes",
        [
            {"exp": AT_NOON - 31},
            {"exp": AT_NOON - 30},
            {"exp": AT_NOON + 631},
            {"exp": 10**400},
            {"exp": float("inf")},
            {"exp": float("nan")},
            {"exp": -(10**400)},
            {"exp": "soon"},
            {"exp": "9999999999"},
            {"exp": None},
            {"exp": True},
            {"exp": [AT_NOON + 300]},
            {"exp": ...},
            {"nbf": AT_NOON + 31},
            {"nbf": "now"},
            {"iat": AT_NOON + 31},
            {"iat": None},
            {"aud": STAFF_AUDIENCE},
            {"aud": "elsewhere"},
            {"aud": None},
            {"aud": 1},
            {"aud": ...},
            {"sub": ...},
            {"sub": None},
            {"sub": 1},
            {"sub": ""},
            {"sub": "a\x00b"},
            {"sub": "a\ud800b"},
            {"sub": "a\nb"},
            {"sub": "a" * 129},
        ],
    )
    def test_a_claim_that_is_not_as_it_should_be(self, changes: dict[str, Any]) -> None:
        with pytest.raises(InvalidToken):
            portal_account(signed(portal_claims(**changes)), DEMO, NOON)

    @pytest.mark.parametrize(
        "changes",
        [
            {"exp": AT_NOON - 29},
            {"exp": AT_NOON + 630},
            {"exp": AT_NOON + 300.5},
            {"nbf": AT_NOON + 30},
            {"iat": AT_NOON - 9000},
            {"aud": [WIDGET_AUDIENCE, "elsewhere"]},
            {"sub": "a" * 128},
        ],
    )
    def test_half_a_minute_of_difference_between_clocks_is_allowed(self, changes: dict[str, Any]) -> None:
        assert portal_account(signed(portal_claims(**changes)), DEMO, NOON)

    @pytest.mark.parametrize("claims", [[], "text", 1, None])
    def test_claims_that_are_no_object(self, claims: object) -> None:
        with pytest.raises(InvalidToken):
            portal_account(signed(claims), DEMO, NOON)

    def test_a_token_of_another_key_is_forged(self) -> None:
        with pytest.raises(InvalidToken):
            portal_account(signed(portal_claims(), key="x" * 32), DEMO, NOON)

    def test_a_token_changed_by_hand_is_forged(self) -> None:
        header, _, signature = signed(portal_claims()).split(".")
        changed = unsigned({}, portal_claims(sub="leo@example.com")).split(".")[1]
        with pytest.raises(InvalidToken):
            portal_account(f"{header}.{changed}.{signature}", DEMO, NOON)

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS512", "", None, 1])
    def test_the_settings_choose_the_algorithm_not_the_token(self, algorithm: object) -> None:
        token = unsigned({"alg": algorithm, "typ": "JWT"}, portal_claims())
        for signature in ("", ".", ".AAAA"):
            with pytest.raises(InvalidToken):
                portal_account(token + signature, DEMO, NOON)

    def test_another_hash_under_the_same_key_is_refused(self) -> None:
        with pytest.raises(InvalidToken):
            portal_account(signed(portal_claims(), key=KEY * 2, algorithm="HS512"), Settings(portal_key=KEY * 2), NOON)

    @pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é", "\ud800", "\x00"])
    def test_what_is_no_token(self, token: str) -> None:
        with pytest.raises(InvalidToken):
            portal_account(token, DEMO, NOON)

    def test_a_header_without_end(self) -> None:
        deep = base64.urlsafe_b64encode(b"[" * 3000).decode()
        with pytest.raises(InvalidToken):
            portal_account(f"{deep}.e30.AAAA", DEMO, NOON)

    def test_the_refusal_repeats_nothing(self) -> None:
        with pytest.raises(InvalidToken) as refusal:
            portal_account(signed(portal_claims(exp=AT_NOON - 60)), DEMO, NOON)
        assert str(refusal.value) == "The token has expired."


class TestStaff:
    def test_a_token_names_a_person_and_a_company(self) -> None:
        token = issue(STAFF_AUDIENCE, "Ada", DEMO, NOON, role="administrator", company="brenta")
        assert staff_identity(token, DEMO, NOON) == StaffIdentity("Ada", "brenta")

    @pytest.mark.parametrize(
        "changes",
        [
            {"role": ...},
            {"role": "tenant"},
            {"role": ["administrator"]},
            {"company": ...},
            {"company": ""},
            {"company": None},
            {"company": 1},
            {"company": "bren\x00ta"},
            {"company": "b" * 129},
            {"sub": "A\x00da"},
            {"aud": WIDGET_AUDIENCE},
        ],
    )
    def test_a_claim_that_is_not_as_it_should_be(self, changes: dict[str, Any]) -> None:
        with pytest.raises(InvalidToken):
            staff_identity(signed(staff_claims(**changes)), DEMO, NOON)


def pem(private: Any) -> tuple[str, str]:
    """A key pair as text: private, public."""
    return (
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )


RSA_KEYS = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
EC_KEYS = pem(ec.generate_private_key(ec.SECP256R1()))


class TestKeyPairs:
    @pytest.mark.parametrize(("algorithm", "keys"), [("RS256", RSA_KEYS), ("ES256", EC_KEYS)])
    def test_the_portal_signs_and_we_hold_its_public_key(self, algorithm: str, keys: tuple[str, str]) -> None:
        private, public = keys
        ours = Settings(token_algorithm=algorithm, portal_key=public)
        token = jwt.encode(portal_claims(), private, algorithm=algorithm)
        assert portal_account(token, ours, NOON) == LOGIN

    @pytest.mark.parametrize(("algorithm", "keys"), [("RS256", RSA_KEYS), ("ES256", EC_KEYS)])
    def test_a_demo_may_hold_the_private_key(self, algorithm: str, keys: tuple[str, str]) -> None:
        ours = Settings(token_algorithm=algorithm, portal_key=keys[0])
        assert portal_account(issue(WIDGET_AUDIENCE, LOGIN, ours, NOON), ours, NOON) == LOGIN

    @pytest.mark.parametrize(("algorithm", "keys"), [("RS256", RSA_KEYS), ("ES256", EC_KEYS)])
    def test_a_public_key_signs_nothing(self, algorithm: str, keys: tuple[str, str]) -> None:
        ours = Settings(token_algorithm=algorithm, portal_key=keys[1])
        with pytest.raises(UnusableKey, match="public key"):
            issue(WIDGET_AUDIENCE, LOGIN, ours, NOON)

    @pytest.mark.parametrize(("algorithm", "keys"), [("RS256", RSA_KEYS), ("ES256", EC_KEYS)])
    def test_our_public_key_is_no_shared_secret(self, algorithm: str, keys: tuple[str, str]) -> None:
        ours = Settings(token_algorithm=algorithm, portal_key=keys[1])
        header, claims = unsigned({"alg": "HS256"}, portal_claims()).split(".")
        digest = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        signature = digest.sign(f"{header}.{claims}".encode(), keys[1].encode())
        forged = f"{header}.{claims}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        with pytest.raises(InvalidToken):
            portal_account(forged, ours, NOON)


class TestOwnStaffTokens:
    STAFF = StaffIdentity("auth|4711", "brenta", "Martina Kofler")

    @pytest.mark.parametrize(
        "ours",
        [
            Settings(secret="s" * 32),
            Settings(secret="s" * 32, token_algorithm="RS256", portal_key=RSA_KEYS[1]),
            Settings(secret="s" * 32, portal_keys={"2026-12": "n" * 32}),
        ],
        ids=["the demo's key", "the portal's public key", "keys with ids"],
    )
    def test_whoever_the_gateway_has_signed_in_is_believed_whatever_the_portal_signs_with(self, ours: Settings) -> None:
        assert staff_identity(issue_own_staff_token(self.STAFF, ours, NOON), ours, NOON) == self.STAFF

    def test_its_key_is_good_for_staff_tokens_alone(self) -> None:
        ours = Settings(secret="s" * 32)
        own = issue_own_staff_token(self.STAFF, ours, NOON)
        with pytest.raises(InvalidToken):
            portal_account(own, ours, NOON)
        with pytest.raises(InvalidToken):
            staff_identity(own, Settings(secret="t" * 32), NOON)

    def test_the_portal_s_key_signs_nothing_under_its_name(self) -> None:
        ours = Settings(secret="s" * 32, token_algorithm="RS256", portal_key=RSA_KEYS[1])
        claims = {**portal_claims(), "aud": STAFF_AUDIENCE, "role": "administrator", "company": "brenta"}
        for algorithm, key in (("RS256", RSA_KEYS[0]), ("HS256", "n" * 32)):
            forged = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "portiere"})
            with pytest.raises(InvalidToken):
                staff_identity(forged, ours, NOON)

    def test_the_portal_may_name_no_key_like_it(self) -> None:
        with pytest.raises(UnusableKey, match="the gateway's own"):
            check_key(Settings(portal_keys={"portiere": "n" * 32}))


class TestKeyRotation:
    OLD, NEW = "o" * 32, "n" * 32
    BOTH = Settings(portal_keys={"2026-11": OLD, "2026-12": NEW})

    @pytest.mark.parametrize(("key_id", "key"), [("2026-11", OLD), ("2026-12", NEW)])
    def test_old_and_new_key_are_good_while_both_are_in_use(self, key_id: str, key: str) -> None:
        token = jwt.encode(portal_claims(), key, headers={"kid": key_id})
        assert portal_account(token, self.BOTH, NOON) == LOGIN

    def test_a_key_counts_under_its_own_id_only(self) -> None:
        with pytest.raises(InvalidToken):
            portal_account(jwt.encode(portal_claims(), self.OLD, headers={"kid": "2026-12"}), self.BOTH, NOON)

    @pytest.mark.parametrize("headers", [{"kid": "2026-10"}, {"kid": ""}, None])
    def test_a_key_that_was_taken_away_or_is_not_named_is_refused(self, headers: dict[str, str] | None) -> None:
        with pytest.raises(InvalidToken, match="not in use"):
            portal_account(jwt.encode(portal_claims(), self.OLD, headers=headers), self.BOTH, NOON)

    def test_tokens_without_an_id_go_on_with_the_first_key(self) -> None:
        ours = Settings(portal_key=self.OLD, portal_keys={"2026-12": self.NEW})
        assert portal_account(jwt.encode(portal_claims(), self.OLD), ours, NOON) == LOGIN
        assert portal_account(jwt.encode(portal_claims(), self.NEW, headers={"kid": "2026-12"}), ours, NOON) == LOGIN

    @pytest.mark.parametrize(("algorithm", "keys"), [("RS256", RSA_KEYS), ("ES256", EC_KEYS)])
    def test_key_pairs_are_rotated_the_same_way(self, algorithm: str, keys: tuple[str, str]) -> None:
        ours = Settings(token_algorithm=algorithm, portal_keys={"first": keys[1]})
        token = jwt.encode(portal_claims(), keys[0], algorithm=algorithm, headers={"kid": "first"})
        assert portal_account(token, ours, NOON) == LOGIN

    def test_the_demo_signs_with_the_newest_key(self) -> None:
        token = issue(WIDGET_AUDIENCE, LOGIN, self.BOTH, NOON)
        assert jwt.get_unverified_header(token)["kid"] == "2026-12"
        assert portal_account(token, self.BOTH, NOON) == LOGIN

    def test_a_key_that_cannot_be_used_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UnusableKey, match=r"2026-12 in PORTIERE_PORTAL_KEYS is no key for RS256"):
            create_app(Settings(home=tmp_path, token_algorithm="RS256", portal_keys={"2026-12": "nonsense"}))


class TestSettings:
    @pytest.mark.parametrize(
        ("chosen", "reason"),
        [
            ({"token_algorithm": "RS256"}, "RS256 needs the portal's key in PORTIERE_PORTAL_KEY"),
            ({"token_algorithm": "ES256"}, "ES256 needs the portal's key in PORTIERE_PORTAL_KEY"),
            ({"token_algorithm": "none"}, "PORTIERE_TOKEN_ALGORITHM must be one of HS256, RS256, ES256"),
            ({"token_algorithm": "HS512"}, "PORTIERE_TOKEN_ALGORITHM must be one of"),
            ({"token_algorithm": "RS256", "portal_key": "nonsense"}, "PORTIERE_PORTAL_KEY is no key for RS256"),
            ({"token_algorithm": "RS256", "portal_key": EC_KEYS[1]}, "PORTIERE_PORTAL_KEY is no key for RS256"),
            ({"token_algorithm": "ES256", "portal_key": RSA_KEYS[1]}, "PORTIERE_PORTAL_KEY is no key for ES256"),
            ({"portal_key": RSA_KEYS[1]}, "PORTIERE_PORTAL_KEY is no key for HS256"),
            ({"portal_key": "k" * 31}, "PORTIERE_PORTAL_KEY must have 32 bytes or more; `openssl rand -hex 32` makes"),
            ({"portal_keys": {"new": "k" * 31}}, "The key new in PORTIERE_PORTAL_KEYS must have 32 bytes or more"),
        ],
    )
    def test_the_gateway_does_not_start_without_a_key_that_it_can_use(
        self, tmp_path: Path, chosen: dict[str, str], reason: str
    ) -> None:
        with pytest.raises(UnusableKey, match=reason):
            create_app(Settings(home=tmp_path, **chosen))

    @pytest.mark.parametrize("minutes", [1, 10])
    def test_a_token_lives_as_long_as_it_was_issued_for(self, minutes: int) -> None:
        token = issue(WIDGET_AUDIENCE, LOGIN, DEMO, NOON, timedelta(minutes=minutes))
        end = NOON + timedelta(minutes=minutes, seconds=30)
        assert portal_account(token, DEMO, end - timedelta(seconds=1)) == LOGIN
        with pytest.raises(InvalidToken, match="expired"):
            portal_account(token, DEMO, end)
