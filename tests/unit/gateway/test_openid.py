"""Administrators sign in by OpenID Connect, against a provider that answers over HTTP and signs with real keys."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.gateway.tokens import staff_identity
from bot.settings import Settings
from bot.web.console_openid import console_openid_routes, console_roles
from bot.web.openid import Claims
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, new_key, openid_provider
from tests.unit.gateway.client import Gateway, gateway_process

COOKIE = "portiere_sign_in"
MARTINA = {"sub": "auth|4711", "name": "Martina Kofler", "company": "brenta", "role": "administrator"}


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as running:
        running.person = dict(MARTINA)
        yield running


@pytest.fixture
def openid_settings(settings: Settings, provider: OpenIdProvider) -> Settings:
    chosen = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return settings.copy(
        update={f"{who}_openid_{name}": value for name, value in chosen.items() for who in ("staff", "console")}
    )


@pytest.fixture
async def gateway(openid_settings: Settings) -> AsyncIterator[Gateway]:
    async with gateway_process(openid_settings) as process:
        yield process


async def lead_back(http: httpx.AsyncClient, login: str = "/staff/login") -> str:
    """Begin at the gateway, and go to the provider; where the provider leads back to."""
    begun = await http.get(login)
    assert begun.status_code == 303
    async with httpx.AsyncClient(trust_env=False) as browser:
        return (await browser.get(begun.headers["Location"])).headers["Location"]


async def sign_in(gateway: Gateway) -> httpx.Response:
    return await gateway.http.get(await lead_back(gateway.http))


def text_of(response: httpx.Response, status: int) -> str:
    """What a failure's page says; it sets nothing but the end of the flow's cookie, and leads to a new try."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["Cache-Control"] == "no-store"
    assert 'href="/staff/login"' in response.text
    assert "token=" not in response.text
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


async def test_an_administrator_gets_a_token_in_the_fragment_that_begins_a_conversation(gateway: Gateway) -> None:
    response = await sign_in(gateway)
    assert response.status_code == 303
    page, _, token = response.headers["Location"].partition("#token=")
    assert page == "/staff"
    session = (await gateway.begin("staff", bearer=token)).json()
    assert session["administrator"] == {"subject": "auth|4711", "name": "Martina Kofler", "company": "Studio Brenta"}
    who = staff_identity(token, gateway.settings, datetime.now(timezone.utc))
    assert (who.subject, who.company, who.name) == ("auth|4711", "brenta", "Martina Kofler")


async def test_the_flow_asks_with_pkce_state_and_nonce_and_keeps_them_in_a_cookie_for_itself(gateway: Gateway) -> None:
    begun = await gateway.http.get("/staff/login")
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://bot.example/staff/callback"]
    assert "openid" in asked["scope"][0].split()
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    cookie = begun.headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/staff", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    back = await gateway.http.get(await lead_back(gateway.http))
    assert f'{COOKIE}=""' in back.headers["Set-Cookie"]
    assert "Max-Age=0" in back.headers["Set-Cookie"]


async def test_behind_tls_the_cookie_is_secure_and_the_address_is_the_public_one(openid_settings: Settings) -> None:
    public = openid_settings.copy(update={"public_url": "https://bot.example.com/"})
    async with gateway_process(public) as gateway:
        begun = await gateway.http.get("/staff/login")
    assert "; Secure" in begun.headers["Set-Cookie"]
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert asked["redirect_uri"] == ["https://bot.example.com/staff/callback"]


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"nonce": 7},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"aud": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": int(time.time()) + 600},
        {"iss": "https://another.example.com"},
        {"iss": None},
        {"sub": None},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_for_this_sign_in(
    gateway: Gateway, provider: OpenIdProvider, changes: dict[str, Any]
) -> None:
    provider.changes = changes
    assert "L'accesso non è riuscito" in text_of(await sign_in(gateway), 502).replace("&#39;", "'")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_an_id_token_that_nobody_signed(gateway: Gateway, provider: OpenIdProvider, algorithm: str) -> None:
    provider.algorithm = algorithm
    text_of(await sign_in(gateway), 502)


