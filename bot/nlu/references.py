"""Entities out of the references that the gateway puts where personal values stood."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.privacy.values import REFERENCE

ENTITY_OF_KIND = {
    "email": "email",
    "codice": "invite_code",
    "telefono": "phone",
    "iban": "iban",
    "numero": "number",
}


def kind_of_reference(reference: str) -> str | None:
    """The kind of a reference such as ``⟨codice 1⟩``: `codice`; None if it is none."""
    match = REFERENCE.fullmatch(reference)
    return match.group(1) if match else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ReferenceExtractor(GraphComponent, EntityExtractorMixin):
    """Finds references such as ``⟨codice 1⟩``; an entity's value is the whole reference, never a personal value."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ReferenceExtractor:
        """Create the component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message."""
        for message in messages:
            found = [
                {
                    "entity": ENTITY_OF_KIND[match.group(1)],
                    "start": match.start(),
                    "end": match.end(),
                    "value": match.group(),
                    "extractor": type(self).__name__,
                }
                for match in REFERENCE.finditer(message.get(TEXT) or "")
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages
