"""What is in the log after turns were saved, and that a rebuild writes the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rasa.shared.core.events import ActionExecuted, BotUttered, ConversationPaused, ConversationResumed, SlotSet
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from actions.customers import SearchFinding
from actions.diagnosis import Finding
from bot.conversations.log.rebuild import log_missing, rebuild
from bot.conversations.log.search import Span, newest_matches
from bot.conversations.log.settling import settle
from bot.conversations.log.tables import conversation_label, logged_conversation, turn
from bot.conversations.store import ConversationStore, Proof
from bot.conversations.tables import tracker_event
from bot.conversations.tracker_store import ConversationTrackerStore
from tests.unit.conversations.factories import IDLE, NOON
from tests.unit.conversations.log.talks import Talk, hold_many_kinds, logged, rows, said, turns, understood

WORDS = ("boh", "ciao", "sbagliato")


async def test_a_turn_is_logged_with_all_that_was_understood_and_done(
    trackers: ConversationTrackerStore, engine: Engine
) -> None:
    talk = await Talk(trackers).open()
    await talk.say(
        understood("il codice ⟨codice 1⟩ è scaduto", "invite_code_expired", began=NOON.timestamp() + 7),
        ActionExecuted("action_check_invite"),
        SlotSet("invite_status", "expired"),
        *said("utter_invite_expired", "È scaduto", buttons=[{"title": "Sì", "payload": "/affirm", "type": "x"}]),
    )
    opening, answered = turns(engine)
    assert (opening.number, opening.side, opening.text) == (0, "bot", None)
    assert opening.answers == [{"text": "Ciao!"}]
    assert (answered.number, answered.side) == (1, "person")
    assert answered.text == "il codice ⟨codice 1⟩ è scaduto"
    assert (answered.intent, answered.confidence, answered.is_unsure) == ("invite_code_expired", 0.9, False)
    assert answered.ranking == [
        {"name": "invite_code_expired", "confidence": 0.9},
        {"name": "thank", "confidence": 0.01},
    ]
    assert answered.actions == ["action_check_invite", "utter_invite_expired"]
    assert answered.slots == {"invite_status": "expired"}
    assert answered.findings == ["expired"]
    assert answered.answers == [{"text": "È scaduto", "buttons": [{"title": "Sì", "payload": "/affirm"}]}]
    assert answered.milliseconds == 7000


async def test_a_conversation_is_summed_up(trackers: ConversationTrackerStore, engine: Engine) -> None:
    talk = await Talk(trackers).open()
    await talk.say(understood("ciao", "greet"), *said("utter_hello_again"))
    await talk.say(understood("boh", "reset_password", 0.4), *said("utter_unsure"))
    await talk.say(understood("la password", "reset_password", account_id="ada"), *said("utter_reset_password"))
    row = logged(engine)
    assert (row.channel, row.language, row.company) == ("widget", "it", None)
    assert row.person == "ada"
    assert (row.turns, row.unsure_turns, row.lowest_confidence) == (3, 1, 0.4)
    assert (row.intent, row.has_answer, row.outcome) == ("reset_password", True, "resolved")
    assert row.ended_at == turns(engine)[-1].at
    with engine.connect() as connection:
        found = connection.execute(select(conversation_label.c.kind, conversation_label.c.name)).all()
    assert sorted(found) == [("intent", "greet"), ("intent", "reset_password")]


async def test_a_pressed_button_is_logged_by_its_title(trackers: ConversationTrackerStore, engine: Engine) -> None:
    talk = await Talk(trackers).open()
    await talk.say(understood("/reset_password", "reset_password", 1.0, shown="Password dimenticata"))
    assert turns(engine)[-1].text == "Password dimenticata"


async def test_a_question_of_a_form_answers_nothing_yet(trackers: ConversationTrackerStore, engine: Engine) -> None:
    await hold_many_kinds(trackers)
    assert (logged(engine, "form").has_answer, logged(engine, "form").outcome) == (False, "abandoned")


async def test_the_highest_tier_counts(trackers: ConversationTrackerStore, engine: Engine) -> None:
    talk = await Talk(trackers).open()
    await talk.say(understood("ecco il codice", "inform"), SlotSet("tier", "code"))
    await talk.say(understood("grazie", "thank", tier="anonymous"))
    assert logged(engine).tier == "code"


async def test_supports_messages_are_turns_and_the_bot_is_silent_meanwhile(
    trackers: ConversationTrackerStore, engine: Engine
) -> None:
    await hold_many_kinds(trackers)
    _, asked, support, *heard = turns(engine, "taken over")
    assert [row.side for row in (asked, support, *heard)] == ["person", "support", "person", "person", "person"]
    assert (support.text, support.support_user, support.milliseconds) == ("Buongiorno, sono Carla", "carla", None)
    assert [row.text for row in heard] == ["grazie Carla", "mah", "e la password?"]
    assert {(row.intent, row.confidence, row.is_unsure, row.milliseconds) for row in heard} == {
        (None, None, False, None)
    }
    assert heard[-1].answers == [{"text": "Sono di nuovo io"}]  # said when the case was given back
    row = logged(engine, "taken over")
    assert (row.outcome, row.unsure_turns, row.has_answer) == ("handed_off", 0, False)


async def test_another_process_knows_that_support_has_the_conversation(
    trackers: ConversationTrackerStore, other_process: ConversationTrackerStore, engine: Engine
) -> None:
    talk = await Talk(trackers).open()
    await talk.happens(ConversationPaused())
    for store in (other_process, trackers):
        await Talk(store).say(understood("boh", "reset_password", 0.3))
    assert [row.is_unsure for row in turns(engine)] == [False, False, False]
    await Talk(trackers).happens(ConversationResumed())
    await Talk(other_process).say(understood("boh", "reset_password", 0.3), *said("utter_unsure"))
    assert [row.is_unsure for row in turns(engine)] == [False, False, False, True]


async def test_several_messages_of_one_save_are_several_turns(
    trackers: ConversationTrackerStore, engine: Engine
) -> None:
    talk = await Talk(trackers).open()
    await talk.happens(understood("uno", "inform"), BotUttered("Ecco"), understood("due", "inform"))
    assert [row.text for row in turns(engine)] == [None, "uno", "due"]


async def test_the_next_turn_may_be_handled_by_another_process(
    trackers: ConversationTrackerStore, other_process: ConversationTrackerStore, engine: Engine
) -> None:
    talk = await Talk(trackers).open()
    await talk.say(understood("uno", "inform"))
    await Talk(other_process, at=NOON + IDLE).say(understood("due", "inform"))
    await talk.say(understood("tre", "inform"))
    assert [(row.number, row.text) for row in turns(engine)] == [(0, None), (1, "uno"), (2, "due"), (3, "tre")]


async def test_a_turn_that_cannot_be_logged_is_not_stored_either(
    trackers: ConversationTrackerStore, engine: Engine
) -> None:
    talk = await Talk(trackers).open()
    with engine.begin() as connection:
        before = connection.scalar(select(func.count()).select_from(tracker_event))
        connection.execute(text("alter table turn rename to turn_aside"))
    try:
        with pytest.raises(SQLAlchemyError):
            await talk.say(understood("perso", "inform"))
    finally:
        with engine.begin() as connection:
            connection.execute(text("alter table turn_aside rename to turn"))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tracker_event)) == before
    await talk.say(understood("ritrovato", "inform"))
    assert [row.text for row in turns(engine)] == [None, "ritrovato"]


async def test_a_message_is_found_again_with_its_answer(
    trackers: ConversationTrackerStore, other_process: ConversationTrackerStore
) -> None:
    talk = await Talk(trackers).open()
    await talk.say(understood("uno", "inform", message_id=11), *said("utter_one", "Uno!"))
    await talk.say(understood("due", "inform", message_id=12))
    for store in (trackers, other_process):
        assert store.answers_to("talk", 11) == [{"text": "Uno!"}]
        assert store.answers_to("talk", 12) == []
        assert store.answers_to("talk", 13) is None
        assert store.answers_to("nobody", 11) is None
        assert store.answers_to("talk", None) is None


class TestRebuild:
    async def test_it_writes_the_same_rows(self, trackers: ConversationTrackerStore, engine: Engine) -> None:
        await hold_many_kinds(trackers)
        live = rows(engine, with_ids=True)
        assert rebuild(engine) == 5
        assert rows(engine, with_ids=True) == live

    async def test_an_empty_log_is_filled(self, trackers: ConversationTrackerStore, engine: Engine) -> None:
        await hold_many_kinds(trackers)
        live = rows(engine)
        empty_log(engine)
        done: list[int] = []
        rebuild(engine, done.append)
        assert rows(engine) == live
        assert done == [1, 2, 3, 4, 5]

    async def test_the_ids_of_turns_follow_the_time(self, trackers: ConversationTrackerStore, engine: Engine) -> None:
        for minute, name in enumerate(("c", "a", "b")):
            await Talk(trackers, name, NOON + timedelta(minutes=minute)).open()
        empty_log(engine)
        rebuild(engine)
        with engine.connect() as connection:
            assert connection.scalars(select(turn.c.conversation_id).order_by(turn.c.id)).all() == ["c", "a", "b"]

    async def test_a_come_back_counts_as_before_once_the_outcomes_are_settled_again(
        self, trackers: ConversationTrackerStore, engine: Engine
    ) -> None:
        for name, days in (("first", 0), ("again", 3)):
            talk = await Talk(trackers, name, NOON + timedelta(days=days)).open(account_id="ada")
            await talk.say(understood("la password", "reset_password", account_id="ada"), *said("utter_reset_password"))
        later = NOON + timedelta(days=30)
        settle(engine, later, IDLE)
        live = rows(engine)
        assert (logged(engine, "first").outcome, logged(engine, "again").outcome) == ("unresolved", "resolved")
        for empty in (False, True):
            if empty:
                empty_log(engine)
            rebuild(engine)
            settle(engine, later, IDLE)
            assert rows(engine) == live

    async def test_it_mends_what_is_wrong(self, trackers: ConversationTrackerStore, engine: Engine) -> None:
        await hold_many_kinds(trackers)
        live = rows(engine)
        with engine.begin() as connection:
            connection.execute(turn.update().values(text="altro", number=turn.c.number + 100))
            connection.execute(logged_conversation.update().values(turns=77, outcome="resolved"))
            connection.execute(delete(conversation_label))
        rebuild(engine)
        assert rows(engine) == live

    async def test_words_are_found_where_they_stand_afterwards(
        self, trackers: ConversationTrackerStore, engine: Engine
    ) -> None:
        await hold_many_kinds(trackers)
        with engine.begin() as connection:
            connection.execute(turn.update().where(turn.c.text == "boh").values(text="sbagliato"))
            connection.execute(turn.update().where(turn.c.text == "ciao").values(text=None))
        rebuild(engine)
        with engine.begin() as connection:
            found = [list(newest_matches(connection, word, Span())) for word in WORDS]
            if engine.dialect.name == "sqlite":
                connection.execute(text("INSERT INTO turn_words (turn_words) VALUES ('integrity-check')"))
        assert [[row.text for row in rows] for rows in found] == [["boh"], ["ciao"], []]

    async def test_it_reads_ratings_and_hand_offs(
        self, trackers: ConversationTrackerStore, store: ConversationStore, engine: Engine
    ) -> None:
        rated, handed = (store.open("widget", "it", Proof(client="x"), NOON, IDLE)[0].id for _ in range(2))
        for talk in (rated, handed):
            await Talk(trackers, talk).open()
        store.rate(rated, thumb="down", remark=None, now=NOON)
        store.open_handoff(handed, reason="aiuto", contact="chat", now=NOON)
        live = rows(engine)
        empty_log(engine)
        rebuild(engine)
        assert rows(engine) == live
        assert (logged(engine, rated).outcome, logged(engine, handed).outcome) == ("unresolved", "handed_off")

    async def test_one_that_began_before_there_was_a_log_is_logged_whole_with_its_next_turn(
        self, trackers: ConversationTrackerStore, engine: Engine
    ) -> None:
        talk = await Talk(trackers).open()
        await talk.say(understood("prima", "inform"))
        empty_log(engine)
        await talk.say(understood("poi", "inform"))
        assert [row.text for row in turns(engine)] == [None, "prima", "poi"]

    async def test_or_by_the_keeper(
        self, trackers: ConversationTrackerStore, store: ConversationStore, engine: Engine
    ) -> None:
        talk = store.open("widget", "it", Proof(client="x"), NOON, IDLE)[0].id
        await Talk(trackers, talk).open()
        empty_log(engine)
        assert log_missing(engine) == 1
        assert len(turns(engine, talk)) == 1
        assert log_missing(engine) == 0


class TestFromOutside:
    async def test_a_rating_changes_the_outcome(
        self, trackers: ConversationTrackerStore, store: ConversationStore, engine: Engine
    ) -> None:
        talk = store.open("widget", "it", Proof(client="x"), NOON, IDLE)[0].id
        live = await Talk(trackers, talk).open()
        await live.say(understood("boh", "inform", 0.3), *said("utter_unsure"))
        assert logged(engine, talk).outcome == "unresolved"
        store.rate(talk, thumb="up", remark=None, now=NOON)
        assert (logged(engine, talk).thumb, logged(engine, talk).outcome) == ("up", "resolved")
        store.rate(talk, thumb="down", remark=None, now=NOON)
        assert logged(engine, talk).outcome == "unresolved"
        await live.say(understood("la password", "reset_password"), *said("utter_reset_password"))
        assert (logged(engine, talk).thumb, logged(engine, talk).outcome) == ("down", "unresolved")

    async def test_a_hand_off_changes_the_outcome(
        self, trackers: ConversationTrackerStore, store: ConversationStore, engine: Engine
    ) -> None:
        talk = store.open("widget", "it", Proof(client="x"), NOON, IDLE)[0].id
        live = await Talk(trackers, talk).open()
        store.open_handoff(talk, reason="aiuto", contact="chat", now=NOON)
        assert (logged(engine, talk).handed_off, logged(engine, talk).outcome) == (True, "handed_off")
        await live.say(understood("grazie", "thank"), *said("utter_thank"))
        assert logged(engine, talk).outcome == "handed_off"

    def test_one_that_is_not_in_the_log_can_be_rated(self, store: ConversationStore, engine: Engine) -> None:
        talk = store.open("widget", "it", Proof(client="x"), NOON, IDLE)[0].id
        store.rate(talk, thumb="up", remark=None, now=NOON)
        assert rows(engine)["logged_conversation"] == []


def test_no_two_checks_share_a_finding() -> None:
    """Findings stand in the log without the name of their check."""
    from typing import get_args

    from rasa.shared.core.domain import Domain

    domain = Domain.load("domain.yml")
    names = [
        value
        for slot in domain.slots
        if slot.name in ("invite_status", "email_status", "contract_status")
        for value in slot.values  # type: ignore[attr-defined]
        if value != "__other__"
    ]
    names += get_args(Finding) + get_args(SearchFinding)
    assert len(names) > 20
    assert sorted(names) == sorted(set(names))


def empty_log(engine: Engine) -> None:
    """As before there was a log."""
    with engine.begin() as connection:
        for table in (turn, conversation_label, logged_conversation):
            connection.execute(delete(table))


def test_a_row_of_another_outcome_is_refused(engine: Engine) -> None:
    row = {
        "id": "x",
        "channel": "widget",
        "language": "it",
        "tier": "code",
        "started_at": NOON,
        "ended_at": NOON,
        "turns": 0,
        "unsure_turns": 0,
        "outcome": "lost",
        "has_texts": True,
    }
    with pytest.raises(SQLAlchemyError), engine.begin() as connection:
        connection.execute(insert(logged_conversation).values(row))
