"""`portiere run`: from a fresh checkout to a running service, and back to nothing on Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import typer

from bot.services.lock import alone
from bot.services.supervisor import Service, ServiceFailed, Supervisor
from bot.settings import LOOPBACK, Settings, settings

_LONGEST_START = 120.0  # seconds


def run() -> int:
    """Prepare, start, and wait; the exit code."""
    chosen = settings()
    try:
        _require_port(chosen)
        with alone(chosen.home / "preparing", typer.echo):
            model = _prepare(chosen)
        _require_port(chosen)  # preparing takes long enough for another program to come first
        asyncio.run(_serve(chosen, model))
    except (PreparationFailed, ServiceFailed, OSError) as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        return 1
    return 0


class PreparationFailed(Exception):
    """The service cannot start; the text says why and what to do."""


def _prepare(chosen: Settings) -> Path:
    """Databases, demo data and model; the model's file."""
    from sqlalchemy.exc import SQLAlchemyError

    from actions.accounts import schema as accounts_schema
    from bot.cli.accounts import load_demo_if_empty
    from bot.cli.train import TrainingFailed, train
    from bot.cli.users import add_demo_user_if_none
    from bot.conversations import schema as conversations_schema
    from bot.models import current_model
    from bot.web.packages import PackagesMissing, install

    try:
        with _step("Packages of the pages"):
            install()
    except PackagesMissing as error:  # charts are drawn from tables that are there all the same
        typer.secho(f"Charts will not be drawn until the packages can be had from npm.\n{error}", err=True)
    chosen.key("start")  # the master secret is made before several processes want it
    try:
        with _step("Account store"):
            accounts_schema.upgrade(chosen.accounts_database())
        with _step("Conversation store"):
            conversations_schema.upgrade(chosen.conversations_database())
        with _step("Demo data"):
            load_demo_if_empty(chosen)
            add_demo_user_if_none(chosen)
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise PreparationFailed(f"A database cannot be used: {str(reason).strip()}") from error
    try:
        with _step("Model" if current_model().exists() else "Training a model"):
            return train(lambda _: None)
    except TrainingFailed as error:
        raise PreparationFailed(f"Training failed.\n{error}") from error


async def _serve(chosen: Settings, model: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    rasa, actions = _free_ports(2)
    environment = {
        **os.environ,
        "PORTIERE_RASA_URL": f"http://127.0.0.1:{rasa}",
        "PORTIERE_ACTIONS_URL": f"http://127.0.0.1:{actions}",
        "PORTIERE_MODEL": str(model),
    }
    logs = chosen.home / "log"
    services = [
        Service(name, (sys.executable, "-m", "bot.cli.main", "serve", name), logs / f"{name}.log")
        for name in ("gateway", "actions", "rasa", "mail", "keeper")
    ]
    supervisor = asyncio.create_task(Supervisor(services, environment, typer.echo).run(stop))
    announcing = asyncio.create_task(_announce(chosen, logs))
    try:
        await supervisor
    finally:
        announcing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await announcing
    typer.echo("Everything has ended.")


async def _announce(chosen: Settings, logs: Path) -> None:
    """Say the addresses once the whole service answers."""
    began = time.monotonic()
    address = f"http://localhost:{chosen.port}"
    async with httpx.AsyncClient(timeout=3, trust_env=False) as client:
        while time.monotonic() - began < _LONGEST_START:
            await asyncio.sleep(0.2)
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"http://127.0.0.1:{chosen.port}/readyz")).status_code == httpx.codes.OK:
                    typer.echo(f"{'Processes':<22} {time.monotonic() - began:6.1f} s")
                    typer.secho(f"\nPortiere is ready: {address}", bold=True)
                    if chosen.demo:
                        await asyncio.to_thread(_tell_demo_user, chosen, address)
                    if warning := warning_of(chosen):
                        typer.secho(warning, fg=typer.colors.YELLOW, bold=True, err=True)
                    typer.echo(f"Logs are in {logs}/. Ctrl-C ends everything.")
                    return
    typer.secho(f"Still not ready after {_LONGEST_START:.0f} s; see {logs}/.", fg=typer.colors.YELLOW, err=True)


def _tell_demo_user(chosen: Settings, address: str) -> None:
    """The demo user's password, as long as it is theirs: somebody may have changed it, or made other users first."""
    from bot.cli.users import DEMO_USER, demo_password, is_demo_password

    if not is_demo_password(chosen):
        typer.echo(f"Console: {address}/console, users: portiere users list")
        return
    typer.echo(f"Console: {address}/console, user {DEMO_USER}, password {demo_password(chosen)}")


def warning_of(chosen: Settings) -> str | None:
    """What whoever lets others reach the demo must know; None if nobody else reaches it or it is none."""
    if not chosen.demo or chosen.host in LOOPBACK:
        return None
    mails = "" if chosen.smtp_url else "\n- read all mails at /mailbox, with the addresses and numbers in them"
    return (
        f"This is the demo, and others can reach it at {chosen.host}:{chosen.port}. Whoever does can\n"
        f"- sign in as staff of the demo's companies, and see whatever accounts are loaded{mails}\n"
        "Before real people use it, set PORTIERE_DEMO=false."
    )


@contextlib.contextmanager
def _step(name: str) -> Iterator[None]:
    typer.echo(f"{name:<22} ", nl=False)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        typer.echo("failed")
        raise
    typer.echo(f"{time.monotonic() - began:6.1f} s")


def _require_port(chosen: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as error:
            raise PreparationFailed(
                f"Port {chosen.port} is not free ({error.strerror}). Choose another one: PORT=5010 make run"
            ) from error


def _free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on, all different."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
