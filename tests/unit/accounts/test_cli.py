from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from actions.accounts.records import Confirmation
from actions.accounts.store import SqlAccounts
from bot.cli.accounts import app
from bot.settings import settings
from tests.unit.accounts.factories import NOW, company, contact, invite, save

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


@pytest.fixture
def two_changes(engine: Engine) -> None:
    """An invite of each of two companies, reactivated a day apart."""
    for number, slug in enumerate(("brenta", "livenza")):
        save(
            engine,
            [company(slug)],
            contact(f"{slug}-c", "Dora Scarpa", company=slug),
            [invite(f"{slug}-i", f"{slug}-c", f"ABCD234{number}")],
        )
        now = NOW + number * timedelta(days=1)
        confirmation = Confirmation(slug, "Irene Zorzi", "talk-1", now, now + timedelta(days=30))
        SqlAccounts(engine).reactivate_invites([f"{slug}-i"], confirmation)


@pytest.mark.usefixtures("two_changes")
def test_the_trail_is_a_table_without_codes(run: Callable[..., Result]) -> None:
    result = run("trail")
    head, *rows = result.stdout.splitlines()
    assert head.split()[:3] == ["happened_at", "company", "administrator"]
    assert [row.split()[1] for row in rows] == ["brenta", "livenza"]
    assert "2026-03-10T13:00:00+01:00" in rows[0]
    assert "ABCD" not in result.stdout


@pytest.mark.usefixtures("two_changes")
@pytest.mark.parametrize(
    ("filters", "companies"),
    [
        (("--company", "livenza"), ["livenza"]),
        (("--since", "2026-03-11"), ["livenza"]),
        (("--company", "brenta", "--since", "2026-03-11"), []),
        ((), ["brenta", "livenza"]),
    ],
)
def test_the_trail_can_be_narrowed_down(
    run: Callable[..., Result], filters: tuple[str, ...], companies: list[str]
) -> None:
    result = run("trail", "--format", "jsonl", *filters)
    entries = [json.loads(line) for line in result.stdout.splitlines()]
    assert [entry["company"] for entry in entries] == companies
    assert all(entry["conversation"] == "talk-1" and entry["expires_at"] > entry["expired_at"] for entry in entries)


def test_an_empty_trail_says_so(run: Callable[..., Result]) -> None:
    assert run("trail").stdout == "No entries.\n"
