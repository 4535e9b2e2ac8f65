"""Small rows of the account store, sound unless a test says otherwise."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from actions.accounts.models import (
    AccountRow,
    AdministratorRow,
    Base,
    CompanyRow,
    ContactRow,
    ContractRow,
    InviteRow,
    NameWordRow,
    PropertyRow,
    UnitRow,
)
from actions.accounts.names import fold, name_words
from actions.accounts.places import fold_address
from actions.accounts.spelling_index import add_words

NOW = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)


def save(engine: Engine, *rows: Base | list[Base]) -> None:
    """Save rows in the order given."""
    with Session(engine, future=True) as session, session.begin():
        for row in rows:
            session.add_all(row if isinstance(row, list) else [row])
            session.flush()
        words = session.execute(select(NameWordRow.company_slug, NameWordRow.word).distinct()).all()
        add_words(session.connection(), words)


def company(slug: str = "brenta") -> CompanyRow:
    return CompanyRow(slug=slug, name=f"Studio {slug.title()}", phone="+39 041 555 0100", email=f"{slug}@example.com")


def administrator(company: str = "brenta", name: str = "Irene Zorzi") -> AdministratorRow:
    return AdministratorRow(id=f"admin-{company}", company_slug=company, name=name)


def account(key: str, login: str, locked_at: datetime | None = None) -> AccountRow:
    return AccountRow(
        id=key,
        login=login,
        folded_login=fold(login),
        created_at=NOW - timedelta(days=90),
        locked_at=locked_at,
    )


def contact(
    key: str, name: str, *, company: str = "brenta", email: str | None = None, account: str | None = None
) -> list[Base]:
    """A contact with the words of its name."""
    row = ContactRow(
        id=key,
        company_slug=company,
        name=name,
        email=email,
        folded_email=fold(email) if email else None,
        account_id=account,
    )
    words: list[Base] = [
        NameWordRow(contact_id=key, word=word, company_slug=company) for word in sorted(name_words(name))
    ]
    return [row, *words]


def house(key: str, address: str, *labels: str, company: str = "brenta") -> list[Base]:
    """A property with its units, whose keys are ``<key>-<label>``."""
    row = PropertyRow(id=key, company_slug=company, address=address, folded_address=fold_address(address))
    return [row, *(UnitRow(id=f"{key}-{label}", property_id=key, label=label) for label in labels)]


def contract(key: str, contact: str, unit: str, **changes: Any) -> ContractRow:
    values = {"role": "tenant", "starts_on": date(2025, 1, 1), "ends_on": None, **changes}
    return ContractRow(id=key, contact_id=contact, unit_id=unit, **values)


def invite(key: str, contact: str, code: str, **changes: Any) -> InviteRow:
    """An invite that expired ten days ago."""
    values = {"issued_at": NOW - timedelta(days=40), "expires_at": NOW - timedelta(days=10), **changes}
    return InviteRow(id=key, contact_id=contact, code=code, **values)
