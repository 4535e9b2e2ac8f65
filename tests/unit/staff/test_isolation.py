"""Nothing of another company can be read or changed: every staff action, every way of naming somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from babel.dates import format_date
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from actions.accounts.models import AccountRow, ContactRow, ContractRow, InviteRow
from actions.accounts.models import metadata as accounts_tables
from actions.administrators import ActionFindAdministrator
from actions.base import PortiereAction
from actions.contracts import ActionCheckContract
from actions.customer_facts import ActionDiagnoseCustomer, ActionTellCustomer
from actions.customers import ActionFindCustomer, ActionRecognizeCustomer
from actions.invite_codes import format_code
from actions.invites import ActionCheckInvite
from actions.login_addresses import ActionCheckEmail
from actions.properties import ActionListEndingContracts, ActionListExpiringInvites, ActionListUnregistered
from actions.reactivation import ActionFindInvite, ActionReactivateInvite
from actions.tenant_requests import ActionGrantRequest, ActionListRequests
from bot.conversations.tables import request
from tests.unit.accounts.factories import account, contact, contract, invite, save
from tests.unit.staff.office import NOW, Office

READING: list[type[PortiereAction]] = [
    ActionFindCustomer,
    ActionRecognizeCustomer,
    ActionDiagnoseCustomer,
    ActionTellCustomer,
    ActionFindInvite,
    ActionListUnregistered,
    ActionListExpiringInvites,
    ActionListEndingContracts,
    ActionListRequests,
    # An administrator may come upon these, too; they are meant for tenants.
    ActionCheckInvite,
    ActionCheckContract,
    ActionCheckEmail,
    ActionFindAdministrator,
]
CHANGING: list[type[PortiereAction]] = [ActionReactivateInvite, ActionGrantRequest]
# What each company alone has: whoever gets to see it got it from that company's rows.
SECRETS = {
    "brenta": ["Vianello", "Carraro", "Scarpa", "Via del Molo", "Studio Brenta"],
    "livenza": ["Vianella", "Carrara", "Scarpi", "Via del Mole", "Studio Livenza"],
}
SHARED = {"brenta": "Elio Pavan", "livenza": "Elio Pavin"}  # the same person, with one account for both companies
CODES = {"brenta": "ABCD", "livenza": "WXYZ"}
NAMES = {
    "brenta": ["Adele Vianello", "Bruno Carraro", "Dora Scarpa"],
    "livenza": ["Adele Vianella", "Bruno Carrara", "Dora Scarpi"],
}
FRAMES = [
    "{}",
    "la mia cliente {} non riesce ad accedere",
    "riattiva il codice di {}",
    "riattiva tutti gli scaduti di {}",
    "chi non è registrato in {}?",
    "{} scade questo mese",
]


def secrets_of(office: Office, company: str) -> set[str]:
    """What the rows of a company alone hold: names, addresses, codes and dates, in each form in which they are said."""
    secrets = set(SECRETS[company]) | {SHARED[company].split()[1]}
    with Session(office.accounts_engine, future=True) as session:
        contacts = session.scalars(select(ContactRow).where(ContactRow.company_slug == company)).all()
        secrets |= {email for contact in contacts for email in (contact.email, contact.folded_email) if email}
        keys = [contact.id for contact in contacts]
        invites = session.scalars(select(InviteRow).where(InviteRow.contact_id.in_(keys))).all()
        secrets |= {format_code(invite.code) for invite in invites} | {invite.code for invite in invites}
        contracts = session.scalars(select(ContractRow).where(ContractRow.contact_id.in_(keys))).all()
        days = {day for contract in contracts for day in (contract.starts_on, contract.ends_on) if day}
        moments = {moment for invite in invites for moment in (invite.expires_at, invite.used_at) if moment}
        accounts = session.scalars(select(AccountRow).where(AccountRow.id == f"{company}-a"))
        secrets |= {account.login for account in accounts}
    for day in days | {moment.date() for moment in moments}:
        secrets |= {format_date(day, form, locale="it") for form in ("dd/MM/yyyy", "d MMMM y", "yyyy-MM-dd")}
    return secrets


@pytest.fixture
def office(office: Office) -> Office:
    """The office, and one account that contacts of both companies share."""
    save(office.accounts_engine, account("shared", "elio@shared.example.com"))
    for number, (slug, person) in enumerate(SHARED.items()):
        began = NOW.date() - timedelta(days=300 + number)
        save(
            office.accounts_engine,
            contact(f"{slug}-shared", person, company=slug, email=f"pavan.{slug}@example.com", account="shared"),
            contract(f"{slug}-k4", f"{slug}-shared", f"{slug}-h-int. 2", starts_on=began),
            invite(
                f"{slug}-i4",
                f"{slug}-shared",
                f"{CODES[slug]}2348",
                contract_id=f"{slug}-k4",
                issued_at=NOW - timedelta(days=240 + number),
                expires_at=NOW - timedelta(days=210 + number),
                used_at=NOW - timedelta(days=220 + number),
                used_by="shared",
            ),
        )
    return office


def spellings(company: str) -> st.SearchStrategy[str]:
    """Names and addresses of a company, whole, in part and misspelt."""
    wholes = [*NAMES[company], SHARED[company], "Elio", *(name.split()[1] for name in NAMES[company])]
    wholes += [SECRETS[company][3] + " 5", SECRETS[company][3] + " 5 int. 2", SECRETS[company][3]]

    def damaged(text: str) -> st.SearchStrategy[str]:
        places = st.integers(0, len(text) - 1)
        return st.one_of(
            st.just(text),
            st.just(text.lower()),
            places.map(lambda at: text[:at] + text[at + 1 :]),
            places.map(lambda at: text[: at + 1] + text[at:]),
        )

    return st.sampled_from(wholes).flatmap(damaged)


@st.composite
def attempts(draw: st.DrawFn, company: str) -> dict[str, Any]:
    """A message about another company: words, entities of buttons, guessed keys in slots."""
    keys = [
        f"{company}-{key}" for key in ("settled", "expired", "open", "shared", "i1", "i2", "i3", "i4", "k1", "h", "a")
    ]
    entities: dict[str, str] = {}
    if draw(st.booleans()):
        entities["invite_code"] = draw(st.sampled_from([f"{CODES[company]}-234{n}" for n in range(5, 10)]))
    if draw(st.booleans()):
        addresses = [f"{name.replace(' ', '.').lower()}@example.com" for name in NAMES[company]]
        entities["email"] = draw(
            st.sampled_from([*addresses, "elio@shared.example.com", f"pavan.{company}@example.com"])
        )
    if draw(st.booleans()):
        entities[draw(st.sampled_from(["customer", "request"]))] = draw(st.sampled_from(keys))
    slots: dict[str, Any] = {}
    if draw(st.booleans()):
        slots["customer"] = draw(st.sampled_from(keys))
    if draw(st.booleans()):
        slots["customer_query"] = draw(spellings(company))
    slots["invites_to_reactivate"] = draw(st.lists(st.sampled_from(keys), max_size=3))
    return {
        "text": draw(st.sampled_from(FRAMES)).format(draw(spellings(company))),
        "entities": entities,
        "slots": slots,
    }


def test_the_secrets_are_what_a_company_gets_to_see(office: Office) -> None:
    conversation = office.conversation("livenza")
    shown = ""
    for key in ("settled", "expired", "open", "shared"):
        said = office.ask(
            ActionDiagnoseCustomer, company="livenza", slots={"customer": f"livenza-{key}"}, conversation=conversation
        )
        shown += office.shown(said, conversation)
    secrets = secrets_of(office, "livenza") - secrets_of(office, "brenta")
    for secret in ("Pavin", "bruno.carrara@example.com", "pavan.livenza@example.com", "WXYZ-2346", "14/03/2026"):
        assert secret in secrets
        assert secret in shown
    assert "elio@shared.example.com" in shown


def rows_of(engine: Engine, tables: list[Any]) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for table in tables for row in connection.execute(select(table))]


def everything(office: Office) -> list[tuple[Any, ...]]:
    tables = list(accounts_tables.sorted_tables)
    return rows_of(office.accounts_engine, tables) + rows_of(office.conversations_engine, [request])


def ask_for_reactivation(office: Office, company: str) -> None:
    conversation = office.conversation(company)
    office.services.conversations.add_request(
        conversation, kind="reactivation", company=company, invite_id=f"{company}-i2", now=NOW
    )


@pytest.mark.parametrize(("own", "other"), [("brenta", "livenza"), ("livenza", "brenta")])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_of_another_company_is_said(office: Office, own: str, other: str, data: st.DataObject) -> None:
    ask_for_reactivation(office, other)
    secrets = secrets_of(office, other) - secrets_of(office, own)
    attempt = data.draw(attempts(other))
    for action in READING:
        conversation = office.conversation(own)
        said = office.ask(action, company=own, conversation=conversation, **attempt)
        shown = office.shown(said, conversation)
        typed = attempt["text"] + str(attempt["entities"])
        leaked = [secret for secret in secrets if secret in shown and secret not in typed]
        assert leaked == [], (action.__name__, shown)
        assert f"{other}-" not in str([said.messages, said.events]), (action.__name__, said)


@pytest.mark.parametrize(("own", "other"), [("brenta", "livenza"), ("livenza", "brenta")])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_of_another_company_is_changed(office: Office, own: str, other: str, data: st.DataObject) -> None:
    ask_for_reactivation(office, other)
    before = everything(office)
    attempt = data.draw(attempts(other))
    for action in [*READING, *CHANGING]:
        office.ask(action, company=own, said_before=["utter_ask_reactivate_invite"], **attempt)
    assert everything(office) == before


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"tier": "anonymous"},
        {"tier": "portal", "account_id": "brenta-a", "company": "brenta"},
        {"tier": "code", "company": "brenta"},
        {"tier": "administrator"},
    ],
)
@pytest.mark.parametrize("action", [*READING[:9], *CHANGING])
def test_without_a_staff_token_no_staff_action_answers(
    office: Office, action: type[PortiereAction], proof: dict[str, str]
) -> None:
    before = everything(office)
    said = office.ask(
        action,
        "Bruno Carraro",
        proof=proof,
        entities={"request": "brenta-i2", "customer": "brenta-expired"},
        slots={"invites_to_reactivate": ["brenta-i2"], "tier": "administrator", "audience": "staff"},
        said_before=["utter_ask_reactivate_invite"],
    )
    assert said.messages == []
    assert [event.get("name") for event in said.events] == ["utter_service_unavailable"]
    assert everything(office) == before
