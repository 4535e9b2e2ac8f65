"""Decides which case a message is, how sure that is, and whether the bot may act on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import softmax

from bot.cases import Case, cases
from bot.nlu.case_model import CaseModel
from bot.nlu.normalization import normalize
from bot.nlu.sentence_encoder import SentenceEncoderFeaturizer
from bot.nlu.terms import Rows, Scores

FALLBACK = "nlu_fallback"
# Told apart by the address alone, which stands masked in the text: the gateway says in the metadata if it is Google's.
_LOGIN, _GOOGLE_LOGIN = "cannot_log_in", "cannot_log_in_google_mail"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CaseClassifier(IntentClassifier, GraphComponent):
    """Decides by a trained `CaseModel`, aware of the channel.

    The model's scores become probabilities by a softmax with one parameter, ``sharpness``, chosen once for the least
    cross-validated log loss (temperature scaling, Guo et al. 2017).

    Settings (`config.yml`): ``act`` is the probability (0 to 1) from which the bot acts on an intent, below it the
    intent becomes ``nlu_fallback`` and the ranking keeps the candidates; ``foreign`` is the weight (0 to 1) of
    intents that belong to the other channel, since the same words mean another case there.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``act`` follows from what a wrong answer costs (docs/decisions/0008), the others from cross-validation."""
        return {
            "act": 0.67,
            "foreign": 0.05,
            "sharpness": 1.0,
            "ranking_length": 10,
        }

    @classmethod
    def required_components(cls) -> list[type]:
        """The encoder must stand before it in the pipeline."""
        return [SentenceEncoderFeaturizer]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Probabilities and weights lie between 0 and 1."""
        for name in ("act", "foreign"):
            value = config.get(name, 0.5)
            if not 0 <= value <= 1:
                raise ValueError(f"config.yml: {cls.__name__}: {name} is {value}, it must lie between 0 and 1")

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: CaseModel | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model
        self._channel_weights: dict[str, Scores] = {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CaseClassifier:
        """Create an untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> CaseClassifier:
        """Load a trained classifier."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, CaseModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all messages that bear an intent and a text."""
        examples = [m for m in training_data.intent_examples if m.get(INTENT) and m.get(TEXT)]
        intents = [m.get(INTENT) for m in examples]
        self._model = CaseModel.train(_texts(examples), _vectors(examples), intents)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing after this component learns from its output."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``intent`` and ``intent_ranking`` of each message that is not an intent payload already."""
        if self._model is None:
            raise RuntimeError("the case classifier is not trained: run `make train`")
        written = [m for m in messages if m.get(TEXT) and m.get_dense_features(TEXT)[1] is not None]
        if not written:
            return messages
        scores = self._model.scores(_texts(written), _vectors(written))
        for message, row in zip(written, softmax(self._config["sharpness"] * scores, axis=1), strict=True):
            metadata = message.get("metadata") or {}
            if metadata.get("google_mail"):
                row = self._at_google(row)
            self._decide(message, self._on_channel(row, metadata.get("channel", "widget")))
        return messages

    def _at_google(self, row: Scores) -> Scores:
        """The probabilities once an address at Google is known to be named: a login problem is then one with it."""
        names = self._intents()
        if _LOGIN in names and _GOOGLE_LOGIN in names:
            login, with_google = names.index(_LOGIN), names.index(_GOOGLE_LOGIN)
            row = row.copy()
            row[with_google] += row[login]
            row[login] = 0.0
        return row

    def _on_channel(self, row: Scores, channel: str) -> Scores:
        """The probabilities once the channel is known: Bayes' rule with rarer priors for the other channel's cases."""
        if channel not in self._channel_weights:
            known = cases()
            names = self._intents()
            self._channel_weights[channel] = np.array(
                [1.0 if known.get(n, Case(n, "")).concerns(channel) else self._config["foreign"] for n in names]
            )
        weighted: Scores = row * self._channel_weights[channel]
        return weighted / weighted.sum()

    def _intents(self) -> tuple[str, ...]:
        return self._model.intents if self._model else ()

    def _decide(self, message: Message, row: Scores) -> None:
        names = self._intents()
        order = np.argsort(-row)[: self._config["ranking_length"]]
        ranking = [{"name": names[i], "confidence": float(row[i])} for i in order]
        if ranking[0]["confidence"] < self._config["act"]:
            ranking.insert(0, {"name": FALLBACK, "confidence": 1.0 - float(row.max())})
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


def _texts(messages: list[Message]) -> list[str]:
    return [normalize(message.get(TEXT)) for message in messages]


def _vectors(messages: list[Message]) -> Rows:
    return np.vstack([message.get_dense_features(TEXT)[1].features for message in messages])
