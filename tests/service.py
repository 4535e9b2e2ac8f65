"""The whole service, really running, and a client that chats with it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

LONGEST_START = 120.0


@dataclass(frozen=True)
class Service:
    """A running service: its address, its folder and the process that started it."""

    url: str
    home: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    def portiere(self, *arguments: str) -> str:
        """The output of a `portiere` command with the service's settings."""
        command = [sys.executable, "-m", "bot.cli.main", *arguments]
        return subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True).stdout.strip()

    def pid_of(self, name: str) -> int:
        """The process id of one of its three processes."""
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if command[-3:-1] == [b"serve", name.encode()] and parent == self.process.pid:
                    return int(folder.name)
        raise LookupError(f"{name} is not running")

    def wait_until_ready(self, seconds: float = LONGEST_START) -> None:
        """Wait for `/readyz`; fail with the output if the service ends or stays silent."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the service ended:\n{(self.home / 'run.log').read_text()}")
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/readyz", timeout=3, trust_env=False).status_code == httpx.codes.OK:
                    return
            time.sleep(0.2)
        raise TimeoutError(f"not ready after {seconds} s:\n{(self.home / 'run.log').read_text()}")

    def logs(self) -> str:
        """Everything that its processes have written."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.home.rglob("*.log")))


@contextlib.contextmanager
def running_service(home: Path, **settings: str) -> Iterator[Service]:
    """Start the service on free ports with its data under ``home``, and end it with everything that it started."""
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "PORTIERE_HOME": str(home),
        "PORTIERE_MESSAGE_LIMIT": "100000",
        "PORTIERE_SESSION_LIMIT": "100000",
        "PORTIERE_CLIENT_REQUEST_LIMIT": "1000000",
        "PORTIERE_CLIENT_CODE_ATTEMPTS": "100000",
        "PORTIERE_CLIENT_MAIL_REQUESTS": "100000",
        "PORTIERE_CLIENT_NUMBER_ATTEMPTS": "100000",
        "PORTIERE_TARGET_CODE_ATTEMPTS": "100000",
        **settings,
    }
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.log").open("wb") as log:
        command = [sys.executable, "-m", "bot.cli.main", "run"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    service = Service(f"http://127.0.0.1:{port}", home, environment, process)
    try:
        service.wait_until_ready()
        yield service
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Chat:
    """One conversation through the public API."""

    service: Service
    channel: str = "widget"
    session: dict[str, Any] = field(default_factory=dict)
    answer: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def open(cls, service: Service, channel: str = "widget", bearer: str | None = None, **content: str) -> Chat:
        """Begin a conversation; its greeting is the first answer."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        response = httpx.post(
            f"{service.url}/api/{channel}/sessions",
            json=content,
            headers=headers,
            timeout=20,
            trust_env=False,
        )
        response.raise_for_status()
        chat = cls(service, channel, response.json())
        chat.answer = chat.session["messages"]
        return chat

    def post(self, content: dict[str, Any]) -> httpx.Response:
        """Post a message as it is."""
        return httpx.post(
            f"{self.service.url}/api/{self.channel}/messages",
            json=content,
            headers=self.headers,
            timeout=30,
            trust_env=False,
        )

    def say(self, text: str) -> str:
        """Say something; all texts of the answer."""
        return self._taken(self.post({"text": text, "client_message_id": uuid.uuid4().hex}))

    def press(self, title: str) -> str:
        """Press a button of the last answer by its title; all texts of the answer."""
        payloads = {b["title"]: b["payload"] for message in self.answer for b in message.get("buttons", [])}
        return self._taken(self.post({"payload": payloads[title]}))

    def history(self) -> list[dict[str, Any]]:
        """The conversation so far."""
        response = httpx.get(
            f"{self.service.url}/api/{self.channel}/messages",
            headers=self.headers,
            timeout=20,
            trust_env=False,
        )
        response.raise_for_status()
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages

    @property
    def headers(self) -> dict[str, str]:
        """The token."""
        return {"Authorization": f"Bearer {self.session['token']}"}

    @property
    def buttons(self) -> list[str]:
        """The titles of all buttons of the last answer."""
        return [button["title"] for message in self.answer for button in message.get("buttons", [])]

    def _taken(self, response: httpx.Response) -> str:
        response.raise_for_status()
        self.answer = response.json()["messages"]
        return "\n".join(message.get("text", "") for message in self.answer)
