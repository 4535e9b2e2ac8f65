"""Figures about decisions with a confidence. All shares and probabilities lie between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

Numbers = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Names = npt.NDArray[np.str_]

BINS = 15
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Bin:
    """Decisions of like confidence: how many, how sure they were on average, and how many of them were right."""

    count: int
    confidence: float
    accuracy: float


def reliability(confidence: Numbers, right: Truths, bins: int = BINS) -> list[Bin]:
    """Decisions sorted into bins of equal width by confidence; empty bins are left out."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return [
        Bin(int(here.sum()), float(confidence[here].mean()), float(right[here].mean()))
        for number in range(bins)
        if (here := place == number).any()
    ]


def calibration_error(confidence: Numbers, right: Truths, bins: int = BINS) -> float:
    """Expected calibration error (Naeini et al. 2015; Guo et al. 2017): mean gap of confidence and accuracy.

    Each bin counts by its number of decisions.
    """
    return sum(b.count * abs(b.confidence - b.accuracy) for b in reliability(confidence, right, bins)) / len(right)


def risk_coverage(confidence: Numbers, right: Truths) -> tuple[Numbers, Numbers]:
    """Coverage and risk as the threshold falls (El-Yaniv and Wiener 2010).

    The n-th point acts on the n surest decisions: coverage is their share of all, risk the share of them that is
    wrong. Decisions of equal confidence are acted on together.
    """
    order = np.argsort(-confidence, kind="stable")
    acted = np.arange(1, len(right) + 1)
    risk = np.cumsum(~right[order]) / acted
    last_of_its_kind = np.append(np.diff(confidence[order]) != 0, True)
    return (acted / len(right))[last_of_its_kind], risk[last_of_its_kind]


def area_under_risk_coverage(confidence: Numbers, right: Truths) -> float:
    """Mean risk over all coverages (Geifman and El-Yaniv 2017): small if what is wrong is unsure."""
    coverage, risk = risk_coverage(confidence, right)
    return float(np.sum(np.diff(coverage, prepend=0.0) * risk))


def threshold_for(confidence: Numbers, right: Truths, most_wrong: float) -> float:
    """The lowest confidence from which acting is wrong for at most this share of ALL decisions."""
    coverage, risk = risk_coverage(confidence, right)
    allowed = np.flatnonzero(coverage * risk <= most_wrong)
    if not allowed.size:
        return float(np.nextafter(confidence.max(), np.inf))
    return float(-np.unique(-confidence)[allowed[-1]])


def macro_f1(truth: Names, predicted: Names) -> float:
    """The mean over intents of each one's F1."""
    return float(f1_score(truth, predicted, average="macro", zero_division=0))


@dataclass(frozen=True)
class Acting:
    """What acting above a threshold leads to, as shares of all messages."""

    rightly: float
    wrongly: float
    unsure: float
    kept_out: float


def acting(truth: Names, predicted: Names, acted: Truths) -> Acting:
    """``acted`` tells where the bot takes the predicted intent.

    An out-of-scope message is kept out (a share of those only) if the bot is unsure or takes it as out of scope.
    """
    others = truth == OUT_OF_SCOPE
    kept_out = float((~acted | (predicted == OUT_OF_SCOPE))[others].mean()) if others.any() else 1.0
    right = predicted == truth
    return Acting(float((acted & right).mean()), float((acted & ~right).mean()), float((~acted).mean()), kept_out)


def confusions(truth: Names, predicted: Names) -> list[tuple[str, str, int]]:
    """Pairs (truth, taken for, how often), the most frequent first."""
    wrong = truth != predicted
    pairs, counts = np.unique(np.stack([truth[wrong], predicted[wrong]]), axis=1, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [(str(pairs[0, i]), str(pairs[1, i]), int(counts[i])) for i in order]
