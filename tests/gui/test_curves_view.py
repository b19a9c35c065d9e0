"""The real view with its plots, driven as a person drives it."""

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from momentum_gui.core.datasets import Moons, Plane, Target
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Expression, Ravine, Saddle
from momentum_gui.gui.curve_axes import Unit, log_place, make_room_below
from momentum_gui.gui.curve_plot import CurvePlot, beside
from momentum_gui.gui.curves import DOTTED, SOLID, Extremes, Series
from momentum_gui.gui.curves_view import GROWING, UNSEEN, CurvesView
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.line_key import KINDS
from momentum_gui.gui.readout import short
from momentum_gui.gui.style import LIGHT, SPACE, racer_color
from momentum_gui.gui.ticks import number_text
from momentum_gui.gui.trails import MARKER
from momentum_gui.i18n import say


def simulated(*racers, objective=None, steps=60, advance=None, **fields):
    racers = racers or (SGD(lr=0.3), Momentum(lr=0.1, mu=0.8))
    simulation = Simulation(Experiment(objective=objective or Ravine(), steps=steps, optimizers=racers, **fields), None)
    simulation.advance(steps if advance is None else advance)
    return simulation


def trained(*racers, steps=300, advance=None):
    racers = racers or (SGD(lr=0.05), Momentum(lr=0.05))
    network = Network(hidden=(8,), bias=True, init="he", data=Moons(samples=200))
    return simulated(*racers, objective=network, steps=steps, advance=advance)


@pytest.fixture
def view(qtbot, look):
    view = CurvesView(look, log=True)
    qtbot.addWidget(view)
    view.resize(420, 500)
    with qtbot.waitExposed(view):
        view.show()
    return view


def show(view, simulation, step):
    view.show_simulation(simulation)
    view.show_step(step)
    QApplication.processEvents()
    while not view.settled:
        QApplication.processEvents()


def at_step(plot, step):
    """A pixel of the plot's viewport at ``step``, half-way up."""
    frame = Frame.of(plot._box)
    pixel = QPointF((step - frame.left) * frame.x_scale, frame.height / 2)
    return plot._box.mapToScene(pixel).toPoint()


def hover(plot, place):
    where = plot.viewport().mapToGlobal(place)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(where), none, none, Qt.KeyboardModifier.NoModifier
    )
    QTest.qWait(20)  # pyqtgraph looks at moves at most 100 times a second
    QApplication.sendEvent(plot.viewport(), event)
    QTest.qWait(20)


def wheel(plot, place, turn):
    event = QWheelEvent(
        QPointF(place),
        QPointF(plot.viewport().mapToGlobal(place)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), event)


