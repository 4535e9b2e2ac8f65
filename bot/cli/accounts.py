"""`portiere accounts`: filling the account store, and reading what was changed in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.stores import opened

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from actions.accounts.csv_rows import OnRead
    from bot.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Fill the account store; show what was changed in it.")


@app.command()
def demo(
    if_empty: bool = typer.Option(False, "--if-empty", help="Do nothing if the store holds a company already."),
) -> None:
    """Load the demo companies and customers, with dates relative to today; once more, and they are as new."""
    from bot.settings import settings

    chosen = settings()
    with _store(chosen) as engine:
        if if_empty and not _is_empty(engine):
            typer.echo("The store is not empty: nothing was changed.")
            return
        _load_demo(chosen, engine)
    typer.echo("Demo data loaded.")


@app.command()
def load(
    folder: Path = typer.Argument(help="Folder with one CSV file a table, as docs/accounts-csv.md describes."),
) -> None:
    """Load companies, customers, contracts and invites from CSV files: all of them, or none.

    The folder holds companies.csv, administrators.csv, properties.csv, units.csv, accounts.csv,
    contacts.csv, contracts.csv and invites.csv; docs/accounts-csv-example is one to start from.

    A row replaces the one that was loaded with the same key before. Each bad row is reported with
    file, line, column and reason.
    """
    from actions.accounts.loader import LoadFailed, load_folder
    from bot.settings import settings

    with _store(settings()) as engine:
        try:
            with _progress(folder) as on_read:
                counts = load_folder(engine, folder, on_read)
        except LoadFailed as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
    typer.echo("Loaded " + ", ".join(f"{count:,} {table}" for table, count in counts.items()) + ".")


@app.command()
def trail(
    company: str | None = typer.Option(None, help="Changes to invites of this company only."),
    since: str | None = typer.Option(None, help="Made at or after: 2026-11-01, or with a time and zone."),
    format_: str = typer.Option("table", "--format", help="table, or jsonl: one JSON object a line."),
) -> None:
    """Show who reactivated which invite when: the expiry before and after, and the conversation.

    Invites stand with their keys in invites.csv, not with their codes. Days count in the portal's time zone.
    """
    import json
    from zoneinfo import ZoneInfo

    from actions.accounts.trail import trail as entries
    from bot.cli.conversations import moment, require
    from bot.settings import settings

    require(format_ in ("table", "jsonl"), "--format", "must be table or jsonl")
    zone = ZoneInfo(settings().timezone)
    with _store(settings()) as engine:
        rows = (
            {
                name: value.astimezone(zone).isoformat(timespec="seconds") if isinstance(value, datetime) else value
                for name, value in vars(entry).items()
            }
            for entry in entries(engine, company, moment("--since", since))
        )
        if format_ == "jsonl":
            for row in rows:
                typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            _echo_table(list(rows))


def _echo_table(rows: Sequence[dict[str, str]]) -> None:
    """Rows under their headings, each column as wide as its longest value."""
    if not rows:
        typer.echo("No entries.")
        return
    table = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        typer.echo("  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip())


def load_demo_if_empty(chosen: Settings) -> bool:
    """Load the demo data into a store without companies; whether it was."""
    from bot.database import open_engine

    engine = open_engine(chosen.accounts_database())
    if not _is_empty(engine):
        return False
    _load_demo(chosen, engine)
    return True


@contextmanager
def _store(chosen: Settings) -> Iterator[Engine]:
    """The store with its newest schema; a database that refuses ends the program with a sentence."""
    from actions.accounts import schema

    url = chosen.accounts_database()
    with opened("account store", "PORTIERE_ACCOUNTS_URL", url, schema.upgrade, OSError) as engine:
        yield engine


@contextmanager
def _progress(folder: Path) -> Iterator[OnRead]:
    """A bar on standard error over all bytes of the folder's CSV files."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    sizes = {path.name: path.stat().st_size for path in folder.glob("*.csv")}
    read: dict[str, int] = {}
    columns = (TextColumn("{task.description:<20}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=sum(sizes.values()))

        def show(file: str, size: int) -> None:
            read[file] = size
            progress.update(task, description=file, completed=sum(read.values()))

        yield show


def _is_empty(engine: Engine) -> bool:
    from actions.accounts.store import SqlAccounts

    return SqlAccounts(engine).is_empty()


def _load_demo(chosen: Settings, engine: Engine) -> None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from actions.accounts.demo import load_demo

    zone = ZoneInfo(chosen.timezone)
    load_demo(engine, datetime.now(zone).date(), zone)
