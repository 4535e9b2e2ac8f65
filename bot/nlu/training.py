"""Rasa's training without the copies that it makes of all training messages: `python -m bot.nlu.training`.

Rasa reads the messages once for each language that its importers name, and copies all of them for each of the layers
that merge something into them, mostly nothing.
"""

from __future__ import annotations

import functools

from rasa.__main__ import main
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData


def merged(data: TrainingData, *others: TrainingData | None) -> TrainingData:
    """What `TrainingData.merge` gives, holding the same messages instead of copies.

    The data that were merged are used no more: Rasa's importers keep the outermost alone.
    """
    parts = [data, *(other for other in others if other)]
    return TrainingData(
        [example for part in parts for example in part.training_examples],
        {text: synonym for part in parts for text, synonym in part.entity_synonyms.items()},
        [feature for part in parts for feature in part.regex_features],
        [table for part in parts for table in part.lookup_tables],
        {name: response for part in parts for name, response in part.responses.items()},
    )


def train_without_copies() -> None:
    """Have this process read training messages once, and merge them as they are."""
    TrainingData.merge = merged
    read = RasaFileImporter.get_nlu_data

    @functools.wraps(read)
    def read_once(importer: RasaFileImporter, language: str | None = "en") -> TrainingData:
        if not hasattr(importer, "_messages_read"):
            importer._messages_read = read(importer, "it")  # the language decides nothing: our files name none
        return importer._messages_read

    RasaFileImporter.get_nlu_data = read_once


if __name__ == "__main__":
    train_without_copies()
    main()
