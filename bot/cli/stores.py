"""A store that a command works on, opened with its newest schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


@contextmanager
def opened(
    name: str, setting: str, url: str, upgrade: Callable[[str], None], *also: type[Exception]
) -> Iterator[Engine]:
    """The store of a database URL that a setting gives; a database that refuses ends the program with a sentence.

    ``also`` are exceptions that count as a refusal besides the database's own.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    from bot.database import open_engine

    try:
        upgrade(url)
        engine = open_engine(url)
        yield engine
        engine.dispose()
    except ArgumentError as error:
        typer.echo(f"{setting} is not the URL of a database, such as postgresql://host/name.", err=True)
        raise typer.Exit(1) from error
    except (SQLAlchemyError, *also) as error:
        reason = getattr(error, "orig", None) or error
        typer.echo(f"The {name} {make_url(url)!r} cannot be used: {str(reason).strip()}", err=True)
        raise typer.Exit(1) from error
