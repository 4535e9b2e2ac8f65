"""Who read what, and what was deleted, as privacy and leads see it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from bot.conversations.log.retention import erase
from bot.conversations.support.readings import ReadAudit
from bot.settings import Settings
from tests.unit.console.log_rows import log_conversation
from tests.unit.console.visitor import Visitor, words_of
from tests.unit.conversations.factories import NOON

NewVisitor = Callable[[], Visitor]

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


async def signed_in(visitor: NewVisitor, role: str) -> Visitor:
    member = visitor()
    await member.sign_in(role)
    return member


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/console/conversations?outcome=resolved", "list"),
        ("/console/conversations?words=caldaia", "search"),
        ("/console/conversations/one", "transcript"),
        ("/console/handoffs", "queue"),
        ("/console/review", "review"),
        ("/console/corrections", "corrections"),
        ("/console/replay", "replay"),
    ],
)
async def test_every_view_that_shows_texts_is_on_record_once(
    path: str, kind: str, engine: Engine, settings: Settings, visitor: NewVisitor
) -> None:
    log_conversation(engine, "one", "la caldaia")
    report = '{"model": "new", "at": "2026-03-01T12:00:00+00:00", "conversations": 0, "messages": 0, "differences": []}'
    (settings.home / "replay.json").write_text(report)
    await (await signed_in(visitor, "support")).open(path)
    assert [(one.user_name, one.kind) for one in ReadAudit(engine).listed()] == [("support", kind)]


async def test_what_was_searched_for_is_not_kept_but_how_the_list_was_narrowed_is(
    engine: Engine, visitor: NewVisitor
) -> None:
    await (await signed_in(visitor, "support")).open("/console/conversations?words=Quercianera&outcome=unresolved")
    assert [one.reason for one in ReadAudit(engine).listed()] == ["outcome=unresolved"]


async def test_a_queue_that_is_watched_is_noted_once_an_hour(engine: Engine, visitor: NewVisitor) -> None:
    support = await signed_in(visitor, "support")
    for _ in range(3):
        await support.open("/console/handoffs/list")
    assert [one.kind for one in ReadAudit(engine).listed()] == ["queue"]


async def test_the_audit_of_some_days_is_shown_and_taken_out(engine: Engine, visitor: NewVisitor) -> None:
    audit = ReadAudit(engine)
    for day in range(3):
        at = NOON + timedelta(days=day)
        audit.note(f"user{day}", "reveal", at, conversation_id=f"talk{day}", reference="⟨email 1⟩", reason="=1+1")
    officer = await signed_in(visitor, "privacy")
    query = "since=2026-03-02&until=2026-03-02"
    shown = words_of(await officer.open(f"/console/readings?{query}"))
    assert shown.count("⟨email 1⟩") == 1
    assert "2 mar 2026" in shown
    assert "non è valido" in words_of(await officer.open("/console/readings?since=ieri"))
    answer = await officer.http.get(f"/console/readings.csv?{query}")
    assert 'filename="readings.csv"' in answer.headers["Content-Disposition"]
    assert list(csv.reader(io.StringIO(answer.text)))[1:] == [
        ["2026-03-02T13:00:00+01:00", "user1", "reveal", "talk1", "⟨email 1⟩", "'=1+1"]
    ]
    assert audit.listed(limit=1)[0].reason == "readings.csv"


async def test_the_record_of_deletions_says_who_erased_what_and_why(engine: Engine, visitor: NewVisitor) -> None:
    officer = await signed_in(visitor, "privacy")
    assert "Ancora nessuna cancellazione" in words_of(await officer.open("/console/deletions"))
    log_conversation(engine, "one", "mi chiamo Quercianera", "e non entro")
    erase(engine, "one", actor="anna (shell)", reason="richiesta scritta", now=NOON)
    page = words_of(await officer.open("/console/deletions"))
    for expected in ("conversazione cancellata", "one", "anna (shell)", "richiesta scritta", "scambi 2"):
        assert expected in page
    assert "Quercianera" not in page
