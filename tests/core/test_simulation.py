"""An experiment's racers advance together: one start, one seed, each frozen where it ends."""

import numpy as np
import pytest

from momentum_gui import assets
from momentum_gui.core import training
from momentum_gui.core.datasets import Csv, Moons
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import OPTIMIZERS, SGD, Momentum, Nesterov
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine, Rosenbrock


def simulated(advanced=10**9, /, **fields):
    simulation = Simulation(Experiment(**fields), assets.read)
    simulation.advance(advanced)
    return simulation


def test_every_racer_starts_from_the_same_point():
    racers = tuple(cls(lr=0.01) for cls in OPTIMIZERS)
    simulation = simulated(objective=Rosenbrock(), optimizers=racers, start=(0.3, -0.7), steps=5)
    assert list(simulation.runs) == list(range(len(OPTIMIZERS)))
    assert all(tuple(run.path[0]) == (0.3, -0.7) for run in simulation.runs.values())
    assert simulation.dataset is None


def test_the_race_is_fair_on_a_surface():
    """Two equal racers get equal numbers to the bit, whoever else runs, noise or not."""
    simulation = simulated(
        objective=Ravine(), optimizers=(SGD(lr=0.1), Momentum(lr=0.1), SGD(lr=0.1)), noise=0.5, steps=50
    )
    alone = simulated(objective=Ravine(), optimizers=(SGD(lr=0.1),), noise=0.5, steps=50)
    assert np.array_equal(simulation.runs[0].path, simulation.runs[2].path)
    assert np.array_equal(simulation.runs[0].path, alone.runs[0].path)


def test_the_race_is_fair_on_a_network():
    network = Network(hidden=(5,), batch=10, data=Moons(samples=60))
    simulation = simulated(objective=network, optimizers=(SGD(), Momentum(), SGD()), steps=30)
    alone = simulated(objective=network, optimizers=(SGD(),), steps=30)
    starts = [run.weights_at(0)[1] for run in simulation.runs.values()]
    assert all(np.array_equal(starts[0], each) for each in starts)
    assert np.array_equal(simulation.runs[0].weights, simulation.runs[2].weights)
    assert np.array_equal(simulation.runs[0].weights, alone.runs[0].weights)
    assert not np.array_equal(simulation.runs[0].weights, simulation.runs[1].weights)
    assert len({run.batch_loss[1] for run in simulation.runs.values()}) == 1, "the first minibatch, the same weights"
    assert len(simulation.dataset.y_train) == 45


def test_a_racer_that_is_switched_off_keeps_its_place():
    racers = (SGD(), Momentum(enabled=False), Nesterov())
    simulation = simulated(objective=Ravine(), optimizers=racers, steps=5)
    assert list(simulation.runs) == [0, 2]
    assert isinstance(simulation.runs[2].optimizer, Nesterov)


def test_racers_are_called_by_their_label_or_their_method():
    racers = (SGD(), Momentum(), Momentum(label="heavy"), Momentum(), Nesterov(enabled=False))
    simulation = simulated(objective=Ravine(), optimizers=racers, steps=1)
    assert simulation.labels() == {0: "SGD", 1: "Momentum 1", 2: "heavy", 3: "Momentum 3"}
    assert simulation.labels(str.upper)[1] == "MOMENTUM 1"


def test_a_racers_name_does_not_change_when_another_is_switched_off():
    racers = (Momentum(enabled=False), Momentum())
    assert simulated(objective=Ravine(), optimizers=racers, steps=1).labels() == {1: "Momentum 2"}


def test_a_diverged_racer_freezes_and_the_others_go_on():
    simulation = simulated(37, objective=Ravine(), optimizers=(SGD(lr=0.6), SGD(lr=0.1)), steps=100)
    assert simulation.step == 37
    simulation.advance(10)
    assert simulation.runs[0].outcome is Outcome.DIVERGED
    assert str(simulation.runs[0].message) == "diverged at step 38: η λ₂ = 2.4 > 2"
    assert simulation.step == 47, "the step of those that still run"
    assert not simulation.done
    simulation.advance(100)
    assert simulation.done
    assert [run.count for run in simulation.runs.values()] == [38, 101]


def test_it_is_done_when_every_racer_is():
    simulation = simulated(0, objective=Ravine(), steps=10)
    assert (simulation.step, simulation.done) == (0, False)
    simulation.advance(4)
    assert (simulation.step, simulation.done) == (4, False)
    simulation.advance(10**9)
    assert (simulation.step, simulation.done) == (10, True)


@pytest.mark.parametrize("racers", [(), (SGD(enabled=False),)])
def test_a_race_without_racers_is_done(racers):
    simulation = simulated(0, objective=Ravine(), optimizers=racers)
    assert simulation.done
    assert simulation.runs == {}
    assert simulation.labels() == {}


@pytest.mark.parametrize(
    "objective",
    [Ravine(angle=20.0), Network(hidden=(5,), batch=10, data=Moons(samples=60))],
    ids=["surface", "network"],
)
def test_how_the_steps_are_cut_changes_no_bit(objective):
    fields = {"objective": objective, "optimizers": tuple(cls(lr=0.1) for cls in OPTIMIZERS), "steps": 60}
    whole, cut = simulated(**fields), simulated(0, **fields)
    for steps in (1, 5, 0, 17, 60):
        cut.advance(steps)
    for index, run in whole.runs.items():
        other = cut.runs[index]
        assert (run.count, run.outcome) == (other.count, other.outcome)
        if isinstance(objective, Network):
            assert np.array_equal(run.weights, other.weights)
            assert np.array_equal(run.batch_loss[1:], other.batch_loss[1:])
        else:
            assert np.array_equal(run.states[: run.count], other.states[: other.count])


def test_a_table_that_can_not_be_read_is_an_input_error():
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        simulated(objective=Network(data=Csv(path="nowhere.csv")))


def test_steps_that_need_too_much_memory_are_refused_before_anything_is_made(monkeypatch):
    network = Network(hidden=(512,) * 8, batch=50, data=Moons(samples=1000))
    racers = SGD(), Momentum()
    needed = 25 * 2 * 50 * 8 * 512
    monkeypatch.setattr(training, "MOST_BYTES", needed)
    assert len(simulated(0, objective=network, optimizers=racers).runs) == 2
    monkeypatch.setattr(training, "MOST_BYTES", needed - 1)
    with pytest.raises(InputError, match="training steps of 50 samples need about"):
        simulated(objective=network, optimizers=racers)
    whole = Network(hidden=(512,) * 8, batch=0, data=Moons(samples=1000))
    with pytest.raises(InputError, match="training steps of 750 samples"):
        simulated(objective=whole, optimizers=(SGD(),))
