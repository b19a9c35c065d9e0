"""The real view in the real lab; its table and sentences against the numbers themselves."""

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from momentum_gui.assets import read
from momentum_gui.core.datasets import Moons, Plane
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.repeats import Repeats
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.statistics import Difference, paired_difference
from momentum_gui.gui.network_lab import NetworkLab
from momentum_gui.gui.seeds_view import MEASURES, SeedsView, plus_minus, verdict
from momentum_gui.gui.style import Look

NETWORK = Network(hidden=(8,), bias=True, init="he", data=Moons(samples=120, noise=0.2))
RACE = Experiment(objective=NETWORK, optimizers=(SGD(lr=0.05), Momentum(lr=0.05)), steps=40)
ACCURACY, LOSS = MEASURES[0], MEASURES[1]


@pytest.fixture
def lab(qtbot):
    look = Look("light")
    look.apply()
    lab = NetworkLab(look, read)
    qtbot.addWidget(lab)
    lab.resize(1280, 760)
    show(qtbot, lab, RACE)
    lab.show()
    lab.panels.open("seeds")
    yield lab
    lab.close_thread()


@pytest.fixture
def view(lab):
    return lab.panels.view("seeds")


def show(qtbot, lab, experiment):
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(experiment)


def repeat(qtbot, view, count):
    view.count.setText(str(count))
    view.count.editingFinished.emit()
    view.row.button.click()
    qtbot.waitUntil(lambda: not view.row.running, timeout=20000)
    view.row.look()


def test_before_anything_it_says_what_it_does(view):
    assert view.repeats is None
    assert view._results.isHidden()
    assert "noise" in view.note.text()


def test_it_shows_what_the_repeats_say(qtbot, view):
    repeat(qtbot, view, 5)
    repeats = Repeats(RACE, 5, read)
    repeats.advance(40)
    assert [row.name for row in view.table.rows] == ["SGD", "Momentum"]
    for row, run in zip(view.table.rows, repeats.runs.values(), strict=True):
        last = run.test_loss[run.evaluations - 1]
        assert row.texts[1] == plus_minus(last.mean(), last.std(ddof=1))
        last = 100 * run.test_accuracy[run.evaluations - 1]
        assert row.texts[0] == plus_minus(last.mean(), last.std(ddof=1)) + " %"
    a, b = (repeats.runs[k].test_accuracy[repeats.runs[k].evaluations - 1] for k in (1, 0))
    assert view.verdict.text() == verdict(paired_difference(a, b), ACCURACY, "Momentum", "SGD")
    view.grab()
    series = view.chart._series[1]
    run = repeats.runs[1]
    np.testing.assert_allclose(series.values, run.test_accuracy[: run.evaluations].mean(axis=1))


def test_the_measure_is_chosen(qtbot, view):
    repeat(qtbot, view, 3)
    view.measure.setCurrentIndex(1)
    view.measure.activated.emit(1)
    assert "test loss" in view.verdict.text()
    view.pair[0].setCurrentIndex(0)
    view.pair[0].activated.emit(0)
    assert view.verdict.text() == "Choose two racers."


def test_another_experiment_makes_the_results_stale_and_the_same_one_does_not(qtbot, lab, view):
    repeat(qtbot, view, 3)
    show(qtbot, lab, structs.replace(RACE, seed=9))
    assert view.stale
    assert "Of another experiment" in view.note.text()
    assert not view._results.isEnabled()
    renamed = (structs.replace(RACE.optimizers[0], label="plain", color="#123456"), RACE.optimizers[1])
    show(qtbot, lab, structs.replace(RACE, title="the same", optimizers=renamed))
    assert not view.stale
    assert view._results.isEnabled()


def test_a_running_repeat_is_cancelled_and_keeps_what_it_has(qtbot, lab, view):
    show(qtbot, lab, structs.replace(RACE, steps=100_000))
    view.row.button.click()
    assert view.row.button.text() == "Cancel"
    qtbot.waitUntil(lambda: view.repeats is not None and view.repeats.step > 3, timeout=20000)
    view.row.look()
    assert view.row.bar.share > 0
    view.row.button.click()
    assert view.row.button.text() == "Start"
    assert view.row.text.text().startswith("Cancelled at ")
    assert view.note.text().startswith("So far, to step ")
    assert len(view.table.rows) == 2


