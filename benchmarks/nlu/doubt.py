"""How likely a message is none of the known intents: what the classifier says, and how far the learnt messages are."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.nlu.candidates import SEED, Recipe
from benchmarks.nlu.cross_validation import sharpness_of
from benchmarks.nlu.features import usem3
from benchmarks.nlu.measures import Names, Numbers
from benchmarks.nlu.yardstick_sets import Texts

OUT_OF_SCOPE = "oos"


def signs(probabilities: Numbers, cosines: Numbers, intents: Names, names: Names) -> Numbers:
    """What tells that a message is none of the known intents, a row for each message.

    The columns: logit of the largest probability, logarithm of its ratio to the second, cosine to the nearest learnt
    message of all and to the nearest of the predicted intent. ``cosines`` has a column for each learnt message, whose
    intents are ``intents``; ``probabilities`` one for each of the sorted ``names``.
    """
    largest = np.sort(probabilities, axis=1)[:, -2:]
    chosen = names[probabilities.argmax(axis=1)]
    of_chosen = np.where(intents[np.newaxis, :] == chosen[:, np.newaxis], cosines, -1.0).max(axis=1)
    sure = _logit(largest[:, 1])
    return np.column_stack([sure, np.log(largest[:, 1] / largest[:, 0]), cosines.max(axis=1), of_chosen])


def _logit(share: Numbers) -> Numbers:
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


class Doubt:
    """The doubt of a candidate, from 0 to 1, with a threshold from validation messages."""

    def __init__(self, recipe: Recipe, learnt: Texts) -> None:
        self._learnt = learnt
        self._names = np.unique(learnt.intents)
        self._candidate = recipe()
        self._candidate.fit(learnt.texts, learnt.intents)
        self._combined = None
        self._sharpness = 1.0
        self.threshold = 1.0

    def fit(self, inside: Texts, outside: Texts, learn: bool) -> None:
        """Choose sharpness and threshold, and learn to combine all signs if asked to."""
        scores = self._candidate.scores(inside.texts)
        numbers = np.searchsorted(self._names, inside.intents)
        self._sharpness = sharpness_of(scores, np.zeros_like(scores), numbers)
        both = inside + outside
        strange = both.intents == OUT_OF_SCOPE
        doubts = self.of(both)
        if learn:
            model = make_pipeline(StandardScaler(), LogisticRegression())
            rows, doubts = self._signs(both), np.zeros(len(both))
            for rest, test in StratifiedKFold(5, shuffle=True, random_state=SEED).split(rows, strange):
                doubts[test] = model.fit(rows[rest], strange[rest]).predict_proba(rows[test])[:, 1]
            self._combined = model.fit(rows, strange)
        right = self.predicted(both) == both.intents
        gains = [(float((np.where(doubts < t, right, strange)).mean()), float(t)) for t in np.unique(doubts)]
        self.threshold = max(gains)[1]

    def predicted(self, asked: Texts) -> Names:
        """The likeliest intents, whatever the doubt."""
        return self._names[self._candidate.scores(asked.texts).argmax(axis=1)]

    def of(self, asked: Texts) -> Numbers:
        """The doubts about some messages."""
        if self._combined is None:
            return 1 - self._probabilities(asked).max(axis=1)
        return self._combined.predict_proba(self._signs(asked))[:, 1]

    def _probabilities(self, asked: Texts) -> Numbers:
        return softmax(self._sharpness * self._candidate.scores(asked.texts), axis=1)

    def _signs(self, asked: Texts) -> Numbers:
        cosines = usem3().dense(asked.texts) @ usem3().dense(self._learnt.texts).T
        return signs(self._probabilities(asked), cosines, self._learnt.intents, self._names)
