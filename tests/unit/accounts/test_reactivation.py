from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine

from actions.accounts.interface import ReactivationRefused
from actions.accounts.models import AccessEventRow
from actions.accounts.records import Confirmation, Reactivation
from actions.accounts.store import SqlAccounts
from tests.unit.accounts.factories import NOW, company, contact, invite, save

EXPIRED = NOW - timedelta(days=10)
EXTENDED = NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def world(engine: Engine) -> None:
    save(
        engine,
        [company("brenta"), company("livenza")],
        contact("ada", "Ada Neri"),
        [
            invite("expired", "ada", "ABCD2345"),
            invite("used", "ada", "ABCD2346", used_at=EXPIRED),
            invite("revoked", "ada", "ABCD2347", revoked_at=EXPIRED),
            invite("valid", "ada", "ABCD2348", expires_at=NOW + timedelta(days=3)),
        ],
    )


def reactivate(accounts: SqlAccounts, key: str = "expired", **changes: Any) -> Reactivation:
    values = {
        "company": "brenta",
        "administrator": "irene.zorzi",
        "conversation": "c1",
        "now": NOW,
        "expires_at": EXTENDED,
        **changes,
    }
    (result,) = accounts.reactivate_invites([key], Confirmation(**values))
    return result


def expiry(accounts: SqlAccounts, code: str) -> datetime:
    found = accounts.find_invite(code)
    assert found is not None
    return found.expires_at


def trail(engine: Engine) -> list[tuple[Any, ...]]:
    table = AccessEventRow.__table__
    with engine.connect() as connection:
        return [tuple(row)[1:] for row in connection.execute(select(table).order_by(table.c.id))]


def test_an_expired_invite_gets_its_new_expiry_and_an_entry_in_the_trail(engine: Engine, accounts: SqlAccounts) -> None:
    assert reactivate(accounts) == Reactivation("expired", EXTENDED)
    assert expiry(accounts, "ABCD2345") == EXTENDED
    assert trail(engine) == [("reactivated", "expired", "brenta", "irene.zorzi", "c1", EXPIRED, EXTENDED, NOW)]


@pytest.mark.parametrize("conversation", ["c1", "c2"])
def test_a_second_confirmation_changes_nothing_and_says_the_expiry(
    engine: Engine, accounts: SqlAccounts, conversation: str
) -> None:
    reactivate(accounts)
    later = reactivate(
        accounts,
        conversation=conversation,
        now=NOW + timedelta(minutes=1),
        expires_at=EXTENDED + timedelta(minutes=1),
    )
    assert later == Reactivation("expired", EXTENDED)
    assert expiry(accounts, "ABCD2345") == EXTENDED
    assert len(trail(engine)) == 1


def test_an_invite_that_expired_again_can_be_reactivated_again(engine: Engine, accounts: SqlAccounts) -> None:
    reactivate(accounts)
    later = EXTENDED + timedelta(days=1)
    again = later + timedelta(days=30)
    assert reactivate(accounts, now=later, expires_at=again).expires_at == again
    assert [entry[5:7] for entry in trail(engine)] == [(EXPIRED, EXTENDED), (EXTENDED, again)]


def test_an_invite_expires_in_the_minute_that_it_names(accounts: SqlAccounts) -> None:
    assert reactivate(accounts, now=EXPIRED).expires_at == EXTENDED


def test_a_valid_invite_keeps_its_expiry(engine: Engine, accounts: SqlAccounts) -> None:
    assert reactivate(accounts, "valid").expires_at == NOW + timedelta(days=3)
    assert trail(engine) == []


@pytest.mark.parametrize("key", ["used", "revoked"])
def test_what_was_used_or_revoked_stays_as_it_is(engine: Engine, accounts: SqlAccounts, key: str) -> None:
    assert reactivate(accounts, key) == Reactivation(key, EXPIRED, key)
    assert trail(engine) == []


@pytest.mark.parametrize(("key", "slug"), [("expired", "livenza"), ("valid", "livenza"), ("none", "brenta")])
def test_what_is_unknown_or_of_another_company_is_refused(
    engine: Engine, accounts: SqlAccounts, key: str, slug: str
) -> None:
    with pytest.raises(ReactivationRefused):
        reactivate(accounts, key, company=slug)
    assert expiry(accounts, "ABCD2345") == EXPIRED
    assert trail(engine) == []


def test_of_many_confirmations_at_once_one_counts(engine: Engine, accounts: SqlAccounts) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(
            pool.map(
                lambda number: reactivate(
                    accounts, conversation=f"c{number}", expires_at=EXTENDED + timedelta(seconds=number)
                ),
                range(8),
            )
        )
    assert {result.expires_at for result in results} == {expiry(accounts, "ABCD2345")}
    assert len(trail(engine)) == 1
