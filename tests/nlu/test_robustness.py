"""What writing noise costs the trained model: a typo, a missing accent or a locked capitals key is nobody's fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.nlu.decisions import Decisions, decided
from benchmarks.nlu.noise import NOISES
from tests.nlu.held_out import held_out_messages

MOST_LOST = 0.03  # share of all messages that may be understood less for it
MOST_WRONGLY_MORE = 0.03  # share of all messages that the bot may act on wrongly for it


@pytest.fixture(scope="module")
def plain() -> Decisions:
    return decided(held_out_messages())


@pytest.mark.parametrize("noise", NOISES.values(), ids=[name.replace(" ", "_") for name in NOISES])
def test_noise_costs_little(plain: Decisions, noise: Callable[[str], str]) -> None:
    noisy = decided([replace(message, text=noise(message.text)) for message in held_out_messages()])
    assert plain.accuracy - noisy.accuracy <= MOST_LOST
    assert noisy.acting.wrongly - plain.acting.wrongly <= MOST_WRONGLY_MORE
