"""The `portiere` program from outside: what a person at a shell sees."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.cli.run import warning_of
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


def test_a_master_secret_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    ended = portiere("migrate", PORTIERE_HOME=str(tmp_path), PORTIERE_SECRET="s" * 31)
    assert ended.returncode == 1
    assert "PORTIERE_SECRET: must have 32 bytes or more; `openssl rand -hex 32` makes" in ended.stderr
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


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_a_demo_that_others_can_reach_is_warned_about(host: str) -> None:
    warning = warning_of(Settings(host=host))
    assert warning is not None
    for word in ("/mailbox", "staff", host, "PORTIERE_DEMO=false"):
        assert word in warning
    sending = warning_of(Settings(host=host, smtp_url="smtp://mail.example.com"))
    assert sending is not None
    assert "/mailbox" not in sending


@pytest.mark.parametrize("changes", [{}, {"host": "localhost"}, {"host": "::1"}, {"host": "0.0.0.0", "demo": False}])
def test_nobody_is_warned_without_a_reason(changes: dict[str, Any]) -> None:
    assert warning_of(Settings(**changes)) is None


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


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORTIERE_STAFF_SIGN_IN", "/login", "absolute address"),
        ("PORTIERE_STAFF_SIGN_IN", "portal.example.com/login", "absolute address"),
        ("PORTIERE_STAFF_SIGN_IN", "javascript:alert(1)", "absolute address"),
        ("PORTIERE_STAFF_SIGN_IN", "https://", "absolute address"),
        ("PORTIERE_STAFF_SIGN_IN", "https://portal.example.com:port/", "absolute address"),
        ("PORTIERE_STAFF_SIGN_IN", "https://me:word@portal.example.com/", "absolute address"),
        ("PORTIERE_STAFF_SIGN_IN", "https://portal.example.com/ sign in", "absolute address"),
        ("PORTIERE_PUBLIC_URL", "bot.example.com", "absolute address"),
        ("PORTIERE_STAFF_OPENID_ISSUER", "login.example.com", "absolute address"),
        ("PORTIERE_STAFF_OPENID_ISSUER", "http://login.example.com", "https://"),
        ("PORTIERE_STAFF_OPENID_CLIENT_ID", "portiere", "together with PORTIERE_STAFF_OPENID_ISSUER"),
        ("PORTIERE_STAFF_OPENID_SCOPE", "profile", "scope openid"),
        ("PORTIERE_CONSOLE_OPENID_CLIENT_ID", "portiere", "together with PORTIERE_CONSOLE_OPENID_ISSUER"),
    ],
)
def test_a_setting_that_leads_nowhere_keeps_the_service_from_starting(
    tmp_path: Path, name: str, value: str, reason: str
) -> None:
    said = portiere("run", PORTIERE_HOME=str(tmp_path / "home"), **{name: value})
    assert said.returncode == 1
    assert said.stderr.startswith(f"The setting {name}: ")
    assert reason in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "home").exists()


def test_an_issuer_needs_a_client_id(tmp_path: Path) -> None:
    issuer = {"PORTIERE_STAFF_OPENID_ISSUER": "https://login.example.com"}
    said = portiere("run", PORTIERE_HOME=str(tmp_path / "home"), **issuer)
    assert said.returncode == 1
    assert said.stderr.startswith("The setting PORTIERE_STAFF_OPENID_CLIENT_ID: is needed")
