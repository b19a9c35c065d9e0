"""The CSV of a simulation: its columns, its precision, where cells are empty."""

import csv
import io
import math

import numpy as np
import pytest

from momentum_gui import assets, export
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine
from momentum_gui.export import write_csv

BOWL = Ravine(curvature=0.5, kappa=1.0)  # f = (x² + y²) / 4, gradient (x, y) / 2: exact in binary


def finished(experiment):
    simulation = Simulation(experiment, assets.read)
    simulation.advance(experiment.steps)
    return simulation


def text_of(simulation):
    file = io.StringIO(newline="")
    write_csv(simulation, file)
    return file.getvalue()


def rows_of(simulation):
    return list(csv.DictReader(io.StringIO(text_of(simulation), newline="")))


def test_a_surface_by_hand():
    # w = (8, 6), lr 1: w halves at each step; |gradient| = |w| / 2, f = |w|² / 4.
    race = Experiment(objective=BOWL, optimizers=(SGD(lr=1.0),), start=(8.0, 6.0), steps=2)
    assert text_of(finished(race)) == (
        "run,label,step,x,y,loss,grad_norm\n"
        "0,sgd,0,8.0,6.0,25.0,5.0\n"
        "0,sgd,1,4.0,3.0,6.25,2.5\n"
        "0,sgd,2,2.0,1.5,1.5625,1.25\n"
    )


def test_every_digit_is_there():
    race = Experiment(objective=Ravine(angle=33.0), optimizers=(Momentum(lr=0.123), SGD(lr=0.1)), steps=100, noise=0.3)
    simulation = finished(race)
    rows = rows_of(simulation)
    assert [int(row["step"]) for row in rows] == [*range(101), *range(101)]
    for index, run in simulation.runs.items():
        mine = [row for row in rows if row["run"] == str(index)]
        np.testing.assert_array_equal([[float(row["x"]), float(row["y"])] for row in mine], run.path)
        np.testing.assert_array_equal([float(row["loss"]) for row in mine], run.loss)
        np.testing.assert_array_equal([float(row["grad_norm"]) for row in mine], run.gradient_norm(slice(None)))


def test_blocks_leave_no_seam(monkeypatch):
    race = finished(Experiment(objective=Ravine(), steps=30))
    training = finished(Experiment(objective=Network(hidden=(3,)), optimizers=(SGD(),), steps=30))
    whole = [text_of(race), text_of(training)]
    monkeypatch.setattr(export, "BLOCK", 7)
    assert [text_of(race), text_of(training)] == whole


def test_run_counts_all_optimizers_and_a_racer_switched_off_has_no_rows():
    race = Experiment(objective=Ravine(), optimizers=(SGD(), SGD(enabled=False), Momentum()), steps=3)
    assert {(row["run"], row["label"]) for row in rows_of(finished(race))} == {("0", "sgd"), ("2", "momentum")}


@pytest.mark.parametrize("label", ["a, b", 'so "called"', "赛跑 η", "=1+1", " spaced "])
def test_a_label_is_one_cell_whatever_it_holds(label):
    race = Experiment(objective=Ravine(), optimizers=(SGD(label=label),), steps=1)
    rows = rows_of(finished(race))
    assert [row["label"] for row in rows] == [label, label]
    assert all(None not in row for row in rows)


def test_no_racer_leaves_the_head():
    assert text_of(finished(Experiment(objective=Ravine(), optimizers=()))) == export.SURFACE_COLUMNS + "\n"
    assert text_of(finished(Experiment(objective=Network(), optimizers=()))) == export.NETWORK_COLUMNS + "\n"


def test_a_diverged_racers_rows_end_at_its_last_good_step():
    # lr × curvature = 4.5: x grows by the factor −3.5 a step; the loss passes 1e12 first.
    race = Experiment(objective=Ravine(curvature=1.0, kappa=1.0), optimizers=(SGD(lr=4.5), SGD(lr=0.1)), steps=50)
    race_rows = rows_of(finished(race))
    diverged = [row for row in race_rows if row["run"] == "0"]
    loss = 0.5 * (5**2 + 2**2)
    last_good = math.floor(math.log(1e12 / loss) / (2 * math.log(3.5)))
    assert [int(row["step"]) for row in diverged] == list(range(last_good + 1))
    assert all(math.isfinite(float(row[name])) for row in race_rows for name in ("x", "y", "loss", "grad_norm"))
    assert sum(row["run"] == "1" for row in race_rows) == 51


def test_a_networks_columns():
    # 750 training samples in minibatches of 50: an epoch is 15 steps. 250 steps are evaluated at every second.
    training = Experiment(objective=Network(hidden=(4,)), optimizers=(SGD(lr=0.01), Momentum(lr=0.01)), steps=251)
    simulation = finished(training)
    assert text_of(simulation).splitlines()[0] == (
        "run,label,step,epoch,batch_loss,train_loss,test_loss,train_accuracy,test_accuracy"
    )
    rows = rows_of(simulation)
    evaluated = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    for index, run in simulation.runs.items():
        mine = [row for row in rows if row["run"] == str(index)]
        assert [int(row["step"]) for row in mine] == list(range(252))
        assert [float(row["epoch"]) for row in mine] == pytest.approx([step / 15 for step in range(252)])
        assert mine[0]["batch_loss"] == ""
        np.testing.assert_array_equal([float(row["batch_loss"]) for row in mine[1:]], run.batch_loss[1:])
        filled = [int(row["step"]) for row in mine if row["test_loss"]]
        assert filled == [*range(0, 251, 2), 251]
        for name in evaluated:
            assert [int(row["step"]) for row in mine if row[name]] == filled
            found = [float(row[name]) for row in mine if row[name]]
            np.testing.assert_array_equal(found, getattr(run, name)[: run.evaluations])


def test_a_diverged_networks_last_row_is_evaluated():
    training = Experiment(objective=Network(hidden=(4,)), optimizers=(Momentum(lr=1000.0),), steps=1000)
    simulation = finished(training)
    assert simulation.runs[0].outcome is Outcome.DIVERGED
    rows = rows_of(simulation)
    assert 1 < len(rows) < 1001
    assert rows[0]["train_loss"]
    assert rows[-1]["train_loss"]
    cells = [cell for row in rows for name, cell in row.items() if name != "label" and cell]
    assert all(math.isfinite(float(cell)) for cell in cells)


def test_a_network_that_trains_on_meanwhile_is_written_as_far_as_it_was(monkeypatch):
    simulation = Simulation(Experiment(objective=Network(hidden=(2,)), optimizers=(SGD(),), steps=40), assets.read)
    simulation.advance(5)
    stack = np.stack

    def stacked_late(*given, **named):
        simulation.advance(20)
        return stack(*given, **named)

    monkeypatch.setattr(np, "stack", stacked_late)
    rows = rows_of(simulation)
    assert [int(row["step"]) for row in rows] == list(range(6))
    assert all(row["train_loss"] for row in rows)
