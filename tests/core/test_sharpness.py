"""Exact products with the Hessian, the largest eigenvalue, and the edge of stability."""

import contextvars
from dataclasses import replace

import numpy as np
import pytest

from momentum_gui.core.datasets import Moons, Plane, Target
from momentum_gui.core.network import MLP, Network
from momentum_gui.core.optimizers import SGD, Momentum, Nesterov
from momentum_gui.core.sharpness import Hessian, Sharpness, lanczos, limit
from momentum_gui.core.training import NetworkRun


def no_files(name):
    raise AssertionError(f"no file {name} is needed")


def network(**fields):
    return Network(**{"hidden": (4, 3), "init": "xavier", "activation": "tanh", "bias": True, "batch": 0, **fields})


def full(mlp, w, x, y):
    """The Hessian by central differences of the gradient."""
    step = 1e-6
    columns = []
    for direction in np.eye(len(w)):
        ahead, behind = (mlp.loss_and_gradient(w + sign * step * direction, x, y)[1] for sign in (1, -1))
        columns.append((ahead - behind) / (2 * step))
    return np.array(columns)


@pytest.mark.parametrize("fields", [{}, {"reduction": "sum"}, {"l2": 0.1}, {"bias": False}, {"hidden": ()}])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "linear", "relu"])
@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error", "regression"])
def test_products_agree_with_differences_of_the_gradient(loss, activation, fields):
    regression = loss == "regression"
    declared = network(activation=activation, loss="cross_entropy" if regression else loss, **fields)
    data = (Plane if regression else Moons)(samples=40).load(no_files)
    x, y = data.x_train, data.y_train
    mlp = MLP(declared, 2, len(data.classes))
    rng = np.random.default_rng(3)
    w = mlp.start(rng) + 0.1 * rng.standard_normal(mlp.size)  # off the kinks, where biases of 0 leave dead layers
    hessian = Hessian(mlp, w, x, y)
    found = np.array([hessian.times(direction) for direction in np.eye(mlp.size)])
    expected = full(mlp, w, x, y)
    np.testing.assert_allclose(found, expected, atol=1e-7 * max(1.0, np.abs(expected).max()))
    np.testing.assert_allclose(found, found.T, atol=1e-12 * np.abs(found).max())


def test_a_sum_over_minibatches_has_the_curvature_of_one_of_them():
    data = Moons(samples=80).load(no_files)
    averaged, summed = (MLP(network(batch=20, reduction=how), 2, 2) for how in ("mean", "sum"))
    w = averaged.start(np.random.default_rng(0))
    v = np.random.default_rng(1).standard_normal(len(w))
    one, other = (Hessian(mlp, w, data.x_train, data.y_train).times(v) for mlp in (averaged, summed))
    np.testing.assert_allclose(other, 20 * one, rtol=1e-12)


def test_lanczos_finds_the_largest_eigenvalue_though_a_negative_one_is_larger_in_size():
    rng = np.random.default_rng(0)
    turn, _ = np.linalg.qr(rng.standard_normal((80, 80)))
    matrix = turn @ np.diag([-9.0, 3.0, *np.linspace(-1, 2.5, 78)]) @ turn.T
    value, vector, residual = list(lanczos(lambda v: matrix @ v, rng.standard_normal(80)))[-1]
    assert abs(value - 3) < 1e-6
    assert residual <= 3e-4
    np.testing.assert_allclose(matrix @ vector, 3 * vector, atol=2 * residual)


def test_lanczos_ends_at_once_where_there_is_no_curvature():
    assert [value for value, _, _ in lanczos(np.zeros_like, np.ones(5))] == [0.0]


def test_the_limits_are_those_of_the_methods():
    assert limit(SGD(lr=0.4)) == 5.0
    assert limit(Momentum(lr=0.1, mu=0.9)) == pytest.approx(38.0)
    assert limit(Nesterov(lr=0.1, mu=0.9)) == pytest.approx(3.8 / 0.28)


def test_it_is_the_largest_eigenvalue_at_every_kept_step_however_it_is_cut():
    data = Moons(samples=40).load(no_files)
    run = NetworkRun(SGD(lr=0.5), network(loss="squared_error"), data, 60, 0)
    whole, cut = Sharpness(run), Sharpness(run)
    while not run.done:
        run.advance(7)
        cut.advance(3)
    while not cut.done:
        cut.advance(2)
    whole.advance(100_000)
    assert whole.done
    assert whole.count == 61
    np.testing.assert_array_equal(cut.values[: cut.count], whole.values[: whole.count])
    np.testing.assert_array_equal(whole.steps[: whole.count], [step for step, _ in run.kept])
    for (_, w), value in zip(run.kept, whole.values, strict=False):
        largest = np.linalg.eigvalsh(full(run.mlp, w, data.x_train, data.y_train))[-1]
        assert value == pytest.approx(largest, rel=2e-4)


@pytest.mark.parametrize(("lr", "signs", "edge"), [(0.4, False, 5.0), (0.3, True, 6.667)])
def test_gradient_descent_trains_at_the_edge_of_stability(lr, signs, edge):
    """Cohen et al. 2021: full batches, tanh, squared error / 2: the sharpness settles at 2 / lr.

    With ``signs`` the network is 2-16-16-1 and learns -1 and 1; else 2-16-16-2, one output a class.
    """
    data = Moons(samples=200).load(no_files)
    if signs:
        y_train, y_test = 2.0 * data.y_train - 1, 2.0 * data.y_test - 1
        data = replace(data, y_train=y_train, y_test=y_test, classes=(), target=Target("sign"))
    run = NetworkRun(SGD(lr=lr), network(hidden=(16, 16), init="he", loss="squared_error"), data, 6000, 0)
    run.advance(6000)
    sharpness = Sharpness(run)
    sharpness.advance(10**6)
    late = sharpness.values[: sharpness.count][sharpness.steps[: sharpness.count] >= 4000]
    assert len(late) == 34
    assert np.abs(late - edge).max() < 0.03 * edge


def test_a_search_is_taken_up_in_another_context():
    """As on a thread that has an event loop; NumPy's error state belongs to the context."""
    data = Moons(samples=30).load(no_files)
    run = NetworkRun(SGD(lr=0.1), network(hidden=(4,)), data, 1, 0)
    sharpness = Sharpness(run)
    before = np.geterr()
    while not sharpness.done:
        contextvars.copy_context().run(sharpness.advance, 1)
    assert sharpness.count == 1
    assert np.geterr() == before
