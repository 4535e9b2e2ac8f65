"""The gateway as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from bot.gateway.server import serve
from bot.settings import Settings
from tests.service import free_port

LONGEST_START = 30.0


@pytest.fixture
def trusted_proxies() -> str:
    """The proxies that the gateway believes; a test may be parametrised by them."""
    return "127.0.0.1"


@pytest.fixture
def address(settings: Settings, trusted_proxies: str) -> Iterator[str]:
    """A running gateway that lets each client address begin one conversation."""
    port = free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "PORTIERE_HOME": str(settings.home),
        "PORTIERE_RASA_URL": settings.rasa_url,
        "PORTIERE_SESSION_LIMIT": "1",
        "PORTIERE_TRUSTED_PROXIES": trusted_proxies,
    }
    process = subprocess.Popen([sys.executable, "-m", "bot.cli.main", "serve", "gateway"], env=environment)
    until = time.monotonic() + LONGEST_START
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            break
        except httpx.TransportError:
            assert process.poll() is None, "the gateway ended"
            assert time.monotonic() < until, "the gateway does not start"
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


def begin(address: str, client: str) -> int:
    """Begin a conversation through a proxy on this machine; the status."""
    headers = {"X-Forwarded-For": client}
    return httpx.post(f"{address}/api/widget/sessions", headers=headers, trust_env=False).status_code


def test_clients_behind_a_proxy_on_this_machine_are_told_apart(address: str) -> None:
    assert [begin(address, client) for client in ("192.0.2.1", "192.0.2.2", "192.0.2.1")] == [201, 201, 429]
    # What a client wrote into the header itself stands before what the proxy has added.
    assert begin(address, "192.0.2.9, 192.0.2.1") == 429


@pytest.mark.parametrize("trusted_proxies", ["192.0.2.77"])
def test_a_proxy_that_is_not_trusted_is_not_believed(address: str) -> None:
    assert [begin(address, client) for client in ("192.0.2.1", "192.0.2.2")] == [201, 429]
    answer = httpx.get(f"{address}/healthz", headers={"X-Forwarded-Proto": "https"}, trust_env=False)
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("trusted_proxies", ["192.0.2.77,127.0.0.0/8"])
def test_behind_a_proxy_with_tls_browsers_are_told_to_stay_with_it(address: str) -> None:
    answer = httpx.get(f"{address}/healthz", headers={"X-Forwarded-Proto": "https"}, trust_env=False)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_it_does_not_start_without_a_key_that_it_can_use(settings: Settings) -> None:
    unusable = settings.copy(update={"token_algorithm": "RS256"})
    with pytest.raises(SystemExit, match=r"The gateway cannot start: .*PORTIERE_PORTAL_KEY"):
        serve(unusable)
