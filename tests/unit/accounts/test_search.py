from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from actions.accounts.records import ContactQuery
from actions.accounts.store import SqlAccounts
from tests.unit.accounts.factories import account, company, contact, contract, house, invite, save


@pytest.fixture(autouse=True)
def world(engine: Engine) -> None:
    """A company with several customers, and another one with a namesake at the same address."""
    save(
        engine,
        [company("brenta"), company("livenza")],
        [account("anna", "anna.login@example.com"), account("other", "other.login@example.com")],
        house("molo", "Via del Molo, 5", "int. 1", "int. 2", "garage"),
        house("molo-l", "Via del Molo 5", "int. 1", company="livenza"),
        contact("anna", "Anna Roma", email="Anna.Roma@example.com", account="anna"),
        contact("niccolo", "Niccolò D'Angelo", email="niccolo@example.com"),
        contact("maria-r", "Maria Rossi"),
        contact("maria-v", "Maria Vianello"),
        contact("anna-l", "Anna Roma", company="livenza", email="anna.l@example.com", account="other"),
        [
            contract("k1", "anna", "molo-int. 1"),
            contract("k2", "maria-r", "molo-int. 2"),
            contract("k3", "anna-l", "molo-l-int. 1"),
        ],
        [invite("i1", "anna", "ABCD2345"), invite("i2", "anna-l", "WXYZ6789")],
    )


def found(accounts: SqlAccounts, query: ContactQuery, company: str = "brenta", limit: int = 5) -> list[str]:
    return [found.contact.id for found in accounts.search_contacts(company, query, limit).contacts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Niccolò D'Angelo", ["niccolo"]),
        ("il signor NICCOLO non riesce più ad accedere", ["niccolo"]),
        ("d'angelo niccolo'", ["niccolo"]),
        ("la mia cliente Rossi Maria è bloccata", ["maria-r"]),
        ("Maria", ["maria-r", "maria-v"]),
        ("la signora Maria Bianchi", ["maria-r", "maria-v"]),
        ("non riesce ad accedere", []),
        ("", []),
        ("%_' 42", []),
    ],
)
def test_a_sentence_finds_whom_it_names_best(accounts: SqlAccounts, text: str, expected: list[str]) -> None:
    assert found(accounts, ContactQuery(text=text)) == expected


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        ("Mario Rossi non entra", True),
        ("mario rossi non entra", True),
        ("Marta Rossi", True),
        ("Mariia Rossi non entra", False),
        ("Maria Rosi non entra", False),
        ("mari rossi non entra", False),
        ("Niccolo Dangelo non entra", False),
    ],
)
def test_another_name_is_no_slip(accounts: SqlAccounts, text: str, is_near: bool) -> None:
    search = accounts.search_contacts("brenta", ContactQuery(text=text), 5)
    assert search.contacts
    assert search.is_near is is_near


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chi sta in via del Molo 5 int. 2?", ["maria-r"]),
        ("VIA DEL MOLO, 5 interno 1", ["anna"]),
        ("via del molo n. 5", ["anna", "maria-r"]),
        ("Maria in via del Molo 5", ["maria-r"]),
        ("Maria Vianello, via del Molo 5 int. 2", ["maria-v"]),
    ],
)
def test_an_address_finds_who_has_a_contract_there(accounts: SqlAccounts, text: str, expected: list[str]) -> None:
    assert found(accounts, ContactQuery(text=text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("via del Molo 5 int. 22", ["maria-r", "anna"]),
        ("chi sta in via del Molo 6 interno 1?", ["anna", "maria-r"]),
        ("via del Molo 4", ["anna", "maria-r"]),
        ("via Garibaldi 5 int. 2", ["maria-r"]),
        ("via Garibaldi 99 int. 4", []),
        ("via Garibaldi 5", []),
    ],
)
def test_where_nobody_lives_the_nearest_are_offered(accounts: SqlAccounts, text: str, expected: list[str]) -> None:
    search = accounts.search_contacts("brenta", ContactQuery(text=text), 5)
    assert [found.contact.id for found in search.contacts] == expected
    assert (search.is_near, search.names_somebody) == (True, True)


def test_of_the_nearest_addresses_the_closest_number_comes_first(engine: Engine, accounts: SqlAccounts) -> None:
    save(
        engine,
        house("piave-30", "Via Piave 30", "int. 1"),
        house("piave-3", "Via Piave 3", "int. 1"),
        [contract("k5", "maria-v", "piave-30-int. 1"), contract("k6", "maria-r", "piave-3-int. 1")],
    )
    assert found(accounts, ContactQuery(text="via Piave 4")) == ["maria-r", "maria-v"]


def test_the_name_of_a_street_is_not_taken_for_a_person(engine: Engine, accounts: SqlAccounts) -> None:
    save(engine, house("roma", "Via Roma 12", "int. 4"), contract("k4", "maria-v", "roma-int. 4"))
    assert found(accounts, ContactQuery(text="chi abita in via Roma 12 int. 4")) == ["maria-v"]


@pytest.mark.parametrize("email", ["anna.roma@example.com", "ANNA.LOGIN@example.com"])
def test_an_address_is_found_whether_it_is_for_contact_or_login(accounts: SqlAccounts, email: str) -> None:
    assert found(accounts, ContactQuery(text="Maria Rossi", email=email)) == ["anna"]


def test_a_code_finds_its_contact_however_it_is_typed(accounts: SqlAccounts) -> None:
    assert found(accounts, ContactQuery(code="abcd 2345")) == ["anna"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (ContactQuery(email="niccol@example.com"), ["niccolo"]),
        (ContactQuery(email="anna.romma@example.com"), ["anna"]),
        (ContactQuery(email="n%cc_lo@example.com"), []),
        (ContactQuery(code="ABCD-2346"), ["anna"]),
        (ContactQuery(code="WXYZ-6788"), []),
    ],
)
def test_a_mistyped_address_or_code_finds_the_nearest(
    accounts: SqlAccounts, query: ContactQuery, expected: list[str]
) -> None:
    assert found(accounts, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        ContactQuery(text="Anna Roma"),
        ContactQuery(text="via del Molo 5 int. 1"),
        ContactQuery(email="anna.l@example.com"),
        ContactQuery(email="other.login@example.com"),
        ContactQuery(code="WXYZ-6789"),
    ],
)
def test_nobody_of_another_company_is_found(accounts: SqlAccounts, query: ContactQuery) -> None:
    assert "anna-l" not in found(accounts, query)
    assert found(accounts, query, company="livenza") == ["anna-l"]


def test_no_more_than_the_limit_are_found(accounts: SqlAccounts) -> None:
    assert found(accounts, ContactQuery(text="Maria"), limit=1) == ["maria-r"]
