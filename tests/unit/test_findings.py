"""The decision functions: records in, findings out, on the days and minutes where they turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.accounts.records import Account, Contact, Contract, CustomerRecord, Invite
from actions.contracts import contract_status, telling_contract
from actions.diagnosis import diagnose
from actions.email_spelling import check_spelling
from actions.invite_states import invite_status, telling_invite
from actions.invites import code_shape
from actions.login_addresses import email_status

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
TODAY = NOW.date()
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

INVITE = Invite(
    id="i",
    company="c",
    contact_id="k",
    contract_id=None,
    code="USAT2345",
    unit_name=None,
    sent_by_name=None,
    issued_at=NOW - 30 * DAY,
    expires_at=NOW + DAY,
    used_at=None,
    used_by=None,
    revoked_at=None,
)
CONTRACT = Contract("t", "c", "k", "tenant", "Via Roma 12 int. 4", TODAY - 400 * DAY, None)
CONTACT = Contact("k", "c", "Maria Rossi", "maria.rossi@example.com")
ACCOUNT = Account("a", "maria.rossi@example.com", None)
CUSTOMER = CustomerRecord(CONTACT, ACCOUNT, [CONTRACT], [])


def test_an_invite_is_valid_until_the_minute_of_its_expiry() -> None:
    assert invite_status(replace(INVITE, expires_at=NOW + MINUTE), NOW) == "valid"
    assert invite_status(replace(INVITE, expires_at=NOW), NOW) == "expired"
    assert invite_status(replace(INVITE, expires_at=NOW - MINUTE), NOW) == "expired"


def test_a_used_invite_stays_used_whatever_happened_later() -> None:
    used = replace(INVITE, used_at=NOW - DAY, expires_at=NOW - MINUTE, revoked_at=NOW - MINUTE)
    assert invite_status(used, NOW) == "used"


def test_a_revoked_invite_is_revoked_even_when_it_has_expired() -> None:
    assert invite_status(replace(INVITE, revoked_at=NOW - DAY, expires_at=NOW - MINUTE), NOW) == "revoked"


OPEN = replace(INVITE, id="open")
EXPIRED = replace(INVITE, id="expired", expires_at=NOW - MINUTE)
LATER_USED = replace(INVITE, id="used", used_at=NOW - DAY, expires_at=NOW + 9 * DAY)
LATER_REVOKED = replace(INVITE, id="revoked", revoked_at=NOW - DAY, expires_at=NOW + 9 * DAY)


@pytest.mark.parametrize(
    ("invites", "wanted", "telling"),
    [
        ([LATER_REVOKED, OPEN, EXPIRED], None, "open"),
        ([LATER_REVOKED, LATER_USED, EXPIRED], None, "expired"),
        ([LATER_REVOKED, LATER_USED], None, "used"),
        ([OPEN, replace(OPEN, id="later", expires_at=NOW + 2 * DAY)], None, "later"),
        ([OPEN, EXPIRED, LATER_USED], "expired", "expired"),
        ([OPEN, LATER_USED], "expired", "open"),
    ],
)
def test_of_several_invites_one_tells(invites: list[Invite], wanted: Any, telling: str) -> None:
    found = telling_invite(invites, NOW, wanted)
    assert found is not None
    assert found.id == telling


def test_no_invite_is_unknown() -> None:
    assert invite_status(None, NOW) == "unknown"


@pytest.mark.parametrize("night", [datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)])
def test_expiry_counts_right_in_the_nights_when_clocks_change(night: datetime) -> None:
    expires_at = night.replace(tzinfo=ZoneInfo("Europe/Rome")).astimezone(timezone.utc)
    invite = replace(INVITE, issued_at=expires_at - DAY, expires_at=expires_at)
    assert invite_status(invite, expires_at - MINUTE) == "valid"
    assert invite_status(invite, expires_at) == "expired"


@pytest.mark.parametrize(
    ("starts", "ends", "finding"),
    [
        (0, None, "active"),
        (1, None, "not_started"),
        (-10, 0, "active"),
        (-10, -1, "ended"),
        (0, 0, "active"),
        (-10, 1, "active"),
        (5, 9, "not_started"),
    ],
)
def test_the_first_and_the_last_day_belong_to_a_contract(starts: int, ends: int | None, finding: str) -> None:
    last_day = None if ends is None else TODAY + ends * DAY
    assert contract_status(replace(CONTRACT, starts_on=TODAY + starts * DAY, ends_on=last_day), TODAY) == finding


def test_no_contract_is_none() -> None:
    assert contract_status(None, TODAY) == "none"
    assert telling_contract([], TODAY) is None


def test_an_active_contract_tells_more_than_others_and_the_nearest_of_the_rest() -> None:
    ended_long_ago = replace(CONTRACT, id="long ago", ends_on=TODAY - 90 * DAY)
    ended = replace(CONTRACT, id="ended", ends_on=TODAY - 2 * DAY)
    soon = replace(CONTRACT, id="soon", starts_on=TODAY + 3 * DAY)
    later = replace(CONTRACT, id="later", starts_on=TODAY + 30 * DAY)
    assert telling_contract([ended, later, CONTRACT], TODAY) == CONTRACT
    assert telling_contract([ended, later, soon], TODAY) == soon
    assert telling_contract([ended_long_ago, ended], TODAY) == ended


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 900), st.dates(date(2020, 1, 1), date(2032, 1, 1)))
def test_a_contract_is_active_on_its_days_and_on_no_other(starts: date, length: int, today: date) -> None:
    contract = replace(CONTRACT, starts_on=starts, ends_on=starts + length * DAY)
    assert (contract_status(contract, today) == "active") == (starts <= today <= starts + length * DAY)


@pytest.mark.parametrize(
    ("code", "shape"),
    [("USAT2345", "possible"), ("USAT234", "wrong_length"), ("USAT234O", "wrong_characters"), ("", "wrong_length")],
)
def test_an_impossible_code_is_told_why(code: str, shape: str) -> None:
    assert code_shape(code) == shape


@pytest.mark.parametrize(
    ("typed", "login", "finding"),
    [
        ("maria.rossi@gmail.com", None, "google_twin"),
        ("maria.rossi@gmial.com", None, "typo"),
        ("maria rossi", None, "invalid"),
        ("maria.rossi@example.com", None, "ok"),
        ("Maria.Rossi@example.com", "maria.rossi@example.com", "match"),
        ("maria.rossi@gmail.com", "maria.rossi@googlemail.com", "twin_mismatch"),
        ("maria.rosi@example.com", "maria.rossi@example.com", "near_miss"),
        ("luca.bianchi@example.com", "maria.rossi@example.com", "different"),
        ("luca.bianchi@gmial.com", "maria.rossi@example.com", "typo"),
    ],
)
def test_an_address_is_compared_only_where_a_proof_allows_it(typed: str, login: str | None, finding: str) -> None:
    assert email_status(check_spelling(typed), typed, login) == finding


def test_a_customer_without_trouble_is_all_in_order() -> None:
    assert diagnose(CUSTOMER, NOW, TODAY) == ["all_in_order"]


def test_findings_come_in_the_order_in_which_they_are_mended() -> None:
    locked = replace(ACCOUNT, login="m.rossi@old.example.com", locked_at=NOW - DAY)
    customer = replace(CUSTOMER, account=locked, contracts=[])
    assert diagnose(customer, NOW, TODAY) == ["account_locked", "no_contract", "login_differs_from_contact"]


@pytest.mark.parametrize(
    ("login", "finding"),
    [
        ("maria.rosi@example.com", "login_near_typo"),
        ("mr@other.example.com", "login_differs_from_contact"),
    ],
)
def test_a_login_that_differs_from_the_contact_address_is_found(login: str, finding: str) -> None:
    assert diagnose(replace(CUSTOMER, account=replace(ACCOUNT, login=login)), NOW, TODAY) == [finding]


def test_google_s_two_spellings_are_found() -> None:
    contact = replace(CONTACT, email="maria.rossi@gmail.com")
    account = replace(ACCOUNT, login="maria.rossi@googlemail.com")
    assert diagnose(CustomerRecord(contact, account, [CONTRACT], []), NOW, TODAY) == ["login_google_twin"]


@pytest.mark.parametrize(
    ("invite", "findings"),
    [
        (INVITE, ["no_account", "invite_open"]),
        (replace(INVITE, expires_at=NOW - DAY), ["no_account", "invite_expired"]),
        (replace(INVITE, revoked_at=NOW - DAY), ["no_account"]),
    ],
)
def test_without_an_account_the_invite_decides(invite: Invite, findings: list[str]) -> None:
    assert diagnose(replace(CUSTOMER, account=None, invites=[invite]), NOW, TODAY) == findings
