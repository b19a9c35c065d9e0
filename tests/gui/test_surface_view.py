import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Expression, Himmelblau, Ravine, Rosenbrock
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.style import DARK, LIGHT, Look, racer_color
from momentum_gui.gui.surface_view import FARTHEST, SurfaceView


def simulated(surface=None, *racers, **fields):
    """A simulation that has run to its end."""
    racers = racers or (SGD(lr=0.3), Momentum(lr=0.1, mu=0.8))
    experiment = Experiment(objective=surface or Ravine(), steps=50, optimizers=racers, **fields)
    simulation = Simulation(experiment, read=None)
    simulation.advance(50)
    return simulation


@pytest.fixture
def view(qtbot):
    look = Look("light")
    view = SurfaceView(look)
    view.look = look
    qtbot.addWidget(view)
    view.resize(800, 600)
    with qtbot.waitExposed(view):
        view.show()
    view.show_simulation(simulated())
    view.show_step(50)
    QApplication.processEvents()
    return view


def at(view, x, y):
    """The pixel of the viewport at the point (x, y) of the plane."""
    return view.plane.mapToScene(Frame.of(view.plane).pixel(x, y)).toPoint()


def pixels(view):
    view.viewport().grab()  # begins to paint what changed; on a busy machine that takes several turns
    until = time.monotonic() + 20
    while not view.settled and time.monotonic() < until:
        QApplication.processEvents()
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.array(image.constBits()).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def has_color(view, place, color, reach=2):
    """Whether ``color`` is within ``reach`` pixels around ``place``."""
    part = pixels(view)[place.y() - reach : place.y() + reach + 1, place.x() - reach : place.x() + reach + 1]
    return bool((np.abs(part - np.array(QColor(color).getRgb()[:3])).max(axis=-1) < 30).any())


def mouse(view, kind, place, buttons=Qt.MouseButton.LeftButton):
    """Send a mouse event as the window system does."""
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else buttons
    where = view.viewport().mapToGlobal(place)
    event = QMouseEvent(kind, QPointF(place), QPointF(where), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.viewport(), event)
    QTest.qWait(20)  # pyqtgraph looks at moves at most 100 times a second


def drag(view, *places):
    mouse(view, QEvent.Type.MouseMove, places[0], Qt.MouseButton.NoButton)
    mouse(view, QEvent.Type.MouseButtonPress, places[0])
    for place in places[1:]:
        mouse(view, QEvent.Type.MouseMove, place)
    mouse(view, QEvent.Type.MouseButtonRelease, places[-1])


