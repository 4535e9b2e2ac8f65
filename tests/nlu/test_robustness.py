"""What writing noise costs the trained model: a typo, a missing accent or a locked capitals key is nobody's fault."""

from __future__ import annotations

import pytest

from benchmarks.nlu.decisions import PLAIN, Decisions, decided_with_noise
from benchmarks.nlu.noise import NOISES
from tests.nlu.held_out import held_out_messages

MOST_LOST = 0.03  # share of all messages that may be understood less for it
MOST_WRONGLY_MORE = 0.03  # share of all messages that the bot may act on wrongly for it


@pytest.fixture(scope="module")
def decisions() -> dict[str, Decisions]:
    return decided_with_noise(held_out_messages())


@pytest.mark.parametrize("noise", list(NOISES))
def test_noise_costs_little(decisions: dict[str, Decisions], noise: str) -> None:
    plain, noisy = decisions[PLAIN], decisions[noise]
    assert plain.accuracy - noisy.accuracy <= MOST_LOST
    assert noisy.acting.wrongly - plain.acting.wrongly <= MOST_WRONGLY_MORE
