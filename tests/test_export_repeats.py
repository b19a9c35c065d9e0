"""What is exported of a regression and of many seeds."""

import csv
import io

from momentum_gui.core.datasets import Moons, Plane
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.repeats import Repeats
from momentum_gui.core.simulation import Simulation
from momentum_gui.export import REPEAT_COLUMNS, write_csv, write_repeats


def no_files(name):
    raise AssertionError(f"no file {name} is needed")


def rows(write, what):
    file = io.StringIO()
    write(what, file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def test_a_regression_has_empty_accuracies():
    experiment = Experiment(objective=Network(hidden=(3,), data=Plane(samples=40)), optimizers=(SGD(),), steps=3)
    simulation = Simulation(experiment, no_files)
    simulation.advance(3)
    written = rows(write_csv, simulation)
    assert [float(row["test_loss"]) for row in written] == simulation.runs[0].test_loss[:4].tolist()
    assert {row["train_accuracy"] + row["test_accuracy"] for row in written} == {""}


def test_every_evaluation_of_every_seed_is_written():
    network = Network(hidden=(3,), data=Moons(samples=40), reduction="sum", loss="squared_error", activation="linear")
    optimizers = (SGD(lr=1e-3, label="a, b"), Momentum(lr=100.0))
    repeats = Repeats(Experiment(objective=network, optimizers=optimizers, steps=20, seed=3), 2, no_files)
    repeats.advance(20)
    written = rows(write_repeats, repeats)
    assert ",".join(written[0]) == REPEAT_COLUMNS
    good = [row for row in written if row["label"] == "a, b"]
    assert [(row["seed"], row["step"]) for row in good[:4]] == [("3", "0"), ("4", "0"), ("3", "1"), ("4", "1")]
    assert len(good) == 42
    assert float(good[-1]["test_loss"]) == repeats.runs[0].test_loss[20, 1]
    bad = [row for row in written if row["label"] == "momentum"]
    assert bad[0]["train_loss"] != ""
    assert bad[-1]["train_loss"] == ""
