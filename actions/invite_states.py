"""What became of an invite, and which of several counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from actions.accounts.records import Invite

InviteStatus = Literal["valid", "expired", "used", "revoked", "unknown"]

_MOST_TELLING: tuple[InviteStatus, ...] = ("valid", "expired", "used", "revoked")


def invite_status(invite: Invite | None, now: datetime) -> InviteStatus:
    """The finding for a code. A used code stays used whatever happened later; the minute of expiry is expired."""
    if invite is None:
        return "unknown"
    if invite.used_at is not None:
        return "used"
    if invite.revoked_at is not None:
        return "revoked"
    return "valid" if now < invite.expires_at else "expired"


def telling_invite(invites: Sequence[Invite], now: datetime, wanted: InviteStatus | None = None) -> Invite | None:
    """The invite that explains where a customer stands: one in the ``wanted`` state, else one that still opens.

    Then comes one that could be made to open again, then what is used or revoked; of equals the one that expires last.
    """

    def rank(invite: Invite) -> tuple[bool, int, datetime]:
        status = invite_status(invite, now)
        return status == wanted, -_MOST_TELLING.index(status), invite.expires_at

    return max(invites, key=rank, default=None)
