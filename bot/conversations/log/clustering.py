"""Putting turns that wait for a review together with those that are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Engine

from bot.conversations.log.reviews import waiting_turns
from bot.conversations.log.tables import review_item
from bot.nlu.encoder import Vectors, encode

# The largest cosine distance between two messages of a cluster (complete linkage). On 1,500 training messages 43 % come
# to stand with two others or more, and 82 % in a cluster where their own intent is the most frequent; at 0.6 it is
# 65 % and 73 %, at 0.4 22 % and 91 %.
FARTHEST = 0.5


class KnownVectors:
    """The vectors of the texts that were clustered last: encoding takes by far the longest, so each is encoded once."""

    def __init__(self) -> None:
        self._known: dict[str, Vectors] = {}

    def of(self, texts: Sequence[str]) -> Vectors:
        """A row for each text; those of other texts are forgotten."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        known = {**self._known, **dict(zip(new, encode(new), strict=True))}
        self._known = {text: known[text] for text in texts}
        return np.array([known[text] for text in texts], dtype=np.float32)


_OF_THIS_PROCESS = KnownVectors()


def refresh(engine: Engine, now: datetime, vectors: KnownVectors = _OF_THIS_PROCESS) -> int:
    """Cluster the waiting turns, if others are waiting than before; how many there are."""
    with engine.connect() as connection:
        turns = waiting_turns(connection, now)
        known = {(row.conversation_id, row.number) for row in connection.execute(select(review_item))}
    if {(row.conversation_id, row.number) for row in turns} == known:
        return len(turns)
    clusters = cluster(vectors.of([row.text for row in turns]))
    places: Counter[int] = Counter()
    rows = []
    for row, number in zip(turns, clusters, strict=True):
        where = {"conversation_id": row.conversation_id, "number": row.number}
        rows.append({**where, "cluster": number, "place": places[number]})
        places[number] += 1
    with engine.begin() as connection:
        connection.execute(delete(review_item))
        if rows:
            connection.execute(insert(review_item), rows)
    return len(turns)


def cluster(vectors: Vectors) -> list[int]:
    """The number of the cluster of each vector; 0 is the largest, of several the one that comes first."""
    if len(vectors) < 2:
        return [0] * len(vectors)
    labels = [int(label) for label in fcluster(linkage(vectors, "complete", "cosine"), FARTHEST, "distance")]
    numbers = {label: number for number, (label, _) in enumerate(Counter(labels).most_common())}
    return [numbers[label] for label in labels]
