from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Engine

from bot.conversations.store import ABANDONED, LONGEST, Conversation, ConversationStore, Proof, Turn
from bot.conversations.tables import conversation, handoff, rating, request
from tests.unit.conversations.factories import IDLE, NOON, seconds

STAFF = Proof(tier="administrator", subject="Martina Kofler", company="studio-brennero", client="somewhere")
BUTTONS = [{"title": "Sì", "payload": "/affirm"}]


@pytest.fixture
def opened(store: ConversationStore) -> tuple[Conversation, str]:
    return store.open("widget", "it", Proof(client="somewhere"), NOON, IDLE)


@pytest.fixture
def talk(opened: tuple[Conversation, str]) -> str:
    return opened[0].id


def begin(store: ConversationStore, talk: str, key: str | None = "m1", now: datetime = NOON) -> Turn:
    return store.begin_turn(talk, "Ciao", key, now, IDLE)


class TestTokens:
    def test_a_token_finds_its_conversation_with_its_proof(self, store: ConversationStore) -> None:
        _, token = store.open("staff", "it", STAFF, NOON, IDLE)
        found = store.authenticate(token, "staff", NOON)
        assert found is not None
        assert found.proof == STAFF
        assert found.expires_at == NOON + IDLE

    def test_a_token_opens_no_other_channel(self, store: ConversationStore, opened: tuple[Conversation, str]) -> None:
        assert store.authenticate(opened[1], "staff", NOON) is None

    def test_a_wrong_token_opens_nothing(self, store: ConversationStore, opened: tuple[Conversation, str]) -> None:
        assert store.authenticate(opened[1] + "x", "widget", NOON) is None

    def test_the_token_itself_is_not_kept(
        self, engine: Engine, store: ConversationStore, opened: tuple[Conversation, str]
    ) -> None:
        with engine.connect() as connection:
            row = connection.execute(select(conversation)).one()
        assert opened[1] not in str(row)

    def test_a_conversation_ends_when_nobody_speaks(
        self, store: ConversationStore, opened: tuple[Conversation, str]
    ) -> None:
        assert store.authenticate(opened[1], "widget", NOON + IDLE - seconds(1))
        assert store.authenticate(opened[1], "widget", NOON + IDLE) is None

    def test_a_message_keeps_it_open(
        self, store: ConversationStore, talk: str, opened: tuple[Conversation, str]
    ) -> None:
        begin(store, talk, now=NOON + IDLE / 2)
        assert store.authenticate(opened[1], "widget", NOON + IDLE)

    def test_but_never_for_more_than_a_day(
        self, store: ConversationStore, talk: str, opened: tuple[Conversation, str]
    ) -> None:
        begin(store, talk, now=NOON + LONGEST - seconds(1))
        assert store.authenticate(opened[1], "widget", NOON + LONGEST) is None

    def test_what_is_under_way_does_not_open_again_what_its_person_has_ended(
        self, store: ConversationStore, talk: str, opened: tuple[Conversation, str]
    ) -> None:
        store.end(talk, NOON + seconds(1))
        begin(store, talk, now=NOON + seconds(2))
        assert store.authenticate(opened[1], "widget", NOON + seconds(3)) is None

    def test_a_store_is_empty_until_somebody_comes(self, store: ConversationStore) -> None:
        assert store.is_empty()
        store.open("widget", "it", Proof(client="somewhere"), NOON, IDLE)
        assert not store.is_empty()


