"""The small chart: what it shows, and where a click falls."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from momentum_gui.gui.chart import Band, Chart
from momentum_gui.gui.curves import DASHED, Series
from momentum_gui.gui.style import Look

STEPS = np.array([0, 50, 100])
RED = QColor("#ff0000")


@pytest.fixture(params=[False, True], ids=["steps", "rates"])
def rates(request):
    return request.param


@pytest.fixture
def chart(qtbot, rates):
    chart = Chart(Look("light"), "name", "below", rates)
    qtbot.addWidget(chart)
    chart.resize(320, 200)
    with qtbot.waitExposed(chart):
        chart.show()
    return chart


def pixel(chart, x, y):
    return chart.mapFromScene(chart._box.mapViewToScene(QPointF(x, y)))


def test_all_of_the_curves_is_seen_and_their_ends_are_marked(chart):
    values = np.array([3.0, 1.0, 2.0])
    limit = Series(1, RED, STEPS, np.full(3, 2.5), DASHED)
    chart.show_curves([Series(1, RED, STEPS, values), limit], (0.0, 100.0))
    (left, right), (bottom, top) = chart._box.viewRange()
    assert left < 0 < 100 < right
    assert bottom < 0 < 3 < top
    (marker,) = chart._markers
    at = chart._box.mapToView(marker.pos())
    assert (at.x(), at.y()) == pytest.approx((100, 2), abs=0.5)


def test_the_range_that_is_asked_for_is_kept(chart):
    chart.show_curves([Series(0, RED, STEPS, np.array([9.0, 0.5, 0.6]))], (0.0, 100.0), (0.5, 0.7))
    bottom, top = chart._box.viewRange()[1]
    assert 0.4 < bottom < 0.5
    assert 0.7 < top < 0.8


def test_a_band_is_a_veil_of_its_colour(chart):
    line = Series(0, QColor("#0000ff"), STEPS, np.full(3, 1.0))
    band = Band(RED, STEPS, np.full(3, 1.4), np.full(3, 1.8))
    chart.show_curves([line], (0.0, 100.0), (0.0, 2.0), [band])
    picture = chart.grab().toImage()
    inside, outside = (picture.pixelColor(pixel(chart, 30.0, height)) for height in (1.55, 1.25))
    assert inside.red() > inside.blue() + 20
    assert abs(outside.red() - outside.blue()) < 5


def test_a_click_says_where(qtbot, chart):
    chart.show_curves([Series(0, RED, STEPS, np.ones(3))], (0.0, 100.0))
    with qtbot.waitSignal(chart.clicked) as clicked:
        QTest.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=pixel(chart, 70.0, 1.0))
    assert clicked.args[0] == pytest.approx(70.0, abs=1.0)


def test_upright_lines_come_and_go(chart):
    chart.show_curves([Series(0, RED, STEPS, np.ones(3))], (0.0, 100.0))
    chart.show_uprights([(20.0, RED, False), (500.0, RED, True)])
    assert [line.isVisible() for line in chart._lines] == [True, False]
    assert chart._box.mapToView(QPointF(chart._lines[0].line().x1(), 0)).x() == pytest.approx(20.0, abs=0.5)
    chart.show_uprights([])
    assert not any(line.isVisible() for line in chart._lines)


@pytest.mark.parametrize("rates", [False], indirect=True)
def test_shares_are_written_in_per_cent(chart):
    chart.show_curves([Series(0, RED, STEPS, np.array([0.5, 0.8, 0.9]))], (0.0, 100.0), share=True)
    assert chart._left.tickStrings([0.6, 0.8], 1.0, 0.2) == ["60 %", "80 %"]
    chart.grab()


@pytest.mark.parametrize("rates", [True], indirect=True)
def test_rates_are_written_as_powers(chart):
    assert chart._bottom.tickStrings([-2.0, 0.0], 1.0, 2.0) == ["10⁻²", "10⁰"]


def test_without_curves_it_says_why(chart):
    chart.show_curves([], (0.0, 1.0), title="Nothing yet")
    assert chart._grid._content[2] == "Nothing yet"
    chart._look.choose("dark", 1.3)
    chart.grab()