async def test_an_id_token_of_a_key_that_the_provider_does_not_publish(
    gateway: Gateway, provider: OpenIdProvider
) -> None:
    provider.signing_key = new_key("first")
    text_of(await sign_in(gateway), 502)


async def test_keys_are_kept_until_the_provider_signs_with_a_new_one(
    gateway: Gateway, provider: OpenIdProvider
) -> None:
    for _ in range(2):
        assert (await sign_in(gateway)).status_code == 303
    assert provider.key_reads == 1
    provider.rotate()
    assert (await sign_in(gateway)).status_code == 303
    assert provider.key_reads == 2
    provider.keys = [new_key(provider.keys[0].kid)]  # a new key under the old name
    assert (await sign_in(gateway)).status_code == 303


async def test_a_state_of_somebody_else(gateway: Gateway) -> None:
    back = await lead_back(gateway.http)
    forged = re.sub(r"state=[^&]+", "state=guessed", back)
    assert "non vale più" in text_of(await gateway.http.get(forged), 400)


@pytest.mark.parametrize("cookie", [None, "forged"])
async def test_a_browser_that_did_not_begin_the_sign_in(gateway: Gateway, cookie: str | None) -> None:
    """Or else somebody could have another person sign in as themselves, or use another person's code."""
    back = await lead_back(gateway.http)
    gateway.http.cookies.clear()
    if cookie:
        gateway.http.cookies.set(COOKIE, cookie, path="/staff")
    text_of(await gateway.http.get(back), 400)


async def test_a_code_counts_once(gateway: Gateway) -> None:
    back = await lead_back(gateway.http)
    cookie = gateway.http.cookies[COOKIE]
    assert (await gateway.http.get(back)).status_code == 303
    text_of(await gateway.http.get(back), 400)  # the cookie is gone
    gateway.http.cookies.set(COOKIE, cookie, path="/staff")
    text_of(await gateway.http.get(back), 400)  # and with it the provider knows the code no longer


@pytest.mark.parametrize(
    ("person", "says"),
    [
        ({"company": "unknown"}, "Società non riconosciuta"),
        ({"company": None}, "Società non riconosciuta"),
        ({"company": ["brenta", "adda"]}, "Società non riconosciuta"),
        ({"company": {"id": "brenta"}}, "Società non riconosciuta"),
        ({"role": "tenant"}, "Qui entrano gli amministratori"),
        ({"role": ["tenant", "support"]}, "Qui entrano gli amministratori"),
        ({"role": None}, "Qui entrano gli amministratori"),
        ({"sub": "x" * 200}, "Profilo incompleto"),
        ({"name": "Martina\nKofler"}, "Profilo incompleto"),
    ],
    ids=str,
)
async def test_somebody_who_may_not_enter_reads_why(
    gateway: Gateway, provider: OpenIdProvider, person: dict[str, Any], says: str
) -> None:
    provider.person.update(person)
    assert says in text_of(await sign_in(gateway), 403)


async def test_a_denied_consent_and_a_page_that_repeats_nothing(gateway: Gateway, provider: OpenIdProvider) -> None:
    provider.denies = True
    response = await sign_in(gateway)
    assert "Accesso annullato" in text_of(response, 403)
    assert "document.title" not in response.text


async def test_a_provider_that_does_not_answer(gateway: Gateway, provider: OpenIdProvider) -> None:
    provider.is_down = True
    assert (await gateway.http.get("/staff/login")).status_code == 502
    provider.is_down = False
    assert (await sign_in(gateway)).status_code == 303


async def test_a_wrong_secret(openid_settings: Settings) -> None:
    async with gateway_process(openid_settings.copy(update={"staff_openid_client_secret": "wrong"})) as gateway:
        text_of(await sign_in(gateway), 502)


