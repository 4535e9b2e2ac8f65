"""N-grams of characters and words: which a text has, how rare they are, and what they add to a linear classifier.

Training is scikit-learn's; scoring one text is done here without sparse matrices, at a sixth of the time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

Rows = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


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
