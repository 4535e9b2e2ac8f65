"""`portiere conversations` as an operator meets it."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from bot.cli import app
from bot.conversations.log.deletions import Deletions
from bot.conversations.support.readings import ReadAudit
from bot.conversations.tracker_store import ConversationTrackerStore
from bot.settings import settings
from tests.unit.conversations.factories import NOON
from tests.unit.conversations.log.talks import Talk, hold_many_kinds, rows, said, turns, understood


@pytest.fixture(autouse=True)
def of_this_store(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PORTIERE_CONVERSATIONS_URL", url)
    monkeypatch.setenv("PORTIERE_HOME", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def portiere(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["conversations", *arguments])


def lines(*arguments: str) -> list[dict[str, Any]]:
    result = portiere("export", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


class TestExport:
    async def test_a_line_tells_all_of_a_turn(self, trackers: ConversationTrackerStore) -> None:
        await hold_many_kinds(trackers)
        told = {(line["conversation"], line["turn"]): line for line in lines()}
        assert told["plain", 3] == {
            "conversation": "plain",
            "channel": "widget",
            "outcome": "resolved",
            "turn": 3,
            "time": "2026-03-01T12:00:17.000+00:00",
            "side": "person",
            "text": "il codice ⟨codice 1⟩ è scaduto",
            "answer": "È scaduto",
            "intent": "invite_code_expired",
            "confidence": 0.9,
            "fallback": False,
            "actions": ["action_check_invite", "utter_invite_expired"],
            "slots": {"invite_status": "expired", "tier": "code"},
            "findings": ["expired"],
            "milliseconds": None,
        }
        assert (told["plain", 0]["side"], told["plain", 0]["text"]) == ("bot", "Ciao!")
        assert told["taken over", 2]["side"] == "support"
        assert told["plain", 2]["fallback"]

    async def test_conversations_are_chosen(self, trackers: ConversationTrackerStore) -> None:
        await hold_many_kinds(trackers)
        await Talk(trackers, "later", NOON + timedelta(days=1)).open()

        def chosen(*arguments: str) -> set[str]:
            return {line["conversation"] for line in lines(*arguments)}

        assert chosen("--channel", "staff") == {"staff"}
        assert chosen("--outcome", "handed_off") == {"taken over"}
        assert chosen("--since", "2026-03-02") == {"later"}
        assert chosen("--until", "2026-03-02") == {"plain", "form", "taken over", "given back unanswered", "staff"}
        assert chosen("--since", "2026-03-02T12:00:02+00:00") == set()

    async def test_many_come_in_the_order_in_which_they_began(self, trackers: ConversationTrackerStore) -> None:
        names = [f"talk {number}" for number in range(450)]
        for number, name in enumerate(reversed(names)):
            await Talk(trackers, name, NOON - timedelta(minutes=number // 3)).open()
        told = [line["conversation"] for line in lines()]
        assert len(told) == 450
        assert set(told) == set(names)

    async def test_a_file_is_there_once_it_is_whole(self, trackers: ConversationTrackerStore, tmp_path: Path) -> None:
        await hold_many_kinds(trackers)
        assert portiere("export", "--output", str(tmp_path / "log.jsonl")).exit_code == 0
        assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 16
        assert list(tmp_path.glob("*.part")) == []

    @pytest.mark.parametrize(
        ("arguments", "hint"),
        [
            (["--format", "csv"], "jsonl"),
            (["--channel", "phone"], "widget or staff"),
            (["--outcome", "good"], "resolved"),
            (["--since", "yesterday"], "2026-11-01"),
        ],
    )
    def test_what_is_wrong_is_said(self, arguments: list[str], hint: str) -> None:
        result = portiere("export", *arguments)
        assert result.exit_code == 2
        assert hint in result.output

    def test_a_file_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        result = portiere("export", "--output", str(tmp_path / "nowhere" / "log.jsonl"))
        assert result.exit_code == 1
        assert "cannot be written" in result.output


class TestPurge:
    async def test_a_dry_run_reports_and_the_purge_deletes(
        self, trackers: ConversationTrackerStore, engine: Engine
    ) -> None:
        await (await Talk(trackers).open()).say(understood("ciao", "greet"), *said("utter_hello_again"))
        before = rows(engine)
        dry = portiere("purge", "--older-than", "30d", "--dry-run")
        assert (dry.exit_code, rows(engine)) == (0, before)
        assert "Texts that would be deleted: 1 conversations, 2 turn" in dry.stdout
        assert "Texts deleted: 1 texts, 2 turn" in portiere("purge", "--older-than", "30d").stdout
        assert [row.text for row in turns(engine)] == [None, None]
        assert "Texts deleted: none" in portiere("purge", "--older-than", "30d").stdout

    @pytest.mark.parametrize("age", ["30", "0d", "-1d", "a month", "d"])
    def test_an_age_is_a_number_of_days(self, age: str) -> None:
        result = portiere("purge", f"--older-than={age}")
        assert result.exit_code == 2
        assert "30d" in result.output


class TestErase:
    async def test_it_says_what_it_did(self, trackers: ConversationTrackerStore, engine: Engine) -> None:
        await (await Talk(trackers, "-dashing").open()).say(understood("ciao", "greet"))
        result = portiere("erase", "-dashing", "--reason", "asked for it")
        assert result.exit_code == 0, result.output
        assert "Erased: 1 texts" in result.stdout
        assert turns(engine, "-dashing")[1].text is None

    def test_an_unknown_conversation_is_an_error(self) -> None:
        result = portiere("erase", "nobody")
        assert result.exit_code == 1
        assert "There is no conversation nobody." in result.output


async def test_rebuild_says_how_many(trackers: ConversationTrackerStore, engine: Engine) -> None:
    await hold_many_kinds(trackers)
    result = portiere("rebuild")
    assert result.exit_code == 0
    assert "5 conversations rebuilt." in result.stdout


def test_a_database_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTIERE_CONVERSATIONS_URL", "postgresql://nobody@127.0.0.1:1/none")
    settings.cache_clear()
    for command in (["export"], ["rebuild"], ["purge", "--older-than", "30d"], ["erase", "x"]):
        result = portiere(*command)
        assert result.exit_code == 1
        assert "cannot be used" in result.output


class TestReadAudit:
    async def test_whatever_is_taken_out_or_erased_by_command_bears_the_users_name(
        self, trackers: ConversationTrackerStore, engine: Engine, tmp_path: Path
    ) -> None:
        await hold_many_kinds(trackers)
        user = f"{pwd.getpwuid(os.getuid()).pw_name} (shell)"
        lines("--since", "2026-03-01")
        assert portiere("story", "plain").exit_code == 0
        assert portiere("corrections", "--output", str(tmp_path / "out")).exit_code == 0
        noted = [(one.user_name, one.kind, one.conversation_id, one.reason) for one in ReadAudit(engine).listed()]
        assert noted == [
            (user, "download", None, "NLU YAML"),
            (user, "download", "plain", "test story"),
            (user, "download", None, "conversations export 2026-03-01.."),
        ]
        assert portiere("erase", "plain", "--reason", "asked for it").exit_code == 0
        assert [one.actor for one in Deletions(engine).listed(None, 10)] == [user]
