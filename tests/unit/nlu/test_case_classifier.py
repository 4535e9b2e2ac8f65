"""What the classifier makes of the channel, of an address at Google, and of doubt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.case_classifier import FALLBACK, CaseClassifier
from bot.nlu.case_model import CaseModel
from bot.nlu.encoder import encode
from bot.nlu.normalization import normalize

LEARNT = {
    "cannot_log_in": ["non riesco a entrare", "il login mi respinge", "accesso negato al portale", "resto fuori"],
    "cannot_log_in_google_mail": ["non entro con la gmail", "la mia gmail è rifiutata al login", "googlemail respinta"],
    "invite_code_expired": ["il codice è scaduto", "codice scaduto da ieri", "il mio invito non vale più"],
    "reactivate_invite": ["riattiva il codice della Rossi", "proroga l'invito di Huber", "rinnova il codice scaduto"],
    "greet": ["ciao", "buongiorno", "salve a tutti"],
}


@pytest.fixture(scope="module")
def classifier() -> CaseClassifier:
    texts = [normalize(text) for messages in LEARNT.values() for text in messages]
    intents = [intent for intent, messages in LEARNT.items() for _ in messages]
    model = CaseModel.train(texts, encode(texts), intents)
    return CaseClassifier(CaseClassifier.get_default_config(), None, None, model)  # type: ignore[arg-type]


def understood(classifier: CaseClassifier, text: str, **metadata: Any) -> Message:
    message = Message({"text": text, "metadata": metadata})
    message.add_features(Features(encode([text]), "sentence", "text", "encoder"))
    [message] = classifier.process([message])
    return message


def test_a_login_problem_with_an_address_at_google_is_one_of_google_mail(classifier: CaseClassifier) -> None:
    text = "non riesco a entrare con ⟨email 1⟩"

    assert understood(classifier, text).get("intent")["name"] == "cannot_log_in"
    assert understood(classifier, text, google_mail=True).get("intent")["name"] == "cannot_log_in_google_mail"


def test_an_address_at_google_makes_no_login_problem_of_another_case(classifier: CaseClassifier) -> None:
    text = "il codice è scaduto, scrivetemi a ⟨email 1⟩"

    assert understood(classifier, text, google_mail=True).get("intent")["name"] == "invite_code_expired"


def test_the_same_words_are_another_case_in_each_channel(classifier: CaseClassifier) -> None:
    text = "il codice scaduto"

    in_widget = understood(classifier, text, channel="widget").get("intent_ranking")
    in_staff = understood(classifier, text, channel="staff").get("intent_ranking")

    def confidence(ranking: list[dict[str, Any]], intent: str) -> float:
        return next(entry["confidence"] for entry in ranking if entry["name"] == intent)

    assert confidence(in_widget, "reactivate_invite") < confidence(in_staff, "reactivate_invite") / 10
    assert confidence(in_widget, "invite_code_expired") > confidence(in_staff, "invite_code_expired")


def test_doubt_is_a_fallback_that_keeps_the_candidates(classifier: CaseClassifier) -> None:
    model = classifier._model
    careful = CaseClassifier({**CaseClassifier.get_default_config(), "act": 1.0}, None, None, model)  # type: ignore[arg-type]
    message = understood(careful, "non riesco a entrare")

    assert message.get("intent")["name"] == FALLBACK
    candidates = message.get("intent_ranking")[1:]
    assert candidates[0]["name"] == "cannot_log_in"
    assert np.isclose(sum(candidate["confidence"] for candidate in candidates), 1.0)


def test_settings_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(ValueError, match=r"act is 1\.5"):
        CaseClassifier.validate_config({"act": 1.5})
