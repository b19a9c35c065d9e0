import math

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QColor, QImage

from momentum_gui.core.surfaces import SURFACES, Beale, Himmelblau, Ravine, Rosenbrock
from momentum_gui.gui.contours import RINGS, Contours, Levels, outlines
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.style import DARK, LIGHT


@pytest.fixture
def shown(qtbot):
    widget = pg.GraphicsView()
    qtbot.addWidget(widget)
    view = pg.ViewBox(lockAspect=True, enableMenu=False)
    widget.setCentralItem(view)
    widget.resize(400, 300)
    widget.view, widget.contours = view, Contours(view)
    widget.contours.restyle(LIGHT)
    view.setRange(xRange=(-6, 6), yRange=(-4, 4), padding=0)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def picture(widget):
    """The painted pixels, (height, width, 3)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.array(image.constBits()).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


def is_line(pixels):
    """Where a level line is: darker than its neighbourhood's bright bands."""
    line = np.array(QColor(LIGHT.level_line).getRgb()[:3])
    return np.abs(pixels.astype(int) - line).max(axis=-1) < 40


def test_rings_of_a_quadratic_are_evenly_spaced():
    levels = Levels.of(Ravine(kappa=1, curvature=1))
    radii = [math.sqrt(2 * levels.height(place)) for place in (2, 4, 6, 8)]
    gaps = np.diff(radii)
    assert gaps.max() / gaps.min() < 1.25


@pytest.mark.parametrize("height", [0.0, 1.0, -1e12, 1e299, 1e300])
def test_a_view_of_one_height_has_a_shade_and_no_ring(height):
    rings, shares = Levels(0.0, 1.0, 1.0).bands(height, height)
    assert rings == []
    assert len(shares) == 1
    assert 0 <= shares[0] <= 1


@pytest.mark.parametrize("surface", [kind() for kind in SURFACES], ids=lambda s: type(s).__name__)
def test_the_median_of_the_domain_is_half_way_up(surface):
    levels = Levels.of(surface)
    left, right, bottom, top = surface.domain
    x, y = np.meshgrid(np.linspace(left, right, 49), np.linspace(bottom, top, 49))
    heights = surface.value(x, y)
    assert levels.place(heights.max()) == pytest.approx(RINGS)
    if levels.power < 2:  # as far as it may bend: a plateau's median is its top
        assert levels.place(float(np.median(heights))) == pytest.approx(RINGS / 2, rel=0.2)
    assert levels.floor <= min(surface.value(*minimum) for minimum in surface.minima)


@pytest.mark.parametrize(("low", "high"), [(0, 35), (0, 1e-12), (0, 1e24), (7, 7), (1e300, 1e300), (9, 9.01)])
def test_there_are_neither_few_nor_many_rings_wherever_one_looks(low, high):
    levels = Levels.of(Ravine())
    places = levels.between(low, high)
    assert len(places) <= 2 * RINGS + 1
    assert len(places) >= (3 if high > low else 0)
    assert all(low <= levels.height(place) * 1.001 and levels.height(place) <= high * 1.001 for place in places)


def test_the_lines_lie_where_the_surface_has_their_height(shown):
    surface = Himmelblau()
    shown.contours.show_surface(surface)
    found = np.argwhere(is_line(picture(shown)))
    assert len(found) > 500
    frame = Frame.of(shown.view)
    levels = Levels.of(surface)
    off = []
    for row, column in found[::25]:
        x, y = frame.left + (column + 0.5) / frame.x_scale, frame.top - (row + 0.5) / frame.y_scale
        place = levels.place(surface.value(x, y))
        slope = math.hypot(*surface.gradient(x, y)) / frame.x_scale
        step = max(1e-9, levels.place(surface.value(x, y) + 2 * slope) - place)
        off.append(abs(place - round(place)) / step)
    assert np.percentile(off, 90) < 1  # two pixels


def test_a_narrow_valley_leaves_no_crumbs():
    square = np.array([[100.0, 100], [104, 100], [104, 104], [100, 100]])
    large = np.array([[10.0, 10], [60, 10], [60, 60], [10, 10]])
    in_corner = np.array([[-3.0, -3], [2, -3], [-3, 2], [-3, -3]])
    points = np.concatenate([square, large, in_corner])
    path = outlines(points, np.array([0, 4, 8, 12]), 400, 300)
    assert path.elementCount() == 8
    assert path.boundingRect().getRect() == (-3, -3, 63, 63)
    assert [path.elementAt(k).isMoveTo() for k in range(8)] == [True, False, False, False] * 2


def test_zoomed_out_there_are_still_rings_and_shades(shown):
    shown.contours.show_surface(Ravine())
    for reach in (1e3, 1e6, 1e12):
        shown.view.setRange(xRange=(-reach, reach), yRange=(-reach, reach), padding=0)
        pixels = picture(shown)
        assert is_line(pixels).sum() > 500
        assert pixels[150, 200].astype(int).sum() > pixels[5, 5].astype(int).sum() + 60


@pytest.mark.parametrize("reach", [1e-9, 1e40, 1e120])
@pytest.mark.parametrize("surface", [Beale(), Rosenbrock(), Ravine(kappa=1e6)], ids=lambda s: type(s).__name__)
def test_nothing_fails_far_out_or_close_by(shown, surface, reach):
    shown.contours.show_surface(surface)
    shown.view.setRange(xRange=(-reach, reach), yRange=(-reach, reach), padding=0)
    picture(shown)


def test_another_theme_repaints(shown):
    shown.contours.show_surface(Ravine())
    assert picture(shown)[150, 200].min() > 200
    shown.contours.restyle(DARK)
    assert picture(shown)[150, 200].max() < 60


def test_the_same_surface_is_not_drawn_again(shown):
    shown.contours.show_surface(Ravine())
    picture(shown)
    shown.contours.show_surface(Ravine())
    assert shown.contours.frame is not None
    shown.contours.show_surface(Ravine(kappa=21))
    assert shown.contours.frame is None
