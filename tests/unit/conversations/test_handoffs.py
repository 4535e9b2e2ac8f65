"""Hand-off cases, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from bot.conversations.handoffs import Handoffs
from bot.conversations.store import Conversation, ConversationStore, Proof
from tests.unit.conversations.factories import NOON

IDLE = timedelta(minutes=30)


@pytest.fixture
def handoffs(engine: Engine) -> Handoffs:
    return Handoffs(engine)


@pytest.fixture
def conversation(store: ConversationStore) -> Conversation:
    return store.open("widget", "it", Proof(), NOON, IDLE)[0]


def opened(handoffs: Handoffs, conversation: Conversation, minutes: int = 0, kind: str = "asked") -> str:
    now = NOON + timedelta(minutes=minutes)
    return handoffs.open(
        conversation.id, kind=kind, reason=f"login {minutes}" if minutes else "login", contact="chat", now=now
    )


def test_the_queue_has_one_s_own_then_who_is_still_there_and_what_others_have_last(
    store: ConversationStore, handoffs: Handoffs
) -> None:
    idle = [timedelta(minutes=minutes) for minutes in (30, 1, 30, 30, 30)]
    talks = [store.open("widget", "it", Proof(), NOON, one)[0] for one in idle]
    others, gone, first, mine, second = (opened(handoffs, talk, minutes) for minutes, talk in enumerate(talks))
    handoffs.take(others, "bruno", NOON)
    handoffs.take(mine, "anna", NOON)

    cases, has_more = handoffs.queue("anna", NOON + timedelta(minutes=5))

    assert [case.number for case in cases] == [mine, first, second, gone, others]
    assert not has_more
    assert handoffs.waiting() == 3


def test_a_long_queue_has_pages(store: ConversationStore, handoffs: Handoffs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.conversations.handoffs.LISTED", 2)
    numbers = [opened(handoffs, store.open("widget", "it", Proof(), NOON, IDLE)[0]) for _ in range(5)]
    pages = [handoffs.queue("anna", NOON, page) for page in range(4)]
    assert [[case.number for case in cases] for cases, _ in pages] == [numbers[:2], numbers[2:4], numbers[4:], []]
    assert [has_more for _, has_more in pages] == [True, True, False, False]
    for minutes, number in enumerate(numbers):
        handoffs.close(number, NOON + timedelta(minutes=minutes))
    assert [case.number for case in handoffs.closed()[0]] == [numbers[4], numbers[3]]


@pytest.mark.parametrize("kind", ["asked", "failures", "limits"])
def test_a_case_says_what_it_was_opened_by(handoffs: Handoffs, conversation: Conversation, kind: str) -> None:
    case = handoffs.case(opened(handoffs, conversation, kind=kind))
    assert case is not None
    assert (case.kind, case.channel, case.state) == (kind, "widget", "open")


def test_of_many_supporters_at_once_one_gets_the_case(handoffs: Handoffs, conversation: Conversation) -> None:
    number = opened(handoffs, conversation)
    people = [f"supporter {count}" for count in range(8)]

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda who: handoffs.take(number, who, NOON), people))

    case = handoffs.case(number)
    assert sum(taken) == 1
    assert case is not None
    assert case.taken_by == people[taken.index(True)]


def test_a_case_is_passed_on_only_by_whose_it_is(handoffs: Handoffs, conversation: Conversation) -> None:
    number = opened(handoffs, conversation)
    handoffs.take(number, "anna", NOON)

    assert not handoffs.assign(number, "carlo", before="bruno")
    assert handoffs.assign(number, "carlo", before="anna")
    assert handoffs.standing(conversation.id) == {"state": "taken", "support": "Carlo"}


def test_a_case_is_put_back_and_taken_by_somebody_else(handoffs: Handoffs, conversation: Conversation) -> None:
    number = opened(handoffs, conversation)
    handoffs.take(number, "anna", NOON)

    assert not handoffs.release(number, "bruno")
    assert handoffs.release(number, "anna")
    assert handoffs.standing(conversation.id) == {"state": "open"}
    assert handoffs.take(number, "bruno", NOON)


def test_a_closed_case_leaves_the_queue_and_cannot_be_taken(handoffs: Handoffs, conversation: Conversation) -> None:
    number = opened(handoffs, conversation)

    assert handoffs.close(number, NOON)

    assert not handoffs.close(number, NOON)
    assert not handoffs.take(number, "anna", NOON)
    assert handoffs.queue("anna", NOON) == ([], False)
    assert [case.number for case in handoffs.closed()[0]] == [number]
    assert handoffs.standing(conversation.id) is None


def test_a_case_is_closed_by_whose_it_is_and_without_a_name_only_if_nobody_has_it(
    handoffs: Handoffs, conversation: Conversation
) -> None:
    number = opened(handoffs, conversation)
    handoffs.take(number, "anna", NOON)
    assert not handoffs.close(number, NOON)
    assert not handoffs.close(number, NOON, "bruno")
    assert handoffs.is_taken(conversation.id)
    assert handoffs.close(number, NOON, "anna")
    assert not handoffs.is_taken(conversation.id)


def test_notes_are_kept_in_order_with_their_author(handoffs: Handoffs, conversation: Conversation) -> None:
    case = handoffs.case(opened(handoffs, conversation))
    assert case is not None
    handoffs.add_note(case, "anna", "Richiamare domani", NOON)
    handoffs.add_note(case, "carlo", "Fatto", NOON)
    assert [(note.user_name, note.text) for note in handoffs.notes(case.id)] == [
        ("anna", "Richiamare domani"),
        ("carlo", "Fatto"),
    ]


def test_what_support_says_is_in_the_history_once_under_its_name(
    store: ConversationStore, handoffs: Handoffs, conversation: Conversation
) -> None:
    store.begin_turn(conversation.id, "C'è qualcuno?", "m1", NOON, IDLE)
    for _ in range(2):
        handoffs.say(conversation.id, "Anna", "Eccomi", "s1", NOON)

    assert [(said["side"], said.get("support"), said["text"]) for said in store.history(conversation.id, NOON)] == [
        ("person", None, "C'è qualcuno?"),
        ("support", "Anna", "Eccomi"),
    ]


def test_news_of_several_conversations_come_in_order_and_of_no_other(
    store: ConversationStore, handoffs: Handoffs, conversation: Conversation
) -> None:
    other, stranger = (store.open("widget", "it", Proof(), NOON, IDLE)[0] for _ in range(2))
    before = handoffs.latest_message()
    handoffs.say(conversation.id, "Anna", "", "s1", NOON, "taken")
    handoffs.say(stranger.id, "Anna", "Per altri", "s2", NOON)
    handoffs.say(other.id, "Carlo", "Buongiorno", "s3", NOON)

    news = handoffs.news([conversation.id, other.id], before)

    assert [(one.conversation_id, one.content) for one in news] == [
        (conversation.id, {"side": "support", "support": "Anna", "text": "", "handoff": "taken"}),
        (other.id, {"side": "support", "support": "Carlo", "text": "Buongiorno"}),
    ]
    assert handoffs.news([conversation.id, other.id], news[-1].id) == []


def test_a_conversation_that_support_writes_in_does_not_end_meanwhile(
    store: ConversationStore, handoffs: Handoffs
) -> None:
    conversation, token = store.open("widget", "it", Proof(), NOON, IDLE)
    late = NOON + timedelta(minutes=40)
    assert store.authenticate(token, "widget", late) is None

    handoffs.keep_open(conversation.id, NOON, late + IDLE)

    assert store.authenticate(token, "widget", late) is not None


def test_what_support_says_does_not_open_again_what_its_person_has_ended(
    store: ConversationStore, handoffs: Handoffs
) -> None:
    conversation, token = store.open("widget", "it", Proof(), NOON, IDLE)
    now = NOON + timedelta(minutes=1)
    store.end(conversation.id, now)

    handoffs.keep_open(conversation.id, now, now + IDLE)

    assert store.authenticate(token, "widget", now) is None
