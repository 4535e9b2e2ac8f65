from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli.token import app
from bot.gateway.tokens import InvalidToken, StaffIdentity, portal_account, staff_identity
from bot.settings import settings


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Run `portiere token` with settings of its own."""

    def invoke(*arguments: str, **environment: str) -> Result:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        return CliRunner().invoke(app, arguments)

    monkeypatch.setenv("PORTIERE_HOME", str(tmp_path))
    yield invoke
    settings.cache_clear()


def test_it_issues_a_token_for_staff(run: Callable[..., Result]) -> None:
    token = run("staff", "--company", "studio-brennero", "--name", "Ada").stdout.strip()
    assert staff_identity(token, settings(), datetime.now(timezone.utc)) == StaffIdentity("Ada", "studio-brennero")


def test_it_issues_a_token_of_the_portal(run: Callable[..., Result]) -> None:
    token = run("portal", "--account", "Ada.Neri@example.com").stdout.strip()
    assert portal_account(token, settings(), datetime.now(timezone.utc)) == "Ada.Neri@example.com"


def test_a_token_may_be_good_for_less_than_ten_minutes(run: Callable[..., Result]) -> None:
    token = run("portal", "--account", "a@example.com", "--minutes", "2").stdout.strip()
    later = datetime.now(timezone.utc) + timedelta(minutes=3)
    with pytest.raises(InvalidToken, match="expired"):
        portal_account(token, settings(), later)


@pytest.mark.parametrize("minutes", ["0", "11", "-1", "soon"])
def test_but_not_for_more(run: Callable[..., Result], minutes: str) -> None:
    assert run("portal", "--account", "a@example.com", "--minutes", minutes).exit_code == 2


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_without_a_key_to_sign_with_it_says_what_to_set(run: Callable[..., Result], algorithm: str) -> None:
    result = run("portal", "--account", "a@example.com", PORTIERE_TOKEN_ALGORITHM=algorithm)
    assert result.exit_code == 1
    assert "PORTIERE_PORTAL_KEY" in result.stderr
    assert not result.stdout
