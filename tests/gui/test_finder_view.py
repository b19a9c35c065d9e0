"""The real view in the real lab: what it measures, and the rate that a click takes."""

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from momentum_gui.assets import read
from momentum_gui.core.datasets import Moons
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.finder import RateFinder
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Adam
from momentum_gui.gui.finder_view import rounded
from momentum_gui.gui.network_lab import NetworkLab
from momentum_gui.gui.style import Look

NETWORK = Network(hidden=(8,), bias=True, init="he", data=Moons(samples=120, noise=0.2))
RACE = Experiment(objective=NETWORK, optimizers=(SGD(lr=0.05), Adam(lr=0.01)), steps=20)


@pytest.fixture
def lab(qtbot):
    look = Look("light")
    look.apply()
    lab = NetworkLab(look, read)
    qtbot.addWidget(lab)
    lab.resize(1280, 760)
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(RACE)
    lab.choose(0)
    with qtbot.waitExposed(lab):
        lab.show()
    lab.panels.open("finder")
    yield lab
    lab.close_thread()


@pytest.fixture
def view(qtbot, lab):
    view = lab.panels.view("finder")
    found(qtbot, view)
    return view


def found(qtbot, view):
    qtbot.waitUntil(lambda: view.finder is not None and view.finder.done and not view.row.running, timeout=20000)
    view.row.look()


def alone(lab, racer):
    finder = RateFinder(RACE.optimizers[racer], NETWORK, lab.simulation.dataset, RACE.seed)
    finder.advance(10**6)
    return finder


def test_it_measures_by_itself_and_suggests_a_rate(lab, view):
    finder = alone(lab, 0)
    np.testing.assert_array_equal(view.finder.smoothed, finder.smoothed)
    assert view.suggestion == rounded(finder.suggestion())
    assert view.advice.text() == f"Suggested: η = {view.suggestion:g}"
    assert view.row.isHidden()
    assert [line[0] for line in view.chart._marked] == pytest.approx([np.log10(0.05), np.log10(view.suggestion)])
    view.grab()


def test_another_racer_is_measured_anew(qtbot, lab, view):
    before = view.suggestion
    lab.choose(1)
    found(qtbot, view)
    np.testing.assert_array_equal(view.finder.smoothed, alone(lab, 1).smoothed)
    assert view.suggestion != before


def test_the_suggestion_is_taken_and_can_be_undone(qtbot, lab, view):
    rate, finder = view.suggestion, view.finder
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        view.use.click()
    assert lab.experiment.optimizers == (SGD(lr=rate), RACE.optimizers[1])
    assert view.finder is finder  # another rate needs no other curve
    assert not view.use.isEnabled()
    lab.undo_stack.undo()
    assert lab.experiment == RACE


def test_a_click_takes_the_rate_under_the_mouse(qtbot, lab, view):
    box = view.chart._box
    place = view.chart.mapFromScene(box.mapToScene(box.mapFromView(QPointF(-2.0, 0.2))))
    with qtbot.waitSignal(view.taken) as taken:
        QTest.mouseClick(view.chart.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert taken.args[0] == 0
    assert taken.args[1] == pytest.approx(0.01, rel=0.1)
    assert lab.experiment.optimizers[0].lr == taken.args[1] == rounded(taken.args[1])


def test_it_says_what_is_under_the_mouse(view):
    view.chart.hovered.emit(-3.0)
    row = int(np.argmin(np.abs(view.finder.rate - 1e-3)))
    assert view.advice.text() == f"η = 0.001: loss {view.finder.smoothed[row]:.3g}"
    view.chart.hovered.emit(0.99)
    assert ("diverged" in view.advice.text()) == view.finder.stopped
    view.chart.hovered.emit(None)
    assert view.advice.text().startswith("Suggested")


def test_another_network_is_measured_anew_and_a_label_is_not(qtbot, lab, view):
    finder = view.finder
    named = (structs.replace(RACE.optimizers[0], label="plain"), RACE.optimizers[1])
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(structs.replace(RACE, optimizers=named))
    assert view.finder is finder
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(structs.replace(RACE, seed=4))
    assert view.finder is not finder


def test_without_a_racer_it_says_so(qtbot, lab, view):
    off = tuple(structs.replace(racer, enabled=False) for racer in RACE.optimizers)
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(structs.replace(RACE, optimizers=off))
    assert view.note.text() == "No racer is switched on."
    assert not view.use.isEnabled()


def test_rows_that_come_while_it_is_looked_at_do_no_harm(lab, view, hurried):
    hurried(view.finder)
    view.restyle()
    view.grab()
    for series in view.chart._series:
        assert len(series.steps) == len(series.values)
