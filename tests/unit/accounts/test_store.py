from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.engine import Engine

from actions.accounts.records import Account, Company
from actions.accounts.store import SqlAccounts
from tests.unit.accounts.factories import (
    NOW,
    account,
    administrator,
    company,
    contact,
    contract,
    house,
    invite,
    save,
)


@pytest.fixture(autouse=True)
def world(engine: Engine) -> None:
    """Two companies; Ada Neri is a customer of both, with one account."""
    save(
        engine,
        [company("brenta"), company("livenza")],
        [administrator(), administrator("livenza", "Bruno Sartor")],
        [account("ada", "Ada.Neri@example.com"), account("leo", "leo@example.com", locked_at=NOW)],
        house("molo", "Via del Molo 5", "int. 1", "int. 2"),
        house("borgo", "Via Borgo 9", "int. 1", company="livenza"),
        contact("ada-b", "Ada Neri", email="ada.neri@example.com", account="ada"),
        contact("ada-l", "Ada Neri", company="livenza", account="ada"),
        contact("leo-b", "Leo Poli", account="leo"),
        [
            contract("k1", "ada-b", "molo-int. 1", ends_on=date(2026, 12, 31)),
            contract("k2", "ada-l", "borgo-int. 1", role="owner"),
        ],
        [
            invite(
                "i1",
                "ada-b",
                "ABCD2345",
                contract_id="k1",
                administrator_id="admin-brenta",
                used_at=NOW - timedelta(days=20),
                used_by="ada",
            ),
            invite("i2", "leo-b", "WXYZ6789"),
        ],
    )


def test_an_invite_tells_its_company_unit_sender_and_dates(accounts: SqlAccounts) -> None:
    found = accounts.find_invite("ABCD2345")
    assert found is not None
    assert (found.company, found.unit_name, found.sent_by_name) == (
        "brenta",
        "Via del Molo 5 int. 1",
        "Irene Zorzi",
    )
    assert (found.used_at, found.used_by) == (NOW - timedelta(days=20), "ada")
    assert found.expires_at.utcoffset() == timedelta(0)


def test_an_invite_without_contract_and_sender_is_found_all_the_same(accounts: SqlAccounts) -> None:
    found = accounts.find_invite("WXYZ6789")
    assert found is not None
    assert (found.company, found.unit_name, found.sent_by_name) == ("brenta", None, None)


@pytest.mark.parametrize("code", ["ABCD2346", "abcd2345", ""])
def test_only_the_very_code_finds_an_invite(accounts: SqlAccounts, code: str) -> None:
    assert accounts.find_invite(code) is None


@pytest.mark.parametrize(
    ("login", "found"),
    [
        ("Ada.Neri@example.com", "ada"),
        ("ada.neri@example.com", None),
        ("Ada.Neri@example.com ", None),
        ("nobody@example.com", None),
    ],
)
def test_a_login_address_counts_exactly_as_it_was_registered(
    accounts: SqlAccounts, login: str, found: str | None
) -> None:
    result = accounts.find_account(login)
    assert (result.id if result else None) == found


def test_two_logins_that_differ_in_case_are_two_accounts(engine: Engine, accounts: SqlAccounts) -> None:
    save(engine, account("other", "ada.neri@example.com"))
    found = accounts.find_account("ada.neri@example.com")
    assert found is not None
    assert found.id == "other"


def test_an_account_is_found_by_its_id_with_its_lock(accounts: SqlAccounts) -> None:
    assert accounts.account("leo") == Account("leo", "leo@example.com", NOW)
    assert accounts.account("nobody") is None


def test_the_contracts_of_an_account_reach_over_companies(accounts: SqlAccounts) -> None:
    found = {item.id: (item.company, item.role, item.unit_name) for item in accounts.contracts_of_account("ada")}
    assert found == {
        "k1": ("brenta", "tenant", "Via del Molo 5 int. 1"),
        "k2": ("livenza", "owner", "Via Borgo 9 int. 1"),
    }
    assert not accounts.contracts_of_account("leo")


def test_a_contract_is_found_by_its_id(accounts: SqlAccounts) -> None:
    found = accounts.contract("k1")
    assert found is not None
    assert (found.contact_id, found.starts_on, found.ends_on) == (
        "ada-b",
        date(2025, 1, 1),
        date(2026, 12, 31),
    )
    assert accounts.contract("k9") is None


def test_the_companies_of_an_account_are_those_of_its_contacts(accounts: SqlAccounts) -> None:
    assert [item.slug for item in accounts.companies_of_account("ada")] == ["brenta", "livenza"]
    assert not accounts.companies_of_account("nobody")


def test_a_company_is_found_by_its_slug(accounts: SqlAccounts) -> None:
    assert accounts.company("brenta") == Company("brenta", "Studio Brenta", "+39 041 555 0100", "brenta@example.com")
    with pytest.raises(LookupError, match="no company nowhere"):
        accounts.company("nowhere")


def test_a_customer_comes_with_everything_on_file(accounts: SqlAccounts) -> None:
    record = accounts.customer("brenta", "ada-b")
    assert record is not None
    assert record.contact.email == "ada.neri@example.com"
    assert record.account is not None
    assert record.account.login == "Ada.Neri@example.com"
    assert [item.id for item in record.contracts] == ["k1"]
    assert [item.code for item in record.invites] == ["ABCD2345"]


def test_a_customer_without_account_contract_or_invite_is_a_customer(engine: Engine, accounts: SqlAccounts) -> None:
    save(engine, contact("new", "Ugo Riva"))
    record = accounts.customer("brenta", "new")
    assert record is not None
    assert (record.account, record.contracts, record.invites) == (None, [], [])


@pytest.mark.parametrize(("slug", "key"), [("livenza", "ada-b"), ("brenta", "ada-l"), ("brenta", "nobody")])
def test_a_customer_of_another_company_does_not_exist(accounts: SqlAccounts, slug: str, key: str) -> None:
    assert accounts.customer(slug, key) is None


def test_only_a_store_without_companies_is_empty(engine: Engine, accounts: SqlAccounts) -> None:
    assert not accounts.is_empty()
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from invite")
        connection.exec_driver_sql("delete from company")
    assert accounts.is_empty()
