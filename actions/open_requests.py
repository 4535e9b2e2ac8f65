"""Which wishes for a reactivation still wait for an administrator, and what becomes of the others."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from actions.accounts.interface import Accounts
from actions.accounts.records import Invite, Tenancy
from actions.invite_states import invite_status
from bot.conversations.requests import ReactivationRequest, RequestStore

_AT_ONCE = 500


@dataclass(frozen=True)
class OpenRequest:
    """A wish with the invite that it is about."""

    id: int
    asked_at: datetime
    tenancy: Tenancy
    invite: Invite


def open_requests(
    accounts: Accounts, requests: RequestStore, now: datetime, company: str | None = None
) -> Sequence[OpenRequest]:
    """The wishes for invites that are expired, of one company or of all, oldest first; the others are closed.

    Where the invite is valid again the tenant is told: a process may have ended after reactivating it and before
    closing the wish, or the portal has extended it. Where it was used or revoked, or is gone, nobody is.
    """
    waiting: list[OpenRequest] = []
    wishes = sorted(requests.open_reactivations(company), key=lambda wish: wish.company)
    for owner, of_company in itertools.groupby(wishes, key=lambda wish: wish.company):
        waiting += _of_company(accounts, requests, now, owner, list(of_company))
    return sorted(waiting, key=lambda entry: entry.id)


def _of_company(
    accounts: Accounts, requests: RequestStore, now: datetime, company: str, wishes: Sequence[ReactivationRequest]
) -> Sequence[OpenRequest]:
    waiting: list[OpenRequest] = []
    for start in range(0, len(wishes), _AT_ONCE):
        part = wishes[start : start + _AT_ONCE]
        found = {row.invite.id: row for row in accounts.invites(company, [w.invite_id for w in part]) if row.invite}
        states = {key: invite_status(row.invite, now) for key, row in found.items()}
        valid = [key for key, state in states.items() if state == "valid"]
        settled = [wish.invite_id for wish in part if states.get(wish.invite_id) not in ("valid", "expired")]
        if valid:
            requests.close_reactivations(company, valid, now)
        if settled:
            requests.drop_reactivations(company, settled)
        for wish in part:
            row = found.get(wish.invite_id)
            if row is not None and row.invite is not None and states[wish.invite_id] == "expired":
                waiting.append(OpenRequest(wish.id, wish.created_at, row, row.invite))
    return waiting
