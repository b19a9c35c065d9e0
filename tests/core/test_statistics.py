"""Spread over runs, and paired differences."""

import numpy as np
import pytest

from momentum_gui.core.statistics import paired_difference, spread, t_quantile, t_within


@pytest.mark.parametrize(
    ("level", "freedom", "published"),
    [  # Student's table (two-sided), as printed in textbooks
        (0.95, 1, 12.706), (0.95, 2, 4.303), (0.95, 3, 3.182), (0.95, 4, 2.776), (0.95, 9, 2.262), (0.95, 10, 2.228),
        (0.95, 29, 2.045), (0.95, 30, 2.042), (0.95, 120, 1.980), (0.90, 5, 2.015), (0.99, 5, 4.032), (0.99, 99, 2.626),
    ],
)  # fmt: skip
def test_quantiles_are_those_of_the_table(level, freedom, published):
    assert t_quantile(level, freedom) == pytest.approx(published, abs=5.1e-4)


def test_probabilities_agree_with_the_closed_forms():
    assert t_within(1.0, 1) == pytest.approx(0.5, abs=1e-15)  # Cauchy
    assert t_within(3.0, 2) == pytest.approx(3 / np.sqrt(11), abs=1e-15)
    assert t_within(0.0, 7) == 0.0
    assert t_within(1.96, 999) == pytest.approx(0.9497184, abs=1e-4)


def test_students_own_example():
    """Student 1908, the sleep of ten patients under two drugs: t = 4.0621, p = 0.00283, interval 0.70 to 2.46."""
    first = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    second = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    found = paired_difference(second, first)
    assert found.mean == pytest.approx(1.58)
    assert (found.low, found.high) == (pytest.approx(0.7001142, abs=1e-6), pytest.approx(2.4598858, abs=1e-6))
    assert found.p == pytest.approx(0.002833, abs=1e-6)
    assert found.count == 10


def test_pairs_with_a_diverged_run_are_left_out():
    a, b = np.array([1.0, np.nan, 3.0, 5.0]), np.array([0.0, 1.0, 1.0, np.nan])
    assert paired_difference(a, b).count == 2
    assert paired_difference(a[:2], b[:2]) is None


def test_no_spread_at_all_is_no_doubt():
    ones = np.ones(5)
    same, shifted = paired_difference(ones, ones), paired_difference(2 * ones, ones)
    assert (same.low, same.high, same.p) == (0.0, 0.0, 1.0)
    assert (shifted.low, shifted.high, shifted.p) == (1.0, 1.0, 0.0)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    found = [paired_difference(row, np.zeros(6), 0.9) for row in rng.standard_normal((4000, 6))]
    assert np.mean([each.low <= 0 <= each.high for each in found]) == pytest.approx(0.9, abs=0.015)
    assert np.mean([each.p < 0.1 for each in found]) == pytest.approx(0.1, abs=0.015)


def test_spread_leaves_out_what_is_not_a_number():
    found = spread(np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 8.0], [np.nan, 5.0, np.nan], [np.nan] * 3]))
    np.testing.assert_allclose(found.mean, [2, 6, 5, np.nan])
    np.testing.assert_allclose(found.deviation, [1, np.sqrt(8), np.nan, np.nan])
    assert found.count.tolist() == [3, 2, 1, 0]