class TestTurns:
    def test_a_new_message_is_the_callers_to_answer(self, store: ConversationStore, talk: str) -> None:
        assert begin(store, talk).state == "new"

    def test_a_copy_waits_while_the_first_is_being_answered(self, store: ConversationStore, talk: str) -> None:
        begin(store, talk)
        assert begin(store, talk, now=NOON + ABANDONED - seconds(1)).state == "waiting"

    def test_a_copy_gets_the_answer_of_the_first(self, store: ConversationStore, talk: str) -> None:
        first = begin(store, talk)
        store.finish_turn(talk, first.id, [{"text": "Eccomi", "buttons": BUTTONS}, {"text": "Dimmi"}], NOON)
        copy = begin(store, talk)
        assert copy.state == "done"
        assert copy.messages == [{"text": "Eccomi", "buttons": BUTTONS}, {"text": "Dimmi"}]

    def test_messages_without_an_id_are_all_new(self, store: ConversationStore, talk: str) -> None:
        assert [begin(store, talk, key=None).state for _ in range(2)] == ["new", "new"]

    def test_the_same_id_in_another_conversation_is_another_message(self, store: ConversationStore, talk: str) -> None:
        begin(store, talk)
        other, _ = store.open("widget", "it", Proof(client="somewhere"), NOON, IDLE)
        assert begin(store, other.id).state == "new"

    def test_a_failed_message_is_to_be_answered_by_one(self, store: ConversationStore, talk: str) -> None:
        store.fail_turn(begin(store, talk).id)
        assert [begin(store, talk).state for _ in range(2)] == ["new", "waiting"]

    def test_a_message_whose_process_died_is_to_be_answered_by_one(self, store: ConversationStore, talk: str) -> None:
        begin(store, talk)
        later = NOON + ABANDONED
        assert [begin(store, talk, now=later).state for _ in range(2)] == ["new", "waiting"]

    def test_its_second_attempt_has_as_much_time_as_the_first(self, store: ConversationStore, talk: str) -> None:
        begin(store, talk)
        begin(store, talk, now=NOON + ABANDONED)
        assert begin(store, talk, now=NOON + ABANDONED * 2 - seconds(1)).state == "waiting"

    def test_a_late_answer_counts_after_a_failure(self, store: ConversationStore, talk: str) -> None:
        turn = begin(store, talk)
        store.fail_turn(turn.id)
        store.finish_turn(talk, turn.id, [{"text": "Eccomi"}], NOON)
        assert begin(store, talk).messages == [{"text": "Eccomi"}]

    def test_a_second_answer_does_not(self, store: ConversationStore, talk: str) -> None:
        turn = begin(store, talk)
        store.finish_turn(talk, turn.id, [{"text": "Eccomi"}], NOON)
        store.finish_turn(talk, turn.id, [{"text": "Rieccomi"}], NOON)
        assert begin(store, talk).messages == [{"text": "Eccomi"}]

    def test_an_answered_message_cannot_fail_any_more(self, store: ConversationStore, talk: str) -> None:
        turn = begin(store, talk)
        store.finish_turn(talk, turn.id, [], NOON)
        store.fail_turn(turn.id)
        assert begin(store, talk).state == "done"

    def test_of_many_copies_at_once_one_is_new(self, store: ConversationStore, talk: str) -> None:
        with ThreadPoolExecutor(8) as threads:
            turns = list(threads.map(lambda _: begin(store, talk), range(8)))
        assert sorted(turn.state for turn in turns) == ["new", *["waiting"] * 7]
        assert len({turn.id for turn in turns}) == 1

    def test_of_many_copies_of_a_failed_message_one_is_new(self, store: ConversationStore, talk: str) -> None:
        store.fail_turn(begin(store, talk).id)
        with ThreadPoolExecutor(8) as threads:
            turns = list(threads.map(lambda _: begin(store, talk), range(8)))
        assert sorted(turn.state for turn in turns) == ["new", *["waiting"] * 7]


class TestHistory:
    def test_it_holds_both_sides_in_order(self, store: ConversationStore, talk: str) -> None:
        store.finish_turn(talk, None, [{"text": "Benvenuto", "buttons": BUTTONS}], NOON)
        turn = begin(store, talk, now=NOON + seconds(5))
        store.finish_turn(talk, turn.id, [{"text": "Eccomi", "image": "/x.svg"}], NOON + seconds(6))
        assert store.history(talk, NOON + seconds(6)) == [
            {"side": "bot", "text": "Benvenuto", "buttons": BUTTONS, "time": "2026-03-01T12:00:00+00:00"},
            {"side": "person", "text": "Ciao", "time": "2026-03-01T12:00:05+00:00", "client_message_id": "m1"},
            {"side": "bot", "text": "Eccomi", "image": "/x.svg", "time": "2026-03-01T12:00:06+00:00"},
        ]

    def test_it_tells_what_got_no_answer(self, store: ConversationStore, talk: str) -> None:
        store.fail_turn(begin(store, talk).id)
        assert store.history(talk, NOON)[0]["state"] == "failed"

    @pytest.mark.parametrize(("age", "shown"), [(ABANDONED - seconds(1), None), (ABANDONED, "failed")])
    def test_a_message_without_an_answer_fails_in_time(
        self, store: ConversationStore, talk: str, age: timedelta, shown: str | None
    ) -> None:
        begin(store, talk, key=None)
        assert store.history(talk, NOON + age)[0].get("state") == shown


