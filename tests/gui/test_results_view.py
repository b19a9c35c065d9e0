"""The table of results: what it shows, sorts and copies."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from momentum_gui.core.datasets import Moons, Plane
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.results import network_results, results
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui.results_view import ResultsView
from momentum_gui.gui.style import Look, racer_color

RAVINE = Ravine(curvature=1, kappa=100)
ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def simulated(*racers, objective=RAVINE, steps=600, taken=None):
    made = Simulation(Experiment(objective=objective, optimizers=racers, steps=steps), read=None)
    made.advance(steps if taken is None else taken)
    return made


@pytest.fixture
def race():
    return simulated(SGD(lr=0.0198), Momentum(lr=0.033, mu=0.67), SGD(lr=0.03, label="too fast"))


@pytest.fixture
def view(qtbot):
    view = ResultsView(Look("light"))
    qtbot.addWidget(view)
    view.asked.connect(lambda key, job: view.answer(key, job()))
    view.show()
    return view


def column(view, title):
    place = [each.title for each in view.model.columns].index(title)
    return [view.model.index(row, place).data() for row in range(view.model.rowCount())]


def names(view):
    return [view.model.headerData(row, Qt.Orientation.Vertical) for row in range(view.model.rowCount())]


def test_a_row_a_racer_with_its_results(view, race):
    view.show_simulation(race)
    assert names(view) == ["SGD 1", "Momentum", "too fast"]
    steps = [results(run).steps_to_tolerance for run in race.runs.values()]
    assert column(view, "Steps") == [str(steps[0]), str(steps[1]), "–"]
    assert column(view, "Outcome")[2].startswith("diverged at step ")
    assert view.model.index(2, 4).data(Qt.ItemDataRole.ForegroundRole) is not None


def test_it_is_sorted_by_any_column_what_is_not_known_last(view, race):
    view.show_simulation(race)
    view.table.sortByColumn(0, ASCENDING)
    assert names(view) == ["Momentum", "SGD 1", "too fast"]
    view.table.sortByColumn(0, DESCENDING)
    assert names(view) == ["SGD 1", "Momentum", "too fast"]
    view.table.sortByColumn(1, DESCENDING)
    assert names(view)[0] == "too fast"
    view.table.sortByColumn(-1, ASCENDING)
    assert names(view) == ["SGD 1", "Momentum", "too fast"]


def test_what_is_copied_has_all_digits(view, race):
    view.show_simulation(race)
    view.copy_button.click()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0] == ["Racer", "Steps", "Final loss", "Rate", "Length", "Outcome"]
    momentum = results(race.runs[1])
    assert lines[2][0] == "Momentum"
    assert [float(text) for text in lines[2][1:5]] == [
        momentum.steps_to_tolerance, momentum.final_loss, momentum.rate.rate, momentum.path_length,
    ]  # fmt: skip
    assert lines[3][1] == ""


def test_the_tolerance_is_chosen(qtbot, view, race):
    view.show_simulation(race)
    view.tolerance.setFocus()
    view.tolerance.selectAll()
    qtbot.keyClicks(view.tolerance, "0.001")
    qtbot.keyClick(view.tolerance, Qt.Key.Key_Return)
    assert column(view, "Steps")[1] == str(results(race.runs[1], 1e-3).steps_to_tolerance)


def test_pinned_runs_are_listed_below_and_say_so(view, race):
    view.show_simulation(race)
    view.show_pinned(race)
    other = simulated(SGD(lr=0.01))
    view.show_simulation(other)
    assert names(view) == ["SGD", "SGD 1 (pinned)", "Momentum (pinned)", "too fast (pinned)"]
    assert column(view, "Steps")[2] == str(results(race.runs[1]).steps_to_tolerance)
    view.show_pinned(None)
    assert names(view) == ["SGD"]


def test_a_growing_run_is_looked_at_now_and_then_and_at_its_end(view):
    race = simulated(SGD(lr=0.0198), taken=10)
    asked = []
    view.asked.connect(lambda key, job: asked.append(key))
    view.show_simulation(race)
    first = column(view, "Final loss")
    for step in range(11, 101):
        race.advance(1)
        view.show_step(step)
    assert len(asked) < 10
    race.advance(600)
    view.show_step(600)
    assert column(view, "Final loss") != first
    assert view.model.lines[0].values[1] == results(race.runs[0]).final_loss
    known = len(asked)
    view.show_step(600)
    assert len(asked) == known


def test_answers_for_others_are_left_alone(view, race):
    view.show_simulation(race)
    before = view.model.text()
    view.answer("another's", 3)
    view.answer((view, simulated(SGD()).runs[0], (1, 1e-8)), results(race.runs[0]))
    assert view.model.text() == before


def test_a_training_has_losses_and_accuracies(view):
    network = Network(hidden=(8,), bias=True, init="he", data=Moons(samples=100))
    race = simulated(SGD(lr=0.1), Momentum(lr=0.1), objective=network, steps=60)
    view.show_simulation(race)
    row = network_results(race.runs[1])
    assert view.model.lines[1].values == (
        row.test_accuracy, row.best_test_accuracy, row.best_step, row.test_loss, row.train_loss, row.train_accuracy,
        "finished",
    )  # fmt: skip
    assert row.best_test_accuracy == max(race.runs[1].test_accuracy)
    assert not view.tolerance.isVisible()
    assert column(view, "Test acc.")[1].endswith(" %")


def test_a_regression_has_typical_errors_and_losses(view):
    network = Network(hidden=(8,), bias=True, init="he", data=Plane(samples=100))
    race = simulated(SGD(lr=0.1), objective=network, steps=60)
    view.show_simulation(race)
    run = race.runs[0]
    lowest = run.test_loss[: run.evaluations]
    end = run.weights_at(60)[1]
    errors = [
        np.sqrt(np.mean((run.mlp.logits(end, x)[:, 0] - y) ** 2))
        for x, y in ((run.data.x_test, run.data.y_test), (run.data.x_train, run.data.y_train))
    ]
    assert view.model.lines[0].values[:2] == pytest.approx(errors, rel=1e-12)
    assert view.model.lines[0].values[2:] == (
        lowest[-1], run.train_loss[run.evaluations - 1], lowest.min(), run.evaluated[lowest.argmin()], "finished",
    )  # fmt: skip


def test_without_racers_it_says_so(view):
    view.show_simulation(simulated())
    assert view.empty.isVisible()
    assert not view.table.isVisible()


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_the_markers_grow_with_the_names(qtbot, look, race, scale):
    view = ResultsView(look)
    qtbot.addWidget(view)
    view.show()
    view.show_simulation(race)
    look.choose(scale=scale)
    names = view.table.verticalHeader()
    picture = names.grab().toImage()
    row = names.sectionViewportPosition(1) + names.sectionSize(1) // 2
    color = racer_color(1, race.runs[1].optimizer.color, look.theme).rgb()
    colored = [x for x in range(picture.width()) if picture.pixel(x, row) == color]
    assert len(colored) == pytest.approx(0.72 * 1.6 * look.points(), abs=3)  # a square, its edge apart
    written = names.fontMetrics().horizontalAdvance("Momentum")
    assert names.width() >= 1.6 * look.points() + written
