"""The eigenvalues in the complex plane."""

import pytest
from PySide6.QtGui import QColor

from momentum_gui.gui.roots_view import FARTHEST, REACH, RootsView
from momentum_gui.gui.style import Look


@pytest.fixture
def view(qtbot):
    view = RootsView(Look("light"))
    qtbot.addWidget(view)
    view.resize(view.sizeHint())
    return view


def test_dots_lie_where_the_numbers_are(view):
    color = QColor("#d55e00")
    view.show_roots(((0.6 + 0.6j, 0.6 - 0.6j), (-0.5,)), None, color)
    picture = view.grab().toImage()
    for root in (0.6 + 0.6j, 0.6 - 0.6j):
        assert picture.pixelColor(view.place(root).toPoint()) == color
    ring = view.place(-0.5).toPoint()
    assert picture.pixelColor(ring) == QColor("#ffffff")  # hollow: the second axis
    assert view.place(0.6 + 0.6j).y() < view.place(0).y() < view.place(0.6 - 0.6j).y()


def test_it_shows_the_unit_circle_and_makes_room_for_what_lies_outside(view):
    view.show_roots(((0.9,), (0.5,)), None, QColor("red"))
    assert view.reach == REACH
    unit = view.place(1).x() - view.place(0).x()
    view.show_roots(((0.9,), (-2.0,)), None, QColor("red"))
    assert view.reach == 2.0
    assert view.place(1).x() - view.place(0).x() < unit
    view.show_roots(((0.9,), (-50.0,)), None, QColor("red"))
    assert view.reach == FARTHEST
    assert 0 <= view.place(-50.0).x() < 10


def test_the_circle_of_the_momentum_is_explained(view):
    view.show_roots(((0.5 + 0.5j,), (0.5 - 0.5j,)), 0.7, QColor("red"))
    assert "dashed circle" in view.toolTip()
    view.show_roots(((0.5,), (0.5,)), None, QColor("red"))
    assert "dashed circle" not in view.toolTip()
