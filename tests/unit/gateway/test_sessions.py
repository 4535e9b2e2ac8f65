from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.engine import Engine

from bot.privacy.vault import Vault
from tests.unit.gateway.client import Gateway, detail_of
from tests.unit.gateway.conftest import LOGIN
from tests.unit.gateway.rasa_stand_in import Call, RasaStandIn


async def test_a_conversation_begins_with_a_greeting(gateway: Gateway) -> None:
    response = await gateway.begin(language="it")
    assert response.status_code == 201
    session = response.json()
    assert session["messages"] == [{"text": "Benvenuto"}]
    assert datetime.fromisoformat(session["expires_at"]) > datetime.now(timezone.utc) + timedelta(minutes=59)
    assert len(session["token"]) >= 32


async def test_nothing_needs_to_be_sent_to_begin(gateway: Gateway) -> None:
    response = await gateway.http.post("/api/widget/sessions")
    assert response.status_code == 201


async def test_a_stranger_is_anonymous_to_rasa(gateway: Gateway, rasa: RasaStandIn) -> None:
    chat = await gateway.chat()
    assert rasa.paths == ["/webhooks/widget/sessions"]
    assert rasa.calls[0]["conversation_id"] == chat.id
    proof = rasa.calls[0]["metadata"]
    assert proof.pop("client") not in ("", "127.0.0.1")
    assert proof == {
        "tier": "anonymous",
        "account_id": None,
        "role": None,
        "subject": None,
        "company": None,
        "language": "it",
    }


async def test_rasa_is_shown_the_shared_secret(gateway: Gateway, rasa: RasaStandIn) -> None:
    await gateway.chat()
    assert rasa.secrets == {gateway.settings.inner_secret("rasa")}


async def test_the_portal_vouches_for_an_account(gateway: Gateway, rasa: RasaStandIn) -> None:
    chat = await gateway.chat(identity=gateway.portal_token(LOGIN))
    await chat.say("Ciao")
    for call in rasa.calls:
        assert call["metadata"]["tier"] == "portal"
        assert call["metadata"]["account_id"] == "ada"
    assert LOGIN not in str(rasa.calls)


@pytest.mark.parametrize("login", [LOGIN.lower(), "nobody@example.com"])
async def test_an_account_must_be_named_exactly(gateway: Gateway, login: str) -> None:
    detail = detail_of(await gateway.begin(identity=gateway.portal_token(login)), 401)
    assert detail == "The token speaks for an account that does not exist."


async def test_staff_are_known_by_their_token(gateway: Gateway, rasa: RasaStandIn) -> None:
    chat = await gateway.chat("staff", gateway.staff_token())
    await chat.say("Ciao")
    assert rasa.paths == ["/webhooks/staff/sessions", "/webhooks/staff/messages"]
    for call in rasa.calls:
        assert call["metadata"]["tier"] == "administrator"
        assert call["metadata"]["role"] == "administrator"
        assert call["metadata"]["subject"] == "Martina Kofler"
        assert call["metadata"]["company"] == "brenta"


async def test_staff_without_a_token_are_asked_for_one(gateway: Gateway) -> None:
    response = await gateway.begin("staff")
    detail_of(response, 401)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="portiere"'


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "[" * 3000 + ".e30.", "\x7f\x7f"])
async def test_staff_with_a_bad_token_are_told_so(gateway: Gateway, token: str) -> None:
    response = await gateway.begin("staff", token)
    detail_of(response, 401)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="portiere", error="invalid_token"'


async def test_a_company_must_exist(gateway: Gateway) -> None:
    response = await gateway.begin("staff", gateway.staff_token("livenza"))
    assert detail_of(response, 401) == "The token speaks for a company that does not exist."


async def test_staff_need_a_staff_token(gateway: Gateway) -> None:
    detail_of(await gateway.begin("staff", gateway.portal_token(LOGIN)), 401)


async def test_a_staff_token_is_no_identity_in_the_widget(gateway: Gateway) -> None:
    detail_of(await gateway.begin(identity=gateway.staff_token()), 401)


@pytest.mark.parametrize("identity", ["", "nonsense", "\ud800", "\x00", "é.é.é"])
async def test_a_bad_identity_is_refused_not_ignored(gateway: Gateway, identity: str) -> None:
    response = await gateway.begin(identity=identity)
    detail_of(response, 401)
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


async def test_only_italian_is_spoken_so_far(gateway: Gateway) -> None:
    assert detail_of(await gateway.begin(language="tlh"), 422) == "The field language must be one of: it."


async def test_a_greeting_shows_values_in_place_of_references(
    gateway: Gateway, rasa: RasaStandIn, conversations: Engine
) -> None:
    vault = Vault(conversations, gateway.settings.key("vault"))

    def greet(call: Call) -> object:
        return {"messages": [{"text": f"Ciao {vault.store(call['conversation_id'], 'email', LOGIN)}"}]}

    rasa.answer = greet
    chat = await gateway.chat()
    assert chat.session["messages"] == [{"text": f"Ciao {LOGIN}"}]


async def test_there_is_no_conversation_without_rasa(gateway: Gateway, rasa: RasaStandIn) -> None:
    rasa.status = 500
    response = await gateway.begin()
    assert "not reachable" in detail_of(response, 503)
    assert response.headers["Retry-After"] == "5"
