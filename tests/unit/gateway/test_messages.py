from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from sqlalchemy import text, update
from sqlalchemy.engine import Engine

from bot.conversations.tables import conversation
from tests.databases import every_value
from tests.unit.gateway.client import Chat, Gateway, detail_of
from tests.unit.gateway.rasa_stand_in import RasaStandIn

RANDOM = "0f8fad5bd9cb469fa16570867728950e"

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


async def test_a_message_is_answered(chat: Chat) -> None:
    assert await chat.say("Non riesco a entrare") == [{"text": "Non riesco a entrare"}]


async def test_an_answer_has_all_that_rasa_gave_it(chat: Chat, rasa: RasaStandIn) -> None:
    bubble = {"text": "Ecco", "buttons": [{"title": "Sì", "payload": "/affirm"}], "image": "/a.svg", "custom": {"a": 1}}
    rasa.answer = lambda _: {"messages": [bubble, {"text": "Altro?"}]}
    assert await chat.say("Ciao") == [bubble, {"text": "Altro?"}]


async def test_the_conversation_so_far_has_both_sides(chat: Chat) -> None:
    await chat.say("Ciao", RANDOM)
    history = await chat.history()
    assert [(m["side"], m["text"]) for m in history] == [("bot", "Benvenuto"), ("person", "Ciao"), ("bot", "Ciao")]
    assert history[1]["client_message_id"] == RANDOM


async def test_a_message_id_that_could_be_an_address_is_kept_as_a_hash(chat: Chat, conversations: Engine) -> None:
    await chat.say("Ciao", "un.nome.scelto@example.com")
    assert await chat.say("Ciao", "un.nome.scelto@example.com") == [{"text": "Ciao"}]
    assert len(await chat.history()) == 3
    assert "nome.scelto" not in every_value(conversations)


async def test_two_people_at_once_never_mix(gateway: Gateway) -> None:
    ada, leo = await gateway.chat(), await gateway.chat()
    await ada.say("Sono Ada")
    await leo.say("Sono Leo")
    assert "Leo" not in str(await ada.history())
    assert "Ada" not in str(await leo.history())


async def test_typed_text_stays_text(chat: Chat, rasa: RasaStandIn) -> None:
    await chat.say('/affirm{"tier": "portal"}')
    assert rasa.messages[0]["text"] == '/affirm{"tier": "portal"}'
    assert "payload" not in rasa.messages[0]


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "detail"),
        [
            ({}, "Send either the field text or the field payload."),
            ({"text": "Ciao", "payload": "/a"}, "Send either the field text or the field payload."),
            ([], "The body must be a JSON object."),
            ({"text": 1}, "The field text must be a text."),
            ({"text": None}, "The field text must be a text."),
            ({"text": "x" * 2001}, "The field text is too long: 2,000 characters are allowed."),
            ({"text": ""}, "The field text is empty: write 1 to 2,000 characters."),
            ({"text": " \n\t"}, "The field text is empty: write 1 to 2,000 characters."),
            ({"text": "\x00\u202e\ud800"}, "The field text is empty: write 1 to 2,000 characters."),
            ({"payload": "/affirm"}, "The field payload was not offered in this conversation."),
            ({"payload": "\ud800\x00"}, "The field payload was not offered in this conversation."),
            ({"txt": "Ciao"}, "Unknown field: txt. Known are: text, payload, client_message_id."),
        ],
    )
    async def test_what_is_wrong_is_named(self, chat: Chat, rasa: RasaStandIn, content: object, detail: str) -> None:
        assert detail_of(await chat.post(content), 422) == detail
        assert not rasa.messages

    async def test_an_unknown_field_is_named_in_part(self, chat: Chat) -> None:
        detail = detail_of(await chat.post({"\x00\ud800" + "n" * 100: "x"}), 422)
        assert detail.startswith(f"Unknown field: {'n' * 62}. Known")

    @pytest.mark.parametrize("key", ["", "a b", "à", "\x00", "\ud800", "a\n", "x" * 65])
    async def test_a_message_id_is_short_and_visible(self, chat: Chat, key: str) -> None:
        assert "client_message_id" in detail_of(await chat.post(text="Ciao", client_message_id=key), 422)

    async def test_a_message_id_may_have_64_characters(self, chat: Chat) -> None:
        assert (await chat.post(text="Ciao", client_message_id="~" * 64)).status_code == 200

    @pytest.mark.parametrize("body", [b"{", b'{"text": "\xff"}', b"[" * 20000, b'{"text": ' + b"9" * 5000 + b"}"])
    async def test_what_is_not_json_is_refused(self, chat: Chat, body: bytes) -> None:
        assert detail_of(await chat.post(body), 400) == "The body is not valid JSON."

    async def test_2000_emoji_fit_however_they_are_written(self, chat: Chat, rasa: RasaStandIn) -> None:
        body = json.dumps({"text": "🏠" * 2000}).encode()
        assert len(body) > 24_000
        assert (await chat.post(body)).status_code == 200
        assert rasa.messages[0]["text"] == "🏠" * 2000

    async def test_a_large_body_is_refused(self, chat: Chat) -> None:
        response = await chat.post(json.dumps({"text": "Ciao"}).encode() + b" " * 32 * 1024)
        assert detail_of(response, 413) == "The body is too large: 32,768 bytes are allowed."

    @pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded"])
    async def test_only_json_is_taken(self, chat: Chat, media_type: str | None) -> None:
        headers = {**chat.headers, **({"Content-Type": media_type} if media_type else {})}
        response = await chat.http.post("/api/widget/messages", content=b'{"text": "Ciao"}', headers=headers)
        detail_of(response, 415)

    async def test_there_is_nothing_elsewhere(self, gateway: Gateway) -> None:
        detail_of(await gateway.http.get("/api/widget/secrets"), 404)
        detail_of(await gateway.http.get("/webhooks/widget/messages"), 404)

    async def test_a_wrong_method_is_refused(self, chat: Chat) -> None:
        response = await chat.http.put("/api/widget/messages", headers=chat.headers)
        detail_of(response, 405)
        assert "POST" in response.headers["Allow"] or "GET" in response.headers["Allow"]


