"""Support corrects what the bot understood; a lead lets it count; the corrections come out as training data."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from sqlalchemy import insert, update
from sqlalchemy.engine import Engine

from bot.conversations.log.clustering import refresh
from bot.conversations.log.reviews import Reviews
from bot.conversations.log.tables import turn
from bot.conversations.tables import tracker_event
from bot.settings import Settings
from tests.unit.console.log_rows import log_conversation
from tests.unit.console.visitor import Visitor, words_of
from tests.unit.conversations.factories import NOON

NewVisitor = Callable[[], Visitor]

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
NOW = datetime.now(timezone.utc)
MINUTES = (NOW - NOON) / timedelta(minutes=1) - 60  # an hour ago


async def signed_in(visitor: NewVisitor, role: str) -> Visitor:
    member = visitor()
    await member.sign_in(role)
    return member


def unsure(engine: Engine, ident: str, *texts: str) -> None:
    log_conversation(engine, ident, *texts, minutes=MINUTES, unsure_turns=len(texts))
    with engine.begin() as connection:
        connection.execute(update(turn).where(turn.c.conversation_id == ident).values(is_unsure=True))


async def files(member: Visitor, state: str = "accepted") -> dict[str, str]:
    """What is taken out; nothing, if the page says that there is nothing new."""
    response = await member.http.get(f"/console/corrections/nlu.zip?state={state}")
    if response.status_code == 409:
        assert "nulla di nuovo" in response.text
        return {}
    assert response.status_code == 200
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    return {name: archive.read(name).decode() for name in archive.namelist()}


async def test_doubts_come_in_clusters_the_largest_first(engine: Engine, visitor: NewVisitor) -> None:
    unsure(engine, "a", "la lampadina verde lampeggia sul cancello")
    unsure(engine, "b", "non trovo il cedolino", "dove trovo il cedolino", "cerco il cedolino e non lo trovo")
    log_conversation(engine, "c", "tutto chiaro", minutes=MINUTES)
    refresh(engine, NOW)
    shown = words_of(await (await signed_in(visitor, "support")).open("/console/review"))
    assert "4 in attesa" in shown
    assert shown.index("3 messaggi simili") < shown.index("cedolino") < shown.index("lampadina")
    assert "tutto chiaro" not in shown


async def test_turns_of_a_conversation_rated_down_are_reviewed_as_well(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "down", "la risposta era sbagliata", minutes=MINUTES, thumb="down")
    refresh(engine, NOW)
    assert "la risposta era sbagliata" in await (await signed_in(visitor, "support")).open("/console/review")


async def test_what_has_no_words_is_not_reviewed(engine: Engine, visitor: NewVisitor) -> None:
    unsure(engine, "a", "⟨codice 1⟩", "⟨email 1⟩ / ⟨telefono 1⟩", "??", "il ⟨codice 1⟩ del cancello")
    refresh(engine, NOW)
    shown = words_of(await (await signed_in(visitor, "support")).open("/console/review"))
    assert "1 in attesa" in shown
    assert "del cancello" in shown


async def test_a_cluster_is_corrected_in_one_click_but_for_what_is_taken_out(
    engine: Engine, visitor: NewVisitor
) -> None:
    unsure(engine, "a", "non trovo il cedolino", "dove trovo il cedolino", "cerco il cedolino e non lo trovo")
    refresh(engine, NOW)
    lead = await signed_in(visitor, "lead")
    page = await lead.open("/console/conversations")
    token = page.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": token, "place": ["a:1", "a:3"], "intent": "out_of_scope", "act": "correct"}
    assert (await lead.http.post("/console/reviews", data=form)).status_code == 303
    shown = words_of(await lead.open("/console/review"))
    assert "1 in attesa, 2 rivisti oggi" in shown
    assert "dove trovo il cedolino" in shown
    assert yaml.safe_load((await files(lead))["corrections-out_of_scope.yml"]) == {
        "version": "3.1",
        "nlu": [
            {
                "intent": "out_of_scope",
                "examples": "- cerco il cedolino e non lo trovo\n- non trovo il cedolino\n",
            }
        ],
    }


async def test_what_support_proposes_counts_once_a_lead_accepts_it(engine: Engine, visitor: NewVisitor) -> None:
    unsure(engine, "a", "il mio ⟨codice 4⟩ fa i capricci col cedolino")
    support, lead = await signed_in(visitor, "support"), await signed_in(visitor, "lead")
    await support.post("/console/reviews", place="a:1", intent="invite_code_not_working", act="correct")
    assert await files(support) == {}
    assert (await support.post("/console/corrections/decide", place="a:1", act="accept")).status_code == 403
    await lead.post("/console/corrections/decide", place="a:1", act="accept")
    assert "- il mio ⟨codice 1⟩ fa i capricci col cedolino" in (await files(support))["corrections-invites.yml"]
    await lead.post("/console/corrections/decide", place="a:1", act="undo")
    assert await files(support) == {}


async def test_support_alone_corrects_and_takes_out_what_it_proposes(engine: Engine, visitor: NewVisitor) -> None:
    unsure(engine, "a", "il citofono fa i capricci", "il ⟨codice 1⟩ fa i capricci", "i capricci del cedolino")
    support = await signed_in(visitor, "support")
    for place, intent in (("a:1", "out_of_scope"), ("a:2", "invite_code_not_working"), ("a:3", "out_of_scope")):
        await support.post("/console/reviews", place=place, intent=intent, act="correct")
    page = await support.open("/console/corrections")
    assert "3 aspettano chi è responsabile, 0 accettate" in words_of(page)
    assert "Scarica le proposte" in page
    assert "Scarica le accettate" not in page
    taken_out = await files(support, "all")
    assert set(taken_out) == {"corrections-invites.yml", "corrections-out_of_scope.yml"}
    assert "- il citofono fa i capricci\n" in taken_out["corrections-out_of_scope.yml"]


async def test_of_many_corrections_those_that_wait_come_first_and_all_are_there(
    engine: Engine, visitor: NewVisitor
) -> None:
    unsure(engine, "a", *(f"frase numero {number}" for number in range(130)))
    reviews, lead = Reviews(engine), await signed_in(visitor, "lead")
    reviews.correct([("a", 1)], "out_of_scope", "support", is_lead=False, now=NOW)
    reviews.correct([("a", number) for number in range(2, 131)], "out_of_scope", "lead", is_lead=True, now=NOW)
    first = await lead.open("/console/corrections")
    shown = re.findall(r'value="(a:\d+)"', first)
    assert shown[0] == "a:1"
    assert 'rel="next" href="?page=1"' in first
    shown += re.findall(r'value="(a:\d+)"', await lead.open("/console/corrections?page=1"))
    assert sorted(shown) == sorted(f"a:{number}" for number in range(1, 131))


async def test_what_a_lead_has_accepted_support_does_not_undo(engine: Engine, visitor: NewVisitor) -> None:
    unsure(engine, "a", "il mio ⟨codice 4⟩ fa i capricci col cedolino")
    support, lead = await signed_in(visitor, "support"), await signed_in(visitor, "lead")
    await lead.post("/console/reviews", place="a:1", intent="invite_code_not_working", act="correct")
    again = await support.post("/console/reviews", place="a:1", intent="reset_password", act="correct")
    assert (again.status_code, "già stata accettata" in again.text) == (409, True)
    assert (await support.post("/console/reviews", place="a:1", act="dismiss")).status_code == 409
    await support.post("/console/corrections/decide", place="a:1", act="undo")
    assert "corrections-invites.yml" in await files(lead)
    await lead.post("/console/reviews", place="a:1", intent="reset_password", act="correct")
    assert "corrections-login.yml" in await files(lead)


async def test_what_training_or_its_tests_hold_is_not_taken_out_again(engine: Engine, visitor: NewVisitor) -> None:
    unsure(engine, "a", "Operatore", "Si può riattivare un invito scaduto?")
    lead = await signed_in(visitor, "lead")
    await lead.post("/console/reviews", place="a:1", intent="talk_to_human", act="correct")
    await lead.post("/console/reviews", place="a:2", intent="invite_code_expired", act="correct")
    assert "Operatore" in words_of(await lead.open("/console/corrections"))
    assert await files(lead) == {}


@pytest.mark.parametrize("form", [{"place": "a:1"}, {"intent": "greet"}, {"place": "a:1", "intent": "wrong"}])
async def test_a_correction_without_a_turn_or_an_intent_is_refused_in_words(
    form: dict[str, str], engine: Engine, visitor: NewVisitor
) -> None:
    unsure(engine, "a", "boh")
    answer = await (await signed_in(visitor, "support")).post("/console/reviews", act="correct", **form)
    assert answer.status_code == 422
    assert "Scegli" in answer.text


async def test_any_turn_can_be_corrected_from_its_transcript(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "a", "la password la so")
    support = await signed_in(visitor, "support")
    assert 'value="a:1"' in await support.open("/console/conversations/a")
    sent = await support.post(
        "/console/reviews", place="a:1", intent="cannot_log_in", next="/console/conversations/a#turn-1"
    )
    assert sent.headers["Location"] == "/console/conversations/a#turn-1"
    assert "proposta" in words_of(await support.open("/console/conversations/a"))


async def test_a_conversation_comes_out_as_a_test_story(engine: Engine, visitor: NewVisitor) -> None:
    log_conversation(engine, "a", "ciao")
    entity = {"entity": "invite_code", "value": "⟨codice 1⟩", "start": 10, "end": 20}
    said = {"text": "il codice ⟨codice 1⟩", "parse_data": {"intent": {"name": "inform"}, "entities": [entity]}}
    events = [
        {"event": "action", "name": "action_session_start"},
        {"event": "slot", "name": "audience", "value": "widget"},
        {"event": "action", "name": "action_listen"},
        {"event": "user", **said},
        {"event": "slot", "name": "invite_code", "value": "⟨codice 1⟩"},
        {"event": "action", "name": "action_check_invite"},
        {"event": "active_loop", "name": None},
        {"event": "bot", "text": "Scaduto."},
    ]
    with engine.begin() as connection:
        for event in events:
            row = {"sender_id": "a", "type_name": event["event"], "timestamp": 0.0, "data": json.dumps(event)}
            connection.execute(insert(tracker_event).values(row))
    response = await (await signed_in(visitor, "support")).http.get("/console/conversations/a/story.yml")
    assert "attachment" in response.headers["Content-Disposition"]
    assert yaml.safe_load(response.text)["stories"][0]["steps"] == [
        {"slot_was_set": [{"audience": "widget"}]},
        {"user": "il codice [⟨codice 1⟩](invite_code)", "intent": "inform"},
        {"slot_was_set": [{"invite_code": "⟨codice 1⟩"}]},
        {"action": "action_check_invite"},
        {"active_loop": None},
    ]


async def test_a_story_ends_where_somebody_took_the_conversation_over(engine: Engine, visitor: NewVisitor) -> None:
    def said(text: str) -> dict[str, Any]:
        return {"event": "user", "text": text, "parse_data": {"intent": {"name": "how_to_register"}, "entities": []}}

    answer = {"event": "action", "name": "utter_how_to_register"}
    spoken = [said("come mi registro?"), answer, {"event": "pause"}, said("ci siete?"), {"event": "resume"}, answer]
    for ident, events in (("a", spoken), ("silent", spoken[2:])):
        log_conversation(engine, ident, "ciao")
        with engine.begin() as connection:
            for event in events:
                row = {"sender_id": ident, "type_name": event["event"], "timestamp": 0.0, "data": json.dumps(event)}
                connection.execute(insert(tracker_event).values(row))
    support = await signed_in(visitor, "support")
    story = yaml.safe_load(await support.open("/console/conversations/a/story.yml"))
    assert story["stories"][0]["steps"] == [
        {"user": "come mi registro?", "intent": "how_to_register"},
        {"action": "utter_how_to_register"},
    ]
    assert (await support.http.get("/console/conversations/silent/story.yml")).status_code == 404


async def test_the_last_replay_is_shown(engine: Engine, settings: Settings, visitor: NewVisitor) -> None:
    lead = await signed_in(visitor, "lead")
    assert "Non è ancora stato fatto nessun confronto" in words_of(await lead.open("/console/replay"))
    difference = {
        "conversation_id": "a",
        "number": 1,
        "text": None,
        "intent_before": None,
        "intent_after": "cannot_log_in",
        "confidence_before": 0.4,
        "confidence_after": 0.9,
        "action_before": "action_offer_cases",
        "action_after": "utter_cannot_log_in",
    }
    report = {"model": "new.tar.gz", "at": NOON.isoformat(), "conversations": 1, "messages": 3}
    log_conversation(engine, "a", "<b>non entro</b>")
    reworded = {**difference, "action_before": None, "action_after": None, "response": "utter_thank"}
    differences = [difference, {**difference, "conversation_id": "deleted"}, reworded]
    (settings.home / "replay.json").write_text(json.dumps({**report, "differences": differences}))
    page = await lead.open("/console/replay")
    assert "3 su 3 messaggi" in words_of(page)
    assert "utter_thank dice altre parole" in words_of(page)
    assert "testi cancellati" in words_of(page)
    assert "in dubbio 40% Non riesco ad accedere 90%" in words_of(page)
    assert "&lt;b&gt;non entro" in page