def wheel(view, place, turn):
    event = QWheelEvent(
        QPointF(place),
        QPointF(view.viewport().mapToGlobal(place)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


@pytest.fixture
def moves(view):
    """The starts that were asked for."""
    moves = []

    def moved(x, y):
        moves.append((x, y))

    view.start_moved.connect(moved)
    return moves


def test_the_domain_is_shown_and_a_circle_is_a_circle(view):
    left, right, bottom, top = Ravine().domain
    (x0, x1), (y0, y1) = view.plane.viewRange()
    assert x0 < left < right < x1
    assert y0 < bottom < top < y1
    frame = Frame.of(view.plane)
    assert frame.x_scale == pytest.approx(frame.y_scale, rel=1e-6)


def test_the_steepest_way_is_across_the_lines(view):
    """What equal scales are for: a gradient step is perpendicular to the level lines, on the screen too."""
    frame = Frame.of(view.plane)
    surface, x, y = Ravine(angle=20), 2.0, 1.0
    gx, gy = surface.gradient(x, y)
    down = frame.pixel(x - gx, y - gy) - frame.pixel(x, y)
    along = frame.pixel(x - gy, y + gx) - frame.pixel(x, y)
    assert QPointF.dotProduct(down, along) == pytest.approx(0, abs=1e-6)


def test_the_paths_are_painted_over_the_surface(view):
    path = view._trails._runs[1].path
    assert has_color(view, at(view, *(path[3] + path[4]) / 2), racer_color(1, "", LIGHT))


def test_a_new_simulation_leaves_the_range_alone(view):
    view.plane.setRange(xRange=(-1, 3), yRange=(-1, 2))
    before = view.plane.viewRange()
    for kappa in (3.0, 40.0):
        view.show_simulation(simulated(Ravine(kappa=kappa), SGD(lr=0.02), start=(4.0, kappa)))
        view.show_step(10)
        view.grab()
    assert view.plane.viewRange() == before


def test_another_kind_of_surface_is_fitted(view):
    view.plane.setRange(xRange=(-100, -90), yRange=(-100, -90))
    view.show_simulation(simulated(Rosenbrock(), SGD(lr=0.0005)))
    (x0, x1), (y0, y1) = view.plane.viewRange()
    assert x0 < -2 < 2 < x1 < 6
    assert y0 < -1 < 3 < y1 < 6


def test_the_domain_stays_in_view_when_the_window_changes(view):
    for size in ((400, 700), (1100, 300)):
        view.resize(*size)
        QApplication.processEvents()
        (x0, x1), (y0, y1) = view.plane.viewRange()
        assert x0 <= -6 < 6 <= x1
        assert y0 <= -4 < 4 <= y1


def test_a_click_places_the_start(view, moves):
    mouse(view, QEvent.Type.MouseMove, at(view, 3, 2), Qt.MouseButton.NoButton)
    mouse(view, QEvent.Type.MouseButtonPress, at(view, 3, 2))
    mouse(view, QEvent.Type.MouseButtonRelease, at(view, 3, 2))
    assert moves == [(pytest.approx(3, abs=0.02), pytest.approx(2, abs=0.02))]
    assert all(value == round(value, 2) for value in moves[0])


def test_dragging_the_handle_moves_the_start_all_along(view, moves):
    drag(view, at(view, -5, -2) + QPoint(6, 4), at(view, -4, 0), at(view, 0, 1), at(view, 2, 3) + QPoint(6, 4))
    assert len(moves) == 3
    assert moves[-1] == (pytest.approx(2, abs=0.03), pytest.approx(3, abs=0.03))


def test_the_handle_is_easily_grabbed(view, moves):
    range_before = view.plane.viewRange()
    drag(view, at(view, -5, -2) + QPoint(12, 0), at(view, -4, -2) + QPoint(12, 0))
    assert moves[-1] == (pytest.approx(-4, abs=0.03), pytest.approx(-2, abs=0.03))
    assert view.plane.viewRange() == range_before


def test_the_handle_follows_the_experiment(view):
    view.show_simulation(simulated(start=(1.5, 2.5)))
    assert (view._handle.pos() - Frame.of(view.plane).pixel(1.5, 2.5)).manhattanLength() < 1e-6
    assert has_color(view, at(view, 1.5, 2.5) + QPoint(0, -13), LIGHT.text)


def test_the_handle_lights_up_under_the_mouse(view):
    mouse(view, QEvent.Type.MouseMove, at(view, -5, -2), Qt.MouseButton.NoButton)
    ring = at(view, -5, -2) + QPoint(-9, -9)
    assert has_color(view, ring, LIGHT.accent)
    mouse(view, QEvent.Type.MouseMove, at(view, 3, 3), Qt.MouseButton.NoButton)
    assert not has_color(view, ring, LIGHT.accent)


def test_a_start_stays_within_what_an_experiment_may_hold(view, moves):
    view.plane.setRange(xRange=(-1e9, 1e9), yRange=(-1e9, 1e9))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, 5e8, -5e8))
    assert moves == [(FARTHEST, -FARTHEST)]


def test_dragging_the_plane_pans_and_places_nothing(view, moves):
    (x0, x1), (y0, y1) = view.plane.viewRange()
    drag(view, at(view, 2, 2), at(view, 2.5, 2), at(view, 3, 2.5), at(view, 4, 3))
    (u0, u1), (v0, v1) = view.plane.viewRange()
    assert u0 == pytest.approx(x0 - 2, abs=0.05)
    assert v1 == pytest.approx(y1 - 1, abs=0.05)
    assert u1 - u0 == pytest.approx(x1 - x0)
    assert v1 - v0 == pytest.approx(y1 - y0)
    assert moves == []


def test_the_wheel_zooms_around_the_cursor(view):
    place = at(view, 3, 2)
    wheel(view, place, 240)
    assert (at(view, 3, 2) - place).manhattanLength() <= 2
    assert view.plane.viewRange()[0][1] < 6


@pytest.mark.parametrize("turn", [2400, -2400])
def test_the_wheel_stops_before_numbers_end(view, turn):
    for _more in range(300):
        wheel(view, at(view, 0, 0) if turn > 0 else QPoint(400, 300), turn)
    left, right = view.plane.viewRange()[0]
    assert 1e-13 < right - left < 1e18
    view.grab()
    view.fit()
    assert -8 < view.plane.viewRange()[0][0] < -6


def test_a_double_click_fits_and_leaves_the_start_where_it_was(view, moves):
    view.plane.setRange(xRange=(0, 1), yRange=(0, 1))
    place = at(view, 0.5, 0.5)

    def adopt(x, y):
        view.show_simulation(simulated(start=(x, y)))

    view.start_moved.connect(adopt)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.plane.viewRange()[0][0] < -6
    assert moves[-1] == (-5.0, -2.0)


