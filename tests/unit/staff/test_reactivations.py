"""Reactivating after a confirmation, one invite or several; the audit trail; tenants' wishes."""

from __future__ import annotations

import json
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select

from actions.accounts.models import AccessEventRow
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


def test_only_the_property_that_is_named_counts(office: Office) -> None:
    add_second_expired(office)
    asked = office.ask(ActionFindInvite, "riattiva gli scaduti di via Dante 1")
    assert asked.slots["reactivation"] == "ask"
    assert asked.slots["customer_name"] == "Ezio Zanon"


def test_a_property_that_is_not_ours_is_not_taken_for_all(office: Office) -> None:
    assert (
        office.ask(ActionFindInvite, "riattiva tutti di via Garibaldi 99").slots["reactivation"] == "no_such_property"
    )


def test_without_expired_invites_there_is_nothing_to_do(office: Office) -> None:
    conversation = office.conversation()
    asked = office.ask(ActionFindInvite, "riattiva tutti gli inviti scaduti", conversation=conversation)
    confirm(office, asked, conversation, ONE)
    assert office.ask(ActionFindInvite, "riattiva tutti gli inviti scaduti").slots["reactivation"] == "none_expired"


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


def test_without_wishes_nothing_is_said(office: Office) -> None:
    assert office.ask(ActionListRequests).messages == []


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

    def send(self, message: EmailMessage) -> None:
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