class TestTokens:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize(
        ("value", "challenge"),
        [
            (None, 'Bearer realm="portiere"'),
            ("Bearer ", 'Bearer realm="portiere"'),
            ("Basic abc", 'Bearer realm="portiere"'),
            ("Bearer abc", 'Bearer realm="portiere", error="invalid_token"'),
        ],
    )
    async def test_a_message_needs_the_token(
        self, gateway: Gateway, method: str, value: str | None, challenge: str
    ) -> None:
        headers = {"Authorization": value} if value else {}
        response = await gateway.http.request(method, "/api/widget/messages", headers=headers)
        detail_of(response, 401)
        assert response.headers["WWW-Authenticate"] == challenge

    async def test_a_widget_token_is_worth_nothing_to_staff(self, gateway: Gateway, chat: Chat) -> None:
        detail_of(await Chat(gateway.http, "staff", chat.session).post(text="Ciao"), 401)

    async def test_a_staff_token_is_no_conversation(self, gateway: Gateway) -> None:
        session = {"token": gateway.staff_token(), "conversation_id": ""}
        detail_of(await Chat(gateway.http, "staff", session).post(text="Ciao"), 401)

    async def test_a_conversation_that_has_ended_is_refused(self, chat: Chat, conversations: Engine) -> None:
        with conversations.begin() as connection:
            connection.execute(update(conversation).values(expires_at=datetime.now(timezone.utc)))
        assert "has ended" in detail_of(await chat.post(text="Ciao"), 401)


class TestButtons:
    async def test_an_offered_button_can_be_pressed(self, chat: Chat, rasa: RasaStandIn) -> None:
        rasa.offer(("Sì, riattiva", "/affirm"))
        await chat.say("Riattiva")
        assert (await chat.post(payload="/affirm")).status_code == 200
        assert rasa.messages[-1]["payload"] == "/affirm"
        assert "text" not in rasa.messages[-1]

    async def test_its_title_is_what_the_person_said(self, chat: Chat, rasa: RasaStandIn) -> None:
        rasa.offer(("Sì, riattiva", "/affirm"))
        await chat.say("Riattiva")
        await chat.post(payload="/affirm")
        assert [m["text"] for m in await chat.history() if m["side"] == "person"] == ["Riattiva", "Sì, riattiva"]

    async def test_a_button_of_the_greeting_can_be_pressed(self, gateway: Gateway, rasa: RasaStandIn) -> None:
        rasa.offer(("Non entro", "/cannot_log_in"))
        chat = await gateway.chat()
        assert (await chat.post(payload="/cannot_log_in")).status_code == 200

    @pytest.mark.parametrize("payload", ["/affirm ", "/affirm{}", "/AFFIRM", "affirm"])
    async def test_almost_the_same_was_not_offered(self, chat: Chat, rasa: RasaStandIn, payload: str) -> None:
        rasa.offer(("Sì", "/affirm"))
        await chat.say("Riattiva")
        assert "not offered" in detail_of(await chat.post(payload=payload), 422)

    async def test_a_button_of_somebody_elses_was_not_offered(self, gateway: Gateway, rasa: RasaStandIn) -> None:
        rasa.offer(("Sì", "/affirm"))
        await (await gateway.chat()).say("Riattiva")
        rasa.answer = lambda _: {"messages": []}
        stranger = await gateway.chat()
        assert "not offered" in detail_of(await stranger.post(payload="/affirm"), 422)


class TestFailures:
    @pytest.mark.parametrize(
        "answer", [[], "hello", None, {}, {"messages": None}, {"error": "5f"}, b"", b"<html>", b"\xff"]
    )
    async def test_an_answer_that_makes_no_sense_is_none(self, chat: Chat, rasa: RasaStandIn, answer: object) -> None:
        rasa.answer = lambda _: answer
        response = await chat.post(text="Ciao")
        assert "not reachable" in detail_of(response, 503)
        assert response.headers["Retry-After"] == "5"

    @pytest.mark.parametrize("status", [302, 403, 404, 500])
    async def test_rasa_refusing_is_no_answer(self, chat: Chat, rasa: RasaStandIn, status: int) -> None:
        rasa.status = status
        detail_of(await chat.post(text="Ciao"), 503)

    async def test_the_message_stays_as_failed(self, chat: Chat, rasa: RasaStandIn) -> None:
        rasa.status = 500
        await chat.post(text="Ciao")
        assert [(m["text"], m.get("state")) for m in await chat.history()] == [("Benvenuto", None), ("Ciao", "failed")]

    async def test_the_next_message_works_again(self, chat: Chat, rasa: RasaStandIn) -> None:
        rasa.status = 500
        await chat.post(text="Ciao")
        rasa.status = 200
        assert await chat.say("Ci sei?") == [{"text": "Ci sei?"}]

    async def test_a_database_out_of_order_is_a_503(self, chat: Chat, conversations: Engine, database: str) -> None:
        if database == "sqlite":  # a missing table is the quickest trouble that SQLite can have
            with conversations.begin() as connection:
                connection.execute(text("alter table message rename to message_away"))
            response = await chat.post(text="Ciao")
        else:
            with conversations.connect() as holder:  # longer than the statement timeout
                holder.execute(text("lock table conversation in access exclusive mode"))
                response = await chat.post(text="Ciao")
        assert "records" in detail_of(response, 503)
        assert response.headers["Retry-After"] == "5"
