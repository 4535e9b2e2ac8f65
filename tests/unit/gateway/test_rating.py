"""A thumb and a remark at the end of a conversation."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine, Row

from bot.conversations.tables import rating
from tests.unit.gateway.client import Chat, Gateway, detail_of

pytestmark = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


def kept(engine: Engine) -> list[Row]:
    with engine.connect() as connection:
        return list(connection.execute(select(rating)))


async def rate(chat: Chat, **fields: object) -> httpx.Response:
    return await chat.http.post(f"/api/{chat.channel}/rating", json=fields, headers=chat.headers)


async def test_a_thumb_is_enough(chat: Chat, conversations: Engine) -> None:
    response = await rate(chat, thumb="up")
    assert (response.status_code, response.content) == (204, b"")
    [row] = kept(conversations)
    assert (row.conversation_id, row.thumb, row.remark) == (chat.id, "up", None)


async def test_the_last_one_counts(chat: Chat, conversations: Engine) -> None:
    await rate(chat, thumb="up", remark="Bene")
    await rate(chat, thumb="down", remark="Ci ho ripensato")
    [row] = kept(conversations)
    assert (row.thumb, row.remark) == ("down", "Ci ho ripensato")


async def test_a_remark_is_masked_like_any_text(chat: Chat, conversations: Engine) -> None:
    await rate(chat, thumb="down", remark="Scrivetemi a ada.neri@example.com")
    [row] = kept(conversations)
    assert row.remark == "Scrivetemi a ⟨email 1⟩"


async def test_an_empty_remark_is_none(chat: Chat, conversations: Engine) -> None:
    await rate(chat, thumb="up", remark="  ")
    assert kept(conversations)[0].remark is None


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({}, "The field thumb must be one of: up, down."),
        ({"thumb": "side"}, "The field thumb must be one of: up, down."),
        ({"thumb": "up", "remark": "a" * 1001}, "The field remark is too long: 1,000 characters are allowed."),
        ({"thumb": "up", "stars": "5"}, "Unknown field: stars. Known are: thumb, remark."),
        ({"thumb": True}, "The field thumb must be a text."),
    ],
)
async def test_what_is_no_rating_is_refused(
    chat: Chat, conversations: Engine, fields: dict[str, object], detail: str
) -> None:
    assert detail_of(await rate(chat, **fields), 422) == detail
    assert kept(conversations) == []


async def test_only_who_holds_the_conversation_rates_it(gateway: Gateway, conversations: Engine) -> None:
    detail_of(await gateway.http.post("/api/widget/rating", json={"thumb": "up"}), 401)
    assert kept(conversations) == []
