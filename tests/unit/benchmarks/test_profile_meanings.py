"""The shares of a profile: each sample counts for the narrowest purpose, and waiting for none."""

from __future__ import annotations

import pytest

from benchmarks.profile_meanings import REST, shares

HANDLE = "serve (/x/sanic/server/runners.py:9);handle_message (/x/rasa/core/processor.py:1)"


def test_a_sample_counts_for_the_narrowest_purpose() -> None:
    found = shares(
        "rasa",
        [
            f"{HANDLE};parse_message (/x/rasa/core/processor.py:2);process (/x/bot/nlu/encoder.py:3) 6",
            f"{HANDLE};save (/x/bot/conversations/tracker_store.py:4);write (/x/bot/conversations/log/writer.py:5) 3",
            f"{HANDLE};save (/x/bot/conversations/tracker_store.py:4) 1",
        ],
    )

    assert found["understanding"] == 0.6
    assert found["conversation log"] == 0.3
    assert found["tracker store"] == 0.1
    assert sum(found.values()) == pytest.approx(1)


def test_waiting_counts_for_nothing() -> None:
    idle = [
        "serve (/x/sanic/server/runners.py:9) 90",
        "run (/x/threading.py:1);_worker (/x/concurrent/futures/thread.py:2) 90",
    ]

    assert shares("rasa", [*idle, "something (/x/else.py:1) 1"])[REST] == 1
    assert set(shares("rasa", idle).values()) == {0.0}
