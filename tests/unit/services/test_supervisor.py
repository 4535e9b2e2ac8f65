"""The supervisor with small real processes."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.services.supervisor import Service, ServiceFailed, Supervisor

WAITS = "import time; time.sleep(60)"
STARTS_A_CHILD = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', '{WAITS}']); time.sleep(60)"


def service(name: str, code: str, folder: Path) -> Service:
    return Service(name, (sys.executable, "-c", code), folder / f"{name}.log")


def supervise(services: list[Service], reports: list[str]) -> tuple[Supervisor, asyncio.Event]:
    return Supervisor(services, dict(os.environ), reports.append), asyncio.Event()


async def until_started(watched: Service, other_than: int | None = None) -> int:
    for _ in range(200):
        if watched.process is not None and watched.process.pid != other_than:
            return watched.process.pid
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{watched.name} was not started")


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


async def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    reports: list[str] = []
    watched = service("gateway", WAITS, tmp_path)
    supervisor, stop = supervise([watched], reports)
    running = asyncio.create_task(supervisor.run(stop))
    first = await until_started(watched)
    os.kill(first, 9)
    second = await until_started(watched, other_than=first)
    stop.set()
    await running
    assert "gateway ended (signal SIGKILL)" in reports[0]
    assert not is_alive(second)


async def test_a_process_that_keeps_dying_ends_everything_and_the_reason_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.supervisor._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("bot.services.supervisor._LONGEST_PAUSE", 0.01)
    healthy = service("rasa", WAITS, tmp_path)
    broken = service("actions", "raise SystemExit('no database here')", tmp_path)
    supervisor, stop = supervise([healthy, broken], [])
    with pytest.raises(ServiceFailed, match="no database here"):
        await asyncio.wait_for(supervisor.run(stop), 30)
    assert healthy.process is not None
    assert healthy.process.returncode is not None


async def test_stopping_ends_the_processes_of_a_service_with_it(tmp_path: Path) -> None:
    watched = service("rasa", STARTS_A_CHILD, tmp_path)
    supervisor, stop = supervise([watched], [])
    running = asyncio.create_task(supervisor.run(stop))
    pid = await until_started(watched)
    children: list[str] = []
    for _ in range(200):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            break
        await asyncio.sleep(0.05)
    assert children
    stop.set()
    await running
    await asyncio.sleep(0.2)
    assert not any(is_alive(int(child)) for child in children)
