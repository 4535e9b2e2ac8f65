"""Forged, expired and misdirected tokens at the running service, and tokens of one channel on the other."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from bot.gateway.tokens import STAFF_AUDIENCE, WIDGET_AUDIENCE, issue
from bot.settings import Settings
from tests.service import Chat, Service

CLAIMS = {"role": "administrator", "company": "studio-brennero"}


def open_with(service: Service, bearer: str | None, path: str = "/api/staff/sessions") -> httpx.Response:
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    return httpx.post(f"{service.url}{path}", json={}, headers=headers, timeout=20, trust_env=False)


def token(service: Service, audience: str = STAFF_AUDIENCE, minutes: float = 5, **changes: str) -> str:
    """A token that the service's own key has signed."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value}
    now = datetime.now(timezone.utc)
    return issue(audience, "ada", Settings(home=service.home), now, timedelta(minutes=minutes), **claims)


def with_header(signed: str, header: dict[str, Any], signature: str | None = None) -> str:
    """A token with another header, and perhaps another signature."""
    _, claims, own = signed.split(".")
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{encoded}.{claims}.{own if signature is None else signature}"


def with_company(signed: str, company: str) -> str:
    """A token whose company was changed after it was signed."""
    header, _, signature = signed.split(".")
    claims = json.dumps({**CLAIMS, "company": company, "aud": STAFF_AUDIENCE, "sub": "ada", "exp": 9_999_999_999})
    return f"{header}.{base64.urlsafe_b64encode(claims.encode()).rstrip(b'=').decode()}.{signature}"


def test_a_good_token_opens_a_session(service: Service) -> None:
    assert open_with(service, token(service)).status_code == 201


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS512", "RS256"])
def test_the_token_does_not_choose_its_algorithm(service: Service, algorithm: str) -> None:
    for signature in ("", None):
        forged = with_header(token(service), {"alg": algorithm, "typ": "JWT"}, signature)
        assert open_with(service, forged).status_code == 401


def test_wrong_tokens_are_refused_as_problem_documents(service: Service) -> None:
    good = token(service)
    forged = issue(STAFF_AUDIENCE, "ada", Settings(portal_key="x" * 32), datetime.now(timezone.utc), **CLAIMS)
    wrong = {
        "missing": None,
        "no token": "abc",
        "of another key": forged,
        "changed by hand": with_company(good, "gestioni-adige"),
        "expired": token(service, minutes=-1),
        "living too long": token(service, minutes=60),
        "for the widget": token(service, audience=WIDGET_AUDIENCE),
        "for somebody else": token(service, audience="elsewhere"),
        "without a role": token(service, role=""),
        "of another role": token(service, role="tenant"),
        "without a company": token(service, company=""),
        "of a company that does not exist": token(service, company="studio-nessuno"),
        "of a company in another spelling": token(service, company="Studio-Brennero"),
        "with a pattern for a company": token(service, company="studio-%"),
    }
    answers = {name: open_with(service, bearer) for name, bearer in wrong.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(wrong, 401)
    for answer in answers.values():
        assert answer.headers["content-type"] == "application/problem+json"
        assert "www-authenticate" in answer.headers


def test_a_staff_token_is_no_conversation_and_the_other_way_round(service: Service) -> None:
    staff = token(service)
    widget = Chat.open(service).session["token"]
    for path, bearer in (
        ("/api/staff/messages", staff),
        ("/api/widget/messages", staff),
        ("/api/staff/messages", widget),
        ("/api/staff/sessions", widget),
    ):
        assert open_with(service, bearer, path).status_code == 401


def test_a_staff_conversation_does_not_work_on_the_widget(service: Service, staff_chat: Chat) -> None:
    bearer = staff_chat.session["token"]
    assert open_with(service, bearer, "/api/widget/messages").status_code == 401


def test_a_staff_token_as_portal_identity_is_refused(service: Service) -> None:
    answer = httpx.post(
        f"{service.url}/api/widget/sessions", json={"identity": token(service)}, timeout=20, trust_env=False
    )
    assert answer.status_code == 401
