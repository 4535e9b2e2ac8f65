"""`portiere users`: who may sign in to the console."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.conversations.support.users import ConsoleUsers
    from bot.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Look after the users of the console.")

DEMO_USER = "demo"
_ROLES = typer.Option(..., "--role", help="support, lead or privacy; may be given several times.")
_PASSWORD = typer.Option(
    ..., prompt=True, confirmation_prompt=True, hide_input=True, help="Asked for, if it is not given; 12 characters."
)


@app.command()
def add(
    name: str = typer.Argument(help="The name to sign in with."),
    role: list[str] = _ROLES,
    password: str = _PASSWORD,
) -> None:
    """Make a user."""
    from datetime import datetime, timezone

    from bot.conversations.support.users import UserError

    try:
        user = _users().add(name, role, password, datetime.now(timezone.utc))
    except UserError as error:
        raise _refused(error) from error
    typer.echo(f"{user.name} may sign in as {', '.join(sorted(user.roles))}.")


@app.command(name="list")
def list_users() -> None:
    """One line a user: name, roles, whether active, when last signed in."""
    users = _users().listed()
    for user in users:
        seen = user.seen_at.isoformat(timespec="seconds") if user.seen_at else "never"
        typer.echo(f"{user.name}\t{','.join(sorted(user.roles))}\t{'active' if user.is_active else 'disabled'}\t{seen}")
    if not users:
        typer.echo("There are no users yet: portiere users add NAME --role support", err=True)


@app.command()
def password(name: str = typer.Argument(help="Whose password."), password: str = _PASSWORD) -> None:
    """Set a new password and end the user's sessions."""
    _change(name, password=password)
    typer.echo(f"{name} has a new password.")


@app.command()
def roles(name: str = typer.Argument(help="Whose roles."), role: list[str] = _ROLES) -> None:
    """Give a user other roles and end the user's sessions."""
    _change(name, roles=role)
    typer.echo(f"{name} has the roles {', '.join(role)}.")


@app.command()
def disable(name: str = typer.Argument(help="Who may no longer sign in.")) -> None:
    """End a user's sessions and refuse new ones; what they did stays on record."""
    _change(name, active=False)
    typer.echo(f"{name} may not sign in any more.")


@app.command()
def enable(name: str = typer.Argument(help="Who may sign in again.")) -> None:
    """Let a disabled user sign in again."""
    _change(name, active=True)
    typer.echo(f"{name} may sign in again.")


def add_demo_user_if_none(chosen: Settings) -> None:
    """In the demo, make one user with all roles, unless there is any user."""
    from datetime import datetime, timezone

    from bot.conversations.support.tables import ROLES

    if not chosen.demo:
        return
    users = _users(chosen)
    if not users.listed():
        users.add(DEMO_USER, ROLES, demo_password(chosen), datetime.now(timezone.utc))


def demo_password(chosen: Settings) -> str:
    """The demo user's password: 80 bits that follow from the installation's secret, so that each start can tell it."""
    return base64.b32encode(chosen.key("demo console user")[:10]).decode().lower()


def is_demo_password(chosen: Settings) -> bool:
    """Whether the demo user exists, may sign in, and still has the password of `demo_password`."""
    return _users(chosen).check_password(DEMO_USER, demo_password(chosen), "the console's start") is not None


def _change(name: str, **changes: object) -> None:
    from bot.conversations.support.users import UserError

    try:
        _users().change(name, **changes)  # type: ignore[arg-type]
    except UserError as error:
        raise _refused(error) from error


def _refused(error: Exception) -> typer.Exit:
    typer.echo(f"Not done: {error}.", err=True)
    return typer.Exit(1)


def _users(chosen: Settings | None = None) -> ConsoleUsers:
    from bot.conversations.support.users import ConsoleUsers
    from bot.database import open_engine
    from bot.settings import settings

    chosen = chosen or settings()
    return ConsoleUsers(open_engine(chosen.conversations_database()), chosen.key("console"))
