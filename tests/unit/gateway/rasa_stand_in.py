"""A small HTTP server in place of Rasa and the action server: it notes what it is sent and answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Call = dict[str, Any]


def echo(call: Call) -> Any:
    """What came in, sent back; a greeting for a new conversation."""
    return {"messages": [{"text": call.get("text") or call.get("payload") or "Benvenuto"}]}


@dataclass
class RasaStandIn:
    """What it was sent, and how it answers: `answer` makes the body, `status` goes with it."""

    url: str
    answer: Callable[[Call], Any] = echo
    status: int = 200
    is_ready: bool = True
    paths: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    secrets: set[str | None] = field(default_factory=set)

    @property
    def messages(self) -> list[Call]:
        """The calls that were messages, not beginnings."""
        return [call for path, call in zip(self.paths, self.calls, strict=True) if path.endswith("/messages")]

    def offer(self, *buttons: tuple[str, str]) -> None:
        """Answer with buttons: title and payload."""
        shown = [{"title": title, "payload": payload} for title, payload in buttons]
        self.answer = lambda _: {"messages": [{"text": "Scegli", "buttons": shown}]}


@contextmanager
def rasa_stand_in() -> Iterator[RasaStandIn]:
    """One that listens on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200 if stand_in.is_ready else 503, {})

        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stand_in.paths.append(self.path)
            stand_in.calls.append(call)
            stand_in.secrets.add(self.headers["X-Portiere-Secret"])
            content = stand_in.answer(call)
            self._send(stand_in.status, content)

        def _send(self, status: int, content: Any) -> None:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in = RasaStandIn(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield stand_in
    server.shutdown()
    thread.join()
    server.server_close()
