"""Spans of days in the words of administrators."""

from __future__ import annotations

from datetime import date

import pytest

from actions.periods import find_period

TUESDAY = date(2026, 3, 10)


def day(text: str) -> date:
    """`20.3.` of this year, or with its year."""
    day, month, year = (int(part) for part in f"{text.rstrip('.')}.2026".split(".")[:3])
    return date(year, month, day)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("oggi", "10.3.", "10.3."),
        ("entro stasera scadono dei codici?", "10.3.", "10.3."),
        ("domani scade qualche codice?", "11.3.", "11.3."),
        ("dopodomani", "12.3.", "12.3."),
        ("chi è scaduto ieri?", "9.3.", "9.3."),
        ("questa settimana", "9.3.", "15.3."),
        ("entro la settimana finisce il contratto di qualcuno?", "10.3.", "15.3."),
        ("che inviti mi scadono la settimana prossima", "16.3.", "22.3."),
        ("via Piave 3 settimana prossima", "16.3.", "22.3."),
        ("Piave 3 settimana prossima", "16.3.", "22.3."),
        ("la scorsa settimana", "2.3.", "8.3."),
        ("inviti che scadono nel fine settimana", "14.3.", "15.3."),
        ("il prossimo weekend", "21.3.", "22.3."),
        ("questo mese", "1.3.", "31.3."),
        ("nel mese corrente", "1.3.", "31.3."),
        ("entro fine mese", "10.3.", "31.3."),
        ("il mese prossimo", "1.4.", "30.4."),
        ("nx mese contratti finiti?", "1.4.", "30.4."),
        ("il mese scorso", "1.2.", "28.2."),
        ("il mese scorso o questo mese", "1.2.", "31.3."),
        ("quest'anno", "1.1.", "31.12."),
        ("entro l'anno", "10.3.", "31.12."),
        ("l'anno prossimo", "1.1.2027", "31.12.2027"),
        ("nel 2027", "1.1.2027", "31.12.2027"),
        ("nei prossimi 10 giorni", "10.3.", "20.3."),
        ("entro quindici giorni", "10.3.", "25.3."),
        ("entro due settimane", "10.3.", "24.3."),
        ("nei prossimi giorni", "10.3.", "17.3."),
        ("negli ultimi 30 giorni", "8.2.", "10.3."),
        ("scaduti da una settimana", "3.3.", "10.3."),
        ("elenco codici in scadenza entro venerdì", "10.3.", "13.3."),
        ("entro lunedì quali codici non saranno più buoni", "10.3.", "16.3."),
        ("scadono venerdì", "13.3.", "13.3."),
        ("scaduti venerdì", "6.3.", "6.3."),
        ("da lunedì a venerdì", "16.3.", "20.3."),
        ("quali dei codici emessi scadono entro il 30", "10.3.", "30.3."),
        ("entro il 5", "10.3.", "5.4."),
        ("dal 10 al 20", "10.3.", "20.3."),
        ("dal 1° febbraio al 31 marzo", "1.2.", "31.3."),
        ("entro il 20 marzo", "10.3.", "20.3."),
        ("entro il 20/03/2027", "10.3.", "20.3.2027"),
        ("il primo aprile", "1.4.", "1.4."),
        ("a marzo quali contratti cessano", "1.3.", "31.3."),
        ("a marzo 2027", "1.3.2027", "31.3.2027"),
        ("a febbraio", "1.2.2027", "28.2.2027"),
        ("con scadenza nel mese di febbraio", "1.2.2027", "28.2.2027"),
        ("scaduti a febbraio", "1.2.", "28.2."),
        ("marzo e aprile", "1.3.", "30.4."),
        ("per chi si chiude il contratto entro Natale?", "10.3.", "25.12."),
        ("gli inviti inviati a gennaio che scadono questa settimana", "9.3.", "15.3."),
        ("in via 4 novembre 12 entro domani", "10.3.", "11.3."),
        ("in via Roma 12 e in via 4 novembre 3 entro domani", "10.3.", "11.3."),
    ],
)
def test_a_span_of_days_is_understood(text: str, first: str, last: str) -> None:
    period = find_period(text, TUESDAY, "this_month")
    assert (period.first, period.last, period.is_said) == (day(first), day(last), True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("la settimana prossima", "la prossima settimana"),
        ("a marzo 2027", "a marzo 2027"),
        ("entro l'8 aprile", "entro mercoledì 8 aprile 2026"),
        ("negli ultimi 30 giorni", "fra domenica 8 febbraio 2026 e oggi"),
        ("dal 20 al 30", "fra venerdì 20 marzo 2026 e lunedì 30 marzo 2026"),
    ],
)
def test_the_span_is_called_by_a_name_that_leaves_no_doubt(text: str, name: str) -> None:
    assert find_period(text, TUESDAY, "this_month").name == name


@pytest.mark.parametrize(
    "text",
    ["entro Pasqua", "nel primo trimestre", "nei prossimi mesi", "entro il 45", "il 30/02/2026", "entro le ferie"],
)
def test_a_span_that_was_not_understood_is_owned_up_to(text: str) -> None:
    period = find_period(text, TUESDAY, "this_month")
    assert (period.name, period.is_said, period.is_unread) == ("questo mese", False, True)


@pytest.mark.parametrize(
    "text", ["prima o poi", "quali contratti finiscono in via 4 novembre 12?", "Roma 12/4", "non entro", "via Piave 3"]
)
def test_a_message_without_a_span_gets_the_usual_one(text: str) -> None:
    period = find_period(text, TUESDAY, "this_month")
    assert (period.name, period.is_said, period.is_unread) == ("questo mese", False, False)
