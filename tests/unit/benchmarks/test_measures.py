"""The figures that the benchmarks of understanding report, on decisions small enough to reckon by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.nlu.measures import (
    acting,
    area_under_risk_coverage,
    calibration_error,
    confusions,
    macro_f1,
    reliability,
    risk_coverage,
    threshold_for,
)

YES, NO = True, False


def test_who_is_as_sure_as_right_has_no_calibration_error() -> None:
    confidence = np.array([0.75] * 4 + [1.0] * 3)
    right = np.array([YES, YES, YES, NO, YES, YES, YES])
    assert calibration_error(confidence, right) == pytest.approx(0)


def test_calibration_error_weighs_each_gap_by_its_messages() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.3])
    right = np.array([YES, NO, NO, YES])
    assert calibration_error(confidence, right) == pytest.approx(3 / 4 * (0.9 - 1 / 3) + 1 / 4 * 0.7)


def test_the_surest_decision_of_all_falls_into_the_last_bin_and_zero_into_the_first() -> None:
    bins = reliability(np.array([0.0, 1.0]), np.array([NO, YES]))
    assert [(b.count, b.confidence, b.accuracy) for b in bins] == [(1, 0.0, 0.0), (1, 1.0, 1.0)]


def test_a_bin_edge_belongs_to_the_bin_below() -> None:
    assert [b.count for b in reliability(np.array([0.5, 0.51]), np.array([YES, YES]), bins=2)] == [1, 1]


def test_risk_is_the_wrong_share_of_the_surest() -> None:
    coverage, risk = risk_coverage(np.array([0.2, 0.9, 0.5, 0.7]), np.array([YES, YES, NO, YES]))
    assert coverage == pytest.approx([0.25, 0.5, 0.75, 1])
    assert risk == pytest.approx([0, 0, 1 / 3, 1 / 4])


def test_equally_sure_decisions_are_acted_on_together() -> None:
    coverage, risk = risk_coverage(np.array([0.9, 0.5, 0.5]), np.array([YES, NO, YES]))
    assert coverage == pytest.approx([1 / 3, 1])
    assert risk == pytest.approx([0, 1 / 3])


def test_doubting_what_is_wrong_makes_the_area_smaller() -> None:
    right = np.array([YES, YES, NO])
    assert area_under_risk_coverage(np.array([0.9, 0.8, 0.1]), right) == pytest.approx(1 / 9)
    assert area_under_risk_coverage(np.array([0.1, 0.2, 0.9]), right) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_the_threshold_lets_no_more_wrong_ones_through_than_allowed() -> None:
    confidence, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([YES, NO, YES, NO])
    assert threshold_for(confidence, right, most_wrong=0.25) == 0.7
    assert threshold_for(confidence, right, most_wrong=0.5) == 0.6
    assert threshold_for(confidence, right, most_wrong=0.1) == 0.9


def test_a_classifier_that_is_always_wrong_may_never_act() -> None:
    confidence = np.array([0.9, 1.0])
    assert (confidence < threshold_for(confidence, np.array([NO, NO]), most_wrong=0.1)).all()


def test_an_out_of_scope_message_is_kept_out_by_its_intent_or_by_doubt() -> None:
    truth = np.array(["out_of_scope", "out_of_scope", "out_of_scope", "greet"])
    predicted = np.array(["out_of_scope", "greet", "greet", "out_of_scope"])
    shares = acting(truth, predicted, acted=np.array([YES, NO, YES, YES]))
    assert (shares.rightly, shares.wrongly, shares.unsure) == (0.25, 0.5, 0.25)
    assert shares.kept_out == pytest.approx(2 / 3)


def test_macro_f1_counts_a_rare_intent_as_much_as_a_common_one() -> None:
    assert macro_f1(np.array(["a", "a", "a", "b"]), np.array(["a", "a", "a", "a"])) == pytest.approx(6 / 7 / 2)


def test_confusions_come_most_frequent_first() -> None:
    truth, predicted = np.array(["a", "b", "b", "c"]), np.array(["b", "a", "a", "c"])
    assert confusions(truth, predicted) == [("b", "a", 2), ("a", "b", 1)]


def test_there_may_be_no_confusion() -> None:
    assert confusions(np.array(["a"]), np.array(["a"])) == []
