"""Turns that wait for a review are put together without doing the same work each minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.engine import Engine

from bot.conversations.log import clustering
from bot.conversations.log.clustering import KnownVectors, refresh
from bot.conversations.log.tables import review_item, turn
from bot.nlu.encoder import Vectors, encode
from tests.unit.console.log_rows import log_conversation
from tests.unit.conversations.factories import NOON

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were encoded, in order."""
    texts: list[str] = []

    def note(some: Sequence[str]) -> Vectors:
        texts.extend(some)
        return encode(some)

    monkeypatch.setattr(clustering, "encode", note)
    return texts


def unsure(engine: Engine, ident: str, text: str) -> None:
    log_conversation(engine, ident, text)
    with engine.begin() as connection:
        connection.execute(update(turn).where(turn.c.conversation_id == ident).values(is_unsure=True))


def test_a_text_is_encoded_once(engine: Engine, encoded: list[str]) -> None:
    vectors = KnownVectors()
    unsure(engine, "a", "dove trovo il cedolino")
    unsure(engine, "b", "la lampadina lampeggia")
    assert refresh(engine, LATER, vectors) == 2
    unsure(engine, "c", "cerco il cedolino")
    unsure(engine, "d", "la lampadina lampeggia")
    assert refresh(engine, LATER, vectors) == 4
    assert sorted(encoded) == ["cerco il cedolino", "dove trovo il cedolino", "la lampadina lampeggia"]
    with engine.connect() as connection:
        clusters = dict(connection.execute(select(review_item.c.conversation_id, review_item.c.cluster)).all())
    assert clusters["a"] == clusters["c"]
    assert clusters["b"] == clusters["d"] != clusters["a"]


def test_a_text_that_is_gone_is_not_kept(engine: Engine, encoded: list[str]) -> None:
    vectors = KnownVectors()
    unsure(engine, "a", "dove trovo il cedolino")
    refresh(engine, LATER, vectors)
    with engine.begin() as connection:
        connection.execute(delete(turn))
    assert refresh(engine, LATER, vectors) == 0
    assert not vectors._known
    assert encoded == ["dove trovo il cedolino"]
