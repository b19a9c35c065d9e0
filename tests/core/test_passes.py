"""The losses of the last layer's outputs: two classes against many, many minibatches against one, the bound."""

import numpy as np
import pytest

from momentum_gui.core.network import MLP, Network
from momentum_gui.core.passes import Logistic, Softmax, SquaredError
from momentum_gui.core.run import LIMIT

CASES = [
    (Network(hidden=(5,), bias=True), 2),
    (Network(hidden=(5,), reduction="sum"), 4),
    (Network(hidden=(4, 3), loss="squared_error", activation="tanh"), 3),
    (Network(hidden=(3,), bias=True), 0),
]


def minibatches(mlp, classes, count, batch=7):
    """Weights and ``count`` minibatches: inputs (count, batch, 2), targets (count, batch)."""
    rng = np.random.default_rng(3)
    y = rng.integers(0, classes, (count, batch)) if classes else rng.standard_normal((count, batch))
    return rng.standard_normal(mlp.size), rng.standard_normal((count, batch, 2)), y


@pytest.mark.parametrize(("network", "classes"), CASES)
def test_losses_of_many_minibatches_are_to_the_bit_those_of_each(network, classes):
    mlp = MLP(network, 2, classes)
    w, x, y = minibatches(mlp, classes, 9)
    passes = mlp.passes((7,))
    truths = passes.truths(mlp.truth(y))
    passes.weights[:] = w
    gradients = []
    for row, each in enumerate(zip(x, truths, strict=True)):
        passes.calls(*each, *passes.rows[row])
        gradients.append(passes.gradient.copy())
    losses = passes.losses(truths)
    assert losses.shape == (9,)
    for row, (loss, gradient) in enumerate(zip(losses, gradients, strict=True)):
        alone = mlp.loss_and_gradient(w, x[row], y[row])
        assert loss == alone[0]
        assert np.array_equal(gradient, alone[1])
        assert loss == pytest.approx(float(mlp.loss(w, x[row], y[row])), rel=1e-12)


@pytest.mark.parametrize(("network", "classes"), CASES)
@pytest.mark.parametrize("factor", [0.01, 1.0, 100.0])
def test_no_loss_exceeds_the_bound(network, classes, factor):
    mlp = MLP(network, 2, classes)
    w, x, y = minibatches(mlp, classes, 6)
    weights = np.asfortranarray(np.outer(factor * w, np.linspace(-1, 1, 6)))
    passes = mlp.passes((6, 7))
    truths = passes.truths(mlp.truth(y)[None])
    passes.weights[:] = weights
    with np.errstate(over="ignore"):
        passes.run(x, truths[0])
    bound, losses = passes.bound(), passes.losses(truths)
    assert losses.shape == (6,)
    assert losses.max() <= bound < LIMIT


def test_where_an_output_is_not_a_number_there_is_no_bound():
    mlp = MLP(Network(hidden=(3,)), 2, 2)
    w, x, y = minibatches(mlp, 2, 2)
    passes = mlp.passes((2, 7))
    truths = passes.truths(mlp.truth(y)[None])
    passes.weights[:] = np.outer(w, [1, np.nan])
    with np.errstate(invalid="ignore"):
        passes.run(x, truths[0])
    assert not passes.bound() <= np.inf


def test_two_classes_by_their_difference_are_the_softmax_of_both():
    """From equal outputs to ones 1e4 apart, where exp overflows; the derivatives by the first and by both."""
    z0 = np.array([0.0, 3.0, 1e4, 1e4, 0.0, 0.0, 50.0, -50.0, 0.3, -1.2])
    z1 = np.array([0.0, 3.0, 0.0, 0.0, 1e4, 1e4, 0.0, 0.0, 0.1, 2.5])
    y = np.array([0, 1, 0, 1, 0, 1, 1, 0, 1, 0])
    scale, outputs = 0.25, np.stack([z0, z1])
    truth = scale * np.eye(2)[:, y]

    def worked(cls, z, truth, rows=2):
        error = np.empty((rows, len(y)))
        output = cls(np.array([z]), error, scale)
        with np.errstate(over="ignore"):
            output.error(np, truth, *output.rows[0])
            return error, output.losses(truth[None])[0]

    error, losses = worked(Softmax, outputs, truth)
    assert losses.max() == 1e4 * scale
    for rows in (1, 2):
        own_error, own_losses = worked(Logistic, outputs[:1] - outputs[1:], truth[1:], rows)
        np.testing.assert_allclose(own_error, error[:rows], rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(own_losses, losses, rtol=1e-13, atol=1e-14)


def test_the_squared_error_by_hand():
    z, error = np.array([[[1.0, 2.0], [0.0, -1.0]]]), np.empty((2, 2))
    output = SquaredError(z, error, 0.5)
    truth = np.array([[1.0, 0.0], [0.0, 1.0]])
    output.error(np, truth, *output.rows[0])
    assert np.array_equal(error, [[0.0, 1.0], [0.0, -1.0]])
    assert np.array_equal(output.losses(truth[None]), [[0.0, 2.0]])


def test_small_losses_of_two_classes_keep_their_digits():
    """log(1 + exp -d) is exp -d - exp(-2 d) / 2 … where exp -d is small."""
    d = np.array([30.0, 33.0, 36.0, 300.0, -30.0, -36.0])
    output, truth = Logistic(d[None, None], np.empty((1, 6)), 1.0), np.array([[0.0, 0, 0, 0, 1, 1]])
    output.error(np, truth, *output.rows[0])
    np.testing.assert_allclose(output.losses(truth[None])[0], np.exp(-np.abs(d)), rtol=1e-12)


def test_a_bound_beyond_all_numbers_is_infinite():
    output = SquaredError(np.array([[[1e200]]]), np.empty((1, 1)), 1.0)
    assert output.bound() == np.inf
