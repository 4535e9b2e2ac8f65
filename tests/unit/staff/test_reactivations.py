"""Reactivating after a confirmation, one invite or several; the audit trail; tenants' wishes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from actions.accounts.models import AccessEventRow, InviteRow
from actions.reactivation import ActionFindInvite, ActionReactivateInvite
from actions.tenant_requests import ActionGrantRequest, ActionListRequests
from bot.conversations.tables import request
from bot.mail.worker import Postman
from tests.unit.accounts.factories import NOW, contact, contract, house, invite, save
from tests.unit.staff.office import Office, Said

ONE = ["utter_ask_reactivate_invite"]
SEVERAL = ["utter_ask_reactivate_invites"]


def trail(office: Office) -> list[tuple[Any, ...]]:
    table = AccessEventRow.__table__
    columns = (table.c.invite_id, table.c.administrator, table.c.conversation, table.c.expired_at, table.c.expires_at)
    with office.accounts_engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(table.c.id))]


def add_second_expired(office: Office) -> None:
    save(
        office.accounts_engine,
        house("second", "Via Dante 1", "int. 9"),
        contact("second", "Ezio Zanon", email="ezio.zanon@example.com"),
        [contract("second-k", "second", "brenta-h-int. 3"), contract("second-k2", "second", "second-int. 9")],
        invite("second-i", "second", "ABCD2348", contract_id="second-k"),
    )


def wish(office: Office, company: str = "brenta") -> str:
    conversation = office.conversation(company)
    office.services.conversations.add_request(
        conversation, kind="reactivation", company=company, invite_id=f"{company}-i2", now=NOW
    )
    return conversation


def requests(office: Office) -> list[tuple[Any, ...]]:
    with office.conversations_engine.connect() as connection:
        rows = connection.execute(select(request.c.kind, request.c.invite_id, request.c.state).order_by(request.c.id))
        return [tuple(row) for row in rows]


def confirm(office: Office, asked: Said, conversation: str, question: list[str]) -> Said:
    return office.ask(ActionReactivateInvite, "sì", slots=asked.slots, conversation=conversation, said_before=question)


def test_one_invite_is_named_with_its_new_expiry_before_anything_changes(office: Office) -> None:
    asked = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro")
    assert asked.slots["reactivation"] == "ask"
    assert asked.slots["customer_name"] == "Bruno Carraro"
    assert asked.slots["unit"] == "Via del Molo 5 int. 2"
    assert "9 aprile 2026" in asked.slots["new_expires_on"]
    assert trail(office) == []


@pytest.mark.parametrize("wish", ["/reactivate_invite", "riattivalo", "riattivali", "sbloccalo", "Prorogalo"])
def test_a_button_or_a_pronoun_means_the_customer_who_is_the_topic(office: Office, wish: str) -> None:
    assert office.ask(ActionFindInvite, wish).slots["reactivation"] == "which"
    found = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro").slots["customer"]
    asked = office.ask(ActionFindInvite, wish, slots={"customer": found})
    assert asked.slots["reactivation"] == "ask"
    assert asked.slots["customer_name"] == "Bruno Carraro"


def test_of_several_invites_the_one_that_can_be_reactivated_is_meant(office: Office) -> None:
    revoked = invite("revoked", "brenta-expired", "ABCD2349", revoked_at=NOW, expires_at=NOW + timedelta(days=20))
    save(office.accounts_engine, revoked)
    asked = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro")
    assert asked.slots["invites_to_reactivate"] == ["brenta-i2"]


def test_a_confirmation_changes_it_and_leaves_a_trail(office: Office) -> None:
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro", conversation=conversation)
    done = confirm(office, asked, conversation, ONE)
    assert done.slots["reactivation"] == "done"
    assert done.responses == ["utter_copy_reactivated"]
    assert trail(office) == [
        ("brenta-i2", "admin-brenta", conversation, NOW - timedelta(days=10), NOW + timedelta(days=30))
    ]


def test_the_same_confirmation_twice_changes_once(office: Office) -> None:
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro", conversation=conversation)
    confirm(office, asked, conversation, ONE)
    confirm(office, asked, conversation, ONE)
    assert len(trail(office)) == 1


def test_a_yes_to_something_else_changes_nothing(office: Office) -> None:
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro", conversation=conversation)
    assert confirm(office, asked, conversation, ["utter_greet"]).slots["reactivation"] == "unknown"
    assert trail(office) == []


def test_all_expired_invites_of_a_property_are_listed_and_reactivated_together(office: Office) -> None:
    add_second_expired(office)
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva tutti gli scaduti di via del Molo 5", conversation=conversation)
    assert asked.slots["reactivation"] == "ask_several"
    assert [row[0] for row in asked.table()["rows"]] == ["Bruno Carraro", "Ezio Zanon"]
    assert "Ezio Zanon" in asked.messages[0]["rows"]
    assert "9 aprile 2026" in asked.messages[0]["new_expires_on"]
    done = confirm(office, asked, conversation, SEVERAL)
    assert done.slots["reactivated_count"] == "2"
    assert [entry[0] for entry in trail(office)] == ["brenta-i2", "second-i"]


def test_only_invites_for_the_property_that_is_named_count(office: Office) -> None:
    add_second_expired(office)
    assert office.ask(ActionFindInvite, "riattiva gli scaduti di via Dante 1").slots["reactivation"] == "none_expired"
    save(office.accounts_engine, invite("second-i2", "second", "ABCD2349", contract_id="second-k2"))
    asked = office.ask(ActionFindInvite, "riattiva gli scaduti di via Dante 1")
    assert asked.slots["invites_to_reactivate"] == ["second-i2"]
    assert asked.slots["unit"] == "Via Dante 1 int. 9"


def test_an_invite_of_the_property_counts_whatever_is_open_elsewhere(office: Office) -> None:
    add_second_expired(office)
    elsewhere = invite("open", "second", "ABCD2349", contract_id="second-k2", expires_at=NOW + timedelta(days=9))
    save(office.accounts_engine, elsewhere)
    asked = office.ask(ActionFindInvite, "riattiva tutti gli scaduti di via del Molo 5")
    assert asked.slots["invites_to_reactivate"] == ["brenta-i2", "second-i"]


def test_an_expired_invite_of_somebody_registered_counts_as_well(office: Office) -> None:
    save(
        office.accounts_engine,
        house("second", "Via Dante 1", "int. 9"),
        contract("second-k", "brenta-settled", "second-int. 9"),
        invite("second-i", "brenta-settled", "ABCD2349", contract_id="second-k"),
    )
    asked = office.ask(ActionFindInvite, "riattiva tutti gli inviti scaduti")
    assert asked.slots["invites_to_reactivate"] == ["brenta-i2", "second-i"]


def add_many_expired(office: Office, count: int) -> None:
    people = [f"many-{number:04}" for number in range(count)]
    digits = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    rows = [row for number, key in enumerate(people) for row in contact(key, f"Aldo Prova {number:04}")]
    codes = ["QQQQQ" + digits[n // 900] + digits[n // 30 % 30] + digits[n % 30] for n in range(count)]
    save(office.accounts_engine, rows, [invite(key, key, code) for key, code in zip(people, codes, strict=True)])


def test_of_very_many_the_first_are_offered_and_the_rest_is_named(office: Office) -> None:
    add_many_expired(office, 120)
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva tutti gli inviti scaduti", conversation=conversation)
    assert asked.responses == ["utter_ask_reactivate_first_invites"]
    assert (asked.messages[0]["count"], asked.messages[0]["total"]) == (100, 121)
    done = confirm(office, asked, conversation, ["utter_ask_reactivate_first_invites"])
    assert done.slots["reactivated_count"] == "100"
    again = office.ask(ActionFindInvite, "riattiva tutti gli inviti scaduti")
    assert again.responses == ["utter_ask_reactivate_invites"]
    assert again.messages[0]["count"] == 21


def test_one_expired_invite_is_found_behind_very_many_that_are_not(office: Office) -> None:
    rows = [row for number in range(1100) for row in contact(f"many-{number}", f"Aldo Prova {number}")]
    save(office.accounts_engine, rows)
    asked = office.ask(ActionFindInvite, "riattiva tutti gli inviti scaduti")
    assert asked.slots["invites_to_reactivate"] == ["brenta-i2"]


def test_all_places_that_are_named_count(office: Office) -> None:
    add_second_expired(office)
    save(office.accounts_engine, invite("second-i2", "second", "ABCD2349", contract_id="second-k2"))
    asked = office.ask(ActionFindInvite, "riattiva gli scaduti di via del Molo 5 int. 2 e via Dante 1")
    assert asked.slots["invites_to_reactivate"] == ["brenta-i2", "second-i2"]
    assert asked.messages[0]["place"] == " in Via del Molo 5, Via Dante 1"


@pytest.mark.parametrize("text", ["riattiva tutti tranne Carraro", "tutti gli scaduti, escluso Bruno Carraro"])
def test_leaving_somebody_out_is_refused(office: Office, text: str) -> None:
    asked = office.ask(ActionFindInvite, text)
    assert asked.slots["reactivation"] == "no_exceptions"
    assert asked.slots["invites_to_reactivate"] is None


def test_only_the_days_that_are_named_count(office: Office) -> None:
    add_second_expired(office)
    change(office, "second-i", expires_at=NOW - timedelta(days=1))
    asked = office.ask(ActionFindInvite, "riattiva tutti gli scaduti di questa settimana")
    assert asked.slots["invites_to_reactivate"] == ["second-i"]
    asked = office.ask(ActionFindInvite, "dai altri 5 giorni a tutti gli scaduti")
    assert asked.slots["invites_to_reactivate"] == ["second-i", "brenta-i2"]
    (said,) = office.ask(ActionFindInvite, "riattiva gli scaduti di ieri in via del Molo 5 int. 2").messages
    assert (said["response"], said["period"]) == ("utter_reactivate_none_expired", "ieri")


def test_customers_who_are_named_together_are_asked_for_together(office: Office) -> None:
    add_second_expired(office)
    asked = office.ask(ActionFindInvite, "riattiva i codici di Carraro, Zanon e Scarpa")
    assert asked.slots["invites_to_reactivate"] == ["brenta-i2", "second-i"]
    left_out, question = asked.messages
    assert left_out["response"] == "utter_reactivate_left_out"
    assert left_out["rows"] == "• Dora Scarpa: aperto"
    assert question["response"] == "utter_ask_reactivate_invites"


def test_codes_that_are_given_together_are_asked_for_together(office: Office) -> None:
    add_second_expired(office)
    conversation = office.conversation()
    codes = ["ABCD-2346", "abcd 2348", "ABCD-2345", "WXYZ-2346", "QQQQ-2345"]
    asked = office.ask(ActionFindInvite, "riattivami questi", more_codes=codes, conversation=conversation)
    assert asked.slots["invites_to_reactivate"] == ["brenta-i2", "second-i"]
    assert office.services.vault.unmask(conversation, asked.messages[0]["rows"]) == (
        "• ABCD-2345: usato\n• WXYZ-2346: non trovato\n• QQQQ-2345: non trovato"
    )


def test_all_invites_of_one_customer_are_asked_for(office: Office) -> None:
    add_second_expired(office)
    save(office.accounts_engine, invite("second-i2", "second", "ABCD2349", contract_id="second-k2"))
    asked = office.ask(ActionFindInvite, "riattiva tutti gli inviti di Zanon")
    assert asked.slots["invites_to_reactivate"] == ["second-i", "second-i2"]


def test_a_property_that_is_not_ours_is_not_taken_for_all(office: Office) -> None:
    assert (
        office.ask(ActionFindInvite, "riattiva tutti di via Garibaldi 99").slots["reactivation"] == "no_such_property"
    )


def test_without_expired_invites_there_is_nothing_to_do(office: Office) -> None:
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva tutti gli inviti scaduti", conversation=conversation)
    confirm(office, asked, conversation, ONE)
    assert office.ask(ActionFindInvite, "riattiva tutti gli inviti scaduti").slots["reactivation"] == "none_expired"


def change(office: Office, key: str, **values: Any) -> None:
    table = InviteRow.__table__
    with office.accounts_engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == key).values(**values))


@pytest.mark.parametrize(
    ("values", "answer"),
    [({"revoked_at": NOW}, "revoked"), ({"used_at": NOW - timedelta(days=1)}, "used")],
)
def test_a_confirmation_that_comes_too_late_says_why(office: Office, values: dict[str, Any], answer: str) -> None:
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro", conversation=conversation)
    change(office, "brenta-i2", **values)
    done = confirm(office, asked, conversation, ONE)
    assert done.slots["reactivation"] == answer
    assert office.services.vault.unmask(conversation, done.slots["typed_code"]) == "ABCD-2346"
    assert done.responses == []
    wish(office)
    assert office.ask(ActionGrantRequest, entities={"request": "brenta-i2"}).slots["reactivation"] == answer


def test_an_invite_that_is_gone_when_it_is_confirmed_is_said_to_be(office: Office) -> None:
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro", conversation=conversation)
    with office.accounts_engine.begin() as connection:
        connection.execute(delete(InviteRow.__table__).where(InviteRow.__table__.c.id == "brenta-i2"))
    assert confirm(office, asked, conversation, ONE).slots["reactivation"] == "refused"


def test_of_several_those_that_come_too_late_are_counted(office: Office) -> None:
    add_second_expired(office)
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva tutti gli scaduti di via del Molo 5", conversation=conversation)
    change(office, "second-i", revoked_at=NOW)
    done = confirm(office, asked, conversation, SEVERAL)
    assert (done.slots["reactivation"], done.slots["reactivated_count"]) == ("done_in_part", "1")
    assert done.slots["left_out_count"] == "1"
    change(office, "brenta-i2", revoked_at=NOW)
    assert confirm(office, asked, conversation, SEVERAL).slots["reactivation"] == "none_left"


def test_a_tenant_without_an_address_is_not_said_to_be_told(office: Office) -> None:
    save(office.accounts_engine, contact("second", "Ezio Zanon"), invite("second-i", "second", "ABCD2348"))
    said = office.ask(ActionGrantRequest, entities={"request": "second-i"})
    assert said.slots["reactivation"] == "done_untold"
    assert said.responses == ["utter_copy_reactivated"]


def test_a_wish_is_told_on_entering_with_a_button(office: Office) -> None:
    wish(office)
    wish(office, "livenza")
    said = office.ask(ActionListRequests)
    assert said.responses == ["utter_request"]
    assert "Bruno Carraro" in said.messages[0]["rows"]
    assert said.buttons == ["Riattiva Bruno Carraro, Via del Molo 5 int. 2"]


def test_two_wishes_for_one_invite_are_one(office: Office) -> None:
    wish(office)
    wish(office)
    assert office.ask(ActionListRequests).messages[0]["count"] == 1


def test_without_wishes_nothing_is_said_unless_somebody_asks(office: Office) -> None:
    assert office.ask(ActionListRequests).messages == []
    (said,) = office.ask(ActionListRequests, "ci sono richieste?").messages
    assert said["response"] == "utter_requests_none"


def test_wishes_that_nobody_can_grant_any_more_are_closed_and_hide_no_other(office: Office) -> None:
    save(
        office.accounts_engine,
        contact("second", "Ezio Zanon"),
        [
            invite("revoked", "second", "ABCD2352", revoked_at=NOW),
            invite("used", "second", "ABCD2353", used_at=NOW - timedelta(days=20)),
        ],
    )
    conversation = office.conversation()
    for key in ("revoked", "used", "gone", *(f"gone-{number}" for number in range(120))):
        office.services.conversations.add_request(
            conversation, kind="reactivation", company="brenta", invite_id=key, now=NOW
        )
    wish(office)
    assert office.ask(ActionListRequests).buttons == ["Riattiva Bruno Carraro, Via del Molo 5 int. 2"]
    assert [entry for entry in requests(office) if entry[2] == "open"] == [("reactivation", "brenta-i2", "open")]


def test_a_wish_whose_invite_was_extended_elsewhere_is_closed_and_the_tenant_told(office: Office) -> None:
    wish(office)
    change(office, "brenta-i2", expires_at=NOW + timedelta(days=9))
    assert office.ask(ActionListRequests).messages == []
    assert requests(office) == [("reactivation", "brenta-i2", "done"), ("reactivated", "brenta-i2", "open")]


def test_more_wishes_than_fit_are_shown_page_by_page_each_with_a_button(office: Office) -> None:
    add_many_expired(office, 23)
    conversation = office.conversation()
    for number in range(23):
        office.services.conversations.add_request(
            conversation, kind="reactivation", company="brenta", invite_id=f"many-{number:04}", now=NOW
        )
    seen: list[str] = []
    said = office.ask(ActionListRequests)
    for shown, first, last in ((10, 1, 10), (10, 11, 20), (3, 21, 23)):
        content = said.messages[0]["custom"]
        assert said.responses == ["utter_requests_page"]
        assert (said.messages[0]["first"], said.messages[0]["last"], said.messages[0]["count"]) == (first, last, 23)
        assert len(content["requests"]) == shown
        assert all(entry["payload"] and entry["title"] in said.buttons for entry in content["requests"])
        seen += [entry["name"] for entry in content["requests"]]
        if last < 23:
            more = content["more"]
            assert more in said.messages[0]["buttons"]
            entities = json.loads(more["payload"].removeprefix("/list_requests"))
            said = office.ask(ActionListRequests, more["payload"], entities=entities)
    assert len(set(seen)) == 23
    assert "more" not in content


def test_one_click_grants_the_wish_and_has_the_tenant_told(office: Office) -> None:
    wish(office)
    wish(office)
    (button,) = office.ask(ActionListRequests).messages[0]["buttons"]
    entities = json.loads(button["payload"].removeprefix("/inform"))
    said = office.ask(ActionGrantRequest, entities=entities)
    assert said.slots["reactivation"] == "done"
    assert len(trail(office)) == 1
    assert sorted(requests(office)) == [
        ("reactivated", "brenta-i2", "open"),
        ("reactivation", "brenta-i2", "done"),
        ("reactivation", "brenta-i2", "done"),
    ]
    assert office.ask(ActionListRequests).messages == []


def test_a_second_click_changes_nothing_more(office: Office) -> None:
    wish(office)
    office.ask(ActionGrantRequest, entities={"request": "brenta-i2"})
    before = (trail(office), requests(office))
    assert office.ask(ActionGrantRequest, entities={"request": "brenta-i2"}).slots["reactivation"] == "done"
    assert (trail(office), requests(office)) == before


def test_a_wish_is_also_granted_by_reactivating_the_code_in_words(office: Office) -> None:
    wish(office)
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva il codice di Bruno Carraro", conversation=conversation)
    confirm(office, asked, conversation, ONE)
    assert ("reactivated", "brenta-i2", "open") in requests(office)


class Mailbox:
    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    def send(self, message: EmailMessage, _conversation_id: str) -> None:
        self.letters.append(message)


def test_the_tenant_gets_one_mail_at_the_address_on_file(office: Office) -> None:
    wish(office)
    office.ask(ActionGrantRequest, entities={"request": "brenta-i2"})
    mailbox = Mailbox()
    postman = Postman(office.services.settings, mailbox, office.services.now)
    for _ in range(2):
        postman.send_due()
    (letter,) = mailbox.letters
    assert letter["To"] == "bruno.carraro@example.com"
    assert "ABCD-2346" in letter.get_content()
    assert "9 aprile 2026" in letter.get_content()


# A process of its own that reactivates an invite, and stops before it closes the wish for it.
GRANT = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from actions.accounts.store import SqlAccounts
from actions.reactivation import reactivate
from actions.turn import Speaker
from bot.database import open_engine
from tests.unit.accounts.factories import NOW

class Stopping:
    def __getattr__(self, name):
        Path(sys.argv[2]).touch()
        time.sleep(60)

services = SimpleNamespace(accounts=SqlAccounts(open_engine(sys.argv[1])), conversations=Stopping())
speaker = Speaker("administrator", "x", company="brenta", subject="admin-brenta")
turn = SimpleNamespace(speaker=speaker, administrator="admin-brenta", conversation_id="c1", now=NOW)
reactivate(turn, services, ["brenta-i2"])
"""


