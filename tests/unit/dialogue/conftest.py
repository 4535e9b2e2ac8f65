"""The bot's own domain and rules, as Rasa reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.services.environment import prepare

if TYPE_CHECKING:  # Rasa warns while it is imported, and a conftest is imported before pytest's filters hold
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.training_data.structures import StoryGraph
    from rasa.shared.importers.importer import TrainingDataImporter


@pytest.fixture(scope="session")
def importer() -> TrainingDataImporter:
    prepare()
    from rasa.shared.importers.importer import TrainingDataImporter

    return TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])


@pytest.fixture(scope="session")
def domain(importer: TrainingDataImporter) -> Domain:
    return importer.get_domain()


@pytest.fixture(scope="session")
def rules(importer: TrainingDataImporter) -> StoryGraph:
    return importer.get_stories()
