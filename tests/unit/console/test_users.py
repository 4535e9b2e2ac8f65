"""Who may use the console: made and changed from the command line, or known by a provider."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from typer.testing import CliRunner, Result

from bot import settings as settings_module
from bot.cli import app
from bot.cli.run import _tell_demo_user
from bot.cli.users import DEMO_USER, add_demo_user_if_none, demo_password
from bot.conversations import schema
from bot.conversations.support.users import ConsoleUsers, UserError
from bot.database import open_engine
from bot.settings import Settings
from tests.unit.console.visitor import PASSWORD, Visitor

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def users(engine: Engine, settings: Settings) -> ConsoleUsers:
    return ConsoleUsers(engine, settings.key("console"))


@pytest.fixture
def portiere(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The program with these settings."""
    monkeypatch.setenv("PORTIERE_HOME", str(settings.home))
    monkeypatch.setenv("PORTIERE_SECRET", "s" * 32)
    settings_module.settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, ["users", *arguments])
    settings_module.settings.cache_clear()


def test_a_user_is_made_listed_changed_and_disabled(portiere: Callable[..., Result], users: ConsoleUsers) -> None:
    made = portiere("add", "Anna", "--role", "support", "--role", "lead", "--password", PASSWORD)
    assert made.exit_code == 0, made.output
    assert "anna\tlead,support\tactive\tnever" in portiere("list").output
    assert users.check_password("ANNA", PASSWORD, "here")
    assert portiere("roles", "anna", "--role", "privacy").exit_code == 0
    assert portiere("password", "anna", "--password", "un'altra parola lunga").exit_code == 0
    assert users.check_password("anna", PASSWORD, "here") is None
    assert portiere("disable", "anna").exit_code == 0
    assert "anna\tprivacy\tdisabled" in portiere("list").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "lead", "--role", "lead", "--password", PASSWORD), "there is a user lead already"),
        (("add", "new", "--role", "boss", "--password", PASSWORD), "roles are: support, lead, privacy"),
        (("add", "new", "--role", "lead", "--password", "short"), "a password has 12 to 200 characters"),
        (("add", "two words", "--role", "lead", "--password", PASSWORD), "no blanks"),
        (("disable", "nobody"), "there is no user nobody"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    arguments: tuple[str, ...], said: str, portiere: Callable[..., Result]
) -> None:
    refused = portiere(*arguments)
    assert refused.exit_code == 1
    assert said in refused.output


def test_the_demo_makes_one_user_where_there_is_none(tmp_path: Path) -> None:
    demo = Settings(home=tmp_path, secret="s" * 32)
    schema.upgrade(demo.conversations_database())
    add_demo_user_if_none(demo)
    add_demo_user_if_none(demo)
    made = ConsoleUsers(open_engine(demo.conversations_database()), demo.key("console"))
    assert [user.name for user in made.listed()] == [DEMO_USER]
    assert made.check_password(DEMO_USER, demo_password(demo), "here")


@pytest.mark.parametrize("changes", [{}, {"demo": False}])
def test_no_demo_user_is_made_beside_others_or_outside_the_demo(changes: dict[str, bool], settings: Settings) -> None:
    chosen = settings.copy(update=changes)
    add_demo_user_if_none(chosen)
    engine = open_engine(chosen.conversations_database())
    assert DEMO_USER not in [user.name for user in ConsoleUsers(engine, chosen.key("console")).listed()]


def test_whom_a_provider_knows_gets_the_roles_that_it_gives_now(users: ConsoleUsers) -> None:
    assert users.know("idp 7", "vera", ["support"], NOW).roles == {"support"}
    assert users.know("idp 7", "vera", ["privacy"], NOW).roles == {"privacy"}
    assert users.check_password("vera", "", "here") is None
    with pytest.raises(UserError):
        users.know("idp 7", "vera", [], NOW)
    assert [user.roles for user in users.listed() if user.name == "vera"] == [frozenset()]
    users.change("vera", active=False)
    with pytest.raises(UserError):
        users.know("idp 7", "vera", ["support"], NOW)


def test_a_name_at_the_provider_makes_nobody_somebody_else(users: ConsoleUsers) -> None:
    users.add("carla", ["support"], "una frase abbastanza lunga", NOW)
    vera = users.know("idp 7", "vera", ["lead"], NOW)
    for name in ("carla", "vera"):
        with pytest.raises(UserError, match="already"):
            users.know("idp 8", name, ["lead"], NOW)
    assert users.know("idp 7", "carla", ["lead"], NOW) == vera


async def test_another_password_ends_the_sessions(users: ConsoleUsers, visitor: Callable[[], Visitor]) -> None:
    member = visitor()
    await member.sign_in("support")
    users.change("support", password="un'altra parola lunga")
    assert (await member.http.get("/console/conversations")).status_code == 303


def test_the_demo_password_is_told_only_while_it_lets_somebody_in(
    settings: Settings, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> str:
        _tell_demo_user(settings, "http://here")
        return capsys.readouterr().out

    users, password = ConsoleUsers(engine, settings.key("console")), demo_password(settings)
    assert password not in told()  # there are users, but none for the demo
    users.add(DEMO_USER, ["support"], password, NOW)
    assert told() == f"Console: http://here/console, user demo, password {password}\n"
    users.change(DEMO_USER, password="un'altra parola lunga")
    assert password not in told()
    users.change(DEMO_USER, password=password, active=False)
    assert password not in told()
