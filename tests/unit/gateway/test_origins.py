"""Whose pages may call the API, what TLS adds, and that no cookie is ever set."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.gateway.app import create_app
from bot.settings import Settings
from tests.unit.gateway.client import Gateway, detail_of, gateway_process

OWN = "http://bot.example"
PORTAL = "https://portal.example.com"
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}


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


class TestListedOrigins:
    """What a browser asks and is told before a page of another origin may call (Fetch Standard, section 3.2)."""

    @pytest.fixture
    async def open_gateway(self, settings: Settings) -> AsyncIterator[Gateway]:
        async with gateway_process(settings.copy(update={"origins": PORTAL})) as gateway:
            yield gateway

    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_a_browser_that_asks_first_is_told_yes(self, open_gateway: Gateway, method: str) -> None:
        headers = {"Origin": PORTAL, **ASKED, "Access-Control-Request-Method": method}
        answer = await open_gateway.http.options("/api/widget/messages", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == PORTAL
        assert method in answer.headers["Access-Control-Allow-Methods"]
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert all(name in allowed for name in ("authorization", "content-type", "last-event-id"))

    async def test_the_page_may_read_answers_and_refusals(self, open_gateway: Gateway) -> None:
        refused = await open_gateway.http.get("/api/widget/messages", headers={"Origin": PORTAL})
        assert refused.status_code == 401
        for answer in (await begin(open_gateway, PORTAL), refused):
            assert answer.headers["Access-Control-Allow-Origin"] == PORTAL
            assert "Origin" in answer.headers["Vary"]
            assert "Access-Control-Allow-Credentials" not in answer.headers

    async def test_a_page_that_is_not_listed_is_told_no(self, open_gateway: Gateway) -> None:
        headers = {"Origin": "https://elsewhere.example.com", **ASKED}
        answer = await open_gateway.http.options("/api/widget/sessions", headers=headers)
        assert "origin" in detail_of(answer, 403)
        assert not any(name.startswith("access-control") for name in answer.headers)

    @pytest.mark.parametrize("path", ["/", "/widget", "/healthz"])
    async def test_pages_are_not_for_other_pages_to_read(self, open_gateway: Gateway, path: str) -> None:
        answer = await open_gateway.http.get(path, headers={"Origin": PORTAL})
        assert not any(name.startswith("access-control") for name in answer.headers)


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
