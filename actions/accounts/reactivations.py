"""The account store's one write from the chat: a new expiry for invites, with the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from actions.accounts.interface import ReactivationRefused
from actions.accounts.models import AccessEventRow, InviteRow
from actions.accounts.records import Confirmation, Hindrance, Reactivation


def reactivate(session: Session, invite_ids: Sequence[str], confirmation: Confirmation) -> list[Reactivation]:
    """Set the new expiry of each invite, with an entry in the audit trail; the caller's transaction holds all or none.

    What was used or revoked in the meantime stays as it is. `ReactivationRefused` if one is not of the company.
    """
    query = (
        select(InviteRow)
        .where(InviteRow.id.in_(invite_ids))
        .options(joinedload(InviteRow.contact))
        .order_by(InviteRow.id)  # the same order for everyone: two that confirm at once never wait for each other
    )
    invites = list(session.scalars(query))
    if {invite.id for invite in invites if invite.contact.company_slug == confirmation.company} != set(invite_ids):
        raise ReactivationRefused
    return [_reactivate(session, invite, confirmation) for invite in invites]


def _reactivate(session: Session, invite: InviteRow, confirmation: Confirmation) -> Reactivation:
    before, expires_at, now = invite.expires_at, confirmation.expires_at, confirmation.now
    # The expiry that was read is part of the condition: of two confirmations at once, one changes it.
    changed = session.execute(
        update(InviteRow)
        .where(InviteRow.id == invite.id, InviteRow.expires_at == before, InviteRow.expires_at <= now)
        .where(InviteRow.used_at.is_(None), InviteRow.revoked_at.is_(None))
        .values(expires_at=expires_at)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 0:
        session.refresh(invite)
        hindrance: Hindrance | None = "used" if invite.used_at else "revoked" if invite.revoked_at else None
        # Without one it is valid already: a second confirmation, or a colleague was faster.
        return Reactivation(invite.id, invite.expires_at, hindrance)
    session.add(
        AccessEventRow(
            kind="reactivated",
            invite_id=invite.id,
            company_slug=confirmation.company,
            administrator=confirmation.administrator,
            conversation=confirmation.conversation,
            expired_at=before,
            expires_at=expires_at,
            happened_at=now,
        )
    )
    session.flush()
    return Reactivation(invite.id, expires_at)
