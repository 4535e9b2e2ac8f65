"""`portiere conversations`: taking the log out, deleting from it, building it anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

import typer

from bot.cli.stores import opened
from bot.conversations.log.outcomes import OUTCOMES

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

app = typer.Typer(no_args_is_help=True, help="Export, delete and rebuild the log of conversations.")

_LONGEST_NAME = 50
_AGE = re.compile(r"([1-9]\d{0,3})d")


@app.command()
def export(
    format_: str = typer.Option("jsonl", "--format", help="jsonl: one JSON object a line, one line a turn."),
    since: str | None = typer.Option(None, help="Begun at or after: 2026-11-01, or with a time and zone."),
    until: str | None = typer.Option(None, help="Begun before: 2026-12-01 leaves December out."),
    channel: str | None = typer.Option(None, help="widget or staff."),
    outcome: str | None = typer.Option(None, help=" ".join(OUTCOMES) + "."),
    output: Path | None = typer.Option(None, help="File to write; it appears once it is whole."),
) -> None:
    """Write the turns of conversations: time, side, text, intent, confidence, actions, slots set, findings.

    Personal values stand as references such as ⟨email 1⟩. Days count in the portal's time zone.
    """
    import json

    from bot.conversations.log.export import Selection, exported_turns

    require(format_ == "jsonl", "--format", "must be jsonl")
    require_channel(channel)
    require(outcome in (None, *OUTCOMES), "--outcome", f"must be one of: {', '.join(OUTCOMES)}")
    selection = Selection(moment("--since", since), moment("--until", until), channel, outcome)
    with store() as engine, _destination(output) as file:
        note_reading(engine, "download", reason=f"conversations export {since or ''}..{until or ''}")
        count = 0
        for line in exported_turns(engine, selection):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    typer.echo(f"{count:,} turns.", err=True)


@app.command()
def purge(
    older_than: str = typer.Option(..., help="Age of the texts to be deleted, since the end of a conversation: 30d."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Delete nothing; say what would be."),
) -> None:
    """Delete old texts, and figures that are older than the setting PORTIERE_KEEP_FIGURES_MONTHS.

    Intents, findings, outcomes and times stay after the texts have gone. The service does the same by itself once a
    day, with the settings PORTIERE_KEEP_TEXTS_DAYS and PORTIERE_KEEP_FIGURES_MONTHS.
    """
    from bot.conversations.log.rebuild import log_missing
    from bot.conversations.log.retention import count_due, months_before, purge_figures, purge_texts
    from bot.mail.folder import mailbox
    from bot.settings import settings

    matched = _AGE.fullmatch(older_than)
    if matched is None:
        raise typer.BadParameter("must be a number of days, such as 30d", param_hint="--older-than")
    present = now()
    texts_before = present - timedelta(days=int(matched.group(1)))
    figures_before = months_before(present, settings().keep_figures_months)
    with store() as engine:
        log_missing(engine)
        if dry_run:
            for kind, counts in count_due(engine, texts_before, figures_before).items():
                _report(f"{kind} that would be deleted", counts)
            return
        _report("texts deleted", purge_texts(engine, texts_before, present, actor()))
        _report("figures deleted", purge_figures(engine, figures_before, present, actor()))
        mailbox(settings()).sweep(engine)


@app.command(context_settings={"ignore_unknown_options": True})  # an id may begin with a dash
def erase(
    conversation: str = typer.Argument(help="Id of the conversation."),
    reason: str | None = typer.Option(None, help="Why. It stays on record, so it must not name anybody."),
) -> None:
    """Destroy the texts, the key and the session of one conversation; that it was done stays on record."""
    from bot.conversations.log.retention import UnknownConversation
    from bot.conversations.log.retention import erase as erase_one
    from bot.mail.folder import mailbox
    from bot.settings import settings

    with store() as engine:
        try:
            counts = erase_one(engine, conversation, actor=actor(), reason=reason, now=now())
        except UnknownConversation as error:
            typer.echo(f"There is no conversation {conversation}.", err=True)
            raise typer.Exit(1) from error
        mailbox(settings()).sweep(engine)
    _report("erased", counts)


@app.command()
def rebuild() -> None:
    """Build the log anew from the stored trackers. Conversations whose texts are deleted keep their figures.

    The service may run meanwhile.
    """
    from bot.conversations.log.rebuild import count_projected
    from bot.conversations.log.rebuild import rebuild as rebuild_all
    from bot.conversations.log.settling import settle
    from bot.settings import settings

    with store() as engine:
        with progress("Conversations", count_projected(engine)) as on_rebuilt:
            count = rebuild_all(engine, on_rebuilt)
        settle(engine, now(), timedelta(minutes=settings().conversation_minutes))
    typer.echo(f"{count:,} conversations rebuilt.")


def actor() -> str:
    """Who gives the command: the operating system's user, written as no user of the console can be called."""
    import os
    import pwd

    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run under a number that has no name
        name = str(number)
    return f"{name[:_LONGEST_NAME]} (shell)"


def require_channel(channel: str | None) -> None:
    """End the program unless this is a channel, or none is asked for."""
    from bot.cases import CHANNELS

    require(channel in (None, *CHANNELS), "--channel", f"must be {' or '.join(CHANNELS)}")


def note_reading(engine: Engine, kind: str, **what: str) -> None:
    """Put into the read audit that texts are taken out by command."""
    from bot.conversations.support.readings import ReadAudit

    ReadAudit(engine).note(actor(), kind, now(), **what)


@contextmanager
def store() -> Iterator[Engine]:
    """The store with its newest schema; a database that refuses ends the program with a sentence."""
    from bot.conversations import schema
    from bot.settings import settings

    url = settings().conversations_database()
    with opened("conversation store", "PORTIERE_CONVERSATIONS_URL", url, schema.upgrade) as engine:
        yield engine


@contextmanager
def _destination(output: Path | None) -> Iterator[IO[str]]:
    """Where an export goes. A file takes its name once all of it is written: a broken one is never taken for whole."""
    import os
    import sys

    if output is None:
        try:
            yield sys.stdout
            sys.stdout.flush()
        except BrokenPipeError as error:  # whoever reads has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from error
        return
    draft = output.with_name(f"{output.name}.part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            draft.chmod(0o600)
            yield file
        draft.replace(output)
    except OSError as error:
        typer.echo(f"{output} cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(1) from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=total)
        yield lambda done: progress.update(task, completed=done)


def _report(title: str, counts: object) -> None:
    rows = {name: count for name, count in dict(counts).items() if count}  # type: ignore[call-overload]
    typer.echo(f"{title.capitalize()}: " + (", ".join(f"{count:,} {name}" for name, count in rows.items()) or "none"))


def moment(option: str, value: str | None) -> datetime | None:
    """The moment in an option, in the portal's time zone unless it names another; `BadParameter` if it is none."""
    from zoneinfo import ZoneInfo

    from bot.settings import settings

    if value is None:
        return None
    try:
        given = datetime.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter("must be a day such as 2026-11-01, or a moment", param_hint=option) from error
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(settings().timezone))


def require(is_right: bool, option: str, problem: str) -> None:
    """End the program with what is wrong about an option."""
    if not is_right:
        raise typer.BadParameter(problem, param_hint=option)


def now() -> datetime:
    """The present moment."""
    from datetime import timezone

    return datetime.now(timezone.utc)
