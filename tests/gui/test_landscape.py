"""The job behind the picture of the weights: its planes and paths are those of the core."""

import numpy as np
import pytest

from momentum_gui.assets import read
from momentum_gui.core.datasets import Moons
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui import landscape
from momentum_gui.gui.landscape import Landscape

NETWORK = Network(hidden=(6,), bias=True, init="he", data=Moons(samples=80))


def simulated(*racers, steps=40):
    simulation = Simulation(Experiment(objective=NETWORK, optimizers=racers, steps=40), read)
    simulation.advance(steps)
    return simulation


@pytest.fixture(autouse=True)
def few_points(monkeypatch):
    monkeypatch.setattr(landscape, "SIDE", 7)


def test_the_paths_lie_on_their_plane_and_in_the_picture():
    simulation = simulated(SGD(lr=0.1), Momentum(lr=0.1))
    found = Landscape(simulation)
    assert set(found.paths) == {0, 1}
    a, b = found.grid.a, found.grid.b
    for index, (steps, places) in found.paths.items():
        assert steps[0] == 0
        assert steps[-1] == found.step == 40
        assert len(steps) == len(places) == len(simulation.runs[index].kept)
        assert (places > (a[0], b[0])).all()
        assert (places < (a[-1], b[-1])).all()
    np.testing.assert_allclose(found.paths[0][1][0], found.paths[1][1][0])  # one start
    assert 0.5 < sum(found.plane.share) <= 1 + 1e-12


def test_a_slice_has_the_end_s_loss_in_its_middle():
    simulation = simulated(SGD(lr=0.1), Momentum(lr=0.1))
    found = Landscape(simulation, 1)
    while not found.done:
        found.work()
    run = simulation.runs[1]
    assert found.grid.values[3, 3] == pytest.approx(run.train_loss[run.evaluations - 1], rel=1e-12)
    assert set(found.paths) == {1}
    assert found.plane.share is None


def test_one_piece_of_work_is_one_point():
    found = Landscape(simulated(SGD(lr=0.1)))
    found.work()
    found.work()
    assert found.grid.count == 2
    assert not found.done


def test_who_diverged_is_left_out():
    simulation = simulated(SGD(lr=0.1), SGD(lr=1000.0))
    assert simulation.runs[1].count < 41
    found = Landscape(simulation)
    assert found.lost == [1]
    assert set(found.paths) == {0}
    with pytest.raises(InputError, match="diverged"):
        Landscape(simulation, 1)


def test_before_training_it_says_what_to_do():
    with pytest.raises(InputError, match="Train first"):
        Landscape(simulated(SGD(), steps=0))