class TestOffers:
    def test_a_payload_is_found_by_the_button_that_offered_it(self, store: ConversationStore, talk: str) -> None:
        store.finish_turn(talk, None, [{"text": "Confermi?", "buttons": BUTTONS}], NOON)
        assert store.offered(talk, "/affirm") == "Sì"

    def test_another_payload_was_not_offered(self, store: ConversationStore, talk: str) -> None:
        store.finish_turn(talk, None, [{"text": "/affirm"}], NOON)
        assert store.offered(talk, "/affirm") is None

    def test_nor_one_of_another_conversation(self, store: ConversationStore, talk: str) -> None:
        other, _ = store.open("widget", "it", Proof(client="somewhere"), NOON, IDLE)
        store.finish_turn(other.id, None, [{"text": "Confermi?", "buttons": BUTTONS}], NOON)
        assert store.offered(talk, "/affirm") is None


class TestAfterwards:
    def test_a_hand_off_case_has_a_number_to_be_read_out(
        self, engine: Engine, store: ConversationStore, talk: str
    ) -> None:
        number = store.open_handoff(talk, reason="Aiuto", contact="⟨email 1⟩", now=NOON)
        with engine.connect() as connection:
            row = connection.execute(select(handoff)).one()
        assert (row.number, row.state, row.contact) == (number, "open", "⟨email 1⟩")
        assert number.startswith("P-")
        assert number[2:].isdigit()

    def test_a_further_wish_while_its_case_is_open_is_added_to_it(
        self, engine: Engine, store: ConversationStore, talk: str
    ) -> None:
        wishes = (("Aiuto", "chat"), ("Aiuto", "chat"), ("Altro", "⟨email 1⟩"), ("", ""))
        first, *others = (
            store.open_handoff(talk, reason=reason, contact=contact, now=NOON) for reason, contact in wishes
        )
        assert set(others) == {first}
        with engine.begin() as connection:
            (row,) = connection.execute(select(handoff)).all()
            assert (row.reason, row.contact) == ("Aiuto\nAltro", "⟨email 1⟩")
            connection.execute(update(handoff).values(state="closed"))
        assert store.open_handoff(talk, reason="Aiuto", contact="chat", now=NOON) != first

    def test_wishes_at_once_are_one_case_and_a_number_that_is_taken_is_no_failure(
        self, store: ConversationStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        talks = [store.open("widget", "it", Proof(), NOON, IDLE)[0].id for _ in range(4)]
        numbers = iter([7, 7, 7, 8, 8, 9, *range(10, 100)])
        monkeypatch.setattr("bot.conversations.handoffs.secrets.randbelow", lambda _: next(numbers))

        def wish(reason: str) -> list[str]:
            return [store.open_handoff(talk, reason=reason, contact="chat", now=NOON) for talk in talks]

        with ThreadPoolExecutor(4) as threads:
            made = list(threads.map(wish, ("login", "codice", "invito", "altro")))
        assert len({tuple(numbers) for numbers in made}) == 1
        assert len(set(made[0])) == 4

    def test_the_same_wish_twice_is_one(self, engine: Engine, store: ConversationStore, talk: str) -> None:
        for _ in range(2):
            store.add_request(talk, kind="reactivation", company="studio-brennero", invite_id="i1", now=NOON)
        store.add_request(talk, kind="reminder", company="studio-brennero", invite_id="i1", now=NOON)
        with engine.connect() as connection:
            kinds = connection.scalars(select(request.c.kind).order_by(request.c.id)).all()
        assert kinds == ["reactivation", "reminder"]


def test_the_last_rating_of_a_conversation_counts(store: ConversationStore, engine: Engine, talk: str) -> None:
    store.rate(talk, thumb="up", remark="Bene", now=NOON)
    store.rate(talk, thumb="down", remark=None, now=NOON + seconds(5))
    with engine.connect() as connection:
        [row] = connection.execute(select(rating))
    assert (row.conversation_id, row.thumb, row.remark, row.created_at) == (talk, "down", None, NOON + seconds(5))


def test_two_ratings_at_once_are_one(store: ConversationStore, engine: Engine, talk: str) -> None:
    def rate(number: int) -> None:
        store.rate(talk, thumb="up", remark=str(number), now=NOON)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(rate, range(8)))
    with engine.connect() as connection:
        assert len(connection.execute(select(rating)).all()) == 1
