"""The relief beside the plan: linked, turned, followed."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Himmelblau, Ravine
from momentum_gui.gui.ravine_lab import RavineLab, first_experiment
from momentum_gui.gui.relief_view import AZIMUTH, CLOSEST, ELEVATION, HIGHEST, LOWEST, WIDEST, ReliefView
from momentum_gui.gui.style import DARK, LIGHT, Look, racer_color


def simulated(surface=None, *racers, steps=50, **fields):
    racers = racers or (SGD(lr=0.3), Momentum(lr=0.1, mu=0.8))
    experiment = Experiment(objective=surface or Ravine(), steps=steps, optimizers=racers, **fields)
    simulation = Simulation(experiment, read=None)
    simulation.advance(steps)
    return simulation


@pytest.fixture
def view(qtbot):
    look = Look("light")
    view = ReliefView(look)
    view.look = look
    qtbot.addWidget(view)
    view.resize(600, 400)
    with qtbot.waitExposed(view):
        view.show()
    view.show_part((-6, 6), (-4, 4))
    view.show_simulation(simulated())
    view.show_step(50)
    return view


@pytest.fixture
def lab(qtbot):
    lab = RavineLab(Look("light"), read=lambda name: b"")
    qtbot.addWidget(lab)
    lab.resize(1280, 800)
    with qtbot.waitExposed(lab):
        lab.show()
    lab.set_experiment(first_experiment())
    qtbot.waitUntil(lambda: lab.settled)
    yield lab
    lab.close_thread()


def pixels(view):
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.array(image.constBits()).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def count_color(view, color, place=None, reach=4):
    """How many pixels have ``color``; those around ``place``, if given."""
    part = pixels(view)
    if place is not None:
        x, y = round(place.x()), round(place.y())
        part = part[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
    return int((np.abs(part - np.array(QColor(color).getRgb()[:3])).max(axis=-1) < 12).sum())


def drag(view, begin, end):
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)


def wheel(view, turn):
    event = QWheelEvent(
        QPointF(300, 200),
        QPointF(view.mapToGlobal(QPoint(300, 200))),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_markers_are_where_the_racers_are(view):
    simulation = simulated(Ravine(), SGD(lr=0.3), Momentum(lr=0.1, mu=0.8))
    view.show_simulation(simulation)
    for step in (3, 20):
        view.show_step(step)
        for index, run in simulation.runs.items():
            color = racer_color(index, run.optimizer.color, LIGHT)
            assert count_color(view, color, view.pixel(*run.path[step])) > 20


def test_a_step_back_takes_the_path_back(view, qtbot):
    qtbot.waitUntil(lambda: view.settled)
    color = racer_color(1, "", LIGHT)
    view.show_step(2)
    few = count_color(view, color)
    view.show_step(50)
    many = count_color(view, color)
    assert many > few
    view.show_step(2)
    assert count_color(view, color) == few


def test_step_by_step_draws_what_one_jump_draws(view, qtbot):
    qtbot.waitUntil(lambda: view.settled)
    view.show_step(50)
    jump = pixels(view)
    view.show_step(0)
    pixels(view)
    for step in range(1, 51):
        view.show_step(step)
        view.grab()
    # A few pixels differ where the paths' own pieces overlap in another order.
    assert (np.abs(pixels(view) - jump).max(axis=-1) > 40).mean() < 1e-3


def test_the_front_wall_hides_the_path_behind_it(view):
    # In a bowl whose front rim is high, seen from low down, the bottom is hidden: its marker is faint.
    view.show_simulation(simulated(Ravine(curvature=1, kappa=1), SGD(lr=0.9), start=(0.0, -2.0)))
    view.show_step(50)
    color, place = racer_color(0, "", LIGHT), (0.0, 0.0)
    view.look_from(0, HIGHEST, 1.0)
    assert count_color(view, color, view.pixel(*place)) > 20
    view.look_from(0, LOWEST, 1.0)
    assert count_color(view, color, view.pixel(*place)) == 0


def test_dragging_turns_it_within_limits_and_a_double_click_resets(view):
    drag(view, QPoint(300, 200), QPoint(350, 220))
    assert view.azimuth == pytest.approx((AZIMUTH - 20) % 360)
    assert view.elevation == pytest.approx(ELEVATION + 8)
    drag(view, QPoint(300, 10), QPoint(300, 390))
    assert view.elevation == HIGHEST
    drag(view, QPoint(300, 390), QPoint(300, 0))
    assert view.elevation == LOWEST
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert (view.azimuth, view.elevation, view.zoom) == (AZIMUTH, ELEVATION, 1.0)


def test_what_is_dragged_to_the_right_goes_to_the_right(view):
    front = view.pixel(6, -4).x()
    drag(view, QPoint(300, 200), QPoint(320, 200))
    assert view.pixel(6, -4).x() > front


def test_the_wheel_zooms_within_limits(view):
    left, right = view.pixel(-6, -4), view.pixel(6, -4)
    wheel(view, 240)
    assert (view.pixel(6, -4) - view.pixel(-6, -4)).x() == pytest.approx((right - left).x() * 1.0015**240)
    for turn, zoom in ((10_000, CLOSEST), (-20_000, WIDEST)):
        wheel(view, turn)
        assert view.zoom == zoom
        view.grab()


def test_the_arrows_turn_it_while_it_has_the_focus(view, qtbot):
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.azimuth == AZIMUTH - 5
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.elevation == ELEVATION + 5


def test_it_becomes_fine_when_it_rests_and_stays_the_same_picture(view, qtbot):
    view.look_from(60, 40, 1.0)
    coarse = pixels(view)
    assert not view.settled
    qtbot.waitUntil(lambda: view.settled)
    fine = pixels(view)
    assert (np.abs(fine - coarse).max(axis=-1) > 60).mean() < 0.05
    assert (fine != coarse).any()


def test_turning_sketches_the_paths_and_another_run_does_not_draw_the_block_anew(view, qtbot):
    qtbot.waitUntil(lambda: view.settled)
    color = racer_color(1, "", LIGHT)
    fine = count_color(view, color)
    block = view._scene
    view.show_simulation(simulated())
    assert view._scene is block
    assert 0.6 * fine < count_color(view, color) < 1.4 * fine
    qtbot.waitUntil(lambda: view.settled)
    assert view._scene is block
    assert count_color(view, color) == fine


def test_it_says_that_heights_are_compressed_only_where_they_are(view):
    view.grab()
    assert "lower than they are" in view.toolTip()
    view.show_simulation(simulated(Ravine(curvature=1, kappa=1)))
    view.show_part((-0.1, 0.1), (-0.1, 0.1))
    view.grab()
    assert ("lower than they are" in view.toolTip()) == view._terrain.heights.compressed


def test_another_theme_is_taken_at_once(view):
    bright = pixels(view).mean()
    view.look.choose("dark")
    assert pixels(view).mean() < bright / 2
    assert count_color(view, DARK.panel, QPointF(20, 390)) > 40
    view.look.choose("light")


def test_it_can_be_shown_before_there_is_anything(qtbot):
    view = ReliefView(Look("dark"))
    qtbot.addWidget(view)
    view.show()
    view.show_step(4)
    view.grab()


def test_racers_that_leave_the_block_or_run_away_break_nothing(view):
    view.show_simulation(simulated(Ravine(), SGD(lr=3.0), Momentum(lr=0.9, mu=0.99)))
    for step in (0, 5, 50):
        view.show_step(step)
        view.grab()
    view.show_simulation(simulated(Ravine(), SGD(enabled=False)))
    view.grab()
    view.show_part((1e9, 3e9), (1e9, 2e9))
    view.grab()


# ---- in the lab


def test_a_closed_relief_costs_nothing_and_an_open_one_catches_up(qtbot, lab):
    assert lab.pictures.card.isHidden()
    lab.go(7)
    lab.picture._hover(lab.picture.plane.sceneBoundingRect().center())
    assert lab.picture._readout.isVisible()
    lab.pictures.switch.click()
    assert lab.pictures.card.isVisible()
    qtbot.waitUntil(lambda: not lab.picture._readout.isVisible())  # the plan is another
    assert lab.pictures.relief._simulation is lab.simulation
    assert lab.pictures.relief._step == 7
    lab.pictures.switch.click()
    assert lab.pictures.card.isHidden()


def test_the_key_opens_it(lab, qtbot):
    with qtbot.waitActive(lab):
        lab.activateWindow()
    qtbot.keyClick(lab, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: lab.pictures.card.isVisible())


def test_the_relief_shows_what_the_plan_shows(lab):
    lab.pictures.open_relief(True)
    QApplication.processEvents()

    def same():
        return tuple(lab.pictures.relief.part) == pytest.approx(sum(map(tuple, lab.picture.plane.viewRange()), ()))

    assert same()
    lab.picture.plane.setRange(xRange=(-1, 2), yRange=(0, 1))
    assert same()
    lab.fit()
    assert same()


def test_it_follows_the_playhead_and_the_start(lab, qtbot):
    lab.pictures.open_relief(True)
    lab.go(3)
    assert lab.pictures.relief._step == 3
    lab._move_start(4.0, 1.0)
    qtbot.waitUntil(lambda: lab.settled and lab.pictures.relief._start == (4.0, 1.0))
    assert lab.pictures.relief._simulation is lab.simulation


def test_both_are_as_large_as_the_surface_allows(lab, qtbot):
    lab.pictures.open_relief(True)
    QApplication.processEvents()
    assert lab.pictures.orientation() == Qt.Orientation.Vertical
    lab.resize(2200, 800)
    QApplication.processEvents()
    assert lab.pictures.orientation() == Qt.Orientation.Horizontal


def test_it_is_remembered(lab, qtbot):
    lab.pictures.open_relief(True)
    QApplication.processEvents()
    lab.pictures.moveSplitter(lab.pictures.height() * 2 // 3, 1)
    text = lab.arrangement
    assert text.startswith("relief 0.6")
    other = RavineLab(Look("light"), read=lambda name: b"")
    qtbot.addWidget(other)
    try:
        for nonsense in ("", "closed", "relief x", "open nan", "17 18 19"):
            other.arrangement = nonsense
        other.arrangement = "closed 0.25"
        assert other.arrangement == "closed 0.250"
        other.arrangement = text
        assert not other.pictures.card.isHidden()
        assert other.arrangement == text
    finally:
        other.close_thread()


def test_it_has_a_name_for_those_who_do_not_see_it(view):
    assert view.accessibleName()
    assert view.event(QEvent(QEvent.Type.None_)) is False


def test_minima_are_marked(view):
    view.show_part((-6, 6), (-6, 6))
    view.show_simulation(simulated(Himmelblau(), SGD(lr=1e-4)))
    view.look_from(0, 80, 1.0)
    for minimum in Himmelblau().minima:
        assert count_color(view, LIGHT.text, view.pixel(*minimum)) > 5


def test_put_away_while_it_refines_it_draws_no_more(view):
    """A splitter leaves nothing of it: a picture of no size can't be painted, and Qt warns."""
    view._stir(terrain=True)
    view._refine()
    view.setMinimumSize(0, 0)
    view.resize(0, 0)
    view._refine()
    while view._refining is not None:
        view._go_on()
    assert not view._fine
