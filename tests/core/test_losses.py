"""Squared error, L1, regression; the numbers that softmax and XOR are known for, and what unsafe formulas do."""

import math

import numpy as np
import pytest

from momentum_gui import assets
from momentum_gui.core import training
from momentum_gui.core.datasets import Article, Dataset, Moons, Peaks, Plane
from momentum_gui.core.network import MLP, Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.run import Outcome
from momentum_gui.core.training import NetworkRun


def no_files(name):
    raise AssertionError(f"no file {name} is needed")


def differences(mlp, w, x, y):
    step = 1e-6
    return np.array(
        [(mlp.loss(w + step * each, x, y) - mlp.loss(w - step * each, x, y)) / (2 * step) for each in np.eye(len(w))]
    )


def test_half_the_squared_error_by_hand():
    """One linear layer, w = [[1, 0], [2, -1]]: x = (1, 1) gives (3, -1); class 0 is (1, 0): (4 + 1) / 2."""
    network = Network(hidden=(), loss="squared_error", reduction="sum", l1=0.5)
    mlp = MLP(network, 2, 2)
    w, x = np.array([1.0, 0.0, 2.0, -1.0]), np.array([[1.0, 1.0], [0.0, 1.0]])
    loss, gradient = mlp.loss_and_gradient(w, x, np.array([0, 1]))
    # the second sample gives (2, -1), is to be (0, 1): (4 + 4) / 2; the penalty is 0.5 * 4
    assert loss == 2.5 + 4 + 2
    # x (output - truth): (1, 1) (2, -1) + (0, 1) (2, -2), and 0.5 sign(w)
    np.testing.assert_array_equal(gradient, [2 + 0.5, -1, 2 + 2 + 0.5, -1 - 2 - 0.5])
    assert mlp.evaluate(w, x, np.array([0, 1]))[:2] == (3.25, 0.5)


def test_a_regressions_loss_by_hand():
    mlp = MLP(Network(hidden=()), 2, 0)
    w, x, y = np.array([1.0, 2.0]), np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([2.0, 5.0])
    loss, gradient = mlp.loss_and_gradient(w, x, y)
    assert loss == (0.5 * 1 + 0.5 * 9) / 2
    np.testing.assert_array_equal(gradient, [0.5, -1.0])
    loss, accuracy, predicted = mlp.evaluate(w, x, y)
    assert (loss, len(predicted)) == (2.5, 0)
    assert math.isnan(accuracy)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("regression", [False, True])
def test_gradients_agree_with_differences(regression, reduction):
    data = (Plane if regression else Moons)(samples=40).load(no_files)
    network = Network(
        hidden=(5, 4), activation="tanh", bias=True, loss="squared_error", reduction=reduction, l1=0.03, l2=0.02
    )
    mlp = MLP(network, 2, len(data.classes))
    w = np.random.default_rng(0).standard_normal(mlp.size)
    loss, gradient = mlp.loss_and_gradient(w, data.x_train, data.y_train)
    assert loss == pytest.approx(float(mlp.loss(w, data.x_train, data.y_train)), rel=1e-14)
    np.testing.assert_allclose(gradient, differences(mlp, w, data.x_train, data.y_train), rtol=1e-6, atol=1e-7)


def test_the_gradient_that_was_handed_out_stays():
    data = Moons(samples=40).load(no_files)
    mlp = MLP(Network(hidden=(3,)), 2, 2)
    w = mlp.start(np.random.default_rng(0))
    _, first = mlp.loss_and_gradient(w, data.x_train, data.y_train)
    kept = first.copy()
    mlp.loss_and_gradient(2 * w, data.x_train, data.y_train)
    np.testing.assert_array_equal(first, kept)


def test_least_squares_of_a_linear_network_is_the_normal_equations():
    data = Plane(samples=200).load(no_files)
    run = NetworkRun(SGD(lr=0.5), Network(hidden=(), bias=True, batch=0), data, 300, 0)
    run.advance(300)
    inputs = np.column_stack([data.x_train, np.ones(len(data.x_train))])
    solution, squares, *_ = np.linalg.lstsq(inputs, data.y_train)
    np.testing.assert_allclose(run.weights, solution, atol=1e-10)
    assert run.train_loss[run.evaluations - 1] == pytest.approx(float(squares[0]) / 2 / len(data.y_train))
    assert np.isnan(run.train_accuracy[: run.evaluations]).all()
    assert run.confusion.size == 0


