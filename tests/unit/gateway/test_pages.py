"""The pages that the gateway serves, and who may embed the widget."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette

from bot.database import open_engine
from bot.gateway.app import create_app
from bot.settings import Settings
from bot.web.embedding import UnusableOrigin
from bot.web.pages import page_routes
from tests.unit.gateway.client import Gateway, gateway_process


def frame_ancestors(policy: str) -> str:
    return policy.partition("frame-ancestors ")[2].partition(";")[0]


async def test_only_the_widget_s_frame_may_be_embedded(gateway: Gateway) -> None:
    for path in ("/", "/healthz", "/static/widget/frame.js", "/nowhere"):
        policy = (await gateway.http.get(path)).headers["Content-Security-Policy"]
        assert frame_ancestors(policy) == "'none'"


@pytest.mark.parametrize(
    ("chosen", "allowed"),
    [
        ({"demo": False}, "'self'"),
        ({"demo": True}, "'self' http://localhost:* http://127.0.0.1:*"),
        (
            {"demo": False, "embedded_by": "https://portal.example.com, https://*.brennero.example.com:8443"},
            "'self' https://portal.example.com https://*.brennero.example.com:8443",
        ),
    ],
)
async def test_the_settings_say_who_may_embed_the_widget(
    settings: Settings, chosen: dict[str, object], allowed: str
) -> None:
    async with gateway_process(settings.copy(update=chosen)) as gateway:
        response = await gateway.http.get("/widget")
    assert response.status_code == 200
    assert frame_ancestors(response.headers["Content-Security-Policy"]) == allowed
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "named", ["portal.example.com", "https://portal.example.com/login", "*", "https://*", "'none'; script-src *"]
)
def test_what_is_no_origin_keeps_the_gateway_from_starting(settings: Settings, named: str) -> None:
    with pytest.raises(UnusableOrigin, match="PORTIERE_EMBEDDED_BY"):
        create_app(settings.copy(update={"embedded_by": named}))


async def test_the_launcher_speaks_every_language_and_is_packed(gateway: Gateway) -> None:
    response = await gateway.http.get("/widget.js")
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Apri la chat di aiuto" in response.text
    assert len(gzip.compress(response.content)) <= 5_000
    plain = await gateway.http.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.text == response.text


@pytest.mark.parametrize("language", ["it", "tlh", ""])
async def test_without_scripts_the_chat_says_what_it_lacks(gateway: Gateway, language: str) -> None:
    page = (await gateway.http.get("/widget", params={"language": language})).text
    assert '<html lang="it">' in page
    assert "Per questa chat serve JavaScript." in page.partition("<noscript>")[2]


@pytest.mark.parametrize("path", ["/widget.js", "/static/chat/element.js", "/static/tokens.css"])
async def test_what_has_not_changed_is_not_sent_again(gateway: Gateway, path: str) -> None:
    first = await gateway.http.get(path)
    assert "Cache-Control" in first.headers
    again = await gateway.http.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_scripts_and_styles_are_packed(gateway: Gateway) -> None:
    for path in ("/static/chat/element.js", "/static/tokens.css", "/static/texts/it.json"):
        assert (await gateway.http.get(path)).headers["Content-Encoding"] == "gzip"


async def test_the_demo_is_a_portal_that_embeds_the_widget_as_anybody_would(gateway: Gateway) -> None:
    page = (await gateway.http.get("/")).text
    assert '<script src="/widget.js"' in page
    assert "SCAD-2345" in page
    assert "<!-- demo" in page


async def test_the_demo_links_only_to_pages_that_there_are(gateway: Gateway) -> None:
    page = (await gateway.http.get("/")).text
    for path in re.findall(r'href="(/[^"]*)"', page):
        assert (await gateway.http.get(path, follow_redirects=True)).status_code == 200


@pytest.mark.parametrize("paths", [set(), {"/staff"}, {"/staff", "/console", "/mailbox", "/healthz"}])
async def test_the_demo_finds_its_neighbours(settings: Settings, paths: set[str]) -> None:
    transport = httpx.ASGITransport(Starlette(routes=page_routes(settings, paths)))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot.example") as http:
        page = (await http.get("/")).text
    assert {path for path in ("/staff", "/console", "/mailbox") if f'href="{path}"' in page} == paths - {"/healthz"}


async def test_without_the_demo_nothing_pretends_to_be_a_portal(settings: Settings) -> None:
    async with gateway_process(settings.copy(update={"demo": False})) as gateway:
        page = (await gateway.http.get("/")).text
    assert '<script src="/widget.js"' in page
    for pretended in ("SCAD-2345", "password", "<form"):
        assert pretended not in page


async def test_the_demo_offers_no_administrators_where_only_the_portal_can_sign(settings: Settings) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    public = private.public_key().public_bytes(encoding, form).decode()
    with open_engine(settings.accounts_database()).begin() as connection:
        connection.exec_driver_sql(
            "insert into administrator values ('demo-studio-brennero', 'brenta', 'Martina Kofler')"
        )
    async with gateway_process(settings) as gateway:
        assert "/staff/demo/demo-studio-brennero" in (await gateway.http.get("/staff")).text
    async with gateway_process(settings.copy(update={"token_algorithm": "RS256", "portal_key": public})) as gateway:
        page = await gateway.http.get("/staff")
        assert "Kofler" not in page.text
        assert "Amministratori di prova" not in page.text
        assert (await gateway.http.post("/staff/demo/demo-studio-brennero")).status_code == 404
