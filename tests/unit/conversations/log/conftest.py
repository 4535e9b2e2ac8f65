from __future__ import annotations

import pytest

from bot.conversations.tracker_store import ConversationTrackerStore
from tests.unit.conversations.log.talks import DOMAIN


@pytest.fixture
def trackers(url: str) -> ConversationTrackerStore:
    """The store of one Rasa process."""
    return ConversationTrackerStore(DOMAIN, url=url)


@pytest.fixture
def other_process(url: str) -> ConversationTrackerStore:
    """The store of another Rasa process on the same database."""
    return ConversationTrackerStore(DOMAIN, url=url)
