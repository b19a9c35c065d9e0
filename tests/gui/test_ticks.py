import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from momentum_gui.gui.ticks import (
    linear_range,
    linear_texts,
    linear_ticks,
    log_range,
    log_texts,
    log_ticks,
    number_text,
    round_heights,
    share_range,
    tick_text,
    whole_text,
)


@pytest.mark.parametrize(
    ("value", "digits", "zeros", "text"),
    [
        (0.5, 6, True, "0.500000"),
        (0.5, 6, False, "0.5"),
        (12.34567, 6, True, "12.3457"),
        (2.07451e-5, 6, True, "2.07451×10⁻⁵"),
        (1e12, 6, False, "1×10¹²"),
        (-3.0, 4, False, "−3"),
        (0.0, 6, True, "0"),
        (-0.0, 4, False, "0"),
        (123456.7, 6, True, "123457"),
        (9.9999999, 6, True, "10.0000"),
        (1e-300, 3, False, "1×10⁻³⁰⁰"),
    ],
)
def test_numbers_are_short_and_readable(value, digits, zeros, text):
    assert number_text(value, digits, zeros) == text


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (5e12, 1e12, "5×10¹²"),
        (-2e5, 2e5, "−2×10⁵"),
        (1.5e6, 5e5, "1.5×10⁶"),
        (0.5, 0.01, "0.50"),
        (-2.0, 0.5, "−2.0"),
        (20000.0, 5000.0, "20000"),
        (123456.0, 1.0, "123456"),
        (1e-5, 5e-6, "1×10⁻⁵"),
        (-4e-9, 2e-9, "−4×10⁻⁹"),
        (3e-18, 0.1, "0"),
    ],
)
def test_ticks_have_the_decimals_of_their_step(value, step, text):
    assert tick_text(value, step) == text


def test_whole_numbers_are_grouped_from_five_digits_on():
    assert [whole_text(n) for n in (0, 9999, 10_000, 1_000_000)] == ["0", "9999", "10\u202f000", "1\u202f000\u202f000"]


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(3, 12))
def test_linear_ticks_are_in_the_range_and_not_too_many(low, width, most):
    high = low + width
    if high - low < 1e-9 * max(abs(low), abs(high)):
        return
    ticks = linear_ticks(low, high, most)
    slack = 1e-6 * width
    assert len(ticks) <= most + 1
    assert all(low - slack <= tick <= high + slack for tick in ticks)
    assert len(linear_texts(ticks)) == len(ticks)


def test_linear_ticks_have_the_same_decimals():
    assert linear_texts(linear_ticks(0, 1, 5)) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert linear_texts(linear_ticks(0, 300, 6)) == ["0", "50", "100", "150", "200", "250", "300"]
    assert linear_texts(linear_ticks(0, 2e-6, 4)) == ["0", "5×10⁻⁷", "1×10⁻⁶", "1.5×10⁻⁶", "2×10⁻⁶"]


@given(st.floats(-300, 12), st.floats(0.2, 300), st.integers(3, 12))
def test_logarithmic_ticks_are_in_the_range_and_not_too_many(low, width, most):
    major, minor = log_ticks(low, low + width, most)
    assert 1 <= len(major) <= most + 6
    assert all(low - 1e-6 <= tick <= low + width + 1e-6 for tick in (*major, *minor))


def test_logarithmic_ticks_are_powers_of_ten_or_plain_numbers():
    assert log_texts(log_ticks(-3.2, 1.1, 8)[0]) == ["10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"]
    assert log_texts(log_ticks(-16, 1, 6)[0]) == ["10⁻¹⁵", "10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]
    assert log_texts(log_ticks(-0.8, 0.4, 6)[0]) == ["0.2", "0.5", "1", "2"]


def test_a_linear_range_shows_all_calm_curves():
    low, high = linear_range([np.array([4.0, 9.0, 1.0]), np.array([4.0, 2.0, 0.5])])
    assert (low, high) == (0.0, 9.0)


def test_a_curve_that_runs_away_flattens_nobody_on_a_linear_axis():
    _low, high = linear_range([np.array([4.0, 400.0, 1e12]), np.array([4.0, 2.0, 0.5])])
    assert high == 8.0
    low, high = linear_range([np.array([4.0, -400.0, -1e12]), np.array([4.0, 2.0, 0.5])])
    assert (low, high) == (-8.0, 4.0)


def test_a_linear_range_far_from_zero_does_not_begin_there():
    assert linear_range([np.array([104.0, 100.0])]) == (100.0, 104.0)


def test_a_constant_curve_has_a_range():
    for value in (0.0, 5.0, -5.0, 1e-300):
        low, high = linear_range([np.full(3, value)])
        assert low < high
        low, high = log_range([np.full(3, value)])
        assert low < high


def test_a_logarithmic_range_ends_where_there_is_only_rounding():
    low, high = log_range([np.array([1.0, 1e-8, 0.0, 1e-300])])
    assert low == pytest.approx(-16)
    assert high == 0.0


def test_zeros_do_not_break_a_logarithmic_range():
    assert log_range([np.array([100.0, 1.0, 0.0]), np.array([100.0, 0.01, 0.0])]) == (-2.0, 2.0)
    assert all(math.isfinite(end) for end in log_range([np.zeros(3)]))
    assert all(math.isfinite(end) for end in log_range([np.array([0.0, 1.0]), np.array([-3.0, -5.0])]))


def test_a_logarithmic_range_stays_near_the_start():
    low, high = log_range([np.array([1.0, 1e12]), np.array([1.0, 1e-3])])
    assert (low, high) == (-3.0, 4.0)


def test_accuracies_begin_at_a_whole_tenth():
    assert share_range([np.array([0.47, 0.9])]) == (0.4, 1.0)
    assert share_range([np.array([1.0])]) == (0.9, 1.0)
    assert share_range([]) == (0.0, 1.0)


def test_heights_on_the_axis_are_round_and_within_what_is_seen():
    assert round_heights(0, 2500)[-4:] == [200, 500, 1000, 2000]
    assert round_heights(0.0001, 2500)[0] == 0
    assert round_heights(40, 60) == [40, 45, 50, 55, 60]
    assert all(-3 <= value <= 1 for value in round_heights(-3, 1))
    assert round_heights(5, 5) == [5]
