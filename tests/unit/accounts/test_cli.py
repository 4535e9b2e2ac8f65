from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli.accounts import app
from bot.settings import settings

EXAMPLE = "docs/accounts-csv-example"


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Run a command against the store under test."""
    monkeypatch.setenv("PORTIERE_ACCOUNTS_URL", url)
    settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(app, arguments)
    settings.cache_clear()


def test_loading_says_what_was_loaded(run: Callable[..., Result]) -> None:
    result = run("load", EXAMPLE)
    assert result.exit_code == 0
    assert "1 accounts, 2 contacts, 2 contracts, 2 invites" in result.stdout


def test_bad_rows_are_listed_on_standard_error(run: Callable[..., Result], tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "csv")
    with (folder / "contacts.csv").open("a") as stream:
        stream.write("new,nowhere,Bo,,\n")
    result = run("load", str(folder))
    assert result.exit_code == 1
    assert "contacts.csv, line 4, column company: nowhere is neither in companies.csv nor in the store" in result.stderr
    assert "1 problem: nothing was loaded." in result.stderr
    assert not result.stdout


def test_demo_data_are_loaded_again_but_not_into_a_store_in_use(run: Callable[..., Result]) -> None:
    assert run("demo", "--if-empty").stdout == "Demo data loaded.\n"
    assert run("demo", "--if-empty").stdout == "The store is not empty: nothing was changed.\n"
    assert run("demo").stdout == "Demo data loaded.\n"


@pytest.mark.parametrize(
    ("unusable", "sentence"),
    [
        ("postgresql://someone:secret@127.0.0.1:1/accounts", "cannot be used: connection to server"),
        ("sqlite:////proc/nowhere/accounts.db", "cannot be used: "),
        ("no url", "is not the URL of a database"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, unusable: str, sentence: str
) -> None:
    monkeypatch.setenv("PORTIERE_ACCOUNTS_URL", unusable)
    settings.cache_clear()
    result = CliRunner().invoke(app, ["demo"])
    settings.cache_clear()
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert "secret" not in result.stderr
    assert "Traceback" not in result.stderr
