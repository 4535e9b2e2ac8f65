"""What an operator sees: health, metrics, headers."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.engine import Engine

from bot.database import open_engine
from bot.settings import Settings
from tests.unit.gateway.client import Chat, Gateway, detail_of, gateway_process
from tests.unit.gateway.rasa_stand_in import RasaStandIn


class TestHealth:
    async def test_the_process_is_up_whatever_else_is_not(self, gateway: Gateway, rasa: RasaStandIn) -> None:
        rasa.is_ready = False
        assert (await gateway.http.get("/healthz")).json() == {"status": "ok"}

    @pytest.mark.parametrize("database", ["sqlite", "postgresql"])
    async def test_the_service_is_ready_when_all_parts_answer(self, gateway: Gateway) -> None:
        response = await gateway.http.get("/readyz")
        assert response.status_code == 200
        parts = dict.fromkeys(("rasa", "actions", "accounts", "conversations"), "ok")
        assert response.json() == {"status": "ready", "parts": parts}

    async def test_a_part_that_does_not_answer_is_named(self, gateway: Gateway, rasa: RasaStandIn) -> None:
        rasa.is_ready = False
        response = await gateway.http.get("/readyz")
        assert detail_of(response, 503) == "Not every part of the service answers."
        assert response.headers["Retry-After"] == "5"
        assert response.json()["parts"] == {
            "rasa": "unavailable",
            "actions": "unavailable",
            "accounts": "ok",
            "conversations": "ok",
        }

    @pytest.mark.parametrize("database", ["sqlite", "postgresql"])
    @pytest.mark.parametrize(("store", "table"), [("accounts", "company"), ("conversations", "conversation")])
    async def test_a_store_without_its_tables_is_not_ready(
        self, gateway: Gateway, settings: Settings, store: str, table: str
    ) -> None:
        url = getattr(settings, f"{store}_database")()
        engine = open_engine(url)
        try:
            _rename(engine, table, "away")
            response = await gateway.http.get("/readyz")
        finally:
            _rename(engine, "away", table)
            engine.dispose()
        detail_of(response, 503)
        assert [part for part, state in response.json()["parts"].items() if state != "ok"] == [store]


def _rename(engine: Engine, old: str, new: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"alter table {old} rename to {new}"))


class TestMetrics:
    async def test_requests_turns_and_failures_are_counted(self, chat: Chat, rasa: RasaStandIn) -> None:
        await chat.say("Ciao")
        rasa.status = 500
        await chat.post(text="Ciao")
        await chat.http.get("/wp-login.php")
        response = await chat.http.get("/metrics")
        assert response.headers["Content-Type"].startswith("text/plain")
        values = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(response.text)
            for sample in family.samples
        }
        assert values["portiere_requests_total", "/api/widget/sessions", "201"] == 1
        assert values["portiere_requests_total", "/api/widget/messages", "200"] == 1
        assert values["portiere_requests_total", "/api/widget/messages", "503"] == 1
        assert values["portiere_requests_total", "other", "404"] == 1
        assert values["portiere_turn_seconds_count", "widget"] == 2
        assert 0 < values["portiere_turn_seconds_sum", "widget"] < 5
        assert values["portiere_rasa_failures_total",] == 1

    @pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1"])
    async def test_this_machine_may_read_them(self, settings: Settings, client: str) -> None:
        async with gateway_process(settings, client) as gateway:
            assert (await gateway.http.get("/metrics")).status_code == 200

    @pytest.mark.parametrize("client", ["10.0.0.7", "192.0.2.1", "2001:db8::1", "testclient", ""])
    async def test_for_anybody_else_there_are_none(self, settings: Settings, client: str) -> None:
        async with gateway_process(settings, client) as gateway:
            assert detail_of(await gateway.http.get("/metrics"), 404) == "There is nothing at this address."

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
    async def test_nor_through_a_proxy_on_this_machine(self, gateway: Gateway, header: str) -> None:
        detail_of(await gateway.http.get("/metrics", headers={header: "127.0.0.1"}), 404)


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/healthz", "/static/widget/frame.js", "/nowhere", "/api/widget/messages"])
    async def test_every_answer_is_locked_down(self, gateway: Gateway, path: str) -> None:
        headers = (await gateway.http.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"

    async def test_no_answer_of_the_api_is_cached(self, chat: Chat) -> None:
        good = await chat.http.get("/api/widget/messages", headers=chat.headers)
        bad = await chat.http.get("/api/widget/messages")
        assert good.headers["Cache-Control"] == bad.headers["Cache-Control"] == "no-store"

    async def test_the_page_asks_for_nothing_from_elsewhere(self, gateway: Gateway) -> None:
        page = (await gateway.http.get("/")).text
        assert 'src="http' not in page
        assert 'href="http' not in page
