"""What is trained on is what Rasa would train on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rasa.shared.importers.importer import TrainingDataImporter

from bot.nlu.training import merged

FINGERPRINT = """
from rasa.shared.importers.importer import TrainingDataImporter
{before}
importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])
data = importer.get_nlu_data(language="it")
print(len(data.training_examples), data.fingerprint(), importer.get_domain().fingerprint())
"""


def read(before: str = "") -> str:
    """Number and fingerprints of all messages and of the domain, as a fresh process reads them."""
    command = [sys.executable, "-c", FINGERPRINT.format(before=before)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")[-2]


def test_the_messages_read_are_those_that_rasa_reads() -> None:
    ours = read("from bot.nlu.training import train_without_copies; train_without_copies()")
    assert ours == read()
    assert int(ours.split()[0]) > 5000


def test_merged_data_are_those_that_rasa_merges(tmp_path: Path) -> None:
    for name, intent, synonym in (("one", "greet", "salve"), ("two", "thank", "grazie")):
        examples = f"- intent: {intent}\n  examples: |\n    - {synonym} a [tutti](people)\n"
        extras = f"- synonym: {intent}\n  examples: |\n    - {synonym}\n- regex: {name}\n  examples: |\n    - a+\n"
        (tmp_path / f"{name}.yml").write_text(f'version: "3.1"\nnlu:\n{examples}{extras}', encoding="utf-8")
    parts = [
        TrainingDataImporter.load_from_dict(training_data_paths=[str(tmp_path / f"{name}.yml")]).get_nlu_data()
        for name in ("one", "two")
    ]
    assert merged(*parts, None).fingerprint() == parts[0].merge(parts[1]).fingerprint()
    assert merged(*parts).regex_features == [*parts[0].regex_features, *parts[1].regex_features]
