"""A candidate's figures, by cross-validation over the training messages and on the held-out ones."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.model_selection import StratifiedKFold

from benchmarks.nlu.candidates import SEED, Recipe
from benchmarks.nlu.measures import (
    Acting,
    Names,
    Numbers,
    Truths,
    acting,
    area_under_risk_coverage,
    calibration_error,
    macro_f1,
    threshold_for,
)
from bot.cases import Case, cases
from bot.nlu.normalization import normalize
from tests.nlu.held_out import Message

FOLDS = 5
MOST_WRONG = 0.03  # share of all messages that the bot may act on wrongly
FOREIGN = 0.05  # weight of intents that belong to the other channel, as in config.yml


class Labelled:
    """Messages as candidates see them: normalised texts, intents, and what each one's channel makes of the scores."""

    def __init__(self, messages: Sequence[Message], names: Names) -> None:
        self._messages, self._names = messages, names
        self.texts = [normalize(message.text) for message in messages]
        self.intents = np.array([message.intent for message in messages])
        self.numbers = np.searchsorted(names, self.intents)
        known = cases()
        weights = {
            channel: np.log([1.0 if known.get(n, Case(n, "")).concerns(channel) else FOREIGN for n in names])
            for channel in {message.channel for message in messages}
        }
        self.channel = np.array([weights[message.channel] for message in messages])

    def some(self, chosen: Numbers) -> Labelled:
        """The messages with these numbers."""
        return Labelled([self._messages[i] for i in chosen], self._names)


@dataclass(frozen=True)
class Figures:
    """Shares from 0 to 1, log loss in nats; processor milliseconds a message and seconds a training."""

    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    risk_coverage: float
    acting: Acting
    milliseconds: float
    train_seconds: float
    asked: float = 0.0  # share of the messages for which a cascade asked its second candidate


@dataclass(frozen=True)
class Measured:
    """A candidate's figures; ``sharpness`` and ``threshold`` are those chosen on all folds, for the held-out ones."""

    cross_validated: Figures
    held_out: Figures
    sharpness: float
    threshold: float


def sharpness_of(scores: Numbers, channel: Numbers, numbers: Numbers) -> float:
    """The factor of the scores that gives the least log loss (temperature scaling, Guo et al. 2017)."""

    def loss(logarithm: float) -> float:
        logs = log_softmax(np.exp(logarithm) * scores + channel, axis=1)
        return -float(logs[np.arange(len(numbers)), numbers].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 5), method="bounded").x))


def _folds(texts: Sequence[str], intents: Names) -> list[Numbers]:
    return [test for _, test in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(texts, intents)]


def first_fold(training: Labelled) -> tuple[Numbers, Numbers]:
    """Numbers of the messages to learn and of those to ask."""
    test = _folds(training.texts, training.intents)[0]
    return np.setdiff1d(np.arange(len(training.texts)), test), test


def one_fold(
    recipe: Recipe, training: Labelled, rest: Numbers, test: Numbers, held_out: Labelled
) -> tuple[Figures, Figures, float]:
    """Figures on one fold and on the held-out messages, and seconds of the training.

    The sharpness is chosen on the fold itself, in everyone's favour. Nothing is said about acting.
    """
    candidate, began = recipe(), time.process_time()
    candidate.fit([training.texts[i] for i in rest], training.intents[rest])
    seconds = time.process_time() - began
    names = np.unique(training.intents)
    scores = candidate.scores([training.texts[i] for i in test])
    sharpness = sharpness_of(scores, training.channel[test], training.numbers[test])
    asked = softmax(sharpness * scores + training.channel[test], axis=1)
    unseen = softmax(sharpness * candidate.scores(held_out.texts) + held_out.channel, axis=1)
    return (
        figures(names, training.some(test), asked, np.ones(len(asked), dtype=bool), 0.0, seconds),
        figures(names, held_out, unseen, np.ones(len(unseen), dtype=bool), 0.0, seconds),
        seconds,
    )


def out_of_fold(
    recipe: Recipe, texts: Sequence[str], intents: Names
) -> tuple[Numbers, list[Numbers], float, float, float]:
    """Scores of each text by a candidate that has not seen it; the folds; seconds of a training; ms per text.

    At the end, for a cascade, the share of the texts for which its second candidate was asked.
    """
    folds = _folds(texts, intents)
    scores = np.zeros((len(texts), len(np.unique(intents))))
    training, testing, asked = 0.0, 0.0, 0.0
    for test in folds:
        rest = np.setdiff1d(np.arange(len(texts)), test)
        candidate, began = recipe(), time.process_time()
        candidate.fit([texts[i] for i in rest], intents[rest])
        trained = time.process_time()
        scores[test] = candidate.scores([texts[i] for i in test])
        training, testing = training + trained - began, testing + time.process_time() - trained
        asked += getattr(candidate, "asked", 0.0) * len(test) / len(texts)
    return scores, folds, training / FOLDS, 1000 * testing / len(texts), asked


def measured(recipe: Recipe, training: Labelled, held_out: Labelled) -> Measured:
    """Sharpness and threshold of a fold come from the other folds; those for the held-out messages from all folds."""
    names = np.unique(training.intents)
    scores, folds, seconds, milliseconds, asked = out_of_fold(recipe, training.texts, training.intents)
    probabilities, acted = np.zeros_like(scores), np.zeros(len(scores), dtype=bool)
    for test in folds:
        rest = np.setdiff1d(np.arange(len(scores)), test)
        sharpness, threshold = _settings(scores[rest], training.channel[rest], training.numbers[rest])
        probabilities[test] = softmax(sharpness * scores[test] + training.channel[test], axis=1)
        acted[test] = probabilities[test].max(axis=1) >= threshold
    sharpness, threshold = _settings(scores, training.channel, training.numbers)
    candidate = recipe()
    candidate.fit(training.texts, training.intents)
    unseen = softmax(sharpness * candidate.scores(held_out.texts) + held_out.channel, axis=1)
    return Measured(
        replace(figures(names, training, probabilities, acted, milliseconds, seconds), asked=asked),
        replace(
            figures(names, held_out, unseen, unseen.max(axis=1) >= threshold, milliseconds, seconds),
            asked=getattr(candidate, "asked", 0.0),
        ),
        sharpness,
        threshold,
    )


def _settings(scores: Numbers, channel: Numbers, numbers: Numbers) -> tuple[float, float]:
    sharpness = sharpness_of(scores, channel, numbers)
    probabilities = softmax(sharpness * scores + channel, axis=1)
    return sharpness, threshold_for(probabilities.max(axis=1), probabilities.argmax(axis=1) == numbers, MOST_WRONG)


def figures(
    names: Names, messages: Labelled, probabilities: Numbers, acted: Truths, milliseconds: float, seconds: float
) -> Figures:
    """All figures of decisions with their probabilities."""
    chosen, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = chosen == messages.numbers
    of_truth = probabilities[np.arange(len(right)), messages.numbers]
    return Figures(
        float(right.mean()),
        macro_f1(messages.intents, names[chosen]),
        -float(np.log(of_truth + 1e-12).mean()),
        calibration_error(confidence, right),
        area_under_risk_coverage(confidence, right),
        acting(messages.intents, names[chosen], acted),
        milliseconds,
        seconds,
    )
