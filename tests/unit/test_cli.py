"""The `portiere` program from outside: what a person at a shell sees."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.conversations import schema as conversations_schema
from bot.conversations.outbox import Outbox
from bot.conversations.store import ConversationStore, Proof
from bot.database import open_engine
from bot.settings import Settings

GROUPS = ("run", "train", "serve", "migrate", "parse", "accounts", "mail", "token")


def portiere(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the program with some settings."""
    return subprocess.run(
        [sys.executable, "-m", "bot.cli.main", *arguments],
        env={**os.environ, "COLUMNS": "120", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_names_every_command() -> None:
    shown = portiere("--help").stdout
    assert [group for group in GROUPS if group not in shown] == []


@pytest.mark.parametrize("group", GROUPS)
def test_every_command_explains_itself(group: str) -> None:
    shown = portiere(group, "--help")
    assert shown.returncode == 0
    assert "Usage" in shown.stdout


def test_help_loads_nothing_heavy() -> None:
    heavy = "{'rasa', 'tensorflow', 'sqlalchemy', 'pydantic', 'httpx', 'starlette', 'alembic'}"
    code = f"import sys, bot.cli; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_a_wrong_setting_is_named_in_a_sentence() -> None:
    ended = portiere("migrate", PORT="http", PORTIERE_MESSAGE_LIMIT="-1")
    assert ended.returncode == 1
    assert "PORT:" in ended.stderr
    assert "PORTIERE_MESSAGE_LIMIT:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_migrate_makes_both_databases_and_may_run_again(tmp_path: Path) -> None:
    for _ in range(2):
        assert portiere("migrate", PORTIERE_HOME=str(tmp_path)).returncode == 0
    assert {path.name for path in tmp_path.glob("*.db")} == {"accounts.db", "conversations.db"}


@pytest.mark.parametrize(
    ("arguments", "expected"), [(("serve", "rassa"), "gateway"), (("parse", "--channel", "sms"), "staff")]
)
def test_an_unknown_choice_is_answered_with_the_choices(arguments: tuple[str, ...], expected: str) -> None:
    ended = portiere(*arguments)
    assert ended.returncode == 2
    assert expected in ended.stderr


def test_a_taken_port_is_named_before_anything_is_prepared(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = portiere("run", PORT=port, PORTIERE_HOME=str(tmp_path / "home"))
    assert ended.returncode == 1
    assert f"Port {port}" in ended.stderr
    assert "PORT=" in ended.stderr
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    ended = portiere("run", PORT=port, PORTIERE_HOME=str(file / "home"))
    assert ended.returncode == 1
    assert str(file) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_does_not_answer_is_named_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    ended = portiere(
        "run",
        PORT=port,
        PORTIERE_HOME=str(tmp_path),
        PORTIERE_ACCOUNTS_URL="postgresql://user:hush@127.0.0.1:1/accounts",
    )
    assert ended.returncode == 1
    assert "Connection refused" in ended.stderr
    assert "hush" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_dead_mails_are_listed_without_their_address_and_revived(tmp_path: Path) -> None:
    chosen = Settings(home=tmp_path, secret="s" * 32)
    conversations_schema.upgrade(chosen.conversations_database())
    engine = open_engine(chosen.conversations_database())
    now = datetime.now(timezone.utc)
    talk, _ = ConversationStore(engine).open("widget", "it", Proof(), now, timedelta(hours=1))
    outbox = Outbox(engine)
    mail_id = outbox.add_recovery(talk.id, "⟨email 1⟩", now)
    outbox.failed(mail_id, "SMTP 550", None)
    home = {"PORTIERE_HOME": str(tmp_path)}
    assert portiere("mail", "list", "--dead", **home).stdout == f"{mail_id}\trecovery\tdead\t0\t-\tSMTP 550\n"
    unknown = portiere("mail", "retry", "999", **home)
    assert unknown.returncode == 1
    assert "do not exist" in unknown.stderr
    assert portiere("mail", "retry", **home).stdout == "1 mail will be tried again.\n"
    assert "\twaiting\t" in portiere("mail", "list", **home).stdout
