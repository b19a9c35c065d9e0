import numpy as np
import pytest
from PySide6.QtGui import QColor

from momentum_gui.gui.curves import BLOCK, SOLID, Extremes, Series, heights, outline
from momentum_gui.gui.kept_picture import Frame

FRAME = Frame(width=100, height=50, left=0.0, top=1.0, x_scale=0.01, y_scale=50.0)
"""10 000 steps and values of 0 to 1 on 100 x 50 pixels."""


def series(values, steps=None):
    values = np.asarray(values, dtype=float)
    return Series(0, QColor("red"), np.arange(len(values)) if steps is None else np.asarray(steps), values, SOLID)


def test_every_pixel_column_keeps_its_smallest_and_its_largest_value():
    rng = np.random.default_rng(1)
    values = rng.random(10_001)
    values[1234], values[8765] = 0.999999, 0.000001  # single peaks
    x, upper, lower = outline(series(values), FRAME, log=False, width=1e-9)
    assert list(x) == list(range(101))
    for column in range(100):
        inside = values[100 * column : 100 * (column + 1)]
        top, bottom = (1 - inside.max()) * 50, (1 - inside.min()) * 50
        assert min(upper[column], upper[column + 1]) <= top + 1e-6
        assert max(lower[column], lower[column + 1]) >= bottom - 1e-6
        # and no more than the two neighbours have
        around = values[max(0, 100 * (column - 1)) : 100 * (column + 1) + 1]
        assert upper[column] >= (1 - around.max()) * 50 - 1e-6
        assert lower[column] <= (1 - around.min()) * 50 + 1e-6


def test_a_curve_of_few_points_is_as_wide_as_the_pen_across():
    frame = Frame(width=100, height=100, left=0.0, top=100.0, x_scale=1.0, y_scale=1.0)
    x, upper, lower = outline(series([10, 90], [10, 90]), frame, log=False, width=4.0)
    middle = (x > 20) & (x < 80)
    across = (lower - upper)[middle] / np.sqrt(2)
    assert across == pytest.approx(4.0, abs=0.6)
    assert ((lower + upper) / 2)[middle] == pytest.approx(100 - x[middle], abs=1e-6)


def test_a_curve_begins_and_ends_where_its_points_do():
    frame = Frame(width=100, height=100, left=0.0, top=100.0, x_scale=1.0, y_scale=1.0)
    x, _upper, _lower = outline(series([50, 50, 50], [20, 40, 60]), frame, log=False, width=2.0)
    assert x[0] == 20
    assert x[-1] == 60


def test_nothing_is_drawn_of_a_curve_shorter_than_a_pixel():
    x, upper, lower = outline(series([0.5, 0.4]), FRAME, log=False, width=2.0)
    assert len(x) == len(upper) == len(lower) == 0


def test_zero_and_less_lie_below_a_logarithmic_axis():
    frame = Frame(width=100, height=100, left=0.0, top=0.0, x_scale=10.0, y_scale=10.0)
    y = heights(np.array([1.0, 0.1, 0.0, -5.0]), frame, log=True)
    assert list(y[:2]) == [0.0, 10.0]
    assert (y[2:] > frame.height).all()
    assert np.isfinite(y).all()
    x, upper, lower = outline(series([1.0, 0.0, 0.1, -1.0, 1.0]), frame, log=True, width=2.0)
    assert np.isfinite(upper).all()
    assert np.isfinite(lower).all()
    assert lower[x == 10] >= frame.height


def test_what_is_seen_of_a_series_reaches_over_the_edges():
    part = series(np.arange(100)).seen(9.5, 20.5)
    assert list(part.steps) == list(range(9, 22))
    assert len(series([1.0]).seen(0, 10).steps) == 1


def test_extremes_of_a_growing_history_are_those_of_its_blocks():
    rng = np.random.default_rng(2)
    values, extremes = rng.normal(size=1000), Extremes()
    for count in (0, 10, BLOCK, 3 * BLOCK + 1, 700, 1000):
        pairs = extremes.of(values[:count])
        assert len(pairs) == count // BLOCK
        for k, (low, high) in enumerate(pairs):
            block = values[k * BLOCK : (k + 1) * BLOCK]
            assert (low, high) == (block.min(), block.max())


@pytest.mark.parametrize(("left", "right"), [(0, 400_000), (12_345, 333_333)])
def test_a_long_part_is_seen_as_its_extremes(left, right):
    rng = np.random.default_rng(3)
    values = rng.normal(size=400_000)
    values[222_222], values[222_233], values[-1] = 99.0, -99.0, 50.0
    long = Series(0, QColor("red"), np.arange(len(values)), values, SOLID, Extremes())
    part, whole = long.seen(left, right), series(values).seen(left, right)
    assert len(part.steps) == len(part.values) < len(whole.steps) / 10
    assert (np.diff(part.steps) > 0).all()
    assert (part.steps[0], part.steps[-1]) == (whole.steps[0], whole.steps[-1])
    assert (part.values.min(), part.values.max()) == (-99.0, 99.0)
    assert part.values[-1] == whole.values[-1]
    frame = Frame(width=100, height=50, left=left, top=4.0, x_scale=100 / (right - left), y_scale=6.0)
    for one, other in zip(outline(part, frame, False, 1.0), outline(whole, frame, False, 1.0), strict=True):
        assert np.abs(one - other).mean() < 0.5  # a block on the border of two pixels may count to the other
