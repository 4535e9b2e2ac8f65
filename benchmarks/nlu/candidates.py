"""Classifiers that could decide which case a message is, all with one face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from scipy.special import log_softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from benchmarks.nlu.features import Features
from benchmarks.nlu.measures import Names, Numbers

SEED = 1
_LEAST = 1e-9  # keeps the logarithm of a probability finite


class Candidate(Protocol):
    """Learns from texts and their intents.

    ``scores`` gives a row for each text and a column for each intent, in alphabetical order: logarithms of
    probabilities up to a factor, which temperature scaling finds.
    """

    def fit(self, texts: Sequence[str], intents: Names) -> None: ...

    def scores(self, texts: Sequence[str]) -> Numbers: ...


class Estimator:
    """A scikit-learn classifier over features."""

    def __init__(self, features: Features, classifier: Any, dense: bool = False) -> None:
        self._features = features
        self._classifier = classifier
        self._dense = dense

    def fit(self, texts: Sequence[str], intents: Names) -> None:
        self._features.fit(texts)
        self._classifier.fit(self._rows(texts), intents)

    def scores(self, texts: Sequence[str]) -> Numbers:
        rows = self._rows(texts)
        if hasattr(self._classifier, "decision_function"):
            return self._classifier.decision_function(rows)
        return np.log(self._classifier.predict_proba(rows) + _LEAST)

    def _rows(self, texts: Sequence[str]) -> Any:
        rows = self._features.rows(texts)
        return rows.toarray() if self._dense else rows


def logistic_regression(features: Features, C: float = 20.0) -> Candidate:
    return Estimator(features, LogisticRegression(C=C, max_iter=100))


def support_vectors(features: Features, C: float = 0.5, **settings: Any) -> Candidate:
    return Estimator(features, LinearSVC(C=C, random_state=SEED, **settings))


def calibrated_support_vectors(features: Features, C: float = 0.5) -> Candidate:
    """Platt's sigmoids, one an intent, fitted on five inner folds."""
    inner = LinearSVC(C=C, random_state=SEED)
    return Estimator(features, CalibratedClassifierCV(inner, method="sigmoid", cv=5, ensemble=False))


def perceptron(features: Features) -> Candidate:
    """One hidden layer of 256."""
    network = MLPClassifier((256,), alpha=1e-3, max_iter=40, early_stopping=False, random_state=SEED)
    return Estimator(features, network, dense=True)


def discriminants(features: Features) -> Candidate:
    """Linear discriminant analysis, its covariance shrunk as Ledoit and Wolf reckon: distances learnt from few."""
    return Estimator(features, LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"), dense=True)


class Neighbours:
    """Intents by the cosine of the nearest training messages: the mean of each intent's `count` nearest."""

    def __init__(self, features: Features, count: int = 3) -> None:
        self._features = features
        self._count = count

    def fit(self, texts: Sequence[str], intents: Names) -> None:
        self._features.fit(texts)
        rows = self._features.rows(texts)
        self._known = [rows[intents == name] for name in np.unique(intents)]

    def scores(self, texts: Sequence[str]) -> Numbers:
        rows = self._features.rows(texts)
        return np.stack([self._nearest((rows @ known.T).toarray()) for known in self._known], axis=1)

    def _nearest(self, cosines: Numbers) -> Numbers:
        return np.sort(cosines, axis=1)[:, -self._count :].mean(axis=1)


class Prototypes:
    """Intents by the cosine to the mean of their training messages."""

    def __init__(self, features: Features) -> None:
        self._features = features

    def fit(self, texts: Sequence[str], intents: Names) -> None:
        self._features.fit(texts)
        rows = self._features.rows(texts)
        means = np.vstack([rows[intents == name].mean(axis=0) for name in np.unique(intents)])
        self._means = np.asarray(means) / np.linalg.norm(means, axis=1, keepdims=True)

    def scores(self, texts: Sequence[str]) -> Numbers:
        return np.asarray(self._features.rows(texts) @ self._means.T)


class Ensemble:
    """The weighted mean of candidates' logarithmic probabilities.

    Of each member: the candidate, the factor that sharpens its scores, and its share in the mean.
    """

    def __init__(self, *members: tuple[Candidate, float, float]) -> None:
        self._members = members

    def fit(self, texts: Sequence[str], intents: Names) -> None:
        for member, _, _ in self._members:
            member.fit(texts, intents)

    def scores(self, texts: Sequence[str]) -> Numbers:
        return sum(
            share * log_softmax(sharpness * member.scores(texts), axis=1) for member, sharpness, share in self._members
        )


def bots(linear: Features, dense: Features) -> Ensemble:
    """The bot's own head (`bot.nlu.case_model`): its support vector machine and its perceptron, weighted as there."""
    return Ensemble((support_vectors(linear, C=1.0), 5.0, 0.75), (perceptron(dense), 0.7, 0.25))


class Cascade:
    """Asks the second candidate only where the first one's probability is below `sure`.

    Both members' scores are made probabilities with their own factors, so that the sure and the unsure can be compared.
    ``asked`` is the share of the last texts for which the second was asked.
    """

    def __init__(self, first: Candidate, second: Candidate, sharpness: tuple[float, float], sure: float) -> None:
        self._first, self._second = first, second
        self._sharpness = sharpness
        self._sure = np.log(sure)
        self.asked = 0.0

    def fit(self, texts: Sequence[str], intents: Names) -> None:
        self._first.fit(texts, intents)
        self._second.fit(texts, intents)

    def scores(self, texts: Sequence[str]) -> Numbers:
        scores = log_softmax(self._sharpness[0] * self._first.scores(texts), axis=1)
        unsure = np.flatnonzero(scores.max(axis=1) < self._sure)
        self.asked = len(unsure) / len(texts)
        if unsure.size:
            asked = self._second.scores([texts[i] for i in unsure])
            scores[unsure] = log_softmax(self._sharpness[1] * asked, axis=1)
        return scores


Recipe = Callable[[], Candidate]
