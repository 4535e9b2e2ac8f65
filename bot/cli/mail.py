"""`portiere mail`: what waits to be sent, and what could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.conversations.outbox import Outbox

app = typer.Typer(no_args_is_help=True, help="Look after mails that are not sent yet.")


@app.command(name="list")
def list_mails(
    dead: bool = typer.Option(False, "--dead", help="Only those that are not tried any more."),
) -> None:
    """One line a mail: number, kind, state, tries, next try, reason of the last failure. Addresses are not shown."""
    mails = _outbox().listed("dead" if dead else None)
    for mail in mails:
        next_try = mail.due_at.isoformat(timespec="seconds") if mail.state == "waiting" else "-"
        typer.echo(f"{mail.id}\t{mail.kind}\t{mail.state}\t{mail.tries}\t{next_try}\t{mail.failure or '-'}")
    if not mails:
        typer.echo("No mails are waiting or dead." if not dead else "No mails are dead.", err=True)


@app.command()
def retry(
    mails: list[int] = typer.Argument(None, help="Numbers of dead mails; all of them if none is given."),
) -> None:
    """Try dead mails anew."""
    from datetime import datetime, timezone

    count = _outbox().retry(mails or [], datetime.now(timezone.utc))
    typer.echo(f"{count} {'mail' if count == 1 else 'mails'} will be tried again.")
    if mails and count < len(set(mails)):
        typer.echo("The others are not dead, or do not exist.", err=True)
        raise typer.Exit(1)


def _outbox() -> Outbox:
    from bot.conversations.outbox import Outbox
    from bot.database import open_engine
    from bot.settings import settings

    return Outbox(open_engine(settings().conversations_database()))
