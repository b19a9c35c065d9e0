"""The real view in the real lab: it measures while it is seen, and says what the limits are worth."""

import numpy as np
import pytest
from msgspec import structs

from momentum_gui.assets import read
from momentum_gui.core.datasets import Moons
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Adam, Momentum
from momentum_gui.core.schedules import Change
from momentum_gui.core.sharpness import Sharpness
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.curves import DASHED
from momentum_gui.gui.network_lab import NetworkLab
from momentum_gui.gui.sharpness_view import edge_of_stability, limits_of
from momentum_gui.gui.style import Look

NETWORK = Network(hidden=(4,), activation="tanh", bias=True, init="he", batch=0, data=Moons(samples=80))
RACE = Experiment(objective=NETWORK, optimizers=(SGD(lr=0.5), Momentum(lr=0.1, mu=0.5), Adam()), steps=30)


@pytest.fixture
def lab(qtbot):
    look = Look("light")
    look.apply()
    lab = NetworkLab(look, read)
    qtbot.addWidget(lab)
    lab.resize(1280, 760)
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(RACE)
    lab.show()
    yield lab
    lab.close_thread()


@pytest.fixture
def view(qtbot, lab):
    lab.panels.open("sharpness")
    return lab.panels.view("sharpness")


def measured(qtbot, lab, view, steps):
    lab.go(steps)
    qtbot.waitUntil(lambda: lab.settled and view.watch.done and not view.measuring, timeout=20000)
    view.restyle()


def test_it_measures_what_there_is_and_then_what_comes(qtbot, lab, view):
    measured(qtbot, lab, view, 10)
    assert all(found.steps[found.count - 1] == 10 for found in view.watch.found.values())
    measured(qtbot, lab, view, 30)
    for index, run in lab.simulation.runs.items():
        alone = Sharpness(run)
        alone.advance(10**6)
        found = view.watch.found[index]
        assert found.count == alone.count == 31
        np.testing.assert_array_equal(found.values[:31], alone.values[:31])
    assert view.status.text() == ""
    view.grab()


def test_a_closed_panel_measures_nothing(qtbot, lab, view):
    measured(qtbot, lab, view, 5)
    counts = [found.count for found in view.watch.found.values()]
    lab.panels.open("sharpness", False)
    lab.go(30)
    qtbot.waitUntil(lambda: lab.settled, timeout=10000)
    qtbot.wait(300)
    assert [found.count for found in view.watch.found.values()] == counts
    lab.panels.open("sharpness")
    qtbot.waitUntil(lambda: view.watch.done and not view.measuring, timeout=20000)
    assert all(found.count == 31 for found in view.watch.found.values())


def test_the_table_has_the_sharpness_at_the_playhead_and_the_limits(qtbot, lab, view):
    measured(qtbot, lab, view, 30)
    lab.go(12)
    rows = view.table.rows
    assert [row.texts[1] for row in rows] == ["4.00", "30.0", "—"]  # 2 / lr, 2 (1 + mu) / lr, none known
    found = view.watch.found[0]
    assert float(rows[0].texts[0]) == pytest.approx(found.values[12], rel=5e-3)
    assert view.chart._marked[0][0] == 12
    assert "No limit is known for Adam." in view.note.text()


def test_the_dashed_lines_stand_at_the_limits(qtbot, lab, view):
    measured(qtbot, lab, view, 30)
    dashed = {series.racer: series for series in view.chart._series if series.stroke is DASHED}
    assert set(dashed) == {0, 1}
    assert (dashed[0].values == 4.0).all()
    assert dashed[1].values == pytest.approx(30.0)


def test_the_limit_follows_a_change_of_the_rate():
    racer = SGD(lr=0.5, changes=(Change(step=21, field="lr", value=0.25),))
    simulation = Simulation(structs.replace(RACE, optimizers=(racer,)), read)
    steps, bounds = limits_of(simulation.runs[0])
    assert (bounds[steps <= 20] == 4.0).all()
    assert (bounds[steps > 20] == 8.0).all()


def test_the_words_are_honest(qtbot, lab, view):
    assert "at most, not equal" in view.note.text()
    assert "minibatches" not in view.note.text()
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.edit(structs.replace(RACE, objective=structs.replace(NETWORK, batch=20)), "batch")
    assert "minibatches, as here" in view.note.text()


def test_the_example_is_trained_to_its_end_and_can_be_undone(qtbot, lab, view, monkeypatch):
    short = structs.replace(edge_of_stability(), steps=40)
    monkeypatch.setattr("momentum_gui.gui.sharpness_view.edge_of_stability", lambda: short)
    view.example.click()
    qtbot.waitUntil(lambda: lab.simulation.experiment == short and lab.simulation.done, timeout=20000)
    assert [2 / racer.lr for racer in short.optimizers] == pytest.approx([5.0, 6.6667], rel=1e-4)
    assert short.objective.batch == 0
    qtbot.waitUntil(lambda: lab.playhead.at_end, timeout=5000)
    lab.undo_stack.undo()
    assert lab.experiment == RACE


def test_rows_that_come_while_it_is_looked_at_do_no_harm(qtbot, lab, view, hurried):
    measured(qtbot, lab, view, 30)
    view._timer.stop()  # the thread would take them on
    for found in view.watch.found.values():
        hurried(found)
    view.restyle()
    view.grab()
