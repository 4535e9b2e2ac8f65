"""Finding the contacts of one company that a sentence, an address or a code means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from actions.accounts.models import (
    AccountRow,
    ContactRow,
    ContractRow,
    InviteRow,
    NameWordRow,
    PropertyRow,
    UnitRow,
    fold,
)
from actions.accounts.records import ContactQuery

_WORD = re.compile(r"[^\W\d_]{2,}")
_STREET = re.compile(r"\b(?:via|viale|piazza|corso|vicolo|largo|strada)\s+[\w' ]{2,40}?\s+\d+\s*[a-z]?\b")
_UNIT = re.compile(r"\b(?:int|interno|app|appartamento|sc|scala)\b\.?\s*(\w+)")
_MOST_WORDS = 80


def name_words(name: str) -> set[str]:
    """The folded words of a name by which a contact is found."""
    return set(_WORD.findall(fold(name)))


def matching_contacts(
    session: Session, company: str, query: ContactQuery, limit: int
) -> Sequence[ContactRow]:
    """By code, else by address, else by unit, else by the most words of a name; only the best matches."""
    if query.code:
        return _of_company(session, company, ContactRow.id.in_(_with_code(query.normal_code or "")), limit)
    if query.email:
        address = fold(query.email)
        by_login = select(AccountRow.id).where(AccountRow.folded_login == address)
        means = or_(ContactRow.folded_email == address, ContactRow.account_id.in_(by_login))
        return _of_company(session, company, means, limit)
    by_name = _by_name(session, company, query.text, limit)
    if by_name:
        return by_name
    return _by_unit(session, company, query.text, limit)


def _with_code(code: str):  # type: ignore[no-untyped-def]  # SQLAlchemy 1.4 cannot name this type
    return select(InviteRow.contact_id).where(InviteRow.code == code)


def _of_company(session: Session, company: str, condition: object, limit: int) -> Sequence[ContactRow]:
    query = (
        select(ContactRow)
        .where(ContactRow.company_slug == company, condition)
        .order_by(ContactRow.name, ContactRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def _by_name(session: Session, company: str, text: str, limit: int) -> Sequence[ContactRow]:
    words = sorted(name_words(text))[:_MOST_WORDS]
    if not words:
        return []
    hits = (
        select(NameWordRow.contact_id, func.count().label("hits"))
        .where(NameWordRow.company_slug == company, NameWordRow.word.in_(words))
        .group_by(NameWordRow.contact_id)
        .subquery()
    )
    best = select(func.max(hits.c.hits)).scalar_subquery()
    return _of_company(
        session, company, ContactRow.id.in_(select(hits.c.contact_id).where(hits.c.hits == best)), limit
    )


def _by_unit(session: Session, company: str, text: str, limit: int) -> Sequence[ContactRow]:
    folded = " ".join(fold(text).replace(",", " ").split())
    street = _STREET.search(folded)
    if street is None:
        return []
    tenants = (
        select(ContractRow.contact_id)
        .join(UnitRow, UnitRow.id == ContractRow.unit_id)
        .join(PropertyRow, PropertyRow.id == UnitRow.property_id)
        .where(PropertyRow.company_slug == company, PropertyRow.folded_address == street.group().strip())
    )
    unit = _UNIT.search(folded, street.end())
    if unit is not None:
        tenants = tenants.where(func.lower(UnitRow.label).like(f"% {unit.group(1)}"))
    return _of_company(session, company, ContactRow.id.in_(tenants), limit)
