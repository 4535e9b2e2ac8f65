"""Which of a company's properties a sentence means."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.accounts.models import PropertyRow
from actions.accounts.places import Address, Place, find_place, fold_address, matching_addresses, nearest_addresses
from actions.accounts.records import Property, PropertySearch

_OFFERED = 3


def properties_at(session: Session, company: str, place: Place) -> Sequence[str]:
    """The keys of the company's properties that a place means."""
    if place.is_sure and place.number is not None:
        written = f"{place.street} {place.number}"
        by_index = select(PropertyRow.id).where(
            PropertyRow.company_slug == company, PropertyRow.folded_address == written
        )
        if exact := list(session.scalars(by_index)):
            return exact
    return [address.key for address in matching_addresses(place, _addresses(session, company))]


def search_properties(session: Session, company: str, text: str) -> PropertySearch:
    """The properties that a sentence names; where none fits, the nearest."""
    place = find_place(fold_address(text))
    if place is None:
        return PropertySearch(is_named=False)
    keys = properties_at(session, company, place)
    if keys:
        return PropertySearch(is_named=True, properties=_properties(session, keys), units=place.units)
    if not place.is_sure:
        return PropertySearch(is_named=False)
    near = nearest_addresses(place, _addresses(session, company), _OFFERED)
    return PropertySearch(is_named=True, nearest=_properties(session, [address.key for address in near]))


def _addresses(session: Session, company: str) -> list[Address]:
    rows = session.execute(
        select(PropertyRow.id, PropertyRow.folded_address).where(PropertyRow.company_slug == company)
    )
    return [Address(key, text) for key, text in rows]


def _properties(session: Session, keys: Sequence[str]) -> list[Property]:
    rows = session.execute(
        select(PropertyRow.id, PropertyRow.address).where(PropertyRow.id.in_(keys)).order_by(PropertyRow.address)
    )
    return [Property(key, address) for key, address in rows]
