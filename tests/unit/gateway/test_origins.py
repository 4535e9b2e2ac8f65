"""Whose pages may call the API, what TLS adds, and that no cookie is ever set."""

from __future__ import annotations

import httpx
import pytest

from bot.gateway.app import create_app
from bot.settings import Settings
from tests.unit.gateway.client import Gateway, detail_of, gateway_process

OWN = "http://bot.example"
PORTAL = "https://portal.example.com"


async def begin(gateway: Gateway, origin: str) -> httpx.Response:
    return await gateway.http.post("/api/widget/sessions", headers={"Origin": origin})


@pytest.mark.parametrize("origin", [OWN, "https://bot.example"])
async def test_our_own_page_may_call_the_api(gateway: Gateway, origin: str) -> None:
    assert (await begin(gateway, origin)).status_code == 201


async def test_what_comes_from_no_page_needs_no_origin(gateway: Gateway) -> None:
    assert (await gateway.http.post("/api/widget/sessions")).status_code == 201


@pytest.mark.parametrize("origin", [PORTAL, "null", "", "http://bot.example.evil.example", "http://bot.example:81"])
async def test_a_foreign_page_may_not(gateway: Gateway, origin: str) -> None:
    assert "origin" in detail_of(await begin(gateway, origin), 403)


@pytest.mark.parametrize("path", ["/api/widget/messages", "/api/staff/sessions", "/api/staff/messages"])
async def test_no_part_of_the_api_answers_a_foreign_page(gateway: Gateway, path: str) -> None:
    detail_of(await gateway.http.post(path, headers={"Origin": PORTAL}), 403)


async def test_the_settings_allow_further_origins(settings: Settings) -> None:
    chosen = settings.copy(update={"origins": f"{PORTAL} https://other.example.com/"})
    async with gateway_process(chosen) as gateway:
        assert (await begin(gateway, PORTAL)).status_code == 201
        assert (await begin(gateway, "https://other.example.com")).status_code == 201
        assert (await begin(gateway, OWN)).status_code == 201
        assert (await begin(gateway, "http://portal.example.com")).status_code == 403


async def test_pages_are_for_everybody(gateway: Gateway) -> None:
    assert (await gateway.http.get("/", headers={"Origin": PORTAL})).status_code == 200


@pytest.mark.parametrize(("scheme", "said"), [("https", "max-age=31536000"), ("http", None)])
async def test_tls_is_asked_for_where_it_is_in_use(settings: Settings, scheme: str, said: str | None) -> None:
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://bot.example") as http:
        for path in ("/", "/healthz", "/api/widget/messages"):
            assert (await http.get(path)).headers.get("Strict-Transport-Security") == said


async def test_no_cookie_is_set(gateway: Gateway) -> None:
    answers = [await begin(gateway, OWN), await gateway.http.get("/"), await gateway.http.get("/mailbox")]
    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None, None, None]