def test_peaks_are_learned():
    data = Peaks(samples=1000, noise=0.05).load(no_files)
    network = Network(hidden=(20, 20), activation="tanh", bias=True, init="xavier", batch=20)
    run = NetworkRun(Momentum(lr=0.05, mu=0.9), network, data, 2000, 0)
    run.advance(2000)
    assert 0.5 * 0.05**2 < run.test_loss[run.evaluations - 1] < 0.1 * 0.5 * data.y_test.var()


def test_l1_sets_the_useless_weights_to_nought():
    """Soft thresholding: on orthogonal inputs the minimum of the loss with L1 is each solution shrunk by l1."""
    x = np.kron(np.ones((8, 1)), np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]))
    data = Dataset(x, 0.5 * x[:, 0] + 0.05 * x[:, 1], x, x[:, 0], (), ("a", "b"))
    run = NetworkRun(SGD(lr=0.002), Network(hidden=(), batch=0, l1=0.1), data, 5000, 0)
    run.advance(5000)
    np.testing.assert_allclose(run.weights, [0.4, 0.0], atol=4e-4)  # the last step over the kink is lr * l1 long


# -- XOR


@pytest.mark.parametrize("seed", range(4))
def test_xor_with_one_hidden_unit_stops_at_three_of_four(seed):
    """One tanh unit can cut off one corner only: that one is right and of the other three a third is wrong."""
    x, y = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    data = Dataset(x, y, x, y, ("0", "1"), ("x", "y"))
    network = Network(hidden=(1,), activation="tanh", bias=True, init="normal", batch=0)
    run = NetworkRun(Momentum(lr=2.0, mu=0.9), network, data, 1500, seed)
    run.advance(1500)
    third = 1 / 3
    entropy = -third * math.log(third) - (1 - third) * math.log(1 - third)
    assert 0.75 * entropy == pytest.approx(0.47739, abs=5e-6)
    assert run.train_loss[run.evaluations - 1] == pytest.approx(0.75 * entropy, abs=3e-5)
    assert run.train_accuracy[run.evaluations - 1] == 0.75


# -- the article's own formulas, far too fast


@pytest.fixture(scope="module")
def article():
    return Article().load(assets.read)


def literal(data, lr, seed, steps):
    """The article's program, transcribed: softmax as exp / sum exp, the gradient summed over the minibatch.

    Returns the weights after ``steps`` minibatches of 50.
    """
    rng = np.random.default_rng(seed)
    first, second = rng.standard_normal((2, 100)), rng.standard_normal((100, 2))
    v_first, v_second = np.zeros_like(first), np.zeros_like(second)
    for _ in range(steps):
        pick = rng.permutation(len(data.y_train))[:50]
        x, truth = data.x_train[pick], np.eye(2)[data.y_train[pick]]
        h = x @ first
        h[h < 0] = 0
        e = np.exp(h @ second)
        error = truth - e / e.sum(axis=1, keepdims=True)
        d_second = h.T @ error
        back = error @ second.T
        back[h <= 0] = 0
        d_first = x.T @ back
        v_first, v_second = 0.9 * v_first + lr * d_first, 0.9 * v_second + lr * d_second
        first, second = first + v_first, second + v_second
    return first, second


@pytest.mark.parametrize("seed", range(3))
def test_the_articles_formulas_overflow_at_half_and_call_everything_class_0(article, seed):
    with np.errstate(all="ignore"):
        first, second = literal(article, 0.5, seed, 100)
        assert np.isnan(first).all()
        assert np.isnan(second).all()
        h = article.x_test @ first
        e = np.exp(np.maximum(h, 0) @ second)
        predicted = (e / e.sum(axis=1, keepdims=True)).argmax(axis=1)
    assert not predicted.any()
    assert (predicted == article.y_test).sum() == 596
    assert len(article.y_test) == 1250
    assert 596 / 1250 == 0.4768


@pytest.mark.parametrize("seed", range(3))
def test_the_same_rate_stops_here_with_the_step_and_the_reason(article, monkeypatch, seed):
    monkeypatch.setattr(training, "EVALUATIONS", 1)
    network = Network(reduction="sum", batching="drawn", data=Article())
    run = NetworkRun(Momentum(lr=0.5, mu=0.9), network, article, 20_000, seed)
    run.advance(20_000)
    assert run.outcome is Outcome.DIVERGED
    assert str(run.message) == f"diverged at step {run.count}: the loss went beyond the limit of 1e12"
    assert run.count < 20
    assert np.isfinite(run.weights).all()
    assert np.isfinite(run.train_loss[: run.evaluations]).all()
