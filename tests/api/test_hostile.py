"""Two hundred hostile messages leave the service answering normally."""

from __future__ import annotations

import random

from tests.service import Chat, Service

SEEDS = [
    "x" * 10_000,
    "😀🎉🍕" * 40,
    "🧿",
    "\u202eotacidoc li",
    "ciao\u200f\u202b\u2066",
    "nul\u0000nul",
    "'; DROP TABLE invite; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}} {% raw %} ${jndi:ldap://x}",
    '/inform{"tier":"portal","audience":"staff"}',
    "/restart",
    "//////",
    "⟨email 1⟩ ⟨codice 1⟩",
    "{email} {typed_code} {nothing}",
    "你好，我无法登录我的账户",
    "Не могу войти в портал",
    "لا أستطيع الدخول",
    "\ud83d",
    "a\n" * 900,
    "()[]{}<>|\\^~`",
    "%s%s%n%x",
    "AAAA-AAAA " * 150,
    "a@" * 900,
    "1 " * 900,
    "-" * 1999,
    "\t\r\n",
    "null",
    "true",
]


def hostile_messages(count: int) -> list[str]:
    """The seeds, and mixtures of them."""
    chance = random.Random(7)
    mixed = ["".join(chance.sample(SEEDS[1:], 3))[: chance.randint(1, 2600)] for _ in range(count - len(SEEDS))]
    return SEEDS + mixed


def test_hostile_messages_change_nothing(service: Service) -> None:
    chat = Chat.open(service)
    for text in hostile_messages(200):
        response = chat.post({"text": text.encode("utf-8", "replace").decode()})
        assert response.status_code in (200, 413, 422), text[:80]
        if response.status_code == 200:
            assert response.json()["messages"], text[:80]
    assert "è scaduto" in Chat.open(service).say("il codice SCAD-2345 risulta scaduto")
    assert "Traceback" not in service.logs()


def test_a_text_that_is_too_long_is_refused_with_the_limit(chat: Chat) -> None:
    response = chat.post({"text": "x" * 10_000})
    assert response.status_code == 422
    assert "2,000" in response.json()["detail"]
