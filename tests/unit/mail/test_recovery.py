from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.conversations.log.retention import erase
from bot.conversations.tables import mail
from tests.unit.mail.conftest import NOW, PostOffice


class TestLetters:
    @pytest.mark.parametrize("typed", ["maria.rossi@gmail.com", "maria.rossi@googlemail.com", "Maria.Rossi@Gmail.com"])
    def test_both_google_spellings_reach_the_login_address_on_file(self, office: PostOffice, typed: str) -> None:
        office.ask_for(typed)
        assert office.send() == 1
        (message,) = office.inbox.messages
        assert message["To"] == "maria.rossi@googlemail.com"
        assert "esattamente questo indirizzo: maria.rossi@googlemail.com" in office.texts()[0]

    def test_the_other_google_spelling_is_pointed_out(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        office.send()
        assert "due indirizzi diversi" in office.texts()[0]

    def test_an_unknown_address_gets_a_short_mail_without_a_number(self, office: PostOffice) -> None:
        office.ask_for("nobody@example.com")
        office.send()
        (message,) = office.inbox.messages
        assert message["To"] == "nobody@example.com"
        assert "non c'è nessun account" in office.texts()[0]
        assert not any(len(word) == 6 and word.isdigit() for word in office.texts()[0].split())

    @pytest.mark.parametrize(
        ("address", "told"),
        [
            ("luca.bianchi@example.com", "il contratto comincia martedì 8 dicembre 2026"),
            ("giulia.ferrari@example.com", "il contratto è finito martedì 3 novembre 2026"),
            ("paolo.gallo@example.com", "non risulta nessun contratto"),
            ("franz.huber@example.com", "invito è scaduto mercoledì 18 novembre 2026"),
            ("sara.greco@example.com", "il tuo invito è scaduto mercoledì 11 novembre 2026"),
            ("davide.fontana@example.com", "il tuo invito è valido fino a domenica 13 dicembre 2026"),
            ("anna.serra@example.com", "non c'è nessun account"),
        ],
    )
    def test_the_mail_tells_the_state(self, office: PostOffice, address: str, told: str) -> None:
        office.ask_for(address)
        office.send()
        assert told in " ".join(office.texts()[0].split())

    @pytest.mark.parametrize("typed", ["nobody@example,com", "a@example.com, b@example.com", "nobody@", ""])
    def test_what_is_no_single_address_gets_no_mail(self, office: PostOffice, typed: str) -> None:
        office.ask_for(typed)
        assert office.send() == 0
        assert office.inbox.messages == []

    def test_a_locked_account_is_told(self, office: PostOffice) -> None:
        office.lock("paolo.gallo@example.com")
        office.ask_for("paolo.gallo@example.com")
        office.send()
        assert "bloccato da lunedì 23 novembre 2026" in office.texts()[0]

    def test_nobody_learns_the_login_address_by_the_contact_address(self, office: PostOffice) -> None:
        office.ask_for("elena.conti@example.com")
        office.send()
        assert "e.conti@old" not in office.texts()[0]


class TestNumbers:
    def test_the_number_proves_the_mailbox_once(self, office: PostOffice) -> None:
        conversation = office.ask_for("maria.rossi@gmail.com")
        office.send()
        assert office.numbers.prove(conversation, office.number(), NOW) == "demo-rossi"
        proof = office.store.proof(conversation)
        assert proof is not None
        assert (proof.tier, proof.account_id) == ("mailbox", "demo-rossi")
        assert office.numbers.prove(conversation, office.number(), NOW) is None

    def test_it_counts_for_ten_minutes(self, office: PostOffice) -> None:
        conversation = office.ask_for("maria.rossi@gmail.com")
        office.send()
        assert office.numbers.prove(conversation, office.number(), NOW + timedelta(minutes=10)) is None
        just_in_time = NOW + timedelta(minutes=10) - timedelta(seconds=1)
        assert office.numbers.prove(conversation, office.number(), just_in_time) == "demo-rossi"

    @pytest.mark.parametrize(("wrong", "proves"), [(4, True), (5, False)])
    def test_five_tries_are_all(self, office: PostOffice, wrong: int, proves: bool) -> None:
        conversation = office.ask_for("maria.rossi@gmail.com")
        office.send()
        other = f"{(int(office.number()) + 1) % 1_000_000:06}"
        for _ in range(wrong):
            assert office.numbers.prove(conversation, other, NOW) is None
        assert (office.numbers.prove(conversation, office.number(), NOW) is not None) is proves

    def test_it_proves_nothing_in_another_conversation(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        office.send()
        other = office.ask_for("maria.rossi@gmail.com")
        assert office.numbers.prove(other, office.number(), NOW) is None

    def test_a_new_mail_replaces_the_number_of_the_one_before(self, office: PostOffice) -> None:
        conversation = office.ask_for("maria.rossi@gmail.com")
        office.send()
        first = office.number()
        office.ask_for("maria.rossi@gmail.com", conversation)
        assert office.numbers.prove(conversation, first, NOW) is None
        office.send()
        assert office.numbers.prove(conversation, office.number(), NOW) == "demo-rossi"

    def test_of_two_mails_that_wait_the_later_one_is_sent(self, office: PostOffice) -> None:
        conversation = office.ask_for("luca.bianchi@example.com")
        office.ask_for("maria.rossi@gmail.com", conversation)
        assert office.send() == 1
        assert office.inbox.messages[0]["To"] == "maria.rossi@googlemail.com"

    def send_again(self, office: PostOffice) -> None:
        """Send the mails once more, as after a process that died before it could note that it had sent them."""
        with office.engine.begin() as connection:
            connection.execute(update(mail).values(state="waiting", due_at=office.now))
        office.send()

    def test_a_mail_that_comes_twice_holds_the_same_number(self, office: PostOffice) -> None:
        conversation = office.ask_for("maria.rossi@gmail.com")
        office.send()
        first = office.number()
        self.send_again(office)
        assert len(office.inbox.messages) == 2
        assert office.number() == first
        assert office.numbers.prove(conversation, first, NOW) == "demo-rossi"

    def test_a_second_copy_gives_no_further_tries(self, office: PostOffice) -> None:
        conversation = office.ask_for("maria.rossi@gmail.com")
        office.send()
        other = f"{(int(office.number()) + 1) % 1_000_000:06}"
        for _ in range(5):
            office.numbers.prove(conversation, other, NOW)
        self.send_again(office)
        assert office.numbers.prove(conversation, office.number(), NOW) is None

    def test_a_number_that_was_used_is_not_sent_again(self, office: PostOffice) -> None:
        conversation = office.ask_for("maria.rossi@gmail.com")
        office.send()
        office.numbers.prove(conversation, office.number(), NOW)
        self.send_again(office)
        assert len(office.inbox.messages) == 1

    def test_each_mail_has_a_number_of_its_own(self, office: PostOffice) -> None:
        for _ in range(5):
            office.ask_for("maria.rossi@gmail.com")
        office.send()
        assert len({re.findall(r"\b\d{6}\b", text)[0] for text in office.texts()}) > 1

    @pytest.mark.parametrize("address", ["maria.rossi@gmail.com", "nobody@example.com"])
    def test_once_the_conversation_has_ended_no_mail_comes(self, office: PostOffice, address: str) -> None:
        office.ask_for(address)
        office.now += timedelta(hours=1)
        assert office.send() == 0
        assert office.inbox.messages == []
        assert office.outbox.counts() == {"waiting": 0, "dead": 0}

    def test_once_the_conversation_is_erased_no_mail_comes(self, office: PostOffice) -> None:
        erase(office.engine, office.ask_for("maria.rossi@gmail.com"), actor="carla", reason=None, now=NOW)
        assert office.send() == 0
        assert office.inbox.messages == []

    def test_an_unknown_address_proves_nothing_whatever_is_typed(self, office: PostOffice) -> None:
        conversation = office.ask_for("nobody@example.com")
        office.send()
        assert office.numbers.prove(conversation, "123456", NOW) is None

    def test_neither_number_nor_address_is_stored(self, office: PostOffice) -> None:
        office.ask_for("maria.rossi@gmail.com")
        office.send()
        office.engine.dispose()
        stored = b"".join(path.read_bytes() for path in office.settings.home.glob("conversations.db*"))
        assert office.number().encode() not in stored
        assert b"maria.rossi" not in stored