def test_no_menu_opens(view, moves):
    QTest.mouseClick(view.viewport(), Qt.MouseButton.RightButton, pos=at(view, 1, 1))
    assert QApplication.activePopupWidget() is None
    assert moves == []


def test_the_readout_says_what_is_under_the_cursor(view):
    assert view._readout.isHidden()
    mouse(view, QEvent.Type.MouseMove, at(view, 2, 1), Qt.MouseButton.NoButton)
    labels = {name: label.text() for name, label in view._readout.labels.items()}
    x, y, f = (float(labels[name].split(" = ")[1]) for name in "xyf")
    assert (x, y) == (pytest.approx(2, abs=0.02), pytest.approx(1, abs=0.02))
    assert f == pytest.approx(Ravine().value(x, y), rel=0.05)
    width = view._readout.width()
    for place in ((-3.123, -2), (0, 0), (5, 3.99)):
        mouse(view, QEvent.Type.MouseMove, at(view, *place), Qt.MouseButton.NoButton)
        assert view._readout.width() == width
        labels = view._readout.labels.values()
        assert all(label.fontMetrics().horizontalAdvance(label.text()) <= label.width() for label in labels)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert view._readout.isHidden()


def test_the_readout_is_never_of_a_picture_that_is_gone(view):
    place = at(view, 2, 1)
    mouse(view, QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton)
    view.plane.setRange(QRectF(10, 20, 1, 1), padding=0)  # the mouse rests
    x, y = Frame.of(view.plane).point(view.plane.mapFromScene(QPointF(place)))
    texts = [view._readout.labels[name].text() for name in "xy"]
    assert [float(text.split(" = ")[1]) for text in texts] == pytest.approx([x, y], abs=0.01)
    view.resize(400, 600)
    QApplication.processEvents()
    assert view._readout.isHidden()
    mouse(view, QEvent.Type.MouseMove, QPoint(200, 300), Qt.MouseButton.NoButton)
    assert view._readout.isVisible()


def test_the_caption_says_what_letters_are_that_are_no_field(view):
    letters = view._caption.labels["letters"]
    view.show_simulation(simulated(Ravine()))
    assert letters.text() == "u, v: x, y turned by α"
    assert letters.isVisible()
    view.show_simulation(simulated(Himmelblau()))
    assert not letters.isVisible()


def test_the_caption_names_the_surface_and_its_formula(view, qtbot):
    view.show_step(0)
    view.show_simulation(simulated(Himmelblau()))
    assert view._caption.labels["title"].text() == "Himmelblau"
    assert view.formula.accessibleName() == Himmelblau.formula
    qtbot.waitUntil(lambda: view.formula.settled, timeout=20000)
    assert view.formula.width() == view.formula.sizeHint().width() > 100
    assert view._caption.rect().contains(view.formula.geometry())


def test_every_minimum_is_marked(view):
    view.show_simulation(simulated(Himmelblau(), SGD(lr=1e-4)))
    assert len(view._minima) == 4
    for star, minimum in zip(view._minima, Himmelblau().minima, strict=True):
        assert star.toolTip() == "minimum"
        assert has_color(view, at(view, *minimum), LIGHT.text)
    view.show_simulation(simulated(Ravine()))
    assert len(view._minima) == 1


def test_without_racers_it_says_so(view):
    assert view._nobody.isHidden()
    view.show_simulation(simulated(Ravine(), SGD(enabled=False)))
    view.show_step(3)
    view.grab()
    assert not view._nobody.isHidden()
    assert "No racer" in view._nobody.labels["text"].text()
    view.show_simulation(simulated())
    assert view._nobody.isHidden()


def test_another_theme_or_text_size_is_taken_at_once(view):
    bright = pixels(view).mean()
    caption = view._caption.height()
    view.look.choose("dark", 1.5)
    QApplication.processEvents()
    assert pixels(view).mean() < bright / 2
    assert has_color(view, QPoint(2, 2), DARK.panel)
    assert view._caption.height() > caption * 1.2
    view.look.choose("light", 1.0)
    QApplication.processEvents()
    assert pixels(view).mean() == pytest.approx(bright, rel=0.01)


def test_it_can_be_shown_before_there_is_anything(qtbot):
    view = SurfaceView(Look("dark"))
    qtbot.addWidget(view)
    view.show_step(5)
    view.fit()
    view.resize(300, 200)
    view.show()
    view.grab()
    assert view.settled


def test_it_has_an_accessible_name(view):
    assert view.accessibleName()


