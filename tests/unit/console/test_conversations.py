"""The list of conversations and a transcript, as support reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine

from bot.conversations.support.tables import read_audit
from bot.privacy.vault import Vault
from bot.settings import Settings
from tests.unit.console.log_rows import log_conversation
from tests.unit.console.visitor import Visitor, words_of
from tests.unit.conversations.factories import NOON

NewVisitor = Callable[[], Visitor]

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


async def signed_in(visitor: NewVisitor, role: str = "support") -> Visitor:
    member = visitor()
    await member.sign_in(role)
    return member


async def test_an_empty_log_says_what_to_do(visitor: NewVisitor) -> None:
    member = await signed_in(visitor)
    assert "Non c'è ancora nessuna conversazione" in words_of(await member.open("/console/conversations"))


async def test_the_list_shows_the_newest_first_with_what_was_said(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "old", "non ricordo la parola", minutes=0)
    log_conversation(engine, "new", "il codice non va", minutes=5, outcome="unresolved", unsure_turns=2)
    shown = words_of(await (await signed_in(visitor)).open("/console/conversations"))
    assert shown.index("il codice non va") < shown.index("non ricordo la parola")
    assert "2 dubbi" in shown
    assert "1 mar 2026, 13:05" in shown  # Rome


@pytest.mark.parametrize(
    "query",
    [
        "outcome=unresolved",
        "channel=staff",
        "intent=check_contract",
        "finding=ended",
        "thumb=down",
        "handed_off=yes",
        "unsure=yes",
        "below=50",
        "since=2026-03-02",
        "words=citofono",
        "words=CITOFONO&outcome=unresolved&finding=ended&unsure=yes",
    ],
)
async def test_each_filter_finds_what_it_names_and_nothing_else(
    query: str, engine: Engine, visitor: NewVisitor
) -> None:
    log_conversation(engine, "usual", "ho perso la chiave")
    log_conversation(
        engine,
        "wanted",
        "suona il citofono",
        minutes=24 * 60,
        outcome="unresolved",
        channel="staff",
        intent="check_contract",
        findings=["ended"],
        thumb="down",
        handed_off=True,
        unsure_turns=1,
        lowest_confidence=0.3,
    )
    shown = await (await signed_in(visitor)).open(f"/console/conversations?{query}")
    assert "/console/conversations/wanted" in shown
    assert "/console/conversations/usual" not in shown


async def test_a_day_begins_and_ends_in_rome(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "late", "tardi", minutes=10 * 60 + 30)  # 23:30 on the first in Rome
    log_conversation(engine, "later", "più tardi", minutes=11 * 60 + 30)  # 00:30 on the second
    shown = await (await signed_in(visitor)).open("/console/conversations?until=2026-03-01")
    assert "/console/conversations/late" in shown
    assert "/console/conversations/later" not in shown


@pytest.mark.parametrize("query", ["since=yesterday", "outcome=fine", "below=0", "below=x", "unsure=maybe"])
async def test_a_filter_that_makes_no_sense_is_named_and_ignored(
    query: str, engine: Engine, visitor: NewVisitor
) -> None:
    log_conversation(engine, "one", "ciao")
    shown = words_of(await (await signed_in(visitor)).open(f"/console/conversations?{query}"))
    assert "Il filtro non è valido" in shown
    assert "ciao" in shown


async def test_what_went_wrong_yesterday_is_one_click_away_and_the_way_back_keeps_it(
    engine: Engine, visitor: NewVisitor
) -> None:
    noon_ago = (datetime.now(timezone.utc) - NOON) / timedelta(minutes=1)
    log_conversation(engine, "yesterday", "ieri", minutes=noon_ago - 24 * 60, outcome="unresolved")
    log_conversation(engine, "before", "prima", minutes=noon_ago - 72 * 60, outcome="unresolved")
    log_conversation(engine, "good", "bene", minutes=noon_ago - 24 * 60)
    member = await signed_in(visitor)
    link = re.search(r'href="([^"]+)">Andate male ieri', await member.open("/console/conversations"))
    assert link is not None
    address = "/console/conversations" + link.group(1).replace("&amp;", "&")
    assert re.findall(r'href="/console/conversations/(\w+)"', await member.open(address)) == ["yesterday"]
    shown = await member.http.get(
        "/console/conversations/yesterday", headers={"Referer": f"http://bot.example{address}"}
    )
    assert f'href="{address.replace("&", "&amp;")}"' in shown.text


async def test_paging_forth_and_back_shows_each_conversation_once(engine: Engine, visitor: NewVisitor) -> None:
    for number in range(120):
        log_conversation(engine, f"c{number:03}", "ciao", minutes=number // 7)  # many began at the same moment
    member = await signed_in(visitor)
    pages, path = [], "/console/conversations"
    while True:
        page = await member.open(path)
        pages.append(re.findall(r'href="/console/conversations/(c\d+)"', page))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        path = "/console/conversations" + older.group(1).replace("&amp;", "&")
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({ident for page in pages for ident in page}) == 120
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer is not None
    back = await member.open("/console/conversations" + newer.group(1).replace("&amp;", "&"))
    assert re.findall(r'href="/console/conversations/(c\d+)"', back) == pages[1]


async def test_a_search_goes_on_over_pages(engine: Engine, visitor: NewVisitor) -> None:
    for number in range(60):
        log_conversation(engine, f"c{number:02}", "la caldaia", minutes=number)
    member = await signed_in(visitor)
    first = await member.open("/console/conversations?words=caldaia")
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = await member.open("/console/conversations" + older.group(1).replace("&amp;", "&"))
    shown = [re.findall(r'href="/console/conversations/(c\d+)"', page) for page in (first, second)]
    assert [len(page) for page in shown] == [50, 10]
    assert not set(shown[0]) & set(shown[1])


async def test_a_view_is_saved_shown_and_removed(visitor: NewVisitor) -> None:
    member = await signed_in(visitor)
    await member.post("/console/views", name="Male ieri", query="outcome=unresolved&unsure=yes")
    page = await member.open("/console/conversations")
    assert '<a href="?outcome=unresolved&amp;unsure=yes">Male ieri</a>' in page
    assert "Male ieri" not in await (await signed_in(visitor, "lead")).open("/console/conversations")
    await member.post("/console/views/1/remove")
    assert "Male ieri" not in await member.open("/console/conversations")


async def test_hostile_text_is_shown_as_text(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "bad", "<script>alert(1)</script> \x1b[31m [x](javascript:y) \u202eodil")
    member = await signed_in(visitor)
    for path in ("/console/conversations", "/console/conversations/bad"):
        page = await member.open(path)
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "\x1b" not in page
        assert "⟦U+202E⟧odil" in page
        assert 'href="javascript:' not in page


async def test_a_transcript_shows_what_the_bot_thought(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "one", "il contratto?", intent="check_contract", findings=["ended"])
    shown = words_of(await (await signed_in(visitor)).open("/console/conversations/one"))
    for expected in (
        "il contratto?",
        "Ecco come si fa.",
        "Il mio contratto è attivo?",
        "90%",
        "contratto finito",
        "12 ms",
    ):
        assert expected in shown


async def test_every_look_at_a_transcript_is_on_record(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "one", "ciao")
    await (await signed_in(visitor)).open("/console/conversations/one")
    shown = words_of(await (await signed_in(visitor, "lead")).open("/console/readings"))
    assert "support" in shown[shown.index("Motivo") :]
    with engine.connect() as connection:
        row = connection.execute(select(read_audit)).one()
    assert (row.user_name, row.kind, row.conversation_id) == ("support", "transcript", "one")


async def test_a_value_is_shown_to_privacy_alone_with_a_reason_and_on_record(
    engine: Engine, settings: Settings, visitor: NewVisitor
) -> None:
    reference = Vault(engine, settings.key("vault")).store("one", "email", "ada@example.com")
    log_conversation(engine, "one", f"sono {reference}")
    form = {"reference": reference, "reason": "richiesta della persona"}
    support, privacy = await signed_in(visitor), await signed_in(visitor, "privacy")

    assert (await support.post("/console/conversations/one/reveal", **form)).status_code == 403
    assert "Valori protetti" not in await support.open("/console/conversations/one")
    assert "ada@example.com" not in await privacy.open("/console/conversations/one")
    without_reason = await privacy.post("/console/conversations/one/reveal", reference=reference, reason="")
    assert without_reason.status_code == 422
    assert "ada@example.com" in (await privacy.post("/console/conversations/one/reveal", **form)).text

    with engine.connect() as connection:
        reveals = connection.execute(select(read_audit).where(read_audit.c.kind == "reveal")).all()
    assert [(row.user_name, row.reference, row.reason) for row in reveals] == [
        ("privacy", reference, "richiesta della persona")
    ]


async def test_a_value_that_is_gone_is_said_to_be_gone(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "one", "sono ⟨email 1⟩")
    privacy = await signed_in(visitor, "privacy")
    answer = await privacy.post(
        "/console/conversations/one/reveal", reference="⟨email 1⟩", reason="richiesta della persona"
    )
    assert "Il valore non esiste più" in answer.text


@pytest.mark.parametrize("path", ["?intent=a%00b", "?words=%00", "/%00", "?older_than=%00"])
async def test_an_address_with_a_character_that_no_text_has_leads_nowhere(path: str, visitor: NewVisitor) -> None:
    member = await signed_in(visitor)
    assert (await member.http.get(f"/console/conversations{path}")).status_code == 404
    assert (await member.post("/console/views", name="a\0b", query="unsure=yes")).status_code == 400
