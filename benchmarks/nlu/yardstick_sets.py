"""Readers of the public sets of intents. They are never part of the project: a setting tells where they lie."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import DataMissingError
from benchmarks.nlu.measures import Names

SETTING = "PORTIERE_NLU_DATA"


@dataclass(frozen=True)
class Texts:
    """Texts and their intents."""

    texts: Sequence[str]
    intents: Names

    def __len__(self) -> int:
        return len(self.texts)

    def __add__(self, other: Texts) -> Texts:
        return Texts([*self.texts, *other.texts], np.concatenate([self.intents, other.intents]))

    def some(self, numbers: Sequence[int]) -> Texts:
        return Texts([self.texts[i] for i in numbers], self.intents[numbers])

    def draw(self, each: int, seed: int) -> Texts:
        """This many examples of each intent, at random."""
        draw = np.random.default_rng(seed)
        chosen = [
            draw.choice(np.flatnonzero(self.intents == name), each, replace=False) for name in np.unique(self.intents)
        ]
        return self.some(np.concatenate(chosen))


def folder() -> Path:
    """Where the sets lie; DataMissingError, with an explanation, if that is not set or nothing is there."""
    path = os.environ.get(SETTING)
    if not path:
        raise DataMissingError(
            f"{SETTING} is not set: let it name the folder with banking77-train.csv, banking77-test.csv, "
            "clinc150-full.json and xsid-<language>-<valid|test>.conll (BANKING77, CLINC150 and xSID 0.7)."
        )
    if not Path(path, "banking77-train.csv").is_file():
        raise DataMissingError(f"{SETTING} names {path}, but there is no banking77-train.csv.")
    return Path(path)


def banking77(part: str) -> Texts:
    """`train` or `test`: 77 intents of a bank's customers, in English (Casanueva et al. 2020)."""
    with folder().joinpath(f"banking77-{part}.csv").open(encoding="utf-8", newline="") as file:
        return _texts((row["text"], row["category"]) for row in csv.DictReader(file))


def clinc150() -> dict[str, Texts]:
    """`train`, `val`, `test` and the same with `oos_` before: 150 intents in English and none (Larson et al. 2019)."""
    parts = json.loads(folder().joinpath("clinc150-full.json").read_text(encoding="utf-8"))
    return {part: _texts(items) for part, items in parts.items()}


def xsid(language: str, part: str) -> Texts:
    """`valid` (300) or `test` (500): 16 intents of a voice assistant (van der Goot et al. 2021)."""
    content = folder().joinpath(f"xsid-{language}-{part}.conll").read_text(encoding="utf-8")
    texts = re.findall(r"^# text = (.*)$", content, re.MULTILINE)
    return _texts(zip(texts, re.findall(r"^# intent = (.*)$", content, re.MULTILINE), strict=True))


def _texts(pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Texts:
    texts, intents = zip(*pairs, strict=True)
    return Texts([text.strip().lower() for text in texts], np.array([intent.strip() for intent in intents]))
