"""Signs of doubt about a message: the classifier's own, and how near the learnt messages are."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.nlu.doubt import signs


def test_signs_tell_certainty_margin_and_the_nearest_messages() -> None:
    probabilities = np.array([[0.5, 0.25, 0.25]])
    cosines = np.array([[0.3, 0.9, 0.6]])
    sure, margin, nearest, nearest_of_predicted = signs(
        probabilities, cosines, np.array(["a", "b", "a"]), np.array(["a", "b", "c"])
    )[0]
    assert sure == pytest.approx(0)
    assert margin == pytest.approx(np.log(2))
    assert (nearest, nearest_of_predicted) == (0.9, 0.6)
