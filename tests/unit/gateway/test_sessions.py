from __future__ import annotations

from datetime import datetime, timedelta, timezone

import httpx
import pytest
from sqlalchemy.engine import Engine

from bot.database import open_engine
from bot.privacy.vault import Vault
from bot.settings import Settings
from tests.databases import every_value
from tests.unit.accounts.factories import account, save
from tests.unit.gateway.client import Chat, Gateway, detail_of
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
        assert call["metadata"]["subject"] == "⟨persona 1⟩"
        assert call["metadata"]["company"] == "brenta"


async def test_who_a_staff_token_names_lies_in_the_vault(gateway: Gateway, conversations: Engine) -> None:
    chat = await gateway.chat("staff", gateway.staff_token())
    assert "Kofler" not in every_value(conversations)
    vault = Vault(conversations, gateway.settings.key("vault"))
    assert vault.resolve(chat.id, "⟨persona 1⟩") == "Martina Kofler"


async def test_signing_out_takes_the_token_out_of_use(gateway: Gateway) -> None:
    chat = await gateway.chat("staff", gateway.staff_token())
    other = await gateway.chat("staff", gateway.staff_token())
    response = await gateway.http.delete("/api/staff/sessions", headers=chat.headers)
    assert response.status_code == 204
    for method in ("get", "delete"):
        path = "messages" if method == "get" else "sessions"
        assert (await gateway.http.request(method, f"/api/staff/{path}", headers=chat.headers)).status_code == 401
    assert await other.history()


async def test_a_widget_s_token_ends_no_session_of_staff(gateway: Gateway) -> None:
    chat = await gateway.chat()
    assert (await gateway.http.delete("/api/staff/sessions", headers=chat.headers)).status_code == 401
    assert await chat.history()


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


async def test_a_conversation_that_its_person_has_left_is_over(gateway: Gateway) -> None:
    for chat in (await gateway.chat(), await gateway.chat("staff", gateway.staff_token())):
        assert (await chat.http.delete(f"/api/{chat.channel}/sessions", headers=chat.headers)).status_code == 204
        detail_of(await chat.post(text="Ciao"), 401)
        detail_of(await chat.http.get(f"/api/{chat.channel}/messages", headers=chat.headers), 401)
        detail_of(await chat.http.delete(f"/api/{chat.channel}/sessions", headers=chat.headers), 401)


async def test_nobody_ends_what_is_not_theirs(gateway: Gateway) -> None:
    chat = await gateway.chat()
    detail_of(await gateway.http.delete("/api/widget/sessions"), 401)
    detail_of(await gateway.http.delete("/api/staff/sessions", headers=chat.headers), 401)
    assert await chat.history()


async def identity_checked(gateway: Gateway, chat: Chat, identity: str) -> httpx.Response:
    return await gateway.http.post("/api/widget/identity", json={"identity": identity}, headers=chat.headers)


async def test_whoever_comes_back_shows_that_the_conversation_is_theirs(gateway: Gateway) -> None:
    chat = await gateway.chat(identity=gateway.portal_token(LOGIN))
    assert (await identity_checked(gateway, chat, gateway.portal_token(LOGIN))).status_code == 204


async def test_nobody_else_is_believed_to_be_the_one(gateway: Gateway, settings: Settings) -> None:
    save(open_engine(settings.accounts_database()), [account("bea", "bea@example.com")])
    chat = await gateway.chat(identity=gateway.portal_token(LOGIN))
    genuine = gateway.portal_token(LOGIN)
    forged = f"{genuine.rpartition('.')[0]}.{'A' * 43}"
    for identity in (forged, "x.e30.y", "", gateway.portal_token("bea@example.com"), gateway.staff_token()):
        detail_of(await identity_checked(gateway, chat, identity), 401)
    detail_of(await gateway.http.post("/api/widget/identity", json={}, headers=chat.headers), 422)
    assert await chat.history()


async def test_a_conversation_of_nobody_is_not_theirs_either(gateway: Gateway) -> None:
    detail_of(await identity_checked(gateway, await gateway.chat(), gateway.portal_token(LOGIN)), 401)
