"""`portiere token`: tokens for trying the demo out."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Issue the tokens that a portal would sign, for ten minutes.")


@app.command()
def staff(
    company: str = typer.Option(..., help="The company's slug, such as studio-brennero."),
    name: str = typer.Option("martina.kofler", help="Who the administrator is, as the audit trail will name them."),
) -> None:
    """A token for the staff channel."""
    from datetime import datetime, timezone

    from bot.gateway.tokens import STAFF_AUDIENCE, issue
    from bot.settings import settings

    now = datetime.now(timezone.utc)
    typer.echo(issue(STAFF_AUDIENCE, name, settings(), now, role="administrator", company=company))


@app.command()
def portal(account: str = typer.Option(..., help="The account's exact login address.")) -> None:
    """A token by which the portal vouches for a signed-in person."""
    from datetime import datetime, timezone

    from bot.gateway.tokens import WIDGET_AUDIENCE, issue
    from bot.settings import settings

    typer.echo(issue(WIDGET_AUDIENCE, account, settings(), datetime.now(timezone.utc)))
