"""Corrections that support takes out of the console fit into the training data as they come."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bot.cases import cases
from bot.conversations.log.training import known_messages, nlu_files
from tests.nlu.held_out import held_out_messages

NEW = "il frullatore del pianerottolo lampeggia di viola"
ALIKE = "Il frullatore del pianerottolo, lampeggia di viola!"


def test_corrections_pass_the_lint_of_the_data(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree("data", data)
    held_out = next(message.text for message in held_out_messages() if len(message.text) > 60)
    corrections = [
        (NEW, "out_of_scope"),
        (ALIKE, "reset_password"),
        ("il mio ⟨codice 3⟩ non piace al frullatore", "invite_code_not_working"),
        (held_out[:-1] + "x", "greet"),
        ("Operatore!!", "reset_password"),
        ("😀", "greet"),
    ]
    files = nlu_files(corrections, known_messages())
    assert set(files) == {"corrections-out_of_scope.yml", "corrections-invites.yml"}
    for name, text in files.items():
        (data / "nlu" / name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "PORTIERE_TEST_DATA": str(data), "RASA_TELEMETRY_ENABLED": "false"}
    lint = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/data/test_data.py"]
    validation = [sys.executable, "-m", "rasa", "data", "validate", "--fail-on-warnings", "--data", str(data)]
    for command in (lint, validation):
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, (ended.stdout + ended.stderr)[-3000:]


def test_corrections_of_a_case_are_a_part_of_its_family_alone() -> None:
    family = cases()["reset_password"].family
    assert list(nlu_files([(NEW, "reset_password")], known_messages())) == [f"corrections-{family}.yml"]
