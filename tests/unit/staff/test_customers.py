"""Whom a message means, and what is said of them."""

from __future__ import annotations

import pytest

from actions.customer_facts import ActionDiagnoseCustomer, ActionTellCustomer
from actions.customers import ActionFindCustomer, ActionRecognizeCustomer
from actions.diagnosis import differs_in
from tests.unit.accounts.factories import NOW, account, contact, contract, house, invite, save
from tests.unit.staff.office import DAY, Office


@pytest.mark.parametrize(
    "text",
    [
        "perché Adele Vianelo non entra?",
        "vianello adele bloccata",
        "la sig.ra Vianello",
        "Vianèllo non accede",
        "VIANELLO NON ENTRA",
        "chi sta in v. del Molo 5/1?",
        "l'inquilina di via del molo, 5 interno 1 non entra",
    ],
)
def test_a_customer_is_found_however_they_are_named(office: Office, text: str) -> None:
    assert office.ask(ActionFindCustomer, text).slots["customer"] == "brenta-settled"


def test_a_mistyped_code_does_not_hide_whom_the_name_means(office: Office) -> None:
    said = office.ask(
        ActionFindCustomer, "il codice ⟨codice 1⟩ di Bruno Carraro non va", entities={"invite_code": "QQQQ-2345"}
    )
    assert said.slots["customer"] == "brenta-expired"


def test_a_mistyped_code_or_address_alone_gets_the_nearest(office: Office) -> None:
    for entities in ({"invite_code": "ABCD-2349"}, {"email": "dora.scarpaa@example.com"}):
        said = office.ask(ActionFindCustomer, "non va", entities=entities)
        assert said.slots["customer_match"] == "nearest"
        assert said.responses == ["utter_customer_nearest"]


def test_an_address_is_found_for_contact_and_login(office: Office) -> None:
    said = office.ask(ActionFindCustomer, "non entra", entities={"email": "ADELE.VIANELLO@example.com"})
    assert said.slots["customer"] == "brenta-settled"


def test_namesakes_are_offered_with_their_units(office: Office) -> None:
    save(
        office.accounts_engine,
        house("second", "Via Dante 1", "int. 9"),
        contact("other-adele", "Adele Vianello"),
        contract("k9", "other-adele", "second-int. 9"),
    )
    said = office.ask(ActionFindCustomer, "Adele Vianello non entra")
    assert said.slots["customer_match"] == "several"
    assert sorted(said.buttons) == ["Adele Vianello · Via Dante 1 int. 9", "Adele Vianello · Via del Molo 5 int. 1"]


def test_of_namesakes_the_unit_decides(office: Office) -> None:
    save(office.accounts_engine, contact("other-adele", "Adele Vianello"))
    said = office.ask(ActionFindCustomer, "Adele Vianello di via del Molo 5 non entra")
    assert said.slots["customer"] == "brenta-settled"


def test_a_surname_that_nobody_has_is_a_guess_at_most(office: Office) -> None:
    said = office.ask(ActionFindCustomer, "la signora Adele Marangon non entra")
    assert said.slots["customer_match"] == "nearest"


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("il cliente Wolfgang Pfitscher non entra", ["no_contact"]),
        ("la signora Adele Marangon non entra", ["no_contact"]),
        ("Adele Vianello non entra", ["several_contacts"]),
        ("Bruno Carraro non entra", None),
    ],
)
def test_a_search_that_comes_to_no_one_contact_is_a_finding(
    office: Office, text: str, findings: list[str] | None
) -> None:
    save(office.accounts_engine, contact("other-adele", "Adele Vianello"))
    assert office.ask(ActionFindCustomer, text).slots["findings"] == findings


@pytest.mark.parametrize("text", ["un mio cliente non riesce a entrare", "il portale non va", "login urgente"])
def test_a_message_that_names_nobody_asks_for_the_name(office: Office, text: str) -> None:
    assert office.ask(ActionFindCustomer, text).slots["customer_match"] == "unnamed"


def test_a_name_that_nobody_has_is_unknown(office: Office) -> None:
    assert office.ask(ActionFindCustomer, "il cliente Wolfgang Pfitscher non entra").slots["customer_match"] == (
        "unknown"
    )


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("Dora", "found"),
        ("chi è Carraro?", "found"),
        ("va bene", "unnamed"),
        ("Giorgia Vianello", "nearest"),
        ("Giorgia Vianello ha telefonato per la caldaia", "unnamed"),
    ],
)
def test_an_unclear_message_may_name_a_customer(office: Office, text: str, match: str) -> None:
    assert office.ask(ActionRecognizeCustomer, text).slots["customer_match"] == match


