"""Tables for a whole property, and the spans of days that people name."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from actions.base import PortiereAction
from actions.properties import ActionListEndingContracts, ActionListExpiringInvites, ActionListUnregistered
from tests.unit.accounts.factories import contact, contract, house, save
from tests.unit.staff.office import Office


@pytest.mark.parametrize(
    ("action", "text", "rows"),
    [
        (ActionListUnregistered, "chi non è registrato in via del Molo 5?", ["Bruno Carraro", "Dora Scarpa"]),
        (ActionListUnregistered, "chi manca?", ["Bruno Carraro", "Dora Scarpa"]),
        (ActionListUnregistered, "chi non è all'app in via del Molo 5?", ["Bruno Carraro", "Dora Scarpa"]),
        (ActionListUnregistered, "unità non registrate in via del Molo 5", ["Bruno Carraro", "Dora Scarpa"]),
        (ActionListUnregistered, "chi manca in via del Molo 5 int. 3?", ["Dora Scarpa"]),
        (ActionListExpiringInvites, "quali inviti scadono questa settimana?", ["Dora Scarpa"]),
        (ActionListExpiringInvites, "quali inviti scadono entro 5 giorni?", ["Dora Scarpa"]),
        (ActionListExpiringInvites, "quali inviti sono già scaduti?", ["Bruno Carraro"]),
        (ActionListExpiringInvites, "quali inviti sono scaduti a febbraio?", ["Bruno Carraro"]),
        (ActionListEndingContracts, "quali contratti finiscono questo mese?", ["Dora Scarpa"]),
    ],
)
def test_a_table_has_the_rows_that_were_asked_for(
    office: Office, action: type[PortiereAction], text: str, rows: list[str]
) -> None:
    said = office.ask(action, text)
    table = said.table()
    assert [row[0] for row in table["rows"]] == rows
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert table["file"].endswith("-2026-03-10.csv")
    assert all(name in said.messages[0]["rows"] for name in rows)


@pytest.mark.parametrize(
    ("action", "text", "response"),
    [
        (ActionListExpiringInvites, "quali inviti scadono oggi?", "utter_expiring_invites_none"),
        (ActionListExpiringInvites, "chi ha l'invito scaduto in via del Molo 5 int. 3?", "utter_expired_invites_none"),
        (ActionListExpiringInvites, "quali inviti sono scaduti ieri?", "utter_expired_invites_none"),
        (ActionListEndingContracts, "contratti che finiscono domani", "utter_ending_contracts_none"),
        (ActionListUnregistered, "chi manca in via del Molo 5 int. 1?", "utter_unregistered_none"),
        (ActionListUnregistered, "chi manca in via Garibaldi 99?", "utter_property_not_found"),
        (ActionListUnregistered, "chi manca in via del Molo 6?", "utter_property_nearest"),
        (ActionListUnregistered, "chi manca in via del Molo 5 int. 99?", "utter_property_unit_not_found"),
        (ActionListUnregistered, "chi manca in via del Molo 5 scala A int. 2?", "utter_property_unit_not_found"),
        (ActionListUnregistered, "chi manca al garage di via del Molo 5?", "utter_property_unit_not_found"),
    ],
)
def test_where_there_is_nothing_it_says_so(
    office: Office, action: type[PortiereAction], text: str, response: str
) -> None:
    assert office.ask(action, text).responses == [response]


def test_two_places_are_looked_at_together(office: Office) -> None:
    save(
        office.accounts_engine,
        house("second", "Via Dante 1", "int. 9"),
        contact("second", "Ezio Zanon"),
        contract("second-k", "second", "second-int. 9"),
    )
    said = office.ask(ActionListUnregistered, "chi manca in via del Molo 5 int. 3 e in via Dante 1?")
    assert [row[0] for row in said.table()["rows"]] == ["Ezio Zanon", "Dora Scarpa"]
    assert said.messages[0]["place"] == " in Via del Molo 5, Via Dante 1"
    assert office.ask(ActionListUnregistered, "chi manca in via Dante 1 e in via Garibaldi 99?").responses == [
        "utter_property_not_found"
    ]


@pytest.mark.parametrize(
    ("building", "answer"), [("Molo", "utter_unregistered"), ("Garibaldi", "utter_property_not_found")]
)
def test_a_building_called_by_its_street_is_a_place(office: Office, building: str, answer: str) -> None:
    save(office.accounts_engine, contact("second", "Ezio Zanon"))
    said = office.ask(ActionListUnregistered, f"chi non è registrato nel condominio {building}?")
    assert said.responses == [answer]
    assert "Ezio Zanon" not in str(said.messages)


def test_a_list_that_is_cut_says_of_how_many(office: Office) -> None:
    rows = [row for number in range(600) for row in contact(f"many-{number}", f"Aldo Prova {number}")]
    save(office.accounts_engine, rows)
    said = office.ask(ActionListUnregistered, "chi manca?")
    assert said.messages[0]["count"] == "602, ecco i primi 500"
    assert len(said.table()["rows"]) == 500
    assert said.table()["total"] == 602
    assert "Bruno Carraro" in office.ask(ActionListExpiringInvites, "quali inviti sono scaduti?").messages[0]["rows"]


def test_a_period_that_was_not_understood_is_said_before_the_usual_one(office: Office) -> None:
    said = office.ask(ActionListExpiringInvites, "quali inviti scadono entro Pasqua?")
    assert said.responses == ["utter_period_unread", "utter_expiring_invites"]
    assert said.messages[0]["period"] == "questa settimana"


def test_who_is_not_registered_is_a_question_without_a_period(office: Office) -> None:
    assert office.ask(ActionListUnregistered, "chi manca? mi serve entro Pasqua").responses == ["utter_unregistered"]


def test_where_the_unit_does_not_exist_those_of_the_building_are_named(office: Office) -> None:
    said = office.ask(ActionListUnregistered, "chi manca in via del Molo 5 int. 99?")
    assert said.messages[0]["addresses"] == "Via del Molo 5"
    assert said.messages[0]["units"] == "int. 1, int. 2, int. 3"


def test_every_phrase_is_text() -> None:
    content = yaml.safe_load(Path("actions/phrases.it.yml").read_text(encoding="utf-8"))
    assert [name for group in content.values() for name, text in group.items() if not isinstance(text, str)] == []
