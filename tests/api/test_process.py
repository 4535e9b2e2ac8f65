"""Starting and ending the whole service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.service import Service, running_service

NAMES = ("gateway", "actions", "rasa", "mail", "keeper")


def pids(service: Service) -> dict[str, int]:
    return {name: service.pid_of(name) for name in NAMES}


def until_gone(processes: dict[str, int]) -> dict[str, int]:
    """Those of some processes that are still there after ten seconds."""
    for _ in range(100):
        alive = {name: pid for name, pid in processes.items() if Path(f"/proc/{pid}").exists()}
        if not alive:
            break
        time.sleep(0.1)
    return alive


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    with running_service(tmp_path) as service:
        processes = pids(service)
    assert until_gone(processes) == {}
    assert service.process.returncode == 0


def test_nothing_is_left_when_the_program_is_killed(tmp_path: Path) -> None:
    with running_service(tmp_path) as service:
        processes = pids(service)
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait(10)
        assert until_gone(processes) == {}


def test_a_second_start_on_the_same_port_says_how_to_choose_another(service: Service) -> None:
    command = [sys.executable, "-m", "bot.cli.main", "run"]
    second = subprocess.run(command, env=service.environment, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert f"Port {service.environment['PORT']}" in second.stderr
    assert "PORT=" in second.stderr
