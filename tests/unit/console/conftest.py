"""A gateway with the console, users of every role, and a log to read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.engine import Engine

from actions.accounts import schema as accounts_schema
from bot.conversations import schema as conversations_schema
from bot.conversations.support.tables import ROLES, console_user
from bot.conversations.support.users import ConsoleUsers
from bot.conversations.tables import metadata
from bot.database import open_engine
from bot.gateway.app import create_app
from bot.settings import Settings
from tests.databases import own_database
from tests.unit.console.visitor import PASSWORD, Visitor
from tests.unit.conversations.factories import NOON


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Migrated stores with one user of each role, called like it."""
    settings = Settings(home=tmp_path_factory.mktemp("console"), secret="s" * 32, rasa_url="http://127.0.0.1:9")
    accounts_schema.upgrade(settings.accounts_database())
    conversations_schema.upgrade(settings.conversations_database())
    engine = open_engine(settings.conversations_database())
    users = ConsoleUsers(engine, settings.key("console"))
    for role in ROLES:
        users.add(role, [role], PASSWORD, NOON)
    engine.dispose()
    return settings


@pytest.fixture(scope="session")
def console_on_postgres(postgres_server: str) -> Iterator[str]:
    for url in own_database(postgres_server, "console"):
        conversations_schema.upgrade(url)
        yield url


@pytest.fixture
def database() -> str:
    """Which database holds the conversations; modules that read and write through pages try both."""
    return "sqlite"


@pytest.fixture
def settings(request: pytest.FixtureRequest, database: str, stores: Settings, tmp_path: Path) -> Settings:
    for path in Path(stores.home).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    own = Settings(home=tmp_path, secret="s" * 32, rasa_url="http://127.0.0.1:9")
    if database == "sqlite":
        return own
    url = request.getfixturevalue("console_on_postgres")
    _fill_anew(url, own.conversations_database())
    return Settings(home=tmp_path, secret="s" * 32, rasa_url="http://127.0.0.1:9", conversations_url=url)


def _fill_anew(url: str, model: str) -> None:
    """Leave nothing in a PostgreSQL database but the users of another one; its ids begin with 1 again."""
    source, target = open_engine(model), open_engine(url)
    with source.connect() as connection:
        users = [{**row._mapping} for row in connection.execute(select(console_user).order_by(console_user.c.id))]
    with target.begin() as connection:
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        connection.execute(insert(console_user), users)
        connection.execute(text("ALTER SEQUENCE console_user_id_seq RESTART WITH 100"))
    source.dispose()
    target.dispose()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings.conversations_database())
    yield engine
    engine.dispose()


@pytest.fixture
async def visitor(settings: Settings) -> AsyncIterator[Callable[[], Visitor]]:
    """Browsers that nobody is signed in with."""
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 50000))
    async with app.router.lifespan_context(app):
        yield lambda: Visitor(httpx.AsyncClient(transport=transport, base_url="http://bot.example"))
