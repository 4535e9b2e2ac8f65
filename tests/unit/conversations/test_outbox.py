from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.engine import Engine

from bot.conversations.mailbox_numbers import MailboxNumbers
from bot.conversations.outbox import Outbox
from bot.conversations.store import ConversationStore, Proof
from bot.conversations.tables import conversation
from tests.unit.conversations.factories import IDLE, NOON, seconds

ADDRESS = "⟨email 1⟩"


@pytest.fixture
def outbox(engine: Engine) -> Outbox:
    return Outbox(engine)


@pytest.fixture
def numbers(engine: Engine) -> MailboxNumbers:
    return MailboxNumbers(engine, b"k" * 32, lambda _talk, _reference: "ada.neri@example.com")


@pytest.fixture
def talk(store: ConversationStore) -> str:
    return store.open("widget", "it", Proof(), NOON, IDLE)[0].id


class TestOutbox:
    def test_a_mail_is_due_at_once_and_until_it_is_sent(self, outbox: Outbox, talk: str) -> None:
        mail_id = outbox.add_recovery(talk, ADDRESS, NOON)
        (mail,) = outbox.due(NOON)
        assert (mail.id, mail.subject, mail.tries) == (mail_id, ADDRESS, 0)
        outbox.sent(mail_id)
        assert outbox.due(NOON) == []

    def test_one_of_two_processes_gets_a_mail(self, outbox: Outbox, talk: str) -> None:
        outbox.add_recovery(talk, ADDRESS, NOON)
        (mail,) = outbox.due(NOON)
        assert outbox.claim(mail, NOON + seconds(120))
        assert not outbox.claim(mail, NOON + seconds(120))
        assert outbox.due(NOON + seconds(119)) == []

    def test_a_mail_whose_process_died_is_due_again(self, outbox: Outbox, talk: str) -> None:
        outbox.add_recovery(talk, ADDRESS, NOON)
        outbox.claim(outbox.due(NOON)[0], NOON + seconds(120))
        (mail,) = outbox.due(NOON + seconds(120))
        assert mail.tries == 1

    def test_a_wish_for_a_reminder_becomes_one_mail(self, outbox: Outbox, store: ConversationStore, talk: str) -> None:
        store.add_request(talk, kind="reminder", company="brenta", invite_id="i1", now=NOON)
        outbox.collect_requests(NOON)
        outbox.collect_requests(NOON)
        (mail,) = outbox.due(NOON)
        assert (mail.kind, mail.subject) == ("reminder", "i1")

    def test_dead_mails_are_counted_listed_and_revived(self, outbox: Outbox, talk: str) -> None:
        dead, waiting = (outbox.add_recovery(talk, ADDRESS, NOON) for _ in range(2))
        outbox.failed(dead, "SMTP 550", None)
        outbox.failed(waiting, "SMTP 451", NOON + seconds(30))
        assert outbox.counts() == {"waiting": 1, "dead": 1}
        assert [(mail.id, mail.failure) for mail in outbox.listed("dead")] == [(dead, "SMTP 550")]
        assert outbox.retry([waiting], NOON) == 0
        assert outbox.retry([dead, waiting], NOON) == 1
        assert outbox.counts() == {"waiting": 2, "dead": 0}

    def test_mails_go_with_their_conversation(self, outbox: Outbox, engine: Engine, talk: str) -> None:
        outbox.add_recovery(talk, ADDRESS, NOON)
        with engine.begin() as connection:
            connection.execute(delete(conversation))
        assert outbox.listed() == []


class TestNumbers:
    def test_a_number_proves_an_account_once(
        self, outbox: Outbox, numbers: MailboxNumbers, store: ConversationStore, talk: str
    ) -> None:
        number = numbers.make(outbox.add_recovery(talk, ADDRESS, NOON), "ada", NOON)
        assert number is not None
        assert numbers.prove(talk, number, NOON) == "ada"
        assert store.proof(talk) == Proof("mailbox", "ada")
        assert numbers.prove(talk, number, NOON) is None

    def test_staff_are_not_turned_into_tenants(
        self, outbox: Outbox, numbers: MailboxNumbers, store: ConversationStore
    ) -> None:
        proof = Proof(tier="administrator", company="brenta", subject="Ada")
        talk = store.open("staff", "it", proof, NOON, IDLE)[0].id
        number = numbers.make(outbox.add_recovery(talk, ADDRESS, NOON), "ada", NOON)
        assert number is not None
        assert numbers.prove(talk, number, NOON) is None
        assert store.proof(talk) == proof

    def test_without_a_mail_no_number_is_right(self, numbers: MailboxNumbers, talk: str) -> None:
        assert numbers.prove(talk, "123456", NOON) is None

    def test_a_mail_that_was_replaced_gets_no_number(self, outbox: Outbox, numbers: MailboxNumbers, talk: str) -> None:
        first = outbox.add_recovery(talk, ADDRESS, NOON)
        outbox.add_recovery(talk, ADDRESS, NOON)
        assert numbers.make(first, "ada", NOON) is None

    def test_it_ends_after_ten_minutes(self, outbox: Outbox, numbers: MailboxNumbers, talk: str) -> None:
        number = numbers.make(outbox.add_recovery(talk, ADDRESS, NOON), "ada", NOON)
        assert number is not None
        assert numbers.prove(talk, number, NOON + timedelta(minutes=10)) is None
