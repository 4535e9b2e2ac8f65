"""The `portiere` program. Heavy imports stand inside the commands: `--help` must come at once."""

from __future__ import annotations

import os
import signal
from typing import Any

import typer
from typer.core import TyperGroup

from bot.cli import accounts, learning, mail, token, users


class Program(TyperGroup):
    """All commands; a wrong setting ends each of them with a sentence."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except ValueError as error:
            from pydantic import ValidationError

            from bot.settings import Settings

            if not isinstance(error, ValidationError) or error.model is not Settings:
                raise
            for problem in error.errors():
                field = Settings.__fields__[str(problem["loc"][0])].field_info
                name = min(field.extra["env_names"]).upper()
                typer.echo(f"The setting {name}: {problem['msg']}.", err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=Program,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Portiere, the support chatbot of a customer portal.",
)
app.add_typer(accounts.app, name="accounts")
app.add_typer(learning.app, name="conversations")
app.add_typer(mail.app, name="mail")
app.add_typer(token.app, name="token")
app.add_typer(users.app, name="users")


@app.command()
def run(
    with_parent: bool = typer.Option(False, "--with-parent", help="End when the process that started it has ended."),
) -> None:
    """Prepare everything that is missing, then run the whole service until Ctrl-C."""
    from bot.cli.run import run as run_service
    from bot.services.environment import end_with

    if with_parent:
        end_with(os.getppid(), signal.SIGTERM)
    raise typer.Exit(run_service())


@app.command()
def train() -> None:
    """Train the model, if there is none of the present sources."""
    from bot.cli.train import TrainingFailed
    from bot.cli.train import train as train_model

    try:
        train_model(typer.echo)
    except TrainingFailed as error:
        typer.echo(f"Training failed.\n{error}", err=True)
        raise typer.Exit(1) from error


@app.command()
def migrate() -> None:
    """Bring both databases to the newest schema."""
    from actions.accounts import schema as accounts_schema
    from bot.conversations import schema as conversations_schema
    from bot.settings import settings

    accounts_schema.upgrade(settings().accounts_database())
    conversations_schema.upgrade(settings().conversations_database())


@app.command()
def parse(
    channel: str = typer.Option("widget", help="Whose words they are: widget (tenants, owners) or staff."),
) -> None:
    """Read messages, one a line, and write what the bot understands, one JSON object a line."""
    from bot.services import logs
    from bot.services.environment import prepare

    if channel not in ("widget", "staff"):
        raise typer.BadParameter("must be widget or staff", param_hint="--channel")
    prepare()
    logs.configure()
    from bot.cli.parse import parse as parse_lines  # after `prepare`: it brings Rasa with it

    try:
        parse_lines(channel)
    except FileNotFoundError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@app.command()
def serve(name: str = typer.Argument(help="rasa, actions, gateway, mail or keeper")) -> None:
    """Run one process of the service; `portiere run` starts all of them."""
    from bot.services import logs
    from bot.services.environment import prepare
    from bot.settings import settings

    prepare()
    logs.configure()
    if name == "gateway":
        from bot.gateway.server import serve as serve_gateway

        serve_gateway(settings())
    elif name == "actions":
        from actions.server import serve as serve_actions

        serve_actions(settings())
    elif name == "rasa":
        from bot.channels.server import serve as serve_rasa

        serve_rasa(settings())
    elif name == "mail":
        from bot.mail.worker import serve as serve_mail

        serve_mail(settings())
    elif name == "keeper":
        from bot.conversations.keeper import serve as serve_keeper

        serve_keeper(settings())
    else:
        raise typer.BadParameter("must be rasa, actions, gateway, mail or keeper", param_hint="NAME")