def test_keys_are_left_to_the_window(view, qtbot):
    view.setFocus()
    before = view.plane.viewRange()
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Backspace, Qt.Key.Key_Space):
        qtbot.keyClick(view, key)
    assert view.plane.viewRange() == before


def rects(view):
    """Where the caption is, or None where it is away, and where the start's handle is."""
    caption = view._caption.geometry() if view._caption.isVisible() else None
    return caption, view._handle.sceneBoundingRect().toRect()


def test_the_caption_gives_way_to_the_start(view):
    corner, handle = rects(view)
    assert not corner.intersects(handle)
    left, top = view.plane.viewRange()[0][0], view.plane.viewRange()[1][1]
    view.show_simulation(simulated(start=(left + 0.5, top - 0.5)))
    other, handle = rects(view)
    assert handle.intersects(corner)
    assert not other.intersects(handle)
    view.show_simulation(simulated())
    assert rects(view)[0] == corner


def test_the_caption_is_away_while_a_racer_passes_under_it(view):
    slope = Expression(formula="-y")
    view.show_step(0)
    view.show_simulation(simulated(slope, SGD(lr=0.1)))
    x, _y = Frame.of(view.plane).point(view.plane.mapFromScene(QPointF(rects(view)[0].center())))
    view.show_simulation(simulated(slope, SGD(lr=0.1), start=(x, 0.0)))  # 0.1 up with every step, behind the caption
    seen = []
    for step in range(51):
        view.show_step(step)
        caption, _handle = rects(view)
        marker = view._trails.shown_markers[0].sceneBoundingRect().toRect()
        assert caption is None or not caption.intersects(marker)
        seen.append(caption is not None)
    assert seen[0]
    assert not all(seen)


def test_the_read_out_hides_no_minimum_and_no_start(view):
    right, bottom = view.plane.viewRange()[0][1], view.plane.viewRange()[1][0]
    view.show_simulation(simulated(start=(right - 0.5, bottom + 0.5)))
    QTest.mouseMove(view.viewport(), at(view, 1, 1))
    view._hover(QPointF(at(view, 1, 1)))
    assert view._readout.isVisible()
    assert not view._readout.geometry().intersects(rects(view)[1])
    assert not view._readout.geometry().intersects(view._caption.geometry())


def numbers_beside(view, bottom, height):
    """What the y axis is labelled with while it shows so much of the plane, from the lowest up."""
    view.plane.setRange(QRectF(0.5, bottom, height, height), padding=0)
    view.viewport().grab()
    axis = view.getPlotItem().getAxis("left")
    picture = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painter.setFont(axis.style["tickFont"])
    _line, _ticks, texts = axis.generateDrawSpecs(painter)
    painter.end()
    return [text for _rect, _flags, text in sorted(texts, key=lambda each: -each[0].y())]


def test_far_out_numbers_have_powers_of_ten(view):
    texts = numbers_beside(view, -5e12, 1e13)
    assert "4×10¹²" in texts
    assert "−4×10¹²" in texts


@pytest.mark.parametrize("height", [1e-6, 1e-7, 2e-9])
@pytest.mark.parametrize("bottom", [1.0000001, -1.5000001])
def test_close_up_the_axis_keeps_the_last_digits(view, bottom, height):
    texts = numbers_beside(view, bottom, height)
    assert len(set(texts)) >= 3, "and no two are alike"
    assert all(("−" in text) == (bottom < 0) for text in texts)
    assert all("…" in text and text[-2:].isdigit() for text in texts)


def share_of(view, color):
    """How much of the picture is nearly of ``color``."""
    return float((np.abs(pixels(view) - np.array(QColor(color).getRgb()[:3])).max(axis=-1) < 12).mean())


def test_level_lines_and_paths_can_be_hidden_and_come_back(view):
    line, path = LIGHT.level_line, racer_color(1, "", LIGHT).name()
    lines, paths = share_of(view, line), share_of(view, path)
    markers = [(marker.x(), marker.y()) for marker in view._trails.shown_markers]
    view.show_lines(False)
    assert share_of(view, line) < 0.3 * lines
    assert share_of(view, path) == pytest.approx(paths, rel=0.1)
    view.show_paths(False)
    assert share_of(view, path) < 0.5 * paths
    view.show_step(20)
    assert len(view._trails.shown_markers) == len(markers) == 2
    view.show_step(50)
    assert [(marker.x(), marker.y()) for marker in view._trails.shown_markers] == markers
    view.show_paths(True)
    view.show_lines(True)
    assert share_of(view, line) == pytest.approx(lines, rel=0.05)
    assert share_of(view, path) == pytest.approx(paths, rel=0.05)
