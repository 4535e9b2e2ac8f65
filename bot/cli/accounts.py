"""`portiere accounts`: filling the account store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Fill the account store.")


@app.command()
def demo(
    if_empty: bool = typer.Option(
        False, "--if-empty", help="Do nothing if the store holds a company already."
    ),
) -> None:
    """Load the demo companies and customers, with dates relative to today."""
    from actions.accounts import schema
    from bot.settings import settings

    chosen = settings()
    schema.upgrade(chosen.accounts_database())
    if if_empty:
        loaded = load_demo_if_empty(chosen)
    else:
        _load_demo(chosen)
        loaded = True
    typer.echo("Demo data loaded." if loaded else "The store is not empty: nothing was changed.")


@app.command()
def load(
    folder: Path = typer.Argument(help="Folder with one CSV file a table, as in docs/accounts-csv.md."),
) -> None:
    """Load companies, customers, contracts and invites from CSV files: all of them, or none."""
    from actions.accounts import schema
    from actions.accounts.loader import LoadFailed, load_folder
    from bot.database import open_engine
    from bot.settings import settings

    url = settings().accounts_database()
    schema.upgrade(url)
    try:
        counts = load_folder(open_engine(url), folder)
    except LoadFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo("Loaded " + ", ".join(f"{count:,} {table}" for table, count in counts.items()) + ".")


def load_demo_if_empty(chosen: Settings) -> bool:
    """Load the demo data into a store without companies; whether it was."""
    from actions.accounts.store import SqlAccounts
    from bot.database import open_engine

    if not SqlAccounts(open_engine(chosen.accounts_database())).is_empty():
        return False
    _load_demo(chosen)
    return True


def _load_demo(chosen: Settings) -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from actions.accounts.demo import load_demo
    from bot.database import open_engine

    zone = ZoneInfo(chosen.timezone)
    load_demo(open_engine(chosen.accounts_database()), datetime.now(zone).date(), zone)
