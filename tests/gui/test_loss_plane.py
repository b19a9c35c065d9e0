"""Level lines by ratio, and the picture of a loss on a plane."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from momentum_gui.gui.loss_plane import LINES, LossPlane, level_ratio, levels
from momentum_gui.gui.style import Look


class Grid:
    """A loss that is known everywhere: 10 to the power of the first coordinate."""

    def __init__(self, rows=11):
        self.a, self.b = np.linspace(0.0, 2.0, 21), np.linspace(-1.0, 1.0, 11)
        self.values = np.full((11, 21), np.nan)
        self.values[:rows] = 10.0**self.a
        self.count = 21 * rows


def test_the_lines_are_even_by_ratio():
    values = np.array([[1.0, 10.0], [100.0, np.nan]])
    found = levels(values)
    assert len(found) == LINES
    assert found[1:] / found[:-1] == pytest.approx(level_ratio(values))
    assert level_ratio(values) == pytest.approx(100 ** (1 / (LINES + 1)))


def test_a_loss_of_nearly_nothing_does_not_take_all_lines():
    found = levels(np.array([0.0, 1e-30, 1.0]))
    assert found[0] > 1e-4
    assert found[-1] < 1.0


@pytest.mark.parametrize("values", [np.full(4, np.nan), np.zeros(4), np.ones(4)], ids=str)
def test_a_flat_loss_has_no_lines(values):
    assert len(levels(values)) == 0
    assert level_ratio(values) is None


@pytest.fixture
def plot(qtbot):
    plot = LossPlane(Look("light"), "loss")
    qtbot.addWidget(plot)
    plot.resize(320, 300)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def shade(plot, x, y):
    """The colour of the picture at a point of the plane."""
    place = plot.mapFromScene(plot._box.mapViewToScene(QPointF(x, y)))
    return plot.grab().toImage().pixelColor(place)


def test_it_is_darker_where_the_loss_is_higher(plot):
    plot.show_landscape(Grid(), {}, {}, ("a", "b"), stale=False)
    low, high = shade(plot, 0.03, 0.05), shade(plot, 1.97, 0.05)
    assert low.lightness() > high.lightness() + 10


def test_rows_that_are_not_there_are_empty(plot):
    plot.show_landscape(Grid(rows=5), {}, {}, ("a", "b"), stale=False)
    assert shade(plot, 1.97, 0.8) == QColor(plot._look.theme.panel)
    assert shade(plot, 1.97, -0.8) != QColor(plot._look.theme.panel)


def test_a_marker_goes_with_the_step(plot):
    path = {2: (np.array([0, 10, 20]), np.array([[0.5, 0.0], [1.0, 0.0], [1.5, 0.5]]))}
    plot.show_landscape(Grid(), path, {2: QColor("#123456")}, ("a", "b"), stale=False)
    for step, place in ((0, (0.5, 0.0)), (9, (0.5, 0.0)), (10, (1.0, 0.0)), (99, (1.5, 0.5))):
        plot.show_step(step)
        at = plot._box.mapToView(plot._markers[2].pos())
        assert (at.x(), at.y()) == pytest.approx(place, abs=0.02)
    plot.show_nothing()
    assert not plot._markers[2].isVisible()
    plot.grab()


def test_without_a_loss_there_are_no_axes(plot):
    axes = [plot.getPlotItem().getAxis(side) for side in ("left", "bottom")]
    plot.show_nothing("Start shows it.")
    assert not any(axis.isVisible() for axis in axes)
    ground = QColor(plot._look.theme.panel)
    plot.why.hide()
    picture = plot.grab().toImage()
    assert {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())} == {ground.rgb()}
    plot.show_landscape(Grid(), {}, {}, ("a", "b"), stale=False)
    assert all(axis.isVisible() for axis in axes)
