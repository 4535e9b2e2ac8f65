"""The classifier itself, without Rasa: which case a text is, from its embedding, its n-grams of characters and words.

Two classifiers that err in different ways are asked, and a weighted mean of their logarithmic probabilities counts: a
linear support vector machine over all features, and a perceptron with one hidden layer over the embedding. What is
stored are arrays and words: nothing in a model can be executed.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from scipy.special import log_softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from bot.nlu.terms import Rows, Scores, Terms, vectorizer

# What measured best by cross-validation of the training messages, see `benchmarks/results/classifiers.md`.
NGRAMS = (("char_wb", (2, 5), 3), ("word", (1, 2), 1))  # of what, from and to how many, in at least so many texts
PENALTY = 1.0  # C of the support vector machine
TOLERANCE = 0.01  # of the optimiser: the same messages are understood as with a hundredth of it, in less time
_HIDDEN = 256
PASSES = 40
# How sharp each one's scores are before the mean is taken (temperature scaling).
_LINEAR_SHARPNESS = 5.0
_PERCEPTRON_SHARPNESS = 0.7
_LINEAR_SHARE = 0.75  # weight of the support vector machine in the mean, the rest is the perceptron's


@dataclass(frozen=True)
class Linear:
    """One border an intent, over all features."""

    intercepts: Rows
    vector_weights: Rows  # a row for each number of the embedding, a column for each intent
    terms: tuple[Terms, ...]

    @classmethod
    def train(cls, texts: Sequence[str], vectors: Rows, intents: Sequence[str]) -> Linear:
        """Fit a support vector machine, one intent against the rest."""
        vectorizers = [vectorizer(*kind).fit(texts) for kind in NGRAMS]
        features = hstack([csr_matrix(vectors), *(one.transform(texts) for one in vectorizers)], format="csr")
        machine = LinearSVC(C=PENALTY, tol=TOLERANCE, random_state=1).fit(features, intents)
        weights = machine.coef_.T.astype(np.float32)
        begin, terms = vectors.shape[1], []
        for (analyzer, lengths, _), one in zip(NGRAMS, vectorizers, strict=True):
            places = {term: int(place) for term, place in one.vocabulary_.items()}
            end = begin + len(places)
            terms.append(Terms(analyzer, lengths, places, one.idf_.astype(np.float32), weights[begin:end]))
            begin = end
        return cls(machine.intercept_.astype(np.float32), weights[: vectors.shape[1]], tuple(terms))

    def scores(self, texts: Sequence[str], vectors: Rows) -> Scores:
        """Signed distances from each intent's border."""
        scores: Scores = vectors.astype(np.float64) @ self.vector_weights + self.intercepts
        for row, text in zip(scores, texts, strict=True):
            for terms in self.terms:
                row += terms.scores(text)
        return scores


@dataclass(frozen=True)
class Perceptron:
    """One hidden layer of rectified units over the embedding."""

    layers: tuple[tuple[Rows, Rows], ...]  # weights and intercepts of each

    @classmethod
    def train(cls, vectors: Rows, intents: Sequence[str]) -> Perceptron:
        """Fit for a fixed number of passes over the messages, with one seed."""
        network = MLPClassifier((_HIDDEN,), alpha=1e-3, max_iter=PASSES, random_state=1)
        with warnings.catch_warnings():  # it stops before it has converged on purpose: it generalises better
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(vectors, intents)
        layers = zip(network.coefs_, network.intercepts_, strict=True)
        return cls(tuple((weights.astype(np.float32), borders.astype(np.float32)) for weights, borders in layers))

    def scores(self, vectors: Rows) -> Scores:
        """Logarithms of probabilities, up to a constant in each row."""
        (inner, inner_borders), (outer, outer_borders) = self.layers
        hidden = np.maximum(vectors @ inner + inner_borders, 0)
        scores: Scores = (hidden @ outer + outer_borders).astype(np.float64)
        return scores


@dataclass(frozen=True)
class CaseModel:
    """A trained classifier."""

    intents: tuple[str, ...]  # sorted
    linear: Linear
    perceptron: Perceptron

    @classmethod
    def train(cls, texts: Sequence[str], vectors: Rows, intents: Sequence[str]) -> CaseModel:
        """Learn from normalised texts, their embeddings of length 1 (a row each) and their intents, three or more."""
        with ThreadPoolExecutor(2) as both:  # each spends its time in code that lets the other run
            linear = both.submit(Linear.train, texts, vectors, intents)
            perceptron = both.submit(Perceptron.train, vectors, intents)
            return cls(tuple(sorted(set(intents))), linear.result(), perceptron.result())

    def scores(self, texts: Sequence[str], vectors: Rows) -> Scores:
        """Logarithms of probabilities up to one factor: a row for each text, a column for each intent."""
        linear = log_softmax(_LINEAR_SHARPNESS * self.linear.scores(texts, vectors), axis=1)
        perceptron = log_softmax(_PERCEPTRON_SHARPNESS * self.perceptron.scores(vectors), axis=1)
        mean: Scores = _LINEAR_SHARE * linear + (1 - _LINEAR_SHARE) * perceptron
        return mean

    def save(self, folder: Path) -> None:
        """Write the model into an existing folder."""
        arrays: dict[str, Any] = {"intercepts": self.linear.intercepts, "vectors": self.linear.vector_weights}
        kinds = []
        for number, terms in enumerate(self.linear.terms):
            arrays[f"idf_{number}"], arrays[f"weights_{number}"] = terms.idf, terms.weights
            ordered = sorted(terms.places, key=terms.places.__getitem__)
            kinds.append({"analyzer": terms.analyzer, "lengths": terms.lengths, "terms": ordered})
        for number, (weights, borders) in enumerate(self.perceptron.layers):
            arrays[f"layer_{number}"], arrays[f"borders_{number}"] = weights, borders
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
            linear = Linear(arrays["intercepts"], arrays["vectors"], terms)
            perceptron = Perceptron(
                tuple((arrays[f"layer_{number}"], arrays[f"borders_{number}"]) for number in (0, 1))
            )
        return cls(tuple(described["intents"]), linear, perceptron)
