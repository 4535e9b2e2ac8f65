"""Contacts of one company by an invite code or a mail address, exactly or nearly as typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapidfuzz.distance import OSA
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from actions.accounts.models import AccountRow, ContactRow, InviteRow
from actions.accounts.names import fold
from actions.email_spelling import compare, google_twin

_LOOKED_AT = 300
_BEGINNING = 3  # characters that a mistyped address still begins with
_LAST_CHARACTER = "\U0010ffff"
_HALF = 4  # characters of a code on either side of its dash


def by_code(session: Session, company: str, code: str, limit: int, *, is_near: bool = False) -> Sequence[ContactRow]:
    """The contact that a normalised code was sent to; nearly: the codes of one wrong character in the second half."""
    if not is_near:
        return _contacts(session, company, ContactRow.id.in_(_invited(InviteRow.code == code)), limit)
    if len(code) <= _HALF:
        return []
    beginning = code[:_HALF]
    codes = (
        select(InviteRow.code)
        .join(InviteRow.contact)
        .where(ContactRow.company_slug == company)
        .where(_begins(session, InviteRow.code, beginning))
        .limit(_LOOKED_AT)
    )
    near = [other for other in session.scalars(codes) if OSA.distance(code, other) <= 1]
    return _contacts(session, company, ContactRow.id.in_(_invited(InviteRow.code.in_(near))), limit) if near else []


def by_email(session: Session, company: str, email: str, limit: int, *, is_near: bool = False) -> Sequence[ContactRow]:
    """The contacts with this address, for contact or login, its Google twin included; nearly: with a slip."""
    address = fold(email)
    if not is_near:
        spellings = [address, *filter(None, [google_twin(address)])]
        by_login = select(AccountRow.id).where(AccountRow.folded_login.in_(spellings))
        means = or_(ContactRow.folded_email.in_(spellings), ContactRow.account_id.in_(by_login))
        return _contacts(session, company, means, limit)
    beginning = address[:_BEGINNING]
    rows = session.execute(
        select(ContactRow.id, ContactRow.folded_email, AccountRow.folded_login)
        .outerjoin(AccountRow, AccountRow.id == ContactRow.account_id)
        .where(ContactRow.company_slug == company)
        .where(_begins(session, ContactRow.folded_email, beginning))
        .limit(_LOOKED_AT)
    )
    near = [
        key
        for key, *addresses in rows
        if any(other and compare(address, other) in ("near_miss", "twin_mismatch") for other in addresses)
    ]
    return _contacts(session, company, ContactRow.id.in_(near), limit) if near else []


def _begins(session: Session, column: Any, beginning: str) -> Any:
    """Whether a value begins so, by what each database can look up in an index.

    SQLite compares bytes, but its LIKE takes no index; PostgreSQL may sort as a dictionary does, where a range of
    bytes means something else.
    """
    if session.get_bind().dialect.name == "sqlite":
        return and_(column >= beginning, column < beginning + _LAST_CHARACTER)
    return column.startswith(beginning, autoescape=True)


def _invited(condition: Any) -> Any:
    """The keys of the contacts whose invites fulfil a condition."""
    return select(InviteRow.contact_id).where(condition)


def _contacts(session: Session, company: str, condition: Any, limit: int) -> Sequence[ContactRow]:
    query = select(ContactRow).where(ContactRow.company_slug == company, condition)
    return list(session.scalars(query.order_by(ContactRow.name, ContactRow.id).limit(limit)))
