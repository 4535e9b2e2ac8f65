"""The hand-off queue as those who work it see it. (Taking over live is tested with Rasa, in tests/unit/gateway.)"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, update
from sqlalchemy.engine import Engine

from bot.conversations.handoffs import Handoffs
from bot.conversations.tables import conversation
from tests.unit.console.log_rows import log_conversation
from tests.unit.console.visitor import Visitor, words_of

NewVisitor = Callable[[], Visitor]

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


def case_of(engine: Engine, ident: str, *, has_ended: bool = False) -> str:
    """The number of a new case of a logged conversation."""
    log_conversation(engine, ident, f"aiuto da {ident}")
    now = datetime.now(timezone.utc)
    session = {"id": ident, "channel": "widget", "language": "it", "tier": "anonymous", "client": "here"}
    dates = {"created_at": now - timedelta(hours=2), "expires_at": now + timedelta(hours=-1 if has_ended else 1)}
    with engine.begin() as connection:
        connection.execute(insert(conversation).values(**session, **dates, token_hash=ident.ljust(64, "0")))
    return Handoffs(engine).open(ident, kind="asked", reason=f"motivo di {ident}", contact="chat", now=now)


async def signed_in(visitor: NewVisitor, role: str) -> Visitor:
    member = visitor()
    await member.sign_in(role)
    return member


def counted(page: str) -> str | None:
    """What the menu says beside the queue."""
    found = re.search(r'class="count" data-source="/console/handoffs/waiting"( hidden)?><span>(\d+)', page)
    return found.group(2) if found and not found.group(1) else None


async def test_every_page_says_how_many_cases_nobody_has_taken(engine: Engine, visitor: NewVisitor) -> None:
    support = await signed_in(visitor, "support")
    assert counted(await support.open("/console/conversations")) is None
    case_of(engine, "one")
    taken = case_of(engine, "two", has_ended=True)
    assert counted(await support.open("/console/conversations")) == "2"
    await support.post(f"/console/handoffs/{taken}/take")
    assert counted(await support.open("/console/review")) == "1"
    assert (await support.http.get("/console/handoffs/waiting")).json() == {"waiting": 1}
    assert 'data-source="/console/handoffs/waiting"' not in await (await signed_in(visitor, "privacy")).open(
        "/console/conversations"
    )


async def test_the_queue_can_ask_for_itself_alone(engine: Engine, visitor: NewVisitor) -> None:
    number = case_of(engine, "one")
    shown = await (await signed_in(visitor, "support")).open("/console/handoffs/list?show=unclosed&page=0")
    assert number in shown
    assert shown.startswith('<div data-waiting="1">')
    assert "<main" not in shown


async def test_a_lead_gives_a_case_that_nobody_has_to_somebody(engine: Engine, visitor: NewVisitor) -> None:
    number = case_of(engine, "one", has_ended=True)
    support, lead = await signed_in(visitor, "support"), await signed_in(visitor, "lead")
    assert "Assegna a" not in await support.open(f"/console/handoffs/{number}")
    assert (await support.post(f"/console/handoffs/{number}/assign", to="lead")).status_code == 409
    assert "Assegna a" in await lead.open(f"/console/handoffs/{number}")
    assert (await lead.post(f"/console/handoffs/{number}/assign", to="privacy")).status_code == 422
    assert (await lead.post(f"/console/handoffs/{number}/assign", to="support")).status_code == 303
    assert "mio" in words_of(await support.open("/console/handoffs"))


async def test_a_running_conversation_offers_to_be_taken_or_leads_to_its_case(
    engine: Engine, visitor: NewVisitor
) -> None:
    number = case_of(engine, "one")
    support = await signed_in(visitor, "support")
    assert f"Vai al caso {number}" in words_of(await support.open("/console/conversations/one"))
    Handoffs(engine).close(number, datetime.now(timezone.utc))
    assert "Prendi questa conversazione" in await support.open("/console/conversations/one")
    assert "in chat ora" in await support.open("/console/conversations")
    assert "Prendi questa" not in await (await signed_in(visitor, "privacy")).open("/console/conversations/one")
    with engine.begin() as connection:
        connection.execute(update(conversation).values(expires_at=datetime.now(timezone.utc) - timedelta(minutes=1)))
    assert "Prendi questa" not in await support.open("/console/conversations/one")
    refused = await support.post("/console/conversations/one/take")
    assert (refused.status_code, "già finita" in refused.text) == (409, True)
