"""What the database refuses, whoever writes to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, StatementError

from actions.accounts.models import AccessEventRow, Base
from tests.unit.accounts.factories import NOW, account, company, contact, contract, house, invite, save

BEFORE = NOW - timedelta(days=60)


@pytest.fixture(autouse=True)
def world(engine: Engine) -> None:
    save(
        engine,
        company(),
        account("ada", "ada@example.com"),
        house("molo", "Via del Molo 5", "int. 1"),
        contact("ada", "Ada Neri", account="ada"),
        contract("k1", "ada", "molo-int. 1"),
        invite("i1", "ada", "ABCD2345"),
    )


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(account("other", "ada@example.com"), id="a login twice"),
        pytest.param(invite("i2", "ada", "ABCD2345"), id="a code twice"),
        pytest.param(house("molo-2", "Via del Molo 5", "int. 1", "int. 1"), id="a unit twice in a property"),
        pytest.param(contact("bo", "Bo", company="nowhere"), id="a contact of no company"),
        pytest.param(contact("bo", "Bo", account="nobody"), id="a contact of an unknown account"),
        pytest.param(contract("k2", "nobody", "molo-int. 1"), id="a contract of nobody"),
        pytest.param(contract("k2", "ada", "nowhere"), id="a contract for no unit"),
        pytest.param(contract("k2", "ada", "molo-int. 1", role="guest"), id="an unknown role"),
        pytest.param(contract("k2", "ada", "molo-int. 1", ends_on=date(2024, 12, 31)), id="an end before the start"),
        pytest.param(invite("i2", "ada", "ABCD2346", expires_at=BEFORE), id="an expiry before the issue"),
        pytest.param(invite("i2", "ada", "ABCD2346", used_at=BEFORE), id="a use before the issue"),
        pytest.param(invite("i2", "ada", "ABCD2346", revoked_at=BEFORE), id="a revocation before the issue"),
        pytest.param(invite("i2", "ada", "ABCD2346", used_by="ada"), id="a user without a use"),
        pytest.param(invite("i2", "ada", "ABCD2346", contract_id="nothing"), id="an invite for no contract"),
    ],
)
def test_the_database_refuses(engine: Engine, row: Base | list[Base]) -> None:
    with pytest.raises(IntegrityError):
        save(engine, row)


def test_the_first_and_last_day_of_a_contract_may_be_one(engine: Engine) -> None:
    save(engine, contract("k2", "ada", "molo-int. 1", ends_on=date(2025, 1, 1)))


def test_a_moment_without_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="time zone"):
        save(engine, invite("i2", "ada", "ABCD2346", used_at=datetime(2026, 3, 1)))


def test_an_invite_in_the_audit_trail_cannot_be_deleted(engine: Engine) -> None:
    entry = AccessEventRow(
        kind="reactivated",
        invite_id="i1",
        company_slug="brenta",
        administrator="irene",
        conversation="c1",
        expired_at=NOW,
        expires_at=NOW + timedelta(days=30),
        happened_at=NOW,
    )
    save(engine, entry)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("delete from invite"))


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("invite", ["code"]),
        ("invite", ["contact_id"]),
        ("account", ["folded_login"]),
        ("contact", ["company_slug", "folded_email"]),
        ("contact", ["account_id"]),
        ("contact_name_word", ["company_slug", "word", "contact_id"]),
        ("contract", ["contact_id"]),
        ("contract", ["unit_id"]),
        ("property", ["company_slug", "folded_address"]),
        ("unit", ["property_id", "label"]),
    ],
)
def test_every_look_up_has_an_index(engine: Engine, table: str, columns: list[str]) -> None:
    inspector = inspect(engine)
    indexed = [index["column_names"] for index in inspector.get_indexes(table)]
    indexed += [unique["column_names"] for unique in inspector.get_unique_constraints(table)]
    assert columns in indexed
