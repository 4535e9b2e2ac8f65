"""One process at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.services.lock import alone

HOLDER = """
import sys
from pathlib import Path
from bot.services.lock import alone
with alone(Path(sys.argv[1]), print):
    print("holds it", flush=True)
    sys.stdin.readline()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until it is told to let go, or is killed."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "holds it\n"
    return process


def test_a_free_lock_is_taken_without_a_word(tmp_path: Path) -> None:
    reports: list[str] = []
    with alone(tmp_path / "deep" / "lock", reports.append):
        pass
    assert reports == []


def test_a_second_process_says_that_it_waits_and_comes_next(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    reports: list[str] = []
    with hold(path) as first:

        def let_go(report: str) -> None:
            reports.append(report)
            assert first.stdin is not None
            first.stdin.write("\n")
            first.stdin.flush()

        with alone(path, let_go):
            first.wait(10)
    assert len(reports) == 1
    assert str(path) in reports[0]


def test_a_killed_process_leaves_no_lock_behind(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold(path) as killed:
        killed.kill()
    reports: list[str] = []
    with alone(path, reports.append):
        pass
    assert reports == []
