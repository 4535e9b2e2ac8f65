"""Addresses in typed sentences."""

from __future__ import annotations

import pytest

from actions.accounts.places import Address, find_place, fold_address, matching_addresses, means_unit

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