def test_the_diagnosis_has_every_fact_as_text_and_as_structure(office: Office) -> None:
    conversation = office.conversation()
    said = office.ask(ActionDiagnoseCustomer, slots={"customer": "brenta-expired"}, conversation=conversation)
    assert said.responses == [
        "utter_diagnosis",
        "utter_finding_no_account",
        "utter_finding_invite_expired",
        "utter_copy_invite_expired",
        "utter_diagnosis_next",
    ]
    content = said.messages[0]["custom"]
    assert content["kind"] == "diagnosis"
    assert content["findings"] == ["no_account", "invite_expired"] == said.slots["findings"]
    assert content["contracts"][0]["unit"] == "Via del Molo 5 int. 2"
    assert content["invites"][0]["status"] == "expired"
    assert "Via del Molo 5 int. 2" in said.messages[0]["contracts"]
    assert "ABCD-2346" in office.shown(said, conversation)


def test_the_text_for_the_customer_holds_the_code_that_opens(office: Office) -> None:
    revoked = invite("revoked", "brenta-open", "ABCD2349", revoked_at=NOW - DAY, expires_at=NOW + 20 * DAY)
    save(office.accounts_engine, revoked)
    conversation = office.conversation()
    said = office.ask(ActionDiagnoseCustomer, slots={"customer": "brenta-open"}, conversation=conversation)
    assert said.slots["findings"] == ["no_account", "invite_open"]
    copy = next(message for message in said.messages if message["response"] == "utter_copy_invite_open")
    assert office.services.vault.unmask(conversation, copy["typed_code"]) == "ABCD-2347"
    assert "13 marzo 2026" in copy["expires_on"]


def test_an_expired_invite_of_somebody_with_an_account_is_mentioned(office: Office) -> None:
    save(
        office.accounts_engine,
        [account("ugo", "ugo@example.com")],
        contact("ugo", "Ugo Tosi", email="ugo@example.com", account="ugo"),
        [contract("k9", "ugo", "brenta-h-int. 1")],
        [invite("i9", "ugo", "ABCD2349", contract_id="k9")],
    )
    said = office.ask(ActionDiagnoseCustomer, slots={"customer": "ugo"})
    assert said.slots["findings"] == ["all_in_order"]
    assert "utter_invite_expired_beside_account" in said.responses


def test_an_address_that_is_not_on_file_is_not_said_to_be_in_order(office: Office) -> None:
    save(
        office.accounts_engine,
        [account("ugo", "ugo@example.com")],
        contact("ugo", "Ugo Tosi", account="ugo"),
        [contract("k9", "ugo", "brenta-h-int. 1")],
    )
    said = office.ask(ActionDiagnoseCustomer, slots={"customer": "ugo"})
    assert said.slots["findings"] == ["all_in_order"]
    assert "utter_finding_all_in_order_no_address" in said.responses
    assert "utter_finding_all_in_order" not in said.responses


def test_addresses_and_codes_are_said_as_references_only(office: Office) -> None:
    said = office.ask(ActionDiagnoseCustomer, slots={"customer": "brenta-expired"})
    assert "@" not in str(said.messages)
    assert "ABCD" not in str(said.messages)


def test_a_general_question_that_names_a_customer_gets_their_facts(office: Office) -> None:
    said = office.ask(ActionTellCustomer, "se rimuovo l'accesso a Dora Scarpa si risolve?")
    assert said.responses == ["utter_diagnosis", "utter_finding_no_account", "utter_finding_invite_open"]


def test_a_general_question_that_may_mean_several_asks_which(office: Office) -> None:
    save(office.accounts_engine, contact("other", "Dora Scarpa"))
    said = office.ask(ActionTellCustomer, "se rimuovo l'accesso a Dora Scarpa si risolve?")
    assert said.responses == ["utter_customer_several"]
    assert len(said.buttons) == 2
    chosen = office.ask(ActionTellCustomer, "/reactivate_invite", entities={"customer": "brenta-open"})
    assert chosen.slots["customer"] == "brenta-open"


@pytest.mark.parametrize(
    ("name", "response"),
    [("Giorgia Vianello", "utter_customer_nearest"), ("Wolfgang Pfitscher", "utter_customer_not_recognized")],
)
def test_a_general_question_about_somebody_unknown_says_so(office: Office, name: str, response: str) -> None:
    said = office.ask(ActionTellCustomer, f"se rimuovo l'accesso a {name} si risolve?")
    assert said.responses == [response]
    assert said.slots == {}


def test_a_general_question_about_nobody_gets_no_facts(office: Office) -> None:
    assert office.ask(ActionTellCustomer, "se rimuovo l'accesso al cliente si risolve?").messages == []


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("a@gmail.com", "a@googlemail.com", "domain"),
        ("ada@x.it", "adda@x.it", "local"),
        ("a@x.it", "b@y.it", "both"),
        ("A@x.it", "a@X.it", None),
    ],
)
def test_the_part_that_tells_two_addresses_apart(one: str, other: str, part: str | None) -> None:
    assert differs_in(one, other) == part
