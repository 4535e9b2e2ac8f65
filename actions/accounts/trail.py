"""Reading the audit trail: who changed which invite, from what to what, in which conversation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.engine import Engine

from actions.accounts.models import AccessEventRow

_PAGE = 1000


@dataclass(frozen=True)
class TrailEntry:
    """One change. ``invite`` is its key, never its code, which lets people in."""

    happened_at: datetime
    company: str
    administrator: str
    kind: str
    invite: str
    expired_at: datetime
    expires_at: datetime
    conversation: str


def trail(engine: Engine, company: str | None, since: datetime | None) -> Iterator[TrailEntry]:
    """The entries in the order in which they were made, of one company and from one moment on, if so asked."""
    columns = (
        AccessEventRow.happened_at,
        AccessEventRow.company_slug,
        AccessEventRow.administrator,
        AccessEventRow.kind,
        AccessEventRow.invite_id,
        AccessEventRow.expired_at,
        AccessEventRow.expires_at,
        AccessEventRow.conversation,
    )
    query = select(*columns).order_by(AccessEventRow.id)
    if company is not None:
        query = query.where(AccessEventRow.company_slug == company)
    if since is not None:
        query = query.where(AccessEventRow.happened_at >= since)
    with engine.connect() as connection:
        for row in connection.execution_options(stream_results=True, yield_per=_PAGE).execute(query):
            yield TrailEntry(*row)
