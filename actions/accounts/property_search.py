"""Which of a company's properties a sentence means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.accounts.models import PropertyRow, UnitRow
from actions.accounts.names import ordinary_words
from actions.accounts.places import (
    Address,
    Place,
    find_places,
    fold_address,
    matching_addresses,
    nearest_addresses,
    units_beside,
)
from actions.accounts.records import NamedPlace, Property, PropertySearch
from actions.accounts.units import counting_order, means_unit, units_in

_OFFERED = 3
_BUILDING = re.compile(
    r"\b(?:condominio|palazzo|palazzina|stabile|edificio|residenza|residence)\s+(?P<name>[^\W\d_]{3,})"
)


def properties_at(session: Session, company: str, place: Place) -> Sequence[str]:
    """The keys of the company's properties that a place means."""
    if place.is_sure and place.number is not None:
        written = f"{place.street} {place.number}"
        by_index = select(PropertyRow.id).where(
            PropertyRow.company_slug == company, PropertyRow.folded_address == written
        )
        if exact := list(session.scalars(by_index)):
            return exact
    return [address.key for address in matching_addresses(place, addresses_of(session, company))]


def search_properties(session: Session, company: str, text: str) -> PropertySearch:
    """The properties that a sentence names, at one place or at several; where one is not on file, the nearest."""
    folded = fold_address(text)
    places = find_places(folded)
    keys = {place: properties_at(session, company, place) for place in places}
    # What looks like a street without being called one is one only if it is on file.
    places = [place for place in places if keys[place] or place.is_sure]
    if not places:
        return _named_building(session, company, folded)
    found: list[NamedPlace] = []
    for place in places:
        if not keys[place]:
            near = nearest_addresses(place, addresses_of(session, company), _OFFERED)
            return PropertySearch(is_named=True, nearest=_properties(session, [address.key for address in near]))
        properties = _properties(session, keys[place])
        units = units_beside(place, [entry.address for entry in properties])
        labels = [label for _, label in units_of(session, keys[place])] if units else []
        if units and not any(means_unit(units, label) for label in labels):
            return PropertySearch(is_named=True, nearest=properties, nearest_units=labels)
        found.append(NamedPlace(properties, units))
    return PropertySearch(is_named=True, places=found)


def _named_building(session: Session, company: str, text: str) -> PropertySearch:
    """The properties on a street that gives a building its name: `condominio Piave`."""
    named = next((found for found in _BUILDING.finditer(text) if found["name"] not in ordinary_words()), None)
    if named is None:
        return PropertySearch(is_named=False)
    place = Place(named["name"], None, units_in(text), *named.span(), is_sure=False)
    keys = properties_at(session, company, place)
    units = units_beside(place, [])
    return PropertySearch(is_named=True, places=[NamedPlace(_properties(session, keys), units)] if keys else ())


def units_meant(session: Session, properties: Sequence[str], place: Place) -> list[str]:
    """The keys of the units at these properties that a place means; all of them if it names no unit."""
    addresses = session.scalars(select(PropertyRow.folded_address).where(PropertyRow.id.in_(properties))).all()
    units = units_beside(place, addresses)
    return [key for key, label in units_of(session, properties) if means_unit(units, label)]


def units_of(session: Session, properties: Sequence[str]) -> list[tuple[str, str]]:
    """The keys and labels of the units of properties, in the order in which people count them."""
    query = select(UnitRow.id, UnitRow.label).where(UnitRow.property_id.in_(properties))
    return sorted(((key, label) for key, label in session.execute(query)), key=lambda unit: counting_order(unit[1]))


def addresses_of(session: Session, company: str) -> list[Address]:
    """The addresses of a company's properties."""
    rows = session.execute(
        select(PropertyRow.id, PropertyRow.folded_address).where(PropertyRow.company_slug == company)
    )
    return [Address(key, text) for key, text in rows]


def _properties(session: Session, keys: Sequence[str]) -> list[Property]:
    rows = session.execute(
        select(PropertyRow.id, PropertyRow.address).where(PropertyRow.id.in_(keys)).order_by(PropertyRow.address)
    )
    return [Property(key, address) for key, address in rows]
