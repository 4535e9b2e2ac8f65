"""The same data under Rasa's default configuration, served by Rasa's own server and REST channel.

Same domain, messages, rules, texts and custom actions. What differs, and why:
- `rasa init`'s pipeline and policies, with our extractor of references behind them: without codes there would be no
  look-ups. It costs some microseconds.
- Slots that our channels set when a conversation begins have their values from the start.
- The stock REST channel is told sender and metadata by its caller; codes lie in the vault beforehand and messages
  bear their references, since no gateway masks them.
- The stock in-memory tracker store: the quickest that Rasa has, and one that forgets.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import aiohttp
import yaml

from benchmarks.servers.conversations import CODE
from benchmarks.servers.processes import ROOT, Running, first_answer, seconds_of, server
from bot.database import open_engine
from bot.privacy.vault import Vault
from bot.settings import Settings
from tests.service import free_port

CONFIG = Path(__file__).with_name("default_config.yml")


@dataclass(frozen=True)
class DefaultBot:
    """The stock REST channel."""

    url: str
    vault: Vault

    async def open(self, client: aiohttp.ClientSession, code: str) -> DefaultTalk:
        sender = uuid.uuid4().hex[:22]
        return DefaultTalk(f"{self.url}/webhooks/rest/webhook", sender, self.vault.store(sender, "codice", code))


@dataclass(frozen=True)
class DefaultTalk:
    """One conversation."""

    url: str
    sender: str
    reference: str

    async def say(self, client: aiohttp.ClientSession, text: str) -> str:
        metadata = {"channel": "widget", "tier": "anonymous", "client": "benchmark", "language": "it"}
        content = {"sender": self.sender, "message": text.replace(CODE, self.reference), "metadata": metadata}
        async with client.post(self.url, json=content) as response:
            response.raise_for_status()
            messages = await response.json()
        if not messages:
            raise RuntimeError(f"no answer to {text!r}")
        return "\n".join(message.get("text") or "" for message in messages)


def write_project(folder: Path, epochs: int) -> None:
    """A Rasa project of our data and the default configuration, whose training goes so often over the data."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "data", folder / "data", dirs_exist_ok=True)
    config = CONFIG.read_text(encoding="utf-8").replace("epochs: 100", f"epochs: {epochs}")
    (folder / "config.yml").write_text(config, encoding="utf-8")
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    domain["slots"]["audience"]["initial_value"] = "widget"
    domain["slots"]["tier"]["initial_value"] = "anonymous"
    domain["slots"]["knows_account"]["initial_value"] = False
    (folder / "domain.yml").write_text(yaml.safe_dump(domain, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")


def train(folder: Path, log: Path) -> float:
    """Train the project in ``folder`` anew; seconds that it took."""
    command = ("rasa", "train", "--force", "--skip-validation", "--fixed-model-name", "model")
    return seconds_of(command, folder, log, {"PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false"})


@contextlib.contextmanager
def default_bot(project: Path, home: Path) -> Iterator[Running]:
    """Run Rasa's own server on a trained project, with our action server and fresh demo data."""
    home.mkdir(parents=True, exist_ok=True)
    rasa_port, actions_port = free_port(), free_port()
    environment = {
        "PORTIERE_HOME": str(home),
        "PORTIERE_ACTIONS_URL": f"http://127.0.0.1:{actions_port}",
        "PORTIERE_CLIENT_CODE_ATTEMPTS": "100000",
        "PORTIERE_TARGET_CODE_ATTEMPTS": "100000",
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONPATH": str(ROOT),
    }
    began = time.perf_counter()
    for command in (("migrate",), ("accounts", "demo")):
        portiere = [sys.executable, "-m", "bot.cli.main", *command]
        subprocess.run(portiere, env={**os.environ, **environment}, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    settings = Settings(home=home)
    endpoint = {
        "url": f"http://127.0.0.1:{actions_port}/webhook",
        "headers": {"X-Portiere-Secret": settings.inner_secret("actions")},
    }
    (project / "endpoints.yml").write_text(yaml.safe_dump({"action_endpoint": endpoint}), encoding="utf-8")
    actions = [sys.executable, "-m", "bot.cli.main", "serve", "actions"]
    rasa = [sys.executable, "-m", "rasa", "run", "--model", "models/model.tar.gz", "-i", "127.0.0.1"]
    rasa += ["-p", str(rasa_port), "--credentials", "credentials.yml", "--endpoints", "endpoints.yml"]
    with (
        server(actions, home / "actions.log", environment, ROOT) as one,
        server(rasa, home / "rasa.log", environment, project) as other,
    ):
        engine = open_engine(settings.conversations_database())
        vault = Vault(engine, settings.key("vault"), now=lambda: datetime.now(timezone.utc))
        bot = DefaultBot(f"http://127.0.0.1:{rasa_port}", vault)
        try:
            first_answer(bot, 240)
        except TimeoutError as error:
            raise RuntimeError((home / "rasa.log").read_text(errors="replace")[-3000:]) from error
        yield Running(bot, time.perf_counter() - began, [one.pid, other.pid])
        engine.dispose()
