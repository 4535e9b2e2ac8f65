"""This project as people reach it: gateway, Rasa, action server and mail process."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.servers.conversations import CODE
from benchmarks.servers.processes import ROOT, Running, first_answer, seconds_of
from tests.service import running_service


@dataclass(frozen=True)
class OurBot:
    """The gateway's public API."""

    url: str

    async def open(self, client: aiohttp.ClientSession, code: str) -> OurTalk:
        async with client.post(f"{self.url}/api/widget/sessions", json={}) as response:
            response.raise_for_status()
            token = (await response.json())["token"]
        return OurTalk(f"{self.url}/api/widget/messages", {"Authorization": f"Bearer {token}"}, code)


@dataclass(frozen=True)
class OurTalk:
    """One conversation."""

    url: str
    headers: dict[str, str]
    code: str

    async def say(self, client: aiohttp.ClientSession, text: str) -> str:
        content = {"text": text.replace(CODE, self.code)}
        async with client.post(self.url, json=content, headers=self.headers) as response:
            response.raise_for_status()
            messages = (await response.json())["messages"]
        if not messages:
            raise RuntimeError(f"no answer to {text!r}")
        return "\n".join(message.get("text") or "" for message in messages)


def train(folder: Path) -> float:
    """Train as a user does, from nothing, in ``folder``; seconds that it took."""
    folder.mkdir(parents=True)
    for name in ("data", "bot", "actions", "domain.yml", "config.yml"):
        (folder / name).symlink_to(ROOT / name)
    portiere = ("bot.cli.main", "train")
    return seconds_of(portiere, folder, folder / "train.log", {"PORTIERE_HOME": str(folder / "var")})


def train_served(log: Path) -> None:
    """Train the model that is about to be served, unless it is there: a start must not include it."""
    seconds_of(("bot.cli.main", "train"), ROOT, log, {})


@contextlib.contextmanager
def our_bot(home: Path) -> Iterator[Running]:
    """Run it on its embedded defaults with fresh demo data, the limits raised."""
    began = time.perf_counter()
    with running_service(home) as service:
        bot = OurBot(service.url)
        first_answer(bot, 60)
        yield Running(bot, time.perf_counter() - began, [service.process.pid])
