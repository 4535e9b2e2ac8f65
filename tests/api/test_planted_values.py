"""Personal values are nowhere but in the vault, and in the mails of the demo's folder."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.conversations.tables import rating
from tests import planted
from tests.databases import every_value
from tests.planted_wordings import WORDINGS, Wording, traces_in
from tests.service import Service


@pytest.fixture(scope="module")
def sent(service: Service) -> planted.Planted:
    """Every value, sent by every door."""
    return planted.plant(service)


@pytest.fixture(scope="module")
def store(service: Service) -> Iterator[Engine]:
    engine = planted.store_of(service)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.text)
def test_what_is_looked_for_would_be_found(wording: Wording) -> None:
    assert wording.typed in traces_in(wording.text)
    assert wording.typed in traces_in(json.dumps({"text": wording.text}))
    assert traces_in(wording.masked) == set()


def test_each_message_is_stored_with_a_reference_in_place_of_its_value(sent: planted.Planted, store: Engine) -> None:
    stored = planted.first_messages(store, sent)
    assert stored == {ident: wording.masked for ident, wording in sent.wordings.items()}


def test_a_remark_is_kept_with_references(sent: planted.Planted, store: Engine) -> None:
    with store.connect() as connection:
        remarks = connection.scalars(select(rating.c.remark).where(rating.c.conversation_id.in_(sent.others))).all()
    assert remarks == ["con ⟨codice 1⟩ e ⟨email 1⟩ non entro, chiamatemi al ⟨telefono 1⟩"]


def test_no_table_holds_a_planted_value(sent: planted.Planted, store: Engine) -> None:
    stored = every_value(store)
    assert stored.count("⟨email 1⟩") > len(sent.wordings)
    assert traces_in(stored) == set()


def test_no_file_of_the_service_holds_a_planted_value(service: Service, sent: planted.Planted) -> None:
    files = [path.name for path in service.home.rglob("*") if path.is_file()]
    assert sent
    assert {"conversations.db", "gateway.log", "rasa.log", "actions.log", "mail.log"} <= set(files)
    assert dict(planted.traces_in_files(service)) == {}


def test_nothing_that_is_taken_out_of_the_log_holds_a_planted_value(
    service: Service, sent: planted.Planted, store: Engine
) -> None:
    exports = planted.exports_of(service, store, sent)
    for name in ("export", "corrections", "stories", "transcripts"):
        assert exports[name].count("⟨email 1⟩") > 3, name
    assert [name for name in exports if name.endswith(".csv")]
    assert {name: found for name, text in exports.items() if (found := traces_in(text))} == {}
