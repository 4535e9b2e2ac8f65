"""Lists of a property or a company, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from actions.accounts.records import PropertySearch, TenancyList
from actions.accounts.store import SqlAccounts
from tests.unit.accounts.factories import NOW, account, company, contact, contract, house, invite, save

TODAY = NOW.date()
DAY = timedelta(days=1)
EVERYWHERE = PropertySearch(is_named=False)


@pytest.fixture(autouse=True)
def world(engine: Engine) -> None:
    """Ada has an expired invite for one house and an open one for another; Leo moved out; Ugo is in."""
    save(
        engine,
        [company("brenta"), company("livenza")],
        account("ugo", "ugo@example.com"),
        house("molo", "Via del Molo 5", "int. 1", "int. 2", "int. 3"),
        house("dante", "Via Dante 1", "int. 9"),
        contact("ada", "Ada Neri"),
        contact("leo", "Leo Poli"),
        contact("ugo", "Ugo Riva", account="ugo"),
        contact("eva", "Eva Sala"),
        contact("pia", "Pia Neri", company="livenza"),
        [
            contract("ada-molo", "ada", "molo-int. 1"),
            contract("ada-dante", "ada", "dante-int. 9"),
            contract("leo", "leo", "molo-int. 2", ends_on=TODAY - DAY),
            contract("ugo", "ugo", "molo-int. 3"),
        ],
        [
            invite("ada-molo", "ada", "ABCD2345", contract_id="ada-molo"),
            invite("ada-dante", "ada", "ABCD2346", contract_id="ada-dante", expires_at=NOW + 3 * DAY),
            invite("leo", "leo", "ABCD2347", contract_id="leo"),
            invite("ugo", "ugo", "ABCD2348", contract_id="ugo", expires_at=NOW - 2 * DAY),
            invite("eva", "eva", "ABCD2349"),
            invite("pia", "pia", "WXYZ2345"),
        ],
    )


def at(accounts: SqlAccounts, text: str) -> PropertySearch:
    return accounts.search_properties("brenta", text)


def expired(accounts: SqlAccounts, where: PropertySearch, limit: int = 10) -> TenancyList:
    return accounts.expired_invites("brenta", where, TODAY, None, NOW, limit)


def keys(found: TenancyList) -> list[str]:
    return [row.invite.id for row in found.rows if row.invite]


def test_expired_invites_of_a_company_are_those_that_would_still_be_of_use(accounts: SqlAccounts) -> None:
    assert keys(expired(accounts, EVERYWHERE)) == ["ugo", "ada-molo", "eva"]


def test_expired_invites_of_a_place_are_those_for_its_units(accounts: SqlAccounts) -> None:
    assert keys(expired(accounts, at(accounts, "via del Molo 5"))) == ["ugo", "ada-molo"]
    assert keys(expired(accounts, at(accounts, "via del Molo 5 int. 1"))) == ["ada-molo"]
    assert keys(expired(accounts, at(accounts, "via Dante 1"))) == []


def test_an_invite_for_no_contract_counts_where_its_contact_lives(engine: Engine, accounts: SqlAccounts) -> None:
    save(engine, contract("eva", "eva", "dante-int. 9"))
    assert keys(expired(accounts, at(accounts, "via Dante 1"))) == ["eva"]


def test_open_invites_of_a_place_are_those_for_its_units(accounts: SqlAccounts) -> None:
    def opened(text: str) -> list[str]:
        return keys(accounts.open_invites("brenta", at(accounts, text), NOW, NOW + 9 * DAY, 10))

    assert opened("via Dante 1") == ["ada-dante"]
    assert opened("via del Molo 5") == []


@pytest.mark.parametrize(
    "replacing",
    [
        {"expires_at": NOW + DAY},
        {"expires_at": NOW - DAY},
        {"expires_at": NOW - 20 * DAY, "used_at": NOW - 25 * DAY},
    ],
)
def test_an_invite_that_another_one_has_replaced_is_left_out(
    engine: Engine, accounts: SqlAccounts, replacing: dict[str, object]
) -> None:
    save(engine, invite("later", "ada", "ABCD2352", contract_id="ada-molo", **replacing))
    assert "ada-molo" not in keys(expired(accounts, EVERYWHERE))


def test_a_revoked_invite_replaces_none(engine: Engine, accounts: SqlAccounts) -> None:
    revoked = invite("later", "ada", "ABCD2352", contract_id="ada-molo", expires_at=NOW + DAY, revoked_at=NOW)
    save(engine, revoked)
    assert "ada-molo" in keys(expired(accounts, EVERYWHERE))


def test_a_span_of_time_narrows_down(accounts: SqlAccounts) -> None:
    found = accounts.expired_invites("brenta", EVERYWHERE, TODAY, NOW - 5 * DAY, NOW, 10)
    assert keys(found) == ["ugo"]


def test_a_list_that_is_cut_knows_how_many_there_are(accounts: SqlAccounts) -> None:
    found = expired(accounts, EVERYWHERE, limit=1)
    assert (len(found.rows), found.total) == (1, 3)
    assert accounts.unregistered("brenta", EVERYWHERE, TODAY, NOW, 1).total == 3
    assert accounts.ending_contracts("brenta", EVERYWHERE, TODAY - DAY, TODAY, 1).total == 1


def test_who_is_not_registered_is_shown_with_the_invite_for_that_place(accounts: SqlAccounts) -> None:
    (row,) = accounts.unregistered("brenta", at(accounts, "via del Molo 5"), TODAY, NOW, 10).rows
    assert (row.contact.id, row.invite.id if row.invite else None) == ("ada", "ada-molo")
    (row,) = accounts.unregistered("brenta", at(accounts, "via Dante 1"), TODAY, NOW, 10).rows
    assert (row.contact.id, row.invite.id if row.invite else None) == ("ada", "ada-dante")


def test_without_a_place_all_who_are_not_registered_are_shown(accounts: SqlAccounts) -> None:
    found = accounts.unregistered("brenta", EVERYWHERE, TODAY, NOW, 10)
    assert [row.contact.id for row in found.rows] == ["ada", "eva", "leo"]