def reactivate_and_die(office: Office, stopped: Path) -> None:
    url = office.services.settings.accounts_database()
    process = subprocess.Popen([sys.executable, "-c", GRANT, url, str(stopped)], start_new_session=True)
    until = time.monotonic() + 30
    while not stopped.exists() and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    assert len(trail(office)) == 1
    assert requests(office) == [("reactivation", "brenta-i2", "open")]


def test_a_process_that_dies_after_the_change_leaves_no_tenant_without_a_mail(office: Office, tmp_path: Path) -> None:
    wish(office)
    reactivate_and_die(office, tmp_path / "stopped")
    mailbox = Mailbox()
    Postman(office.services.settings, mailbox, office.services.now).send_due()
    assert [letter["To"] for letter in mailbox.letters] == ["bruno.carraro@example.com"]
    assert ("reactivation", "brenta-i2", "done") in requests(office)


def test_after_such_a_death_the_list_closes_the_wish_and_the_mail_goes_once(office: Office, tmp_path: Path) -> None:
    wish(office)
    reactivate_and_die(office, tmp_path / "stopped")
    assert office.ask(ActionListRequests).messages == []
    mailbox = Mailbox()
    for _ in range(2):
        Postman(office.services.settings, mailbox, office.services.now).send_due()
    assert len(mailbox.letters) == 1
