"""Finding the contacts of one company that a sentence, an address or a code means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

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
    fold_address,
)
from actions.accounts.records import ContactQuery

_WORD = re.compile(r"[^\W\d_]{2,}")
_LONGEST_WORD = 64
_STREET = re.compile(
    r"\b(?P<street>(?:via|viale|piazza|piazzale|corso|vicolo|largo|strada)\s+[\w' .-]{2,40}?)\s+"
    r"(?:n\.?\s*|nr\.?\s*|numero\s+)?(?P<number>\d+(?:\s?/\s?[a-z]|[a-z])?)\b"
)
_UNIT = re.compile(r"[\s,-]*(?:int|interno|app|appartamento|unita|scala|garage|negozio)\b\.?\s*(?:n\.?\s*)?(\w+)")
_MOST_WORDS = 80


def name_words(name: str) -> set[str]:
    """The folded words of a name by which a contact is found."""
    return {word[:_LONGEST_WORD] for word in _WORD.findall(fold(name))}


def matching_contacts(session: Session, company: str, query: ContactQuery, limit: int) -> Sequence[ContactRow]:
    """By code, else by address, else by the most words of a name and by unit; only the best matches.

    A unit narrows the contacts down that a name fits; where no one of them lives there, the name counts.
    """
    if query.code:
        return _of_company(session, company, [ContactRow.id.in_(_with_code(query.normal_code or ""))], limit)
    if query.email:
        address = fold(query.email)
        by_login = select(AccountRow.id).where(AccountRow.folded_login == address)
        means = or_(ContactRow.folded_email == address, ContactRow.account_id.in_(by_login))
        return _of_company(session, company, [means], limit)
    text = fold_address(query.text)
    living, text = _living_at(session, company, text)
    named = _named(company, text)
    for conditions in ([named, living], [named], [living]):
        if all(condition is not None for condition in conditions):
            found = _of_company(session, company, conditions, limit)
            if found:
                return found
    return []


def _with_code(code: str) -> Any:  # SQLAlchemy 1.4 cannot name the type of a select
    return select(InviteRow.contact_id).where(InviteRow.code == code)


def _of_company(session: Session, company: str, conditions: Sequence[Any], limit: int) -> Sequence[ContactRow]:
    query = (
        select(ContactRow)
        .where(ContactRow.company_slug == company, *conditions)
        .order_by(ContactRow.name, ContactRow.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def _named(company: str, text: str) -> Any:
    """The condition that no contact's name has more words in the text; None if the text has no words."""
    words = sorted(name_words(text))[:_MOST_WORDS]
    if not words:
        return None
    hits = (
        select(NameWordRow.contact_id, func.count().label("hits"))
        .where(NameWordRow.company_slug == company, NameWordRow.word.in_(words))
        .group_by(NameWordRow.contact_id)
        .subquery()
    )
    best = select(func.max(hits.c.hits)).scalar_subquery()
    return ContactRow.id.in_(select(hits.c.contact_id).where(hits.c.hits == best))


def _living_at(session: Session, company: str, text: str) -> tuple[Any, str]:
    """The condition of a contract for the unit or address that a text names, and the text without them.

    No condition if the company has no such address. A street is no name: "via Roma" does not mean Mrs Roma.
    """
    street = _STREET.search(text)
    if street is None:
        return None, text
    labels = session.execute(
        select(UnitRow.id, UnitRow.label)
        .join(PropertyRow, PropertyRow.id == UnitRow.property_id)
        .where(PropertyRow.company_slug == company)
        .where(PropertyRow.folded_address == f"{street['street']} {street['number']}")
    ).all()
    if not labels:
        return None, text
    meant = _UNIT.match(text, street.end())
    units = [key for key, label in labels if meant is None or fold(label).split()[-1:] == [meant[1]]]
    condition = ContactRow.id.in_(select(ContractRow.contact_id).where(ContractRow.unit_id.in_(units)))
    return condition, text[: street.start()] + text[(meant or street).end() :]
