"""Nothing of another company can be read or changed: every staff action, every way of naming somebody."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import Engine

from actions.accounts.models import metadata as accounts_tables
from actions.administrators import ActionFindAdministrator
from actions.base import PortiereAction
from actions.contracts import ActionCheckContract
from actions.customer_facts import ActionDiagnoseCustomer, ActionTellCustomer
from actions.customers import ActionFindCustomer, ActionRecognizeCustomer
from actions.invites import ActionCheckInvite
from actions.login_addresses import ActionCheckEmail
from actions.properties import ActionListEndingContracts, ActionListExpiringInvites, ActionListUnregistered
from actions.reactivation import ActionFindInvite, ActionReactivateInvite
from actions.tenant_requests import ActionGrantRequest, ActionListRequests
from bot.conversations.tables import request
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


def spellings(company: str) -> st.SearchStrategy[str]:
    """Names and addresses of a company, whole, in part and misspelt."""
    wholes = [*NAMES[company], *(name.split()[1] for name in NAMES[company])]
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
    keys = [f"{company}-{key}" for key in ("settled", "expired", "open", "i1", "i2", "i3", "k1", "h", "a")]
    entities: dict[str, str] = {}
    if draw(st.booleans()):
        entities["invite_code"] = draw(st.sampled_from([f"{CODES[company]}-234{n}" for n in range(5, 10)]))
    if draw(st.booleans()):
        name = draw(st.sampled_from(NAMES[company]))
        entities["email"] = f"{name.replace(' ', '.').lower()}@example.com"
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
    attempt = data.draw(attempts(other))
    for action in READING:
        conversation = office.conversation(own)
        said = office.ask(action, company=own, conversation=conversation, **attempt)
        shown = office.shown(said, conversation)
        typed = attempt["text"] + str(attempt["entities"])
        leaked = [secret for secret in SECRETS[other] if secret in shown and secret not in typed]
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
