"""The classifier itself, without Rasa: which case a text is, from its embedding, its n-grams of characters and words.

A linear support vector machine, one against the rest, over all features side by side. Training is scikit-learn's;
scoring one text is done here without sparse matrices, at a quarter of the time. What is stored are arrays and words:
nothing in a model can be executed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

Rows = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

# What measured best by cross-validation, see `benchmarks/results/classifiers.md`.
BEST_C = 0.5
NGRAMS = (("char_wb", (2, 5), 2), ("word", (1, 2), 1))  # of what, from and to how many, in at least so many texts


@dataclass(frozen=True)
class Terms:
    """N-grams of one kind, their inverse document frequencies, and what each adds to each intent's score."""

    analyzer: str
    lengths: tuple[int, int]
    places: dict[str, int]
    idf: Rows
    weights: Rows  # a row for each n-gram, a column for each intent

    def __post_init__(self) -> None:
        object.__setattr__(self, "_analyze", vectorizer(self.analyzer, self.lengths).build_analyzer())

    def scores(self, text: str) -> Scores | float:
        """What the text's n-grams add: logarithmic counts by rarity, brought to length 1 (scikit-learn's tf-idf)."""
        analyze: Any = self._analyze  # type: ignore[attr-defined]
        known = [place for term in analyze(text) if (place := self.places.get(term)) is not None]
        if not known:
            return 0.0
        counts = Counter(known)
        columns = np.fromiter(counts, dtype=np.intp, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        rarity = (np.log(times) + 1) * self.idf[columns]
        added: Scores = rarity @ self.weights[columns] / np.linalg.norm(rarity)
        return added


@dataclass(frozen=True)
class CaseModel:
    """A trained classifier."""

    intents: tuple[str, ...]  # sorted
    intercepts: Rows
    vector_weights: Rows  # a row for each number of the embedding, a column for each intent
    terms: tuple[Terms, ...]

    @classmethod
    def train(cls, texts: Sequence[str], vectors: Rows, intents: Sequence[str], C: float = BEST_C) -> CaseModel:
        """Learn from normalised texts, their embeddings of length 1 (a row each) and their intents."""
        vectorizers = [vectorizer(*kind).fit(texts) for kind in NGRAMS]
        features = hstack([csr_matrix(vectors), *(one.transform(texts) for one in vectorizers)], format="csr")
        machine = LinearSVC(C=C, random_state=1).fit(features, intents)
        weights = np.atleast_2d(machine.coef_).T.astype(np.float32)
        begin, terms = vectors.shape[1], []
        for (analyzer, lengths, _), one in zip(NGRAMS, vectorizers, strict=True):
            places = {term: int(place) for term, place in one.vocabulary_.items()}
            end = begin + len(places)
            terms.append(Terms(analyzer, lengths, places, one.idf_.astype(np.float32), weights[begin:end]))
            begin = end
        names = tuple(str(name) for name in machine.classes_)
        return cls(names, machine.intercept_.astype(np.float32), weights[: vectors.shape[1]], tuple(terms))

    def scores(self, texts: Sequence[str], vectors: Rows) -> Scores:
        """Signed distances from each intent's border: a row for each text, a column for each intent."""
        scores: Scores = vectors.astype(np.float64) @ self.vector_weights + self.intercepts
        for row, text in zip(scores, texts, strict=True):
            for terms in self.terms:
                row += terms.scores(text)
        return scores

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder."""
        arrays: dict[str, Any] = {"intercepts": self.intercepts, "vectors": self.vector_weights}
        kinds = []
        for number, terms in enumerate(self.terms):
            arrays[f"idf_{number}"], arrays[f"weights_{number}"] = terms.idf, terms.weights
            ordered = sorted(terms.places, key=terms.places.__getitem__)
            kinds.append({"analyzer": terms.analyzer, "lengths": terms.lengths, "terms": ordered})
        np.savez(folder / "weights.npz", **arrays)
        described = json.dumps({"intents": self.intents, "kinds": kinds}, ensure_ascii=False)
        (folder / "terms.json").write_text(described, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> CaseModel:
        """Read a model that `save` wrote."""
        described = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            terms = tuple(
                Terms(
                    kind["analyzer"],
                    tuple(kind["lengths"]),
                    {term: place for place, term in enumerate(kind["terms"])},
                    arrays[f"idf_{number}"],
                    arrays[f"weights_{number}"],
                )
                for number, kind in enumerate(described["kinds"])
            )
            return cls(tuple(described["intents"]), arrays["intercepts"], arrays["vectors"], terms)


def vectorizer(analyzer: str, lengths: tuple[int, int], in_at_least: int = 1) -> TfidfVectorizer:
    """Scikit-learn's tf-idf of n-grams without accents."""
    return TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=lengths,
        sublinear_tf=True,
        strip_accents="unicode",
        min_df=in_at_least,
        dtype=np.float32,
    )