def test_the_lab_closes_while_it_runs(qtbot, lab, view):
    show(qtbot, lab, structs.replace(RACE, steps=100_000))
    view.row.button.click()
    qtbot.waitUntil(lambda: view.repeats is not None, timeout=20000)
    lab.close_thread()
    assert not lab.player._thread.isRunning()


def test_only_sensible_numbers_of_seeds_are_taken(view):
    for text in ("1", "201", "two", "2.5"):
        view.count.setText(text)
        QTest.keyClick(view.count, Qt.Key.Key_Return)
        assert view.count.property("invalid")
        assert view._count == 20


def test_a_regression_has_losses_only(qtbot):
    view = SeedsView(Look("light"), read)
    qtbot.addWidget(view)
    regression = structs.replace(RACE, objective=structs.replace(NETWORK, data=Plane(samples=60)), steps=5)
    view.show_simulation(Simulation(regression, read))
    with qtbot.waitSignal(view.tasked) as tasked:
        view.row.button.click()
    tasked.args[0].slice(60.0)
    view.row.look()
    assert view.table.heads == ("Test loss",)
    assert [view.measure.itemText(k) for k in range(view.measure.count())] == ["Test loss", "Training loss"]
    assert "test loss" in view.verdict.text()


def test_diverged_seeds_are_told_of(qtbot, lab, view):
    show(qtbot, lab, structs.replace(RACE, optimizers=(SGD(lr=0.05), SGD(lr=900.0))))
    repeat(qtbot, view, 3)
    assert "SGD 2: 3 of 3 seeds diverged" in view.note.text()
    assert view.table.rows[1].texts == ("—", "—")
    assert "Too few seeds" in view.verdict.text()
    view.grab()


def test_the_copy_is_a_table(qtbot, view):
    repeat(qtbot, view, 3)
    view.copy.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len({line.count("\t") for line in lines[:3]}) == 1
    assert lines[0].split("\t")[:4] == ["Racer", "Seeds", "Diverged", "Test accuracy"]
    assert lines[1].split("\t")[:3] == ["SGD", "3", "0"]
    last = view.repeats.runs[0].test_accuracy[view.repeats.runs[0].evaluations - 1]
    assert float(lines[1].split("\t")[3]) == pytest.approx(last.mean(), rel=1e-5)
    assert lines[3] == view.verdict.text()


@pytest.mark.parametrize(
    ("middle", "reach", "text"),
    [
        (0.98743, 0.00151, "0.9874 ± 0.0015"),
        (92.18, 0.59, "92.2 ± 0.6"),
        (-0.5, 0.02, "−0.500 ± 0.020"),
        (123.4, 20.0, "123 ± 20"),
        (123.4, 50.0, "123 ± 50"),
        (0.25, 0.0, "0.25 ± 0"),
        (0.25, np.nan, "0.25"),
        (np.nan, np.nan, "—"),
        (2e-9, 3e-10, "2×10⁻⁹ ± 3×10⁻¹⁰"),
    ],
)
def test_plus_minus_has_as_many_digits_as_are_known(middle, reach, text):
    assert plus_minus(middle, reach) == text


def test_the_sentence_is_honest():
    better = Difference(0.034, 0.028, 0.040, 0.001, 20)
    text = "A is better by 3.4 ± 0.6 percentage points in test accuracy (20 seeds, interval of 95 %)."
    assert verdict(better, ACCURACY, "A", "B") == text
    assert verdict(better, LOSS, "A", "B") == "B is better by 0.034 ± 0.006 in test loss (20 seeds, interval of 95 %)."
    worse = Difference(-0.034, -0.040, -0.028, 0.001, 20)
    assert verdict(worse, ACCURACY, "A", "B").startswith("B is better by 3.4 ± 0.6 ")
    assert verdict(worse, LOSS, "A", "B").startswith("A is better by 0.034 ± 0.006 ")
    unsure = Difference(0.01, -0.01, 0.03, 0.3, 7)
    assert verdict(unsure, LOSS, "A", "B").startswith("No difference can be told from noise")
    assert verdict(Difference(0.0, 0.0, 0.0, 1.0, 4), LOSS, "A", "B").startswith("A and B have the same test loss")
    assert verdict(None, LOSS, "A", "B").startswith("Too few seeds")
