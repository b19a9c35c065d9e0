"""The axes of the curves: where their numbers stand."""

import numpy as np
import pytest

from momentum_gui.gui.curve_axes import log_place, log_step_ticks


@pytest.mark.parametrize(
    ("first", "last", "decade", "ticks"),
    [
        (0, 500, 200.0, [0, 1, 2, 5, 10, 20, 50, 100, 200, 500]),
        (0, 1_000_000, 45.0, [0, 10, 100, 1000, 10_000, 100_000, 1_000_000]),
        (0, 1_000_000, 25.0, [0, 100, 10_000, 1_000_000]),
        (40, 60, 2000.0, [40, 45, 50, 55, 60]),
    ],
)
def test_ticks_of_a_logarithmic_axis_of_steps(first, last, decade, ticks):
    found = log_step_ticks(first, last, decade, 35.0)
    assert found == ticks
    assert np.diff(log_place(found)).min() * decade >= 30
