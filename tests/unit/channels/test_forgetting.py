"""Rasa's process lets go of erased conversations by itself."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels import server
from bot.conversations import schema
from bot.conversations.log.retention import erase
from bot.conversations.tracker_store import ConversationTrackerStore
from bot.database import open_engine
from tests.unit.conversations.log.talks import DOMAIN, Talk


async def test_an_erased_tracker_leaves_the_memory_even_after_the_database_was_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'conversations.db'}"
    schema.upgrade(url)
    store = ConversationTrackerStore(DOMAIN, url=url)
    await Talk(store, "erased").open()
    monkeypatch.setattr(server, "_FORGET_EVERY", 0.01)
    forget, calls = store.forget, []

    def fail_at_first(now: datetime) -> None:
        calls.append(now)
        if len(calls) == 1:
            raise OperationalError("select", {}, Exception())
        forget(now)

    monkeypatch.setattr(store, "forget", fail_at_first)
    forgetting = asyncio.create_task(server._forget(store))
    engine = open_engine(url)
    erase(engine, "erased", actor="carla", reason=None, now=datetime.now(timezone.utc))
    engine.dispose()
    for _ in range(200):
        if not store._live:
            break
        await asyncio.sleep(0.01)
    forgetting.cancel()
    assert store._live == {}
