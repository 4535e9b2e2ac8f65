"""`portiere token`: tokens for trying the demo out."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Issue the tokens that a portal would sign.")

_MINUTES = typer.Option(10, min=1, max=10, help="Minutes for which the token is good.")


@app.command()
def staff(
    company: str = typer.Option(..., help="The company's slug, such as studio-brennero."),
    name: str = typer.Option("martina.kofler", help="Who the administrator is, as the audit trail will name them."),
    minutes: int = _MINUTES,
) -> None:
    """A token for the staff channel."""
    from bot.gateway.tokens import STAFF_AUDIENCE

    _issue(STAFF_AUDIENCE, name, minutes, role="administrator", company=company)


@app.command()
def portal(
    account: str = typer.Option(..., help="The account's exact login address."),
    minutes: int = _MINUTES,
) -> None:
    """A token by which the portal vouches for a signed-in person."""
    from bot.gateway.tokens import WIDGET_AUDIENCE

    _issue(WIDGET_AUDIENCE, account, minutes)


def _issue(audience: str, subject: str, minutes: int, **claims: str) -> None:
    from datetime import datetime, timedelta, timezone

    from bot.gateway.tokens import UnusableKey, issue
    from bot.settings import settings

    now = datetime.now(timezone.utc)
    try:
        typer.echo(issue(audience, subject, settings(), now, timedelta(minutes=minutes), **claims))
    except UnusableKey as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
