"""The same service on PostgreSQL and Redis, by settings alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import planted
from tests.databases import every_value, own_database
from tests.mailbox import wait_for_letter
from tests.planted_wordings import traces_in
from tests.redis_server import own_redis
from tests.service import Chat, Service, running_service


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server: the user's own (``PORTIERE_TEST_REDIS_URL``), or one from a wheel, started here."""
    if own := os.environ.get("PORTIERE_TEST_REDIS_URL"):
        yield own
        return
    yield from own_redis(tmp_path_factory.mktemp("redis"))


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


def test_no_table_no_log_and_no_export_holds_a_planted_value(service: Service) -> None:
    sent = planted.plant(service)
    engine = planted.store_of(service)
    stored = every_value(engine)
    assert planted.first_messages(engine, sent) == {ident: each.masked for ident, each in sent.wordings.items()}
    assert traces_in(stored) == set()
    assert dict(planted.traces_in_files(service)) == {}
    exports = planted.exports_of(service, engine, sent)
    engine.dispose()
    assert "⟨email 1⟩" in exports["export"]
    assert {name: found for name, text in exports.items() if (found := traces_in(text))} == {}


def test_the_number_in_a_mail_proves_the_mailbox_on_postgresql(chat: Chat) -> None:
    chat.say("ho dimenticato la password")
    chat.press("Ricevere aiuto per e-mail")
    chat.say("luca.bianchi@example.com")
    number = wait_for_letter(chat.service.home, "luca.bianchi@example.com").number
    assert "la casella è tua" in chat.say(number)


def test_mails_are_counted_in_redis(redis_url: str) -> None:
    import redis

    keys = redis.Redis.from_url(redis_url).keys("*mail*target*")
    assert keys
    assert not [key for key in keys if b"@" in key or b"bianchi" in key]
