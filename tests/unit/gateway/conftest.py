"""A gateway over real databases, with a stand-in for Rasa behind it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from actions.accounts import schema as accounts_schema
from actions.accounts.models import metadata as accounts_metadata
from bot.conversations import schema as conversations_schema
from bot.conversations.tables import metadata as conversations_metadata
from bot.database import open_engine
from bot.settings import Settings
from tests.databases import empty, own_database
from tests.unit.accounts.factories import account, company, save
from tests.unit.gateway.client import Chat, Gateway, gateway_process
from tests.unit.gateway.rasa_stand_in import RasaStandIn, rasa_stand_in

LOGIN = "Ada.Neri@example.com"


def _fill(url: str) -> None:
    """One company, one account."""
    engine = open_engine(url)
    save(engine, [company("brenta"), account("ada", LOGIN)])
    engine.dispose()


@pytest.fixture(scope="session")
def both_stores_on_postgres(postgres_server: str) -> Iterator[str]:
    """Both stores in one database, which they may share."""
    for url in own_database(postgres_server, "gateway"):
        accounts_schema.upgrade(url)
        conversations_schema.upgrade(url)
        yield url


@pytest.fixture(scope="session")
def stores_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both stores as files, to be copied."""
    folder = tmp_path_factory.mktemp("stores")
    chosen = Settings(home=folder)
    accounts_schema.upgrade(chosen.accounts_database())
    conversations_schema.upgrade(chosen.conversations_database())
    _fill(chosen.accounts_database())
    return folder


@pytest.fixture
def database() -> str:
    """The kind of database; a test module may be parametrised by it."""
    return "sqlite"


@pytest.fixture
def rasa() -> Iterator[RasaStandIn]:
    with rasa_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def settings(request: pytest.FixtureRequest, database: str, tmp_path: Path, rasa: RasaStandIn) -> Settings:
    """Settings for migrated stores that hold one company and one account."""
    shared = {"home": tmp_path, "rasa_url": rasa.url, "actions_url": rasa.url, "secret": "s" * 32}
    if database == "sqlite":
        shutil.copytree(request.getfixturevalue("stores_folder"), tmp_path, dirs_exist_ok=True)
        return Settings(**shared)
    url = request.getfixturevalue("both_stores_on_postgres")
    empty(url, conversations_metadata, accounts_metadata)
    _fill(url)
    return Settings(**shared, accounts_url=url, conversations_url=url)


@pytest.fixture
async def gateway(settings: Settings) -> AsyncIterator[Gateway]:
    async with gateway_process(settings) as process:
        yield process


@pytest.fixture
async def chat(gateway: Gateway) -> Chat:
    """An anonymous conversation in the widget."""
    return await gateway.chat()


@pytest.fixture
def conversations(settings: Settings) -> Iterator[Engine]:
    """The conversation store behind the gateway."""
    engine = open_engine(settings.conversations_database())
    yield engine
    engine.dispose()
