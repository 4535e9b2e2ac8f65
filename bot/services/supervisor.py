"""Keeps the service's processes running, and ends all of them together.

Honcho ends everything when one process ends, and supervisord cannot end with its own parent; this does the little that
lies between: restart with growing pauses, and give up with the reason shown when a process keeps dying.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.services.environment import end_with

_FIRST_PAUSE = 0.5  # seconds before a restart, doubled each time
_LONGEST_PAUSE = 8.0
_PATIENCE = 5  # deaths within the window that are too many
_WINDOW = 180.0  # seconds
_GRACE = 8.0  # seconds that a process has to end by itself
_TAIL_LINES = 25
_LARGEST_LOG = 20 * 1024 * 1024  # bytes, after which a log file is begun anew; one older is kept
_LOG_CHECK = 60.0  # seconds


class ServiceFailed(Exception):
    """A process keeps dying; the text says which, and shows the end of its log."""


@dataclass
class Service:
    """One process: how it is started, and the file that its output goes to."""

    name: str
    command: Sequence[str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=_PATIENCE))


class Supervisor:
    """Runs services until it is told to stop or one of them cannot be kept alive."""

    def __init__(
        self, services: Sequence[Service], environment: Mapping[str, str], report: Callable[[str], None]
    ) -> None:
        self._services = services
        self._environment = dict(environment)
        self._report = report

    async def run(self, stop: asyncio.Event) -> None:
        """Keep all services alive until ``stop`` is set; `ServiceFailed` if one keeps dying."""
        watchers = [asyncio.create_task(self._keep_alive(service)) for service in self._services]
        watchers.append(asyncio.create_task(self._rotate_logs()))
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([*watchers, stopped], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()
        finally:
            for task in (*watchers, stopped):
                task.cancel()
            await asyncio.gather(*watchers, stopped, return_exceptions=True)
            await asyncio.gather(*(self._end(service) for service in self._services))

    async def _keep_alive(self, service: Service) -> None:
        pause = _FIRST_PAUSE
        while True:
            started = time.monotonic()
            await self._start(service)
            if service.process is None:
                raise RuntimeError("a service was started without a process")
            code = await service.process.wait()
            service.deaths.append(time.monotonic())
            if len(service.deaths) == _PATIENCE and service.deaths[-1] - service.deaths[0] < _WINDOW:
                raise ServiceFailed(f"{service.name} keeps ending (last: {_ending(code)}).\n{tail(service.log)}")
            if time.monotonic() - started > _WINDOW:
                pause = _FIRST_PAUSE
            self._report(f"{service.name} ended ({_ending(code)}); starting it again, log: {service.log}")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _start(self, service: Service) -> None:
        service.log.parent.mkdir(parents=True, exist_ok=True)
        with service.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches the supervisor alone, which then ends them all.
            service.process = await asyncio.create_subprocess_exec(
                *service.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
                preexec_fn=functools.partial(end_with, os.getpid()),
            )

    async def _rotate_logs(self) -> None:
        while True:
            for service in self._services:
                rotate(service.log, _LARGEST_LOG)
            await asyncio.sleep(_LOG_CHECK)

    async def _end(self, service: Service) -> None:
        process = service.process
        if process is None or process.returncode is not None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _GRACE)
        except asyncio.TimeoutError:
            _signal_group(process.pid, signal.SIGKILL)
            await process.wait()


def tail(log: Path) -> str:
    """The last lines of a log file."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").splitlines()
    except FileNotFoundError:
        return f"{log} was never written"
    return "\n".join(lines[-_TAIL_LINES:])


def rotate(log: Path, largest: int) -> None:
    """Move the content of a log file of more than ``largest`` bytes aside; the process goes on writing to the file."""
    if log.exists() and log.stat().st_size > largest:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
