"""The bars of the accumulated gradient."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Adam, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui.accumulated_view import BEYOND, AccumulatedView
from momentum_gui.gui.style import Look
from momentum_gui.gui.ticks import number_text


@pytest.fixture
def view(qtbot):
    view = AccumulatedView(Look("light"))
    qtbot.addWidget(view)
    view.resize(320, 300)
    simulation = Simulation(
        Experiment(objective=Ravine(), optimizers=(SGD(lr=0.1), Momentum(lr=0.1, mu=0.5), Adam()), steps=100), None
    )
    simulation.advance(100)
    view.show_simulation(simulation)
    view.simulation = simulation
    view.show()
    return view


def test_the_wide_bar_is_the_step(view):
    view.show_racer(1)
    view.show_step(10)
    across, along = view.charts
    step = view.simulation.runs[1].path[10] - view.simulation.runs[1].path[9]
    assert (abs(across.total), abs(along.total)) == pytest.approx((abs(step[1]), abs(step[0])))
    assert across._name == "Across the ravine"


def test_the_bars_add_up_however_old_they_are(view):
    view.show_racer(1)
    for step in (1, 2, 39, 40, 41, 100):
        view.show_step(step)
        for chart in view.charts:
            assert chart._bars.sum() == pytest.approx(chart.total, rel=1e-9)
            assert len(chart._bars) <= 40
    view.grab()


@pytest.mark.parametrize("width", [640, 320, 200])
def test_each_row_has_a_scale_and_tells_the_dotted_lines_number_where_there_is_room(view, width):
    view.resize(width, 300)
    view.show_racer(1)
    view.show_step(10)
    view.grab()
    for chart in view.charts:
        number = number_text(chart.terminal, 3)
        told = {640: f"would end at {number}", 320: number}
        assert chart.told == told.get(width, chart.told)
        fewer = {number_text(chart.terminal, digits) for digits in (1, 2)}
        assert chart.told in {"", number, f"would end at {number}", *fewer}
        largest = max(abs(chart.total), abs(chart._bars).max())
        low, middle, high = chart.ticks
        assert (low, middle) == (-high, 0)
        assert largest / 3 < high < 0.9 * BEYOND * largest
        assert f"{high:.0e}"[0] in "125"
    assert "own scale" in view.note.text()


def test_bars_that_cancel_but_for_rounding_add_up_to_nothing(view):
    chart = view.charts[0]
    chart.show_sum("y", (np.array([0.1, 0.2, -0.3]), 0.1 + 0.2 - 0.3, 1.0), QColor("red"))
    assert chart.total != 0
    assert chart.rounded == 0
    chart.show_sum("y", (np.array([0.1, 0.2, -0.3 + 1e-6]), 1e-6, 1.0), QColor("red"))
    assert chart.rounded == 1e-6


def test_bars_too_small_for_a_scale_are_drawn_without(view):
    view.show_racer(1)
    view.show_step(10)
    chart = view.charts[0]
    chart.show_sum("y", (np.array([5e-324]), 5e-324, 5e-324), QColor("red"))
    chart.grab()
    assert chart.ticks == [0.0]


def test_sgd_has_no_memory(view):
    view.show_racer(0)
    view.show_step(5)
    assert "No memory" in view.note.text()
    assert all((chart._bars[:-1] == 0).all() for chart in view.charts)


def test_what_has_no_fixed_weights_says_so(view):
    view.show_racer(2)
    view.show_step(5)
    assert view.note.text() == "Adam does not add its gradients up with fixed weights."
    assert all(chart.isHidden() for chart in view.charts)


def test_before_the_first_step_it_says_what_to_do(view):
    view.show_racer(1)
    view.show_step(0)
    assert "first step" in view.note.text()


def test_a_sum_that_hardly_is_a_number_is_drawn(view):
    """After some ten thousand steps what is left is below 1e-308; a quotient by it is infinite."""
    bars = view.charts[0]
    bars.show_sum("x", (np.array([0.0, 1e-310]), 1e-310, 3e-310), QColor("red"))
    image = bars.grab().toImage()
    column, middle = image.width() - 8, image.height() // 2
    assert any(image.pixelColor(column, row) == QColor("red") for row in range(middle))