async def test_a_description_of_another_issuer(openid_settings: Settings, provider: OpenIdProvider) -> None:
    provider.described = lambda: {**OpenIdProvider.described(provider), "issuer": "https://evil.example"}  # type: ignore[method-assign]
    async with gateway_process(openid_settings) as gateway:
        text_of(await gateway.http.get("/staff/login"), 502)


async def test_claims_have_names_and_places_of_the_provider_s_own(
    openid_settings: Settings, provider: OpenIdProvider
) -> None:
    chosen = {
        "staff_openid_company_claim": "https://portal.example.com/company",
        "staff_openid_role_claim": "realm_access.roles",
        "staff_openid_name_claim": "preferred_username",
    }
    provider.person = {
        "sub": "4711",
        "https://portal.example.com/company": ["brenta"],
        "realm_access": {"roles": ["offline", "administrator"]},
        "preferred_username": "martina",
    }
    async with gateway_process(openid_settings.copy(update=chosen)) as gateway:
        token = (await sign_in(gateway)).headers["Location"].partition("#token=")[2]
    assert staff_identity(token, openid_settings, datetime.now(timezone.utc)).name == "martina"


async def test_nothing_in_the_address_leads_elsewhere(gateway: Gateway) -> None:
    elsewhere = "next=https://evil.example&redirect_uri=https://evil.example"
    begun = await gateway.http.get(f"/staff/login?{elsewhere}")
    assert "evil" not in begun.headers["Location"]
    back = await gateway.http.get(f"{await lead_back(gateway.http)}&{elsewhere}")
    assert back.headers["Location"].startswith("/staff#token=")


async def test_without_an_issuer_there_is_no_sign_in(settings: Settings) -> None:
    async with gateway_process(settings) as gateway:
        assert (await gateway.http.get("/staff/login")).status_code == 404
        assert "/staff/login" not in (await gateway.http.get("/staff")).text


async def test_outside_the_demo_the_page_names_nobody_of_the_demo(openid_settings: Settings) -> None:
    async with gateway_process(openid_settings.copy(update={"demo": False})) as gateway:
        page = (await gateway.http.get("/staff")).text
    assert "Rossi" not in page
    assert "Piave" not in page
    assert "Chi non è ancora registrato?" in page


async def test_the_page_offers_the_sign_in(gateway: Gateway) -> None:
    assert 'href="/staff/login"' in (await gateway.http.get("/staff")).text


@pytest.mark.parametrize(
    ("roles", "groups", "given"),
    [
        ({"help-desk": "support", "dpo": "privacy"}, ["help-desk", "dpo", "lead"], ["support", "privacy"]),
        ({}, ["lead", "everybody"], ["lead"]),
        ({}, "support", ["support"]),
        ({"help-desk": "root"}, ["help-desk"], []),
    ],
)
async def test_the_console_plugs_its_own_sessions_in(
    openid_settings: Settings, provider: OpenIdProvider, roles: dict[str, str], groups: object, given: list[str]
) -> None:
    chosen = openid_settings.copy(update={"console_openid_roles": roles})
    provider.person["roles"] = groups

    async def signed_in(_request: Request, claims: Claims) -> Response:
        return JSONResponse(console_roles(claims, chosen, ("support", "lead", "privacy")))

    app = Starlette(routes=console_openid_routes(chosen, signed_in))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as http:
        back = await lead_back(http, "/console/login/openid")
        assert urlsplit(back).path == "/console/login/openid/callback"
        assert (await http.get(back)).json() == given


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"id_token": 7}', b'{"access_token": "x"}'])
async def test_a_token_end_point_that_answers_anything(
    gateway: Gateway, provider: OpenIdProvider, answer: bytes
) -> None:
    provider.answer = answer
    text_of(await sign_in(gateway), 502)
