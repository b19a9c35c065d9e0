"""Rows of the results table."""

import numpy as np
import pytest

from momentum_gui.core.datasets import Moons, Plane
from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.results import network_results, results
from momentum_gui.core.surfaces import Himmelblau, Ravine
from momentum_gui.core.theory import best
from momentum_gui.core.training import NetworkRun

RAVINE = Ravine(curvature=1, kappa=100)


class Unknown(Ravine, frozen=True, tag="unknown"):
    """A surface whose minimum nobody names."""

    @property
    def minima(self):
        return ()


def run(optimizer, surface=RAVINE, start=(1.0, 1.0), steps=1000):
    made = SurfaceRun(optimizer, surface, start, steps, 0.0, 0)
    made.advance(steps)
    return made


@pytest.mark.parametrize(("optimizer", "steps"), [(SGD(), 559), (Momentum(), 81)])
def test_steps_to_tolerance_with_the_best_parameters(optimizer, steps):
    made = run(best(optimizer, (1.0, 100.0)))
    assert results(made).steps_to_tolerance == steps
    assert made.loss[steps - 1] >= 1e-8 > made.loss[steps]


def test_row_of_a_straight_run():
    # SGD with lr = 1/2 on 1/2 (x^2 + y^2) halves the distance at every step.
    made = run(SGD(lr=0.5), Ravine(curvature=1, kappa=1), (3.0, 4.0), 30)
    row = results(made)
    assert row.path_length == pytest.approx(5 * (1 - 0.5**30), rel=1e-14)
    assert row.final_loss == 12.5 * 0.25**30
    assert row.rate.rate == pytest.approx(0.5, rel=1e-12)
    assert row.steps_to_tolerance == 16  # 12.5 / 4^k < 1e-8
    assert results(made, 0.1).steps_to_tolerance == 4
    assert str(row.outcome) == "converged"


def test_row_of_a_run_that_is_not_there_yet():
    row = results(run(SGD(lr=0.001), steps=20))
    assert row.steps_to_tolerance is None
    assert 0.9 < row.rate.rate < 0.999  # the walls are still in it


def test_row_where_no_minimum_is_known_goes_by_the_gradient():
    made = run(SGD(lr=0.015), Unknown(curvature=1, kappa=100))
    row = results(made, 1e-3)
    norm = made.gradient_norm(slice(made.count))
    assert norm[row.steps_to_tolerance - 1] >= 1e-3 > norm[row.steps_to_tolerance]
    assert row.rate.rate == pytest.approx(0.985, rel=1e-6)


def test_row_of_a_diverged_run():
    made = run(SGD(lr=0.024))
    row = results(made)
    assert str(row.outcome).endswith("η λ₂ = 2.4 > 2")
    assert row.final_loss == made.loss[made.count - 1]
    assert row.rate.rate == pytest.approx(1.4, rel=1e-6)


def test_row_of_a_run_that_could_not_start():
    row = results(run(SGD(), start=(1e6, 1e6)))
    assert (row.steps_to_tolerance, row.final_loss, row.path_length, row.rate) == (None, None, 0.0, None)


def test_row_while_running_and_on_a_surface_with_several_minima():
    made = SurfaceRun(SGD(lr=0.01), Himmelblau(), (-0.5, -4.5), 200, 0.0, 0)
    assert results(made).path_length == 0
    made.advance(100)
    row = results(made)
    assert str(row.outcome) == "running"
    assert row.steps_to_tolerance is not None
    assert np.isfinite(row.rate.rate)


def test_row_of_a_training_has_its_last_and_its_best():
    network = Network(hidden=(8,), bias=True, init="he", data=Moons(samples=100, noise=0.3))
    made = NetworkRun(SGD(lr=0.5), network, network.data.load(None), 60, 0)
    made.advance(60)
    row, done = network_results(made), made.evaluations
    assert (row.train_loss, row.test_accuracy) == (made.train_loss[done - 1], made.test_accuracy[done - 1])
    assert row.best_test_accuracy == max(made.test_accuracy[:done])
    at = list(made.evaluated).index(row.best_step)
    assert made.test_accuracy[at] == row.best_test_accuracy
    assert max(made.test_accuracy[:at], default=0) < row.best_test_accuracy
    assert str(row.outcome) == "finished"


def test_row_of_a_regression_has_no_accuracies():
    network = Network(hidden=(8,), bias=True, init="he", data=Plane(samples=100))
    made = NetworkRun(SGD(lr=0.1), network, network.data.load(None), 60, 0)
    made.advance(60)
    row, losses = network_results(made), made.test_loss[: made.evaluations]
    assert (row.train_accuracy, row.test_accuracy, row.best_test_accuracy) == (None, None, None)
    assert (row.best_test_loss, row.best_step) == (losses.min(), made.evaluated[losses.argmin()])
