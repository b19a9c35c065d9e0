"""Many seeds at once are the runs of each seed."""

import numpy as np
import pytest

from momentum_gui.core.datasets import Moons, Plane
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum, Nesterov
from momentum_gui.core.repeats import RepeatedRun, Repeats
from momentum_gui.core.run import Outcome
from momentum_gui.core.schedules import Change, StepDecay
from momentum_gui.core.surfaces import Ravine
from momentum_gui.core.training import NetworkRun

MEASURES = "train_loss", "test_loss", "train_accuracy", "test_accuracy"


def no_files(name):
    raise AssertionError(f"no file {name} is needed")


def small(**fields):
    return Network(**{"hidden": (6,), "init": "xavier", "batch": 16, "data": Moons(samples=100), **fields})


def singles(optimizer, network, data, steps, seeds):
    runs = [NetworkRun(optimizer, network, data, steps, seed) for seed in seeds]
    for run in runs:
        run.advance(steps)
    return runs


@pytest.mark.parametrize(
    "network",
    [
        small(),
        small(batching="drawn"),
        small(batching="drawn", batch=20, reduction="sum"),  # 75 samples: one of the four minibatches is smaller
        small(batch=0, activation="tanh", bias=True, hidden=(5, 4)),
        small(loss="squared_error", l1=0.01, l2=0.02, activation="sigmoid", bias=True),
        small(data=Plane(samples=100), bias=True),
    ],
)
@pytest.mark.parametrize("optimizer", [SGD(lr=0.05), Nesterov(lr=0.02, mu=0.9)])
def test_every_seed_agrees_with_its_single_run(network, optimizer):
    data = network.data.load(no_files)
    seeds = range(7, 13)
    repeated = RepeatedRun(optimizer, network, data, 250, seeds)
    for steps in (1, 9, 240, 5):
        repeated.advance(steps)
    assert repeated.outcome is Outcome.FINISHED
    for column, run in enumerate(singles(optimizer, network, data, 250, seeds)):
        count = run.evaluations
        assert repeated.evaluations == count == 126
        np.testing.assert_array_equal(repeated.evaluated[:count], run.evaluated[:count])
        for name in MEASURES:
            found, expected = getattr(repeated, name)[:count, column], getattr(run, name)[:count]
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(repeated.weights[:, column], run.weights, rtol=1e-12, atol=1e-12)


def test_schedule_and_changes_count_for_every_seed():
    network = small()
    data = network.data.load(no_files)
    optimizer = Momentum(lr=0.1, schedule=StepDecay(every=5, gamma=0.5), changes=(Change(12, "mu", 0.3),))
    repeated = RepeatedRun(optimizer, network, data, 30, range(3))
    repeated.advance(30)
    for column, run in enumerate(singles(optimizer, network, data, 30, range(3))):
        np.testing.assert_allclose(repeated.weights[:, column], run.weights, rtol=1e-12, atol=1e-12)


def test_a_seed_that_diverges_is_left_out_and_the_others_go_on():
    network = small(init="normal", batch=5, reduction="sum", activation="linear", loss="squared_error")
    data = network.data.load(no_files)
    optimizer, seeds = SGD(lr=0.048), range(12)
    repeated = RepeatedRun(optimizer, network, data, 200, seeds)
    repeated.advance(200)
    runs = singles(optimizer, network, data, 200, seeds)
    lost = [run.count if run.outcome is Outcome.DIVERGED else 0 for run in runs]
    assert 0 < np.count_nonzero(lost) < len(seeds)
    assert repeated.lost.tolist() == lost
    for column, run in enumerate(runs):
        good = repeated.evaluated[: repeated.evaluations] < (lost[column] or 201)
        values = repeated.train_loss[: repeated.evaluations, column]
        assert np.isnan(values[~good]).all()
        np.testing.assert_allclose(values[good], run.train_loss[: good.sum()], rtol=1e-10)


def test_a_racer_whose_every_seed_diverges_ends_with_the_step():
    network = small(reduction="sum", activation="linear", loss="squared_error")
    repeated = RepeatedRun(SGD(lr=50.0), network, network.data.load(no_files), 1000, range(4))
    repeated.advance(1000)
    assert repeated.outcome is Outcome.DIVERGED
    assert str(repeated.message) == f"diverged at step {repeated.lost.max()}: the runs of all seeds diverged"
    assert repeated.count == repeated.lost.max()


def test_the_experiment_is_repeated_from_its_seed_on():
    racers = (SGD(lr=0.1), Momentum(lr=0.1, enabled=False), Momentum(lr=0.05))
    repeats = Repeats(Experiment(objective=small(), optimizers=racers, steps=20, seed=5), 3, no_files)
    assert list(repeats.runs) == [0, 2]
    assert repeats.seeds == range(5, 8)
    repeats.advance(8)
    assert (repeats.step, repeats.done) == (8, False)
    repeats.advance(100)
    assert (repeats.step, repeats.done) == (20, True)
    np.testing.assert_array_equal(repeats.runs[0].train_loss[0], repeats.runs[2].train_loss[0])


@pytest.mark.parametrize(
    ("objective", "count", "sentence"),
    [
        (Ravine(), 5, "only a network's training is repeated over seeds"),
        (Network(), 1, "repeats: 1; allowed are 2 to 1000"),
        (Network(), 1001, "repeats: 1001; allowed are 2 to 1000"),
    ],
)
def test_what_can_not_be_repeated_is_told(objective, count, sentence):
    with pytest.raises(InputError) as caught:
        Repeats(Experiment(objective=objective), count, no_files)
    assert str(caught.value) == sentence


def test_pieces_of_work_add_up_to_the_same_run():
    """Cut as finely as it goes, and with the runs in groups of two: the same numbers."""
    network = Network(hidden=(5,), bias=True, init="he", batch=16, data=Moons(samples=60))
    experiment = Experiment(objective=network, optimizers=(SGD(lr=0.1), Momentum(lr=0.1)), steps=12)
    whole, cut = Repeats(experiment, 5, no_files), Repeats(experiment, 5, no_files)
    assert cut.step == 0
    whole.advance(12)
    for run in cut.runs.values():
        run._at_once = 2
    pieces = 0
    while not cut.done:
        cut.work()
        pieces += 1
        counts = [run.count for run in cut.runs.values()]
        assert max(counts) - min(counts) <= 1
    assert pieces > 2 * 13 * 5  # every evaluation of every seed is a piece of its own
    for index, run in whole.runs.items():
        np.testing.assert_allclose(cut.runs[index].test_loss, run.test_loss, rtol=1e-12)
        np.testing.assert_array_equal(cut.runs[index].evaluated, run.evaluated)
    cut.work()
    assert cut.step == 12
