"""What of a personal value lies in the conversation store's own tables."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.conversations.store import ConversationStore, Proof
from bot.conversations.tables import metadata, vault_key, vault_value
from bot.privacy.vault import Vault
from tests.unit.conversations.factories import IDLE, NOON

ADDRESS = "maria.rossi@example.com"


def everything(engine: Engine) -> bytes:
    """All columns of all rows of all tables."""
    with engine.connect() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)


def say(engine: Engine, text: str) -> str:
    """Begin a conversation with a masked message; its id."""
    store, vault = ConversationStore(engine), Vault(engine, bytes(32), now=lambda: NOON)
    talk, _ = store.open("widget", "it", Proof(client="somewhere"), NOON, IDLE)
    store.begin_turn(talk.id, vault.mask(talk.id, text), "m1", NOON, IDLE)
    return talk.id


def test_a_masked_address_is_in_no_table(engine: Engine) -> None:
    say(engine, f"Sono {ADDRESS}")
    found = everything(engine)
    assert "⟨email 1⟩".encode() in found
    assert ADDRESS.encode() not in found
    assert b"maria" not in found.lower()


def test_the_same_address_looks_different_in_every_conversation(engine: Engine) -> None:
    for _ in range(2):
        say(engine, ADDRESS)
    with engine.connect() as connection:
        rows = connection.execute(select(vault_value.c.digest, vault_value.c.ciphertext)).all()
    assert len({row.digest for row in rows}) == 2
    assert len({row.ciphertext for row in rows}) == 2


def test_erasing_a_conversation_leaves_no_row_of_its_vault(engine: Engine) -> None:
    talk, other = say(engine, ADDRESS), say(engine, ADDRESS)
    Vault(engine, bytes(32)).erase(talk)
    with engine.connect() as connection:
        for table in (vault_key, vault_value):
            assert connection.scalars(select(table.c.conversation_id)).all() == [other]
