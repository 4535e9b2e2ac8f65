"""Every page of the console as each role, and as nobody."""

from __future__ import annotations

import asyncio
import base64
import html
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta, timezone
from unittest import mock

import httpx
import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from starlette.routing import Route

from bot.conversations.handoffs import Handoffs
from bot.conversations.support.readings import ReadAudit
from bot.conversations.support.tables import ROLES, console_session
from bot.conversations.support.users import ConsoleUsers
from bot.conversations.tables import conversation
from bot.gateway.app import create_app
from bot.settings import Settings
from tests.unit.console.log_rows import log_conversation
from tests.unit.console.visitor import PASSWORD, Visitor

NewVisitor = Callable[[], Visitor]
OPEN_TO_ALL = {"/console/sign-in"}
NOWHERE = "/console/{rest:path}"
TEAM = {"support", "lead"}
ALL = {*TEAM, "privacy"}
# Who may open each page, written down: the routes are held against it.
PAGES = {
    "/console": ALL,
    "/console/conversations": ALL,
    "/console/conversations/{conversation}": ALL,
    "/console/conversations/{conversation}/reveal": {"privacy"},
    "/console/conversations/{conversation}/story.yml": TEAM,
    "/console/conversations/{conversation}/take": TEAM,
    "/console/corrections": TEAM,
    "/console/corrections/decide": TEAM,
    "/console/corrections/nlu.zip": TEAM,
    "/console/dashboard": ALL,
    "/console/dashboard/{table}.csv": ALL,
    "/console/handoffs": TEAM,
    "/console/handoffs/list": TEAM,
    "/console/handoffs/waiting": TEAM,
    "/console/handoffs/{number}": TEAM,
    "/console/handoffs/{number}/assign": TEAM,
    "/console/handoffs/{number}/close": TEAM,
    "/console/handoffs/{number}/give-back": TEAM,
    "/console/handoffs/{number}/note": TEAM,
    "/console/handoffs/{number}/put-back": TEAM,
    "/console/handoffs/{number}/say": TEAM,
    "/console/handoffs/{number}/take": TEAM,
    "/console/handoffs/{number}/talk": TEAM,
    "/console/deletions": {"lead", "privacy"},
    "/console/readings": {"lead", "privacy"},
    "/console/readings.csv": {"lead", "privacy"},
    "/console/replay": TEAM,
    "/console/review": TEAM,
    "/console/reviews": TEAM,
    "/console/sign-out": ALL,
    "/console/views": ALL,
    "/console/views/{view:int}/remove": ALL,
    NOWHERE: ALL,
}


def case_of(engine: Engine, ident: str) -> str:
    """The number of a hand-off case of a logged conversation."""
    now = datetime.now(timezone.utc)
    session = {"id": ident, "channel": "widget", "language": "it", "tier": "anonymous", "client": "here"}
    dates = {"created_at": now, "expires_at": now + timedelta(hours=1)}
    with engine.begin() as connection:
        connection.execute(insert(conversation).values(**session, **dates, token_hash="0" * 64))
    return Handoffs(engine).open(ident, kind="asked", reason="", contact="chat", now=now)


def pages(settings: Settings) -> list[Route]:
    routes = create_app(settings).routes
    return [route for route in routes if isinstance(route, Route) and route.path.startswith("/console")]


def address(route: Route) -> str:
    return re.sub(r"\{[^}:]+:int\}", "1", re.sub(r"\{[^}:]+\}", "some", route.path))


def test_every_page_is_in_the_table_of_who_may_open_it(settings: Settings) -> None:
    assert {route.path for route in pages(settings)} == {*PAGES, *OPEN_TO_ALL}


async def test_nobody_sees_a_page_without_signing_in(settings: Settings, visitor: NewVisitor) -> None:
    stranger = visitor()
    for route in pages(settings):
        if route.path in OPEN_TO_ALL:
            continue
        for method in route.methods or ():
            response = await stranger.http.request(method, address(route))
            assert response.status_code == 303, (method, route.path)
            assert response.headers["Location"].startswith("/console/sign-in")


@pytest.mark.parametrize("role", ROLES)
async def test_pages_of_a_role_open_and_those_of_others_are_refused_in_words(
    role: str, settings: Settings, visitor: NewVisitor
) -> None:
    member = visitor()
    await member.sign_in(role)
    for route in pages(settings):
        is_open = route.path in OPEN_TO_ALL or role in PAGES[route.path]
        for method in route.methods or ():
            if is_open and route.path.endswith("sign-out"):
                continue  # it would end the session
            response = await member.http.request(method, address(route))
            if not is_open:
                assert response.status_code == 403, (method, route.path)
                assert method == "HEAD" or "ruolo" in response.text
            elif method in ("GET", "HEAD"):
                assert response.status_code in (200, 303, 404, 409), (method, route.path)