def double_click(plot, place):
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    press, release, again = (
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
    )
    where = QPointF(plot.viewport().mapToGlobal(place))
    for kind in (press, release, again, release):
        held = none if kind is release else left
        event = QMouseEvent(kind, QPointF(place), where, left, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(plot.viewport(), event)
        QTest.qWait(20)


def pixels(widget):
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.array(image.constBits()).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def share_of(widget, color):
    """How many pixels of ``widget`` are of ``color``."""
    return int((np.abs(pixels(widget) - np.array(QColor(color).getRgb()[:3])).max(axis=-1) < 25).sum())


def texts(view):
    return [row.values or row.sentence for row in view.readout.table.rows]


def test_the_read_out_says_the_values_at_the_playhead(view):
    simulation = simulated()
    show(view, simulation, 40)
    assert view.readout.head.texts[0] == "Step 40"
    expected = [(number_text(float(run.loss[40]), 6, zeros=True),) for run in simulation.runs.values()]
    assert texts(view) == expected
    assert [row.name for row in view.readout.table.rows] == ["SGD", "Momentum"]


def test_the_mouse_reads_the_exact_values_where_it_is(view):
    simulation = simulated()
    show(view, simulation, 60)
    hover(view.loss, at_step(view.loss, 17))
    assert view.readout.head.texts[0] == "Step 17"
    assert texts(view)[1] == (number_text(float(simulation.runs[1].loss[17]), 6, zeros=True),)
    assert view.loss._cursor.isVisible()
    QApplication.sendEvent(view.loss, QEvent(QEvent.Type.Leave))
    assert view.readout.head.texts[0] == "Step 60"
    assert not view.loss._cursor.isVisible()


def test_the_values_can_be_copied_in_full_precision(view):
    simulation = simulated()
    show(view, simulation, 60)
    hover(view.loss, at_step(view.loss, 17))
    (copy,) = view.actions()
    assert copy.shortcut() == QKeySequence(QKeySequence.StandardKey.Copy)
    copy.trigger()
    header, *lines = QApplication.clipboard().text().splitlines()
    assert header.split("\t") == ["racer", "step", "loss"]
    for line, (name, run) in zip(lines, (("SGD", simulation.runs[0]), ("Momentum", simulation.runs[1])), strict=True):
        assert line.split("\t") == [name, "17", repr(float(run.loss[17]))]


def test_the_curves_are_painted_in_the_racers_colours(view):
    show(view, simulated(), 60)
    for index in (0, 1):
        assert share_of(view.loss, racer_color(index, "", LIGHT)) > 200


def test_what_lies_after_the_playhead_is_faint(view):
    show(view, simulated(SGD(lr=0.3)), 60)
    color = racer_color(0, "", LIGHT)
    strong = share_of(view.loss, color)
    view.show_step(30)
    assert 0.2 * strong < share_of(view.loss, color) < 0.8 * strong


def test_exact_zeros_leave_a_logarithmic_plot_below_and_it_says_so(view):
    show(view, simulated(SGD(lr=1.0), objective=Ravine(curvature=1.0, kappa=1.0, angle=0.0)), 60)
    run = view._simulation.runs[0]
    assert run.loss[-1] == 0
    assert texts(view) == [("0",)]
    (low, high) = view.loss._box.viewRange()[1]
    assert np.isfinite([low, high]).all()
    assert "below" in view.loss._note.text()
    view.log = False
    assert view.loss._note.text() == ""


def test_arrows_of_curves_that_have_left_stand_side_by_side(view):
    racers = SGD(lr=1.0), Momentum(lr=1.0, mu=0.0), SGD(lr=1.0), SGD(lr=0.5)
    show(view, simulated(*racers, objective=Ravine(curvature=1.0, kappa=1.0, angle=0.0)), 20)
    *gone, seen = (marker.pos() for marker in view.loss._markers)
    assert len({place.y() for place in gone}) == 1
    left = sorted(place.x() for place in gone)
    assert np.diff(left) == pytest.approx([MARKER, MARKER])
    assert left[-1] == pytest.approx(seen.x())
    assert seen.y() < gone[0].y()


@pytest.mark.parametrize(
    ("taken", "place"), [([], 50.0), ([200.0], 50.0), ([55.0], 41.0), ([55.0, 41.0], 27.0), ([55.0, 30.0], 16.0)]
)
def test_a_place_beside_others(taken, place):
    assert beside(taken, 50.0, 14.0) == place


def test_negative_losses_have_their_place_on_a_linear_axis(view):
    view.log = False
    show(view, simulated(SGD(lr=0.05), objective=Saddle(), start=(1.0, 1e-3), steps=200), 200)
    run = view._simulation.runs[0]
    low, high = view.loss._box.viewRange()[1]
    assert low < run.loss.min() < run.loss.max() < high


def valley(formula="x + y**2", **fields):
    return simulated(SGD(lr=0.1), objective=Expression(formula=formula), start=(-1.0, 1.0), **fields)


def test_negative_losses_get_a_linear_axis_and_what_was_wanted_comes_back(view):
    show(view, valley(), 60)
    assert (view._simulation.runs[0].loss[5:] < 0).all()
    assert not view.loss.log
    assert view.scale.button(0).isChecked()
    assert view.log, "which is what is remembered"
    show(view, valley("x**2 + y**2"), 60)
    assert view.loss.log
    assert view.scale.button(1).isChecked()


def test_an_axis_chosen_for_negative_losses_stays(qtbot, view):
    show(view, valley(), 60)
    qtbot.mouseClick(view.scale.button(1), Qt.MouseButton.LeftButton)
    assert view.loss.log
    show(view, valley(steps=80), 80)
    assert view.loss.log
    assert "below" in view.loss._note.text()
    qtbot.mouseClick(view.scale.button(0), Qt.MouseButton.LeftButton)
    show(view, valley("x**2 + y**2"), 60)
    assert not view.loss.log, "the linear one was chosen"


def test_an_axis_made_linear_stays_so_while_the_race_changes(view):
    show(view, valley(), 60)
    show(view, simulated(SGD(lr=0.1), objective=Expression(formula="x + y**2"), start=(50.0, 1.0)), 60)
    assert not view.loss.log


def test_a_diverged_racer_says_so_where_it_has_no_more_values(view):
    simulation = simulated(SGD(lr=5.0), Momentum(lr=0.1, mu=0.8))
    gone = simulation.runs[0]
    show(view, simulation, 60)
    row = view.readout.table.rows[0]
    assert row.sentence == say(gone.message)
    assert row.values == ()
    assert row.sentence in view.readout.table.tip(QPoint(5, 5))
    view.show_step(gone.count - 1)
    assert texts(view)[0] == (number_text(float(gone.loss[-1 + gone.count]), 6, zeros=True),)


@pytest.mark.parametrize("log", [True, False])
def test_a_diverged_racer_does_not_flatten_the_others(view, log):
    view.log = log
    show(view, simulated(SGD(lr=5.0), Momentum(lr=0.1, mu=0.8)), 60)
    calm = view._simulation.runs[1].loss
    top = view.loss._box.viewRange()[1][1]
    assert (10**top if log else top) < 1e5 * calm[0]
    assert share_of(view.loss, racer_color(1, "", LIGHT)) > 200


def test_a_step_that_is_not_there_yet_has_no_value(view):
    show(view, simulated(steps=60, advance=20), 20)
    hover(view.loss, at_step(view.loss, 50))
    assert texts(view) == [("–",), ("–",)]


def test_the_axis_is_chosen_by_its_buttons(qtbot, view):
    show(view, simulated(), 60)
    assert view.log
    with qtbot.waitSignal(view.log_changed) as signal:
        qtbot.mouseClick(view.scale.button(0), Qt.MouseButton.LeftButton)
    assert signal.args == [False]
    assert not view.log
    view.log = True
    assert view.scale.button(1).isChecked()


def test_the_whole_experiment_is_seen_and_the_wheel_zooms_into_steps(view):
    show(view, simulated(), 60)

    def seen():
        return view.loss._box.viewRange()[0]

    left, right = seen()
    assert left < 0 < 60 < right < 66
    place = at_step(view.loss, 30)
    wheel(view.loss, place, 480)
    closer = seen()
    assert left < closer[0] < 30 < closer[1] < right
    assert abs(at_step(view.loss, 30).x() - place.x()) < 8
    for _turn in range(30):
        wheel(view.loss, place, 480)
    assert 3 < seen()[1] - seen()[0] < 6
    double_click(view.loss, place)
    assert seen() == pytest.approx([left, right])


def test_another_simulation_of_the_same_length_keeps_the_zoom(view):
    show(view, simulated(), 60)
    wheel(view.loss, at_step(view.loss, 30), 480)
    before = view.loss._box.viewRange()[0]
    show(view, simulated(SGD(lr=0.2)), 60)
    assert view.loss._box.viewRange()[0] == before
    show(view, simulated(steps=90), 90)
    assert view.loss._box.viewRange()[0][1] > 90


def test_curves_of_one_simulation_after_another_are_drawn_in_their_own_time(view):
    show(view, simulated(SGD(lr=0.1)), 60)
    for lr in (0.11, 0.12, 0.13):
        newest = simulated(SGD(lr=lr))
        view.show_simulation(newest)
        view.show_step(60)
        assert texts(view) == [(number_text(float(newest.runs[0].loss[60]), 6, zeros=True),)]
    assert not view.settled
    while not view.settled:
        QApplication.processEvents()
    assert view.loss._series[0].values is newest.runs[0].loss or np.array_equal(
        view.loss._series[0].values, newest.runs[0].loss
    )


def test_a_network_has_losses_and_accuracies(view):
    simulation = trained()
    view.log = False
    show(view, simulation, 250)
    assert view.accuracy.isVisible()
    run = simulation.runs[1]
    at = run.evaluated_at(250)
    assert view.readout.head.texts == ("Step 250", f"Epoch {run.epoch[250]:.2f}", f"at step {run.evaluated[at]}")
    shown = [float(text) for text in texts(view)[1]]
    columns = (run.train_loss, run.test_loss, 100 * run.train_accuracy, 100 * run.test_accuracy)
    assert shown == pytest.approx([each[at] for each in columns], rel=1e-2, abs=0.06)
    strokes = [each.stroke for each in view.loss._series]
    assert len(strokes) == 6  # minibatch, test and training, of two racers
    hover(view.accuracy, at_step(view.accuracy, 100))
    assert view.readout.head.texts[0] == "Step 100"
    assert view.loss._cursor.isVisible()


def test_a_click_on_the_key_puts_lines_away_or_brings_them(qtbot, view):
    simulation = trained()
    show(view, simulation, 250)
    assert view.away == "smoothed"
    plain = {each.stroke for each in view.loss._series}
    key = view.key
    places, size = key._places(key.fitting()), key.fitting()
    left = key.width() - places[-1]

    def click(kind):
        place = QPoint(left + places[list(KINDS).index(kind)] + size.line, key.height() // 2)
        qtbot.mouseClick(key, Qt.MouseButton.LeftButton, pos=place)

    click("smoothed")
    assert {each.stroke for each in view.loss._series} == plain | {DOTTED}
    dotted = next(each for each in view.loss._series if each.stroke is DOTTED and each.racer == 1)
    assert np.array_equal(dotted.values, simulation.runs[1].smoothed_loss[1:])
    click("minibatch")
    click("test")
    assert {each.stroke for each in view.loss._series} == {DOTTED, SOLID}
    assert {each.stroke for each in view.accuracy._series} == {SOLID}
    assert view.away == "minibatch test"
    qtbot.mouseClick(key, Qt.MouseButton.LeftButton, pos=QPoint(left + places[1] - size.gap // 2, key.height() // 2))
    assert view.away == "minibatch test"
    view.away = "nonsense test"
    assert view.away == "test"


def test_both_plots_of_a_network_show_the_same_steps(view):
    show(view, trained(), 300)
    wheel(view.accuracy, at_step(view.accuracy, 100), 480)
    assert view.loss._box.viewRange()[0] == pytest.approx(view.accuracy._box.viewRange()[0], rel=1e-6)
    assert view.loss._box.width() == view.accuracy._box.width()


def test_training_is_drawn_as_it_goes_and_to_its_end(qtbot, view):
    simulation = trained(advance=0)
    show(view, simulation, 0)
    while not simulation.done:
        simulation.advance(1)
        view.show_step(simulation.step)
    assert view.loss._series[-1].steps[-1] == 300


def test_paused_training_is_drawn_up_to_where_it_is(qtbot, view):
    simulation = trained(advance=0)
    show(view, simulation, 0)
    for _step in range(100):
        simulation.advance(1)
        view.show_step(simulation.step)
    qtbot.waitUntil(lambda: len(view.loss._series[0].steps) == 100, timeout=2000)


def test_what_would_not_be_seen_of_a_training_waits_for_an_evaluation(view):
    simulation = trained(advance=0, steps=10_000)  # evaluated every 100 steps; a step is a small part of a pixel
    show(view, simulation, 0)

    def drawn(steps):
        simulation.advance(steps)
        view._shown_at = time.monotonic() - (GROWING + UNSEEN) / 2
        view.loss._curves.cost = view.accuracy._curves.cost = 0.0
        view.show_step(simulation.step)
        return len(view.loss._series[0].steps)

    assert drawn(1) == 0
    assert view._late.isActive(), "in the end it is drawn"
    assert drawn(100) == 101
    assert not view._late.isActive()


def test_from_a_network_back_to_a_surface(view):
    show(view, trained(), 300)
    show(view, simulated(), 60)
    assert not view.accuracy.isVisible()
    assert len(view.readout.table.rows[0].values) == 1


def test_nobody_races(view):
    show(view, simulated(SGD(enabled=False)), 0)
    assert view.readout.table.rows == []
    assert "No racer" in view.loss._grid._content[2]
    view.grab()


def test_before_anything_is_there(qtbot, look):
    view = CurvesView(look, log=False)
    qtbot.addWidget(view)
    view.show()
    view.show_step(3)
    view.grab()
    view._copy()


def test_theme_and_text_size_change_at_once(view, look):
    show(view, trained(), 300)
    height = view.readout.table.height()
    look.choose("dark", 1.25)
    QApplication.processEvents()
    assert view.readout.table.height() > height
    assert share_of(view.loss, look.theme.panel) > 0.3 * view.loss.width() * view.loss.height()
    assert share_of(view.loss, racer_color(0, "", look.theme)) > 100


def test_nothing_jumps_while_it_counts(view):
    show(view, simulated(steps=12000, advance=0), 0)
    heights = set()
    for step in (0, 9, 99, 12000):
        view._simulation.advance(step)
        view.show_step(step)
        QApplication.processEvents()
        heights.add((view.loss.height(), view.readout.head.height(), view.loss._box.width()))
    assert len(heights) == 1


# -- against steps on a logarithmic axis


def against_log_steps(view):
    view.unit.setCurrentIndex(view.unit.findData(Unit.LOG_STEPS))
    QApplication.processEvents()


def at_place(plot, place):
    frame = Frame.of(plot._box)
    inside = plot._box.mapToScene(QPointF((place - frame.left) * frame.x_scale, frame.height / 2))
    return plot.mapFromScene(inside)


def test_on_a_logarithmic_axis_of_steps_a_power_law_is_straight(view):
    """f = x^4 by small steps: x falls like t^(-1/2), so the loss like t^(-2)."""
    quartic = simulated(SGD(lr=0.01), objective=Expression(formula="x**4 + y**4"), start=(1.0, 0.0), steps=100_000)
    view.log = True
    show(view, quartic, 100_000)
    against_log_steps(view)
    (series,) = view.loss._series
    assert series.steps[0] == 0, "the start has its place, too"
    places, losses = series.steps[[10_000, 100_000]], np.log10(series.values[[10_000, 100_000]])
    assert np.diff(losses) / np.diff(places) == pytest.approx(-2, abs=0.01)
    assert view.loss._bottom.labelText == "Step, logarithmic"
    marker = view.loss._markers[0].pos().x()
    assert marker == pytest.approx(Frame.of(view.loss._box).pixels(np.array([5.0, 0.0]))[0], abs=0.5)


def test_on_a_logarithmic_axis_mouse_playhead_and_guides_are_at_their_steps(view):
    show(view, trained(steps=300), 30)
    against_log_steps(view)
    frame, place = Frame.of(view.loss._box), np.log10(31)
    assert view.loss._playhead.line().x1() == pytest.approx((place - frame.left) * frame.x_scale, abs=1)
    hover(view.loss, at_place(view.loss, np.log10(100)))
    assert view.readout.head.texts[0] == "Step 99"
    assert view.loss._cursor.line().x1() == pytest.approx((2 - frame.left) * frame.x_scale, abs=2)
    view.show_guides([Series(0, QColor("red"), np.array([0, 9, 99]), np.ones(3))])
    assert view.loss._guides._series[-1].steps == pytest.approx([0, 1, 2])
    wheel(view.accuracy, at_place(view.accuracy, 1.0), 960)
    left, right = view.loss._box.viewRange()[0]
    assert 0 < left < 1 < right < np.log10(301)
    view.unit.setCurrentIndex(0)
    QApplication.processEvents()
    assert view.loss._box.viewRange()[0][1] > 300


def test_early_steps_of_a_long_run_are_drawn_one_by_one(view):
    count = 200_000
    values = np.ones(count)
    values[40] = 5.0  # in a block with 31 others
    long = Series(0, QColor("red"), log_place(np.arange(count)), values, extremes=Extremes())
    seen = long.seen(0.0, 6.0)
    assert len(seen.steps) < count / 8
    assert seen.steps[seen.values.argmax()] == np.log10(41)


# -- against seconds


class Ticking:
    """A clock that goes on by a number of seconds at each look, set from outside."""

    def __init__(self):
        self.now, self.pace = 0.0, 1.0

    def __call__(self):
        self.now += self.pace
        return self.now


def raced(*, advance=40):
    """Two racers of which the second takes three times as long for each step: 1 and 3 seconds a step."""
    clock = Ticking()
    network = Network(hidden=(4,), bias=True, batch=10, data=Moons(samples=200))
    racers = SGD(lr=0.05), Momentum(lr=0.05)
    simulation = Simulation(Experiment(objective=network, steps=40, optimizers=racers), None, clock)
    for _step in range(advance):
        for run, clock.pace in zip(simulation.runs.values(), (1.0, 3.0), strict=True):
            run.advance(1)
    return simulation


def against_seconds(view):
    view.unit.setCurrentIndex(view.unit.findData(Unit.SECONDS))
    QApplication.processEvents()


def test_against_seconds_every_racer_stands_where_its_own_time_has_come(view):
    simulation = raced()
    show(view, simulation, 20)
    against_seconds(view)
    fast, slow = simulation.runs.values()
    assert slow.seconds[20] == 3 * fast.seconds[20] > 20
    solid = [series for series in view.loss._series if series.racer == 0][-1]
    assert np.array_equal(solid.steps, fast.seconds[fast.evaluated[: fast.evaluations]])
    frame = Frame.of(view.loss._box)
    assert view.loss._playhead.isVisible() is False, "one step is at as many places as there are racers"
    places = [marker.pos().x() / frame.x_scale for marker in view.loss._markers]
    assert places[1] - places[0] == pytest.approx(slow.seconds[20] - fast.seconds[20], rel=0.05)
    left, right = view.loss._box.viewRange()[0]
    assert left < 0 < slow.seconds[-1] < right < 1.2 * slow.seconds[-1]
    assert view.accuracy._bottom.labelText == "Seconds of computing"


def test_the_mouse_reads_what_every_racer_had_after_the_same_seconds(view):
    simulation = raced()
    show(view, simulation, 40)
    against_seconds(view)
    fast, slow = simulation.runs.values()
    at = slow.seconds[12] + 0.5
    hover(view.loss, at_step(view.loss, at))
    assert view.readout.head.texts[0].startswith("After ")
    assert view.readout._at(slow) in (11, 12)
    assert view.readout._at(fast) in (35, 36, 37), "three times as far"
    shown = texts(view)[1][0]
    place = slow.evaluated_at(view.readout._at(slow))
    assert float(shown) == pytest.approx(slow.train_loss[place], rel=1e-3)
    hover(view.loss, at_step(view.loss, slow.seconds[-1]))
    assert view.readout._at(fast) == 40, "it is done and stays as it is"
    QApplication.sendEvent(view.loss, QEvent(QEvent.Type.Leave))
    assert view.readout.head.texts[0] == "Step 40"


def test_seconds_that_are_not_measured_yet_have_no_curve_and_come_later(view):
    simulation = raced(advance=0)
    show(view, simulation, 0)
    against_seconds(view)
    assert view.loss._length == 0.01
    for run in simulation.runs.values():
        run.advance(7)
    show(view, simulation, 7)
    assert view.loss._length in (10, 20, 50), "a round number that the axis keeps for a while"
    assert max(len(series.steps) for series in view.loss._series) == 8


def test_back_to_steps_the_playhead_is_there_again_and_all_is_seen(view):
    show(view, raced(), 20)
    before = view.loss._box.viewRange()[0]
    against_seconds(view)
    wheel(view.loss, at_step(view.loss, 30), 480)
    view.unit.setCurrentIndex(0)
    QApplication.processEvents()
    assert view.loss._box.viewRange()[0] == pytest.approx(before)
    assert view.loss._playhead.isVisible()


def test_a_surface_is_drawn_against_steps_whatever_was_chosen_for_networks(view):
    show(view, raced(), 20)
    against_seconds(view)
    show(view, simulated(), 60)
    assert view.unit.count() == 2
    assert view.loss._bottom.labelText == "Step"
    assert view.loss._box.viewRange()[0][1] > 60


def test_runs_without_a_clock_have_no_seconds_to_draw(view):
    show(view, trained(), 300)
    against_seconds(view)
    view.grab()
    assert all(len(series.steps) == 0 for series in view.loss._series)


@pytest.mark.parametrize("width", [500, 420, 300, 240])
def test_names_and_titles_keep_their_room_however_large_the_text(view, look, width):
    look.choose("dark", 2.0)
    view.resize(width, 700)
    show(view, trained(), 100)
    readout = view.readout
    readout.resize(width, readout.height())
    head, table, metrics = readout.head, readout.table, readout.table.fontMetrics()
    assert table.width() - table._size - sum(table._widths) >= metrics.horizontalAdvance("SGD")
    step, epoch, note = head.fitting()
    assert step
    taken = head._first + metrics.horizontalAdvance(epoch) if epoch else metrics.horizontalAdvance(step)
    loss = head.width() - sum(head._widths[2:]) - metrics.horizontalAdvance(head._titles[0])
    assert taken < loss, "beside the title"
    assert metrics.horizontalAdvance(note) <= head.width() - sum(head._widths)
    for row in table.rows[:2]:
        assert len(row.values) == 4
    view.grab()


def regression(deviation=250.0):
    """A training whose numbers had this deviation in their source."""
    network = Network(hidden=(8,), bias=True, init="he", data=Plane(samples=100))
    race = simulated(SGD(lr=0.1), Momentum(lr=0.1), objective=network, steps=60)
    target = Target("price", 1000.0, deviation)
    for run in race.runs.values():
        run.data = replace(run.data, target=target)
    race.dataset = replace(race.dataset, target=target)
    return race


def test_a_regression_tells_its_typical_error_in_the_targets_units(view):
    race = regression()
    view.resize(700, 500)
    show(view, race, 60)
    run = race.runs[1]
    z = run.mlp.logits(run.weights_at(60)[1], run.data.x_test)[:, 0]
    error = 250 * np.sqrt(np.mean((z - run.data.y_test) ** 2))
    assert view.readout.table.rows[1].values[3] == number_text(error, 4, zeros=True)
    assert view.readout.head._titles == ("Loss", "Typical error, price")
    assert "of standardised numbers" in view.readout.head.toolTip()
    lines = [line.split("\t") for line in view.readout.text().splitlines()]
    assert lines[0][-2:] == ["train_typical_error", "test_typical_error"]
    assert float(lines[2][-1]) == pytest.approx(error, rel=1e-12)
    show(view, trained(), 300)
    assert view.readout.head._titles == ("Loss", "Accuracy, %")
    assert not view.readout.head.toolTip()


@pytest.mark.parametrize("width", [500, 420, 300])
def test_typical_errors_find_room(view, look, width):
    look.choose("light", 1.25)
    view.resize(width, 500)
    show(view, regression(), 60)
    table = view.readout.table
    assert all(
        table.fontMetrics().horizontalAdvance(value) <= room
        for row in table.rows
        for value, room in zip(row.values, table._widths, strict=True)
    )


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0.69314, 4, "0.6931"),
        (12.34567, 4, "12.345"),
        (95323.4, 4, "95323"),
        (3e-5, 4, "3×10⁻⁵"),
        (0.69314, 2, "0.69"),
        (12.3, 2, "12.3"),
        (123.4, 2, "123"),
        (883360.0, 2, "9×10⁵"),
    ],
)
def test_a_loss_in_few_characters(value, places, text):
    assert short(value, places) == text


@pytest.mark.parametrize("name", ["Step", "步数", "Épreuve"])
@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_the_name_of_a_lower_axis_is_below_its_numbers(qtbot, look, name, scale):
    look.choose(scale=scale)
    plot = CurvePlot(look, "")
    qtbot.addWidget(plot)
    plot.resize(300, 300)
    plot.show()
    axis = plot._bottom
    axis.setLabel(name)
    numbers = QFontMetricsF(look.font(0.95))
    make_room_below(axis, numbers)
    QApplication.processEvents()
    margin = axis.label.document().documentMargin()
    seen = axis.label.mapRectToParent(axis.label.boundingRect()).adjusted(margin, margin, -margin, -margin)
    assert seen.top() >= numbers.height() + axis.style["tickLength"]
    assert seen.bottom() <= axis.height() + SPACE // 2


def test_rows_that_come_while_it_is_looked_at_do_no_harm(view, hurried):
    simulation = simulated()
    for run in simulation.runs.values():
        hurried(run)
    view.show_pinned(simulation)
    show(view, simulation, 3)
    view.grab()
    for series in view.loss._series:
        assert len(series.steps) == len(series.values)
