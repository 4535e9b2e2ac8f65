"""Addresses in typed sentences."""

from __future__ import annotations

import pytest

from actions.accounts.names import fold
from actions.accounts.places import Address, find_place, find_places, fold_address, matching_addresses
from actions.accounts.units import means_unit, units_in

ADDRESSES = [
    Address("roma-12", "via roma 12"),
    Address("roma-14", "via roma 14"),
    Address("trento", "v.le trento 3/a"),
    Address("novembre", "via 4 novembre 12"),
    Address("brennero", "via del brennero 6"),
    Address("walther", "piazza walther 2"),
]


@pytest.mark.parametrize(
    ("text", "keys", "units"),
    [
        ("via Roma 12 int. 4", ["roma-12"], {"4"}),
        ("v. roma 12/4", ["roma-12"], {"4"}),
        ("VIA ROMA, 12 - interno 4", ["roma-12"], {"4"}),
        ("via Roma n. 14", ["roma-14"], set()),
        ("in via Roma non entrano", ["roma-12", "roma-14"], set()),
        ("Roma 12 int 4 non accede", ["roma-12"], {"4"}),
        ("viale Trento 3/a", ["trento"], {"a"}),
        ("via 4 novembre 12 int. 3", ["novembre"], {"3"}),
        ("via Brennero 6", ["brennero"], set()),
        ("via Romma 12", ["roma-12"], set()),
        ("p.zza walter 2", ["walther"], set()),
        ("via Roma 13", [], set()),
        ("via Garibaldi 12", [], set()),
    ],
)
def test_an_address_is_understood_however_it_is_written(text: str, keys: list[str], units: set[str]) -> None:
    place = find_place(fold_address(text))
    assert place is not None
    assert [address.key for address in matching_addresses(place, ADDRESSES)] == keys
    assert place.units == units


@pytest.mark.parametrize("text", ["scade entro 30 giorni", "il 31 marzo 2027", "ha chiamato 3 volte", ""])
def test_other_numbers_are_no_addresses(text: str) -> None:
    place = find_place(fold_address(text))
    assert place is None or not matching_addresses(place, ADDRESSES)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("chi non è registrato all'app in via Piave 3?", set()),
        ("chi manca al garage di via Piave 3?", {"garage"}),
        ("unità non registrate in via Roma 12", set()),
        ("l'app non funziona a via Roma 12 int. 4", {"4"}),
        ("riattiva tutti gli inviti dell'app in via Piave 3", set()),
        ("scala A int. 4 di via Roma 12", {"a", "4"}),
        ("nella scala E di via Roma 12", {"e"}),
        ("unità e garage di via Roma 12", {"garage"}),
        ("l'interno tre", {"3"}),
        ("app. 7", {"7"}),
        ("app 7b", {"7b"}),
        ("int4", {"4"}),
        ("interno n. 12", {"12"}),
        ("unità di Neri", set()),
    ],
)
def test_a_unit_is_named_by_a_number_a_letter_or_its_kind(text: str, units: set[str]) -> None:
    assert units_in(fold(text)) == units


@pytest.mark.parametrize(
    ("units", "label", "means"),
    [
        ({"4"}, "int. 4", True),
        ({"4"}, "int. 14", False),
        ({"b", "2"}, "scala B int. 2", True),
        (set(), "garage", True),
    ],
)
def test_a_unit_is_meant_by_what_its_label_holds(units: set[str], label: str, means: bool) -> None:
    assert means_unit(frozenset(units), label) is means


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("gli scaduti di via Piave 3 e via Dante 1", [("via piave", "3", ""), ("via dante", "1", "")]),
        ("via Piave 3 e 5", [("via piave", "3", ""), ("via piave", "5", "")]),
        ("via Piave 3 int. 2 e via Roma 12 int 4", [("via piave", "3", "2"), ("via roma", "12", "4")]),
        ("interno 4 di via Roma 12 e interno 5 di via Piave 3", [("via roma", "12", "4"), ("via piave", "3", "5")]),
        ("via Piave 3, via Dante 1", [("via piave", "3", ""), ("via dante", "1", "")]),
        ("Piave 3 e via Dante 1", [("piave", "3", ""), ("via dante", "1", "")]),
        ("via Piave 3 garage 5", [("via piave", "3", "5 garage")]),
        ("gli scaduti di via Piave 3 e 10 giorni", [("via piave", "3", "")]),
        ("chi manca?", []),
    ],
)
def test_all_places_of_a_text_are_found(text: str, places: list[tuple[str, str, str]]) -> None:
    found = find_places(fold_address(text))
    assert [(place.street, place.number, " ".join(sorted(place.units))) for place in found] == places
