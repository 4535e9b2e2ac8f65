"""Tables for a whole property, and the spans of days that people name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from actions.base import PortiereAction
from actions.periods import find_period
from actions.properties import ActionListEndingContracts, ActionListExpiringInvites, ActionListUnregistered
from tests.unit.staff.office import Office

TUESDAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("action", "text", "rows"),
    [
        (ActionListUnregistered, "chi non è registrato in via del Molo 5?", ["Bruno Carraro", "Dora Scarpa"]),
        (ActionListUnregistered, "chi manca?", ["Bruno Carraro", "Dora Scarpa"]),
        (ActionListUnregistered, "chi manca in via del Molo 5 int. 3?", ["Dora Scarpa"]),
        (ActionListExpiringInvites, "quali inviti scadono questa settimana?", ["Dora Scarpa"]),
        (ActionListExpiringInvites, "quali inviti scadono entro 5 giorni?", ["Dora Scarpa"]),
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
        (ActionListEndingContracts, "contratti che finiscono domani", "utter_ending_contracts_none"),
        (ActionListUnregistered, "chi manca in via del Molo 5 int. 1?", "utter_unregistered_none"),
        (ActionListUnregistered, "chi manca in via Garibaldi 99?", "utter_property_not_found"),
        (ActionListUnregistered, "chi manca in via del Molo 6?", "utter_property_nearest"),
    ],
)
def test_where_there_is_nothing_it_says_so(
    office: Office, action: type[PortiereAction], text: str, response: str
) -> None:
    assert office.ask(action, text).responses == [response]


def test_every_phrase_is_text() -> None:
    content = yaml.safe_load(Path("actions/phrases.it.yml").read_text(encoding="utf-8"))
    assert [name for group in content.values() for name, text in group.items() if not isinstance(text, str)] == []


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("oggi", TUESDAY, TUESDAY),
        ("entro domani", date(2026, 3, 11), date(2026, 3, 11)),
        ("questa settimana", TUESDAY, date(2026, 3, 15)),
        ("la settimana prossima", date(2026, 3, 16), date(2026, 3, 22)),
        ("questo mese", date(2026, 3, 1), date(2026, 3, 31)),
        ("il mese prossimo", date(2026, 4, 1), date(2026, 4, 30)),
        ("nei prossimi 10 giorni", TUESDAY, date(2026, 3, 20)),
        ("entro due settimane", TUESDAY, date(2026, 3, 24)),
        ("a febbraio", date(2027, 2, 1), date(2027, 2, 28)),
        ("quest'anno", TUESDAY, date(2026, 12, 31)),
        ("prima o poi", date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_a_span_of_days_is_understood(text: str, first: date, last: date) -> None:
    period = find_period(text, TUESDAY, "this_month")
    assert (period.first, period.last) == (first, last)
