"""Planes of weights, projected paths, the loss over them."""

import numpy as np
import pytest

from momentum_gui.core import weight_space
from momentum_gui.core.datasets import Moons, Plane
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import MLP, Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.training import NetworkRun
from momentum_gui.core.weight_space import LossGrid, WeightPlane, axes, path, principal_plane, random_plane


def no_files(name):
    raise AssertionError(f"no file {name} is needed")


def trained(optimizer=None, steps=300, **fields):
    data = Moons(samples=100).load(no_files)
    network = Network(**{"hidden": (6, 5), "activation": "tanh", "bias": True, "init": "xavier", **fields})
    run = NetworkRun(optimizer or Momentum(lr=0.1), network, data, steps, 0)
    run.advance(steps)
    return run


def test_a_path_in_a_plane_lies_in_its_principal_plane():
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.standard_normal((30, 2)))
    coordinates = rng.standard_normal((40, 2)) * [3.0, 1.0]
    points = 5 + coordinates @ turned.T
    plane = principal_plane([points[:25], points[25:]])
    assert sum(plane.share) == pytest.approx(1)
    assert plane.share[0] > plane.share[1]
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
    found = plane.project(points)
    np.testing.assert_allclose(plane.at(*found.T).T, points, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), np.sqrt(np.linalg.eigvalsh(np.cov(coordinates.T, ddof=0))[::-1]))
    assert (found[24] >= 0).all()


def test_the_first_component_is_the_line_of_a_straight_path():
    direction = np.array([2.0, -1.0, 2.0]) / 3
    plane = principal_plane([np.outer(np.arange(5.0), direction)])
    np.testing.assert_allclose(plane.directions[0], direction, atol=1e-12)
    assert plane.share == pytest.approx((1, 0))


def test_a_single_point_has_a_plane_and_a_single_weight_has_none():
    plane = principal_plane([np.ones((1, 4))])
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(plane.project(np.ones((1, 4))), 0)
    with pytest.raises(InputError, match="one weight"):
        principal_plane([np.ones((3, 1))])


def test_a_runs_path_has_both_its_ends():
    run = trained(steps=1000)
    steps, weights = path(run, 11)
    assert steps.tolist() == list(range(0, 1001, 100))
    np.testing.assert_array_equal(weights[-1], run.weights)
    np.testing.assert_array_equal(weights[3], run.weights_at(300)[1])
    assert len(path(run, 1000)[0]) == 101


def test_random_directions_are_as_long_as_every_units_weights():
    run = trained()
    plane = random_plane(run.mlp, run.weights, 3)
    np.testing.assert_array_equal(plane.origin, run.weights)
    for (weights, _), (drawn, bias) in zip(
        run.mlp.layers(run.weights), run.mlp.layers(plane.directions[0]), strict=True
    ):
        np.testing.assert_allclose(np.linalg.norm(drawn, axis=0), np.linalg.norm(weights, axis=0))
        assert not bias.any()
    assert plane.directions[0] @ plane.directions[1] == pytest.approx(0, abs=1e-9)
    other = random_plane(run.mlp, run.weights, 4)
    assert np.abs(other.directions - plane.directions).max() > 0.1


def test_the_loss_over_the_plane_is_that_of_its_weights(monkeypatch):
    """And at a path's point that lies on the plane it is the run's own."""
    monkeypatch.setattr(weight_space, "EVALUATED_AT_ONCE", 32)
    run = trained(l2=0.01)
    plane = random_plane(run.mlp, run.weights, 0)
    a, b = np.linspace(-1, 1, 5), np.array([-0.5, 0.0, 2.0])
    grid = LossGrid(run.mlp, run.data, plane, a, b)
    assert np.isnan(grid.values).all()
    for points in (1, 4, 2, 100):
        grid.advance(points)
    assert grid.done
    for row, column in np.ndindex(3, 5):
        w = plane.at(a[column : column + 1], b[row : row + 1])[:, 0]
        expected = run.mlp.evaluate(w, run.data.x_train, run.data.y_train)[0]
        assert grid.values[row, column] == pytest.approx(expected, rel=1e-12)
    assert grid.values[1, 2] == pytest.approx(run.train_loss[run.evaluations - 1], rel=1e-12)


def test_a_linear_regressions_loss_is_a_bowl_around_its_minimum():
    """Two weights: the plane is all there is, and the loss rises from the least-squares solution by w' X'X w / 2n."""
    data = Plane(samples=100).load(no_files)
    run = NetworkRun(SGD(lr=0.5), Network(hidden=(), batch=0), data, 200, 0)
    run.advance(200)
    _, weights = path(run)
    plane = principal_plane([weights])
    projected = plane.project(weights)
    a, b = axes(projected, 9)
    assert a[0] < projected[:, 0].min()
    assert a[-1] > projected[:, 0].max()
    grid = LossGrid(run.mlp, data, plane, a, b)
    grid.advance(81)
    solution, squares, *_ = np.linalg.lstsq(data.x_train, data.y_train)
    away = plane.at(*(each.ravel() for each in np.meshgrid(a, b))) - solution[:, None]
    bowl = ((data.x_train @ away) ** 2).sum(axis=0) / 2 + squares[0] / 2
    np.testing.assert_allclose(grid.values.ravel(), bowl / len(data.y_train), rtol=1e-10)


def test_losses_that_overflow_are_not_numbers():
    data = Moons(samples=40).load(no_files)
    mlp = MLP(Network(hidden=(3,), activation="linear"), 2, 2)
    plane = WeightPlane(np.zeros(mlp.size), np.ones((2, mlp.size)))
    grid = LossGrid(mlp, data, plane, np.array([0.0, 1e200]), np.array([0.0]))
    grid.advance(2)
    assert grid.values[0, 0] == pytest.approx(np.log(2))
    assert np.isnan(grid.values[0, 1])