@pytest.mark.parametrize("role", ROLES)
async def test_a_form_without_the_sessions_token_changes_nothing(
    role: str, settings: Settings, visitor: NewVisitor
) -> None:
    member = visitor()
    await member.sign_in(role)
    for route in pages(settings):
        if "POST" not in (route.methods or ()) or route.path == NOWHERE or role not in PAGES.get(route.path, ()):
            continue
        for form in ({}, {"csrf": "guess"}):
            response = await member.http.post(address(route), data=form)
            assert response.status_code == 403, route.path
            assert "Torna indietro" in response.text
    assert "/console/sign-out" in await member.open("/console/conversations")


async def test_a_form_from_a_foreign_page_is_refused(visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("lead")
    token = re.search(r'name="csrf" value="([^"]+)"', await member.open("/console/conversations"))
    assert token is not None
    sent = await member.http.post(
        "/console/sign-out", data={"csrf": token.group(1)}, headers={"Origin": "https://elsewhere.example"}
    )
    assert sent.status_code == 403


async def test_signing_in_leads_to_the_page_that_was_asked_for(visitor: NewVisitor) -> None:
    guest = visitor()
    asked = await guest.http.get("/console/conversations?outcome=unresolved")
    assert asked.headers["Location"] == "/console/sign-in?next=/console/conversations%3Foutcome%3Dunresolved"
    signed_in = await guest.sign_in("support", further="/console/conversations?outcome=unresolved")
    assert signed_in.headers["Location"] == "/console/conversations?outcome=unresolved"


@pytest.mark.parametrize("further", ["https://elsewhere.example", "//elsewhere.example", "/staff", "/console\\..", ""])
async def test_signing_in_never_leads_out_of_the_console(further: str, visitor: NewVisitor) -> None:
    assert (await visitor().sign_in("support", further=further)).headers["Location"] == "/console"


async def test_the_cookie_is_out_of_the_reach_of_scripts_and_other_sites(visitor: NewVisitor) -> None:
    cookie = (await visitor().sign_in("support")).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/console" in cookie


async def test_signing_out_ends_the_session_for_good(visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("support")
    kept = dict(member.http.cookies)
    await member.post("/console/sign-out")
    member.http.cookies.update(kept)
    assert (await member.http.get("/console/conversations")).status_code == 303


@pytest.mark.parametrize("column", ["seen_at", "expires_at"])
async def test_a_session_ends_when_it_is_idle_or_old(column: str, engine: Engine, visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("support")
    long_ago = datetime.now(timezone.utc) - timedelta(hours=9)
    with engine.begin() as connection:
        connection.execute(update(console_session).values({column: long_ago}))
    assert (await member.http.get("/console/conversations")).status_code == 303


async def test_a_page_that_asks_by_itself_keeps_no_session_alive(engine: Engine, visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("support")
    log_conversation(engine, "one", "ciao")
    case = case_of(engine, "one")
    earlier = datetime.now(timezone.utc) - timedelta(hours=7)
    with engine.begin() as connection:
        connection.execute(update(console_session).values(seen_at=earlier))
    await member.open(f"/console/handoffs/{case}/talk")
    with engine.connect() as connection:
        assert connection.scalar(select(console_session.c.seen_at)) == earlier
    await member.open(f"/console/handoffs/{case}")
    with engine.connect() as connection:
        assert connection.scalar(select(console_session.c.seen_at)) > earlier


async def test_a_running_talk_is_not_read_without_a_note_in_the_audit(engine: Engine, visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("support")
    log_conversation(engine, "one", "ciao")
    case = case_of(engine, "one")
    for _ in range(3):
        await member.open(f"/console/handoffs/{case}/talk")
    readings = ReadAudit(engine).listed()
    assert [(reading.user_name, reading.kind, reading.conversation_id) for reading in readings] == [
        ("support", "transcript", "one")
    ]


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(visitor: NewVisitor) -> None:
    def told(answer: httpx.Response) -> str:
        return answer.text.replace("lead", "").replace("nobody", "")

    wrong, unknown = await visitor().sign_in("lead", "wrong password"), await visitor().sign_in("nobody", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    assert told(wrong) == told(unknown)


@pytest.mark.parametrize("name", ["support", "nobody"])
async def test_after_some_failures_one_has_to_wait_whether_or_not_the_name_exists(
    name: str, visitor: NewVisitor
) -> None:
    guest = visitor()
    statuses = [(await guest.sign_in(name, "wrong password")).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 401, 429]
    refused = await guest.sign_in(name)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 2
    assert "secondi" in refused.text


async def test_the_failures_of_one_client_do_not_keep_another_out(engine: Engine, settings: Settings) -> None:
    users = ConsoleUsers(engine, settings.key("console"))
    now = datetime.now(timezone.utc)
    waits = []
    for _ in range(13):
        waits.append(users.admit("lead", "attacker", now))
        now += timedelta(seconds=waits[-1])
    assert waits[:9] == [0, 0, 0, 0, 2, 0, 4, 0, 8]
    assert users.admit("lead", "office", now) == 0
    assert users.admit("lead", "attacker", now + timedelta(hours=2)) == 0


async def test_of_many_tries_at_once_no_more_are_looked_at_than_one_after_the_other(visitor: NewVisitor) -> None:
    answers = await asyncio.gather(*(visitor().sign_in("lead", f"wrong {number}") for number in range(14)))
    assert Counter(answer.status_code for answer in answers) == {401: 4, 429: 10}


async def test_whoever_signs_in_at_last_has_no_failures_left(engine: Engine, settings: Settings) -> None:
    users = ConsoleUsers(engine, settings.key("console"))
    now = datetime.now(timezone.utc)
    for password in ("wrong", "wrong", PASSWORD) * 20:
        assert users.admit("lead", "office", now) == 0
        users.check_password("lead", password, "office")
        if password == PASSWORD:
            now += timedelta(minutes=61)


async def test_a_form_that_does_not_say_how_long_it_is_is_read_no_further_than_forms_go(visitor: NewVisitor) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b"name="
        while sent < 100:
            sent += 1
            yield b"a" * 65_536

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await visitor().http.post("/console/sign-in", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert sent < 10


@pytest.mark.parametrize("body", [b"name=%ff", b"\xff\xfe", b"&".join([b"a=b"] * 501)])
async def test_what_is_no_form_is_refused(body: bytes, visitor: NewVisitor) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await visitor().http.post("/console/sign-in", content=body, headers=headers)).status_code == 400


async def test_a_disabled_user_is_out_at_once(engine: Engine, settings: Settings, visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("support")
    ConsoleUsers(engine, settings.key("console")).change("support", active=False)
    assert (await member.http.get("/console/conversations")).status_code == 303
    assert (await member.sign_in("support")).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/console/nowhere", 404, "Qui non c'è nulla"),
        ("GET", "/console/conversations/a/b/c", 404, "Qui non c'è nulla"),
        ("GET", "/console/conversations/%00", 404, "Qui non c'è nulla"),
        ("GET", "/console/conversations?intent=a%00b", 404, "Qui non c'è nulla"),
        ("GET", "/console/readings?conversation_id=%00", 404, "Qui non c'è nulla"),
        ("DELETE", "/console/conversations", 405, "non si può usare così"),
        ("GET", "/console/sign-out", 405, "non si può usare così"),
        ("PUT", "/console/sign-in", 405, "non si può usare così"),
    ],
)
async def test_whatever_is_asked_for_is_answered_by_a_page_of_the_console(
    method: str, path: str, status: int, words: str, visitor: NewVisitor
) -> None:
    member = visitor()
    await member.sign_in("lead")
    answer = await member.http.request(method, path)
    assert answer.status_code == status
    assert "text/html" in answer.headers["Content-Type"]
    assert words in html.unescape(answer.text)
    assert (status == 405) == ("Allow" in answer.headers)


async def test_what_a_form_may_not_hold_is_refused_in_italian(visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("lead")
    for fields, status, words in (
        ({"name": "a" * 300_000}, 413, "troppo lungo"),
        ({"name": "a\0b", "query": "unsure=yes"}, 400, "non si riesce a leggere"),
        ({"name": " "}, 422, "Dai un nome alla vista"),
    ):
        answer = await member.post("/console/views", **fields)
        assert (answer.status_code, words in html.unescape(answer.text)) == (status, True), fields
    too_long = await visitor().http.post("/console/sign-in", data={"name": "a" * 300_000})
    assert (too_long.status_code, "troppo lungo" in too_long.text) == (413, True)


async def test_while_rasa_is_down_a_takeover_says_so_in_italian(engine: Engine, visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("support")
    log_conversation(engine, "one", "ciao")
    number = case_of(engine, "one")
    refused = await member.post(f"/console/handoffs/{number}/take")
    assert refused.status_code == 503
    assert "Il servizio non risponde" in refused.text
    assert "reachable" not in refused.text


async def test_while_the_database_is_away_a_page_says_so(
    engine: Engine, visitor: NewVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = visitor()
    await member.sign_in("support")
    gone = OperationalError("select", {}, Exception("gone"))
    monkeypatch.setattr(ConsoleUsers, "session", mock.Mock(side_effect=gone))
    answer = await member.http.get("/console/conversations")
    assert answer.status_code == 503
    assert "Il servizio non risponde" in answer.text


async def test_a_page_that_is_not_there_says_so(engine: Engine, visitor: NewVisitor) -> None:
    member = visitor()
    await member.sign_in("support")
    log_conversation(engine, "one", "ciao")
    no_zone = base64.urlsafe_b64encode(b'["2026-03-01T12:00:00", "a"]').decode()
    too_far = base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+14:00", "a"]').decode()
    for path in (
        "/console/conversations/unknown",
        "/console/conversations?older_than=nonsense",
        f"/console/conversations?older_than={no_zone}",
        f"/console/conversations?older_than={too_far}",
    ):
        response = await member.http.get(path)
        assert response.status_code == 404
        assert "Torna alle conversazioni" in response.text
