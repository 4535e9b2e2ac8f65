"""Who lives nearest to a place where nobody is on file: elsewhere in the building, else at an address like it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.accounts.models import ContactRow, ContractRow, UnitRow
from actions.accounts.places import Place, nearest_addresses, same_number
from actions.accounts.property_search import addresses_of, units_meant
from actions.accounts.units import counting_order, likeness_of_unit

_ADDRESSES = 3


def neighbours(
    session: Session, company: str, place: Place, building: Sequence[str], limit: int
) -> Sequence[ContactRow]:
    """Contacts to offer for a place: those of the likest units of the building, or of the likest addresses.

    Where no street is like the one that was named, whoever lives at that number and unit of another street is offered.
    """
    if building:
        return _living(session, company, building, place, limit)
    addresses = addresses_of(session, company)
    near = [address.key for address in nearest_addresses(place, addresses, _ADDRESSES)]
    if not near and place.units:
        near = [address.key for address in same_number(place, addresses)]
        return _living(session, company, near, place, limit, only=units_meant(session, near, place))
    return _living(session, company, near, place, limit)


def _living(
    session: Session, company: str, properties: Sequence[str], place: Place, limit: int, only: Sequence[str] = ()
) -> Sequence[ContactRow]:
    """Contacts with a contract at properties, those of the likest units first."""
    query = (
        select(ContactRow, UnitRow.property_id, UnitRow.label)
        .join(ContractRow, ContractRow.contact_id == ContactRow.id)
        .join(UnitRow, UnitRow.id == ContractRow.unit_id)
        .where(ContactRow.company_slug == company, UnitRow.property_id.in_(properties))
    )
    if only:
        query = query.where(UnitRow.id.in_(only))

    def order(row: tuple[ContactRow, str, str]) -> tuple[float, int, list[tuple[int, str]], str]:
        contact, building, label = row
        return -likeness_of_unit(place.units, label), properties.index(building), counting_order(label), contact.name

    rows = sorted((tuple(row) for row in session.execute(query)), key=order)
    return list(dict.fromkeys(contact for contact, _, _ in rows))[:limit]
