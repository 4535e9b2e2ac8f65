from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine

from actions.accounts.demo import load_demo
from actions.accounts.records import Confirmation, ContactQuery, CustomerRecord
from actions.accounts.store import SqlAccounts
from actions.invite_codes import normalize_code

ROME = ZoneInfo("Europe/Rome")
TODAY = date(2026, 3, 29)  # the night before, clocks went forward
BRENNERO = "studio-brennero"
ADIGE = "gestioni-adige"


@pytest.fixture(autouse=True)
def demo(engine: Engine) -> None:
    load_demo(engine, TODAY, ROME)


def customer(accounts: SqlAccounts, name: str, company: str = BRENNERO) -> CustomerRecord:
    (found,) = accounts.search_contacts(company, ContactQuery(text=name), 5).contacts
    record = accounts.customer(company, found.contact.id)
    assert record is not None
    return record


def days_from_today(moment: datetime) -> int:
    return (moment.astimezone(ROME).date() - TODAY).days


@pytest.mark.parametrize(
    ("name", "company", "email", "login"),
    [
        ("Maria Rossi", BRENNERO, "maria.rossi@gmail.com", "maria.rossi@googlemail.com"),
        ("Luca Bianchi", BRENNERO, "luca.bianchi@example.com", "luca.bianchi@example.com"),
        ("Giulia Ferrari", BRENNERO, "giulia.ferrari@example.com", "giulia.ferrari@example.com"),
        ("Paolo Gallo", BRENNERO, "paolo.gallo@example.com", "paolo.gallo@example.com"),
        ("Elena Conti", BRENNERO, "elena.conti@example.com", "e.conti@old.example.com"),
        ("Sara Greco", BRENNERO, "sara.greco@example.com", None),
        ("Davide Fontana", BRENNERO, "davide.fontana@example.com", None),
        ("Anna Serra", BRENNERO, "anna.serra@example.com", None),
        ("Franz Huber", ADIGE, "franz.huber@example.com", "franz.huber@example.com"),
    ],
)
def test_each_contact_has_its_addresses(
    accounts: SqlAccounts, name: str, company: str, email: str, login: str | None
) -> None:
    record = customer(accounts, name, company)
    assert record.contact.email == email
    assert (record.account.login if record.account else None) == login


@pytest.mark.parametrize(
    ("name", "company", "role", "unit", "starts", "ends"),
    [
        ("Maria Rossi", BRENNERO, "tenant", "Via Roma 12 int. 4", -400, None),
        ("Luca Bianchi", BRENNERO, "tenant", "Via Roma 12 int. 7", 15, None),
        ("Giulia Ferrari", BRENNERO, "tenant", "Via Piave 3 int. 1", -750, -20),
        ("Elena Conti", BRENNERO, "owner", "Via Piave 3 int. 2", -900, None),
        ("Sara Greco", BRENNERO, "owner", "Via Piave 3 int. 5", -60, None),
        ("Davide Fontana", BRENNERO, "tenant", "Via Roma 12 int. 9", -10, None),
        ("Franz Huber", ADIGE, "owner", "Corso Adige 8 int. 3", -500, None),
    ],
)
def test_each_contract_has_its_unit_and_dates(
    accounts: SqlAccounts, name: str, company: str, role: str, unit: str, starts: int, ends: int | None
) -> None:
    (contract,) = customer(accounts, name, company).contracts
    assert (contract.role, contract.unit_name) == (role, unit)
    assert contract.starts_on == TODAY + timedelta(days=starts)
    assert contract.ends_on == (None if ends is None else TODAY + timedelta(days=ends))


@pytest.mark.parametrize("name", ["Paolo Gallo", "Anna Serra"])
def test_who_has_no_contract(accounts: SqlAccounts, name: str) -> None:
    assert not customer(accounts, name).contracts


@pytest.mark.parametrize(
    ("code", "moment", "days"),
    [
        ("USAT-2345", "used_at", -30),
        ("PRES-2345", "used_at", -3),
        ("SCAD-2345", "expires_at", -12),
        ("VERD-2345", "expires_at", 20),
        ("REVC-2345", "revoked_at", -5),
        ("ADGE-2345", "expires_at", -5),
    ],
)
def test_each_code_has_its_day(accounts: SqlAccounts, code: str, moment: str, days: int) -> None:
    invite = accounts.find_invite(normalize_code(code))
    assert invite is not None
    assert days_from_today(getattr(invite, moment)) == days


def test_a_code_names_who_sent_it_and_how_the_company_is_reached(accounts: SqlAccounts) -> None:
    invite = accounts.find_invite(normalize_code("SCAD-2345"))
    assert invite is not None
    company = accounts.company(invite.company)
    assert invite.sent_by_name == "Martina Kofler"
    assert (company.name, company.phone, company.email) == (
        "Studio Brennero",
        "+39 0471 555 010",
        "studio@brennero.example.com",
    )


def test_loading_again_on_a_later_day_moves_the_dates_and_keeps_the_audit_trail(
    engine: Engine, accounts: SqlAccounts
) -> None:
    invite = accounts.find_invite(normalize_code("SCAD-2345"))
    assert invite is not None
    now = datetime.combine(TODAY, datetime.min.time(), ROME)
    confirmation = Confirmation(BRENNERO, "martina.kofler", "c1", now, now + timedelta(days=30))
    accounts.reactivate_invites([invite.id], confirmation)
    load_demo(engine, TODAY + timedelta(days=7), ROME)
    reloaded = accounts.find_invite(normalize_code("SCAD-2345"))
    assert reloaded is not None
    assert days_from_today(reloaded.expires_at) == 7 - 12
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from access_event").scalar() == 1
        assert connection.exec_driver_sql("select count(*) from contact").scalar() == 9
