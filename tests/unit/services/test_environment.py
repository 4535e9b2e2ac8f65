"""Processes that end with the one that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.services import environment

PARENT = """
import functools, os, subprocess, sys
from bot.services.environment import end_with
tie = functools.partial(end_with, os.getpid())
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], preexec_fn=tie)
print(child.pid, flush=True)
child.wait()
"""
ORPHAN = """
import os
from bot.services.environment import end_with
end_with(os.getppid() + 1)
print("still here", flush=True)
"""
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl(2) is Linux's")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@linux_only
def test_a_process_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    until = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_alive(child)


@linux_only
def test_a_process_whose_parent_is_gone_already_ends_at_once() -> None:
    ended = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout == ""


def test_what_an_operator_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.delenv("RASA_TELEMETRY_ENABLED", raising=False)
    environment.prepare()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"
