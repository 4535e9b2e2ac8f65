"""Starting servers, waiting for their first answer, and what memory they took."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from benchmarks.servers.conversations import Bot

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Running:
    """A bot that answers: how long its start took, and the processes that it consists of."""

    bot: Bot
    start_seconds: float
    pids: Sequence[int]

    def peak_megabytes(self) -> float:
        """The sum of the largest resident sizes that its processes and their children have had."""
        parents = [psutil.Process(pid) for pid in self.pids]
        everyone = {process.pid for parent in parents for process in (parent, *parent.children(recursive=True))}
        return sum(map(_peak_kilobytes, everyone)) / 1024


def first_answer(bot: Bot, seconds: float) -> None:
    """Wait until the bot answers a message."""

    async def greet() -> None:
        async with aiohttp.ClientSession() as client:
            await (await bot.open(client, "VERD-2345")).say(client, "ciao")

    until = time.monotonic() + seconds
    while True:
        try:
            return asyncio.run(greet())
        except (aiohttp.ClientError, RuntimeError) as error:
            if time.monotonic() > until:
                raise TimeoutError(f"no answer after {seconds} s: {error}") from error
            time.sleep(0.2)


def seconds_of(module: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str]) -> float:
    """How long a program takes, given as a module and its arguments; `RuntimeError` if it fails."""
    began = time.perf_counter()
    with log.open("wb") as output:
        command = [sys.executable, "-m", *module]
        ended = subprocess.run(
            command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=output, check=False
        )
    if ended.returncode:
        raise RuntimeError(f"{module} failed:\n{log.read_text(errors='replace')[-3000:]}")
    return time.perf_counter() - began


@contextlib.contextmanager
def server(
    command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, its output in ``log``; it ends with the block, by force if need be."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _peak_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
