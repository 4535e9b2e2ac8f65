"""Rasa's responses behind the tiers: whoever wants to say one, a rule, a form or an action, says it through here."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from bot.tiers import ANONYMOUS, tiers

logger = logging.getLogger(__name__)

REFUSED = "utter_service_unavailable"


class TieredResponses(TemplatedNaturalLanguageGenerator):
    """Says a response only if the conversation's tier, a slot that the server alone sets, allows it.

    A refusal is a fault in rules or actions, never something that a person did: they get a kind sentence, the log an
    error id.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__((domain or Domain.empty()).responses)

    def generate_from_slots(
        self, utter_action: str, filled_slots: dict[str, Any], output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """One variation of a response with its placeholders filled; the refusal if it needs a proof that is missing."""
        response = super().generate_from_slots(utter_action, filled_slots, output_channel, **kwargs)
        needed = (response or {}).get("metadata", {}).get("tier", ANONYMOUS)
        if tiers().allows(filled_slots.get("tier"), needed):
            return response
        error_id = uuid.uuid4().hex[:12]
        logger.error("Response %s refused: error %s, it needs the tier %s", utter_action, error_id, needed)
        return super().generate_from_slots(REFUSED, filled_slots, output_channel)
