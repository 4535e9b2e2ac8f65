"""`portiere conversations corrections|story|replay`: what is learnt from the log, and whether a new model is better."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli import conversations

if TYPE_CHECKING:
    from bot.dialogue.replay import Difference

_REPLAY = "replay.json"
app = conversations.app


@app.command()
def corrections(
    output: Path = typer.Option(Path("corrections"), help="Folder for the files; it is made if it is missing."),
) -> None:
    """Write the accepted corrections as NLU files, one a case family, ready for data/nlu/."""
    from bot.conversations.log.reviews import Reviews
    from bot.conversations.log.training import known_messages, nlu_files

    with conversations.store() as engine:
        conversations.note_reading(engine, "download", reason="NLU YAML")
        accepted = [(item.text or "", item.right or "") for item in Reviews(engine).corrections("accepted")]
    files = nlu_files(accepted, known_messages())
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (output / name).write_text(text, encoding="utf-8")
    except OSError as error:
        typer.echo(f"{output} cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{len(accepted):,} corrections, {len(files)} files in {output}/.")


@app.command(context_settings={"ignore_unknown_options": True})  # an id may begin with a dash
def story(conversation: str = typer.Argument(help="Id of the conversation.")) -> None:
    """Write a conversation as a test story of Rasa, masked, to standard output."""
    from bot.conversations.log.queries import ConversationLog
    from bot.conversations.log.training import test_story

    with conversations.store() as engine:
        text = test_story(f"conversation {conversation}", ConversationLog(engine).events(conversation))
        if text is not None:
            conversations.note_reading(engine, "download", conversation_id=conversation, reason="test story")
    if text is None:
        typer.echo(f"There is no conversation {conversation} with the bot, or its texts are deleted.", err=True)
        raise typer.Exit(1)
    typer.echo(text, nl=False)


@app.command()
def replay(
    model: Path | None = typer.Option(None, help="The new model; default: the one of the present sources."),
    since: str | None = typer.Option(None, help="Begun at or after: 2026-11-01, or with a time and zone."),
    channel: str | None = typer.Option(None, help="widget or staff."),
    limit: int = typer.Option(1000, min=1, help="Of the newest conversations, so many at most."),
) -> None:
    """Run past conversations through a model before it goes live, and list what would change.

    Nothing is done or written but the report, which the console shows. Ends with 1 if anything would change.
    """
    from bot.conversations.log.filters import Filters
    from bot.conversations.log.queries import ConversationLog
    from bot.services import logs
    from bot.services.environment import prepare

    prepare()
    logs.configure()
    from bot.dialogue.replay import UnusableModel, load
    from bot.dialogue.replay import replay as run
    from bot.models import current_model

    conversations.require_channel(channel)
    chosen = model or current_model()
    try:
        processor = load(chosen)
    except UnusableModel as error:
        typer.echo(f"Not replayed: {error}.", err=True)
        raise typer.Exit(2) from error
    found, messages, done = [], 0, 0
    with conversations.store() as engine:
        conversations.note_reading(engine, "replay")
        log = ConversationLog(engine)
        idents = log.newest(Filters(since=conversations.moment("--since", since), channel=channel), limit)
        with conversations.progress("Conversations", len(idents)) as on_done:
            for count, differences in run(processor, ((ident, log.events(ident)) for ident in idents)):
                messages, done = messages + count, done + 1
                found += differences
                on_done(done)
    _write_report(chosen.name, done, messages, found)
    for difference in found:
        typer.echo(_line(difference))
    typer.echo(f"{len(found):,} differences in {messages:,} messages of {done:,} conversations.", err=True)
    raise typer.Exit(1 if found else 0)


def _write_report(model: str, count: int, messages: int, found: Sequence[Difference]) -> None:
    """What the console shows; without texts: they stay in the log alone, where retention and erasures find them."""
    import json
    from dataclasses import asdict

    from bot.settings import settings

    report = {
        "model": model,
        "at": conversations.now().isoformat(),
        "conversations": count,
        "messages": messages,
        "differences": [{**asdict(difference), "text": None} for difference in found],
    }
    target = settings().home / _REPLAY
    draft = target.with_suffix(".part")
    draft.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
    draft.replace(target)


def _line(difference: Difference) -> str:
    place = f"{difference.conversation_id}:{difference.number}"
    if difference.response:
        return f"{place}\t{difference.response} says something else\t{difference.text}"
    before = f"{difference.intent_before or 'unsure'} {difference.confidence_before:.0%}"
    after = f"{difference.intent_after or 'unsure'} {difference.confidence_after:.0%}"
    actions = f", {difference.action_before} -> {difference.action_after}" if difference.action_before else ""
    return f"{place}\t{before} -> {after}{actions}\t{difference.text}"
