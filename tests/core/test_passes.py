"""The losses of the last layer's outputs: two classes against many, many minibatches against one, the bound."""

import numpy as np
import pytest

from momentum_gui.core.network import MLP, Network, cross_entropies
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


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize(("network", "classes"), CASES)
def test_losses_of_many_minibatches_are_to_the_bit_those_of_each(network, classes, careful):
    mlp = MLP(network, 2, classes)
    w, x, y = minibatches(mlp, classes, 9)
    passes = mlp.passes((7,))
    truths = passes.truths(mlp.truth(y))
    passes.weights[:] = w
    calls, gradients = passes.recorded(careful).function(*passes.given), []
    for row, each in enumerate(zip(x, truths, strict=True)):
        calls(*each, *passes.rows[row])
        gradients.append(passes.gradient.copy())
    assert passes.sound(9)
    losses = passes.losses(truths)
    assert losses.shape == (9,)
    for row, (loss, gradient) in enumerate(zip(losses, gradients, strict=True)):
        calls(x[row], truths[row], *passes.rows[0])
        assert loss == passes.losses(truths[row : row + 1])
        assert np.array_equal(gradient, passes.gradient)
        alone = mlp.loss_and_gradient(w, x[row], y[row])
        assert loss == pytest.approx(float(alone[0]), rel=1e-12)
        np.testing.assert_allclose(gradient, alone[1], rtol=1e-12, atol=1e-15)
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
        output = cls(np.array([z]), error, scale, 1)
        with np.errstate(over="ignore"):
            output.careful_error(np, truth, *output.rows[0])
            return error, output.losses(truth[None])

    error, losses = worked(Softmax, outputs, truth)
    assert losses.max() == 1e4 * scale
    for rows in (1, 2):
        own_error, own_losses = worked(Logistic, outputs[:1] - outputs[1:], truth[1:], rows)
        np.testing.assert_allclose(own_error, error[:rows], rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(own_losses, losses, rtol=1e-13, atol=1e-14)


def test_the_squared_error_by_hand():
    z, error = np.array([[[1.0, 2.0], [0.0, -1.0]]]), np.empty((2, 2))
    output = SquaredError(z, error, 0.5, 1)
    truth = np.array([[1.0, 0.0], [0.0, 1.0]])
    output.error(np, truth, *output.rows[0])
    assert np.array_equal(error, [[0.0, 1.0], [0.0, -1.0]])
    assert np.array_equal(output.losses(truth[None]), [0.0, 2.0])
    together = SquaredError(output.rows[0][0][None], error, 0.5, 2)
    assert np.array_equal(together.losses(truth[None]), [2.0])


def test_small_losses_of_two_classes_keep_their_digits():
    """log(1 + exp -d) is exp -d - exp(-2 d) / 2 … where exp -d is small."""
    d = np.array([30.0, 33.0, 36.0, 300.0, -30.0, -36.0])
    output, truth = Logistic(d[None, None], np.empty((1, 6)), 1.0, 1), np.array([[0.0, 0, 0, 0, 1, 1]])
    output.error(np, truth, *output.rows[0])
    np.testing.assert_allclose(output.losses(truth[None]), np.exp(-np.abs(d)), rtol=1e-12)


def softmax_of(z, y, care="error"):
    """The cross-entropy of these outputs (rows, samples, outputs) and classes (rows, samples), worked out."""
    rows = np.ascontiguousarray(z.swapaxes(1, 2))
    truths = np.ascontiguousarray(np.eye(z.shape[-1])[y].swapaxes(1, 2))
    output = Softmax(rows, np.empty(rows.shape[1:]), 1.0, z.shape[1])
    errors = []
    with np.errstate(all="ignore"):
        for row, truth in zip(output.rows, truths, strict=True):
            getattr(output, care)(np, truth, *row)
            errors.append(output._error.copy())
    return output, truths, np.array(errors)


@pytest.mark.parametrize("height", [0.0, 600.0, -600.0])
def test_a_softmax_keeps_the_digits_of_small_losses_at_any_height(height):
    """Of two other classes that lie d below the true one: log(1 + 2 exp -d), close to 2 exp -d."""
    below = np.array([[30.0], [36.0], [50.0]])
    z = height + np.stack([0 * below, -below, -below], axis=-1)
    output, truths, _errors = softmax_of(z, np.zeros((3, 1), dtype=int))
    assert output.sound(3)
    np.testing.assert_allclose(output.losses(truths), 2 * np.exp(-below[:, 0]), rtol=1e-12)
    large = softmax_of(height + np.array([[[0.0, 1.0, 2.0]]]), np.array([[1]]))
    assert large[0].losses(large[1]) == pytest.approx(np.log(np.exp(-1) + 1 + np.e), rel=1e-12)


def test_a_sum_of_many_small_losses_keeps_its_digits():
    """A millionth of a loss of each sample: their sum is the difference of sums a thousand million times as large."""
    z = 600.0 + np.tile([0.0, -15.0, -15.0], (1, 10_000, 1))
    output, truths, _errors = softmax_of(z, np.zeros((1, 10_000), dtype=int))
    assert output.losses(truths) == pytest.approx(1e4 * np.log1p(2 * np.exp(-15.0)), rel=1e-12)


@pytest.mark.parametrize("height", [705.0, 1e4, -700.0, -1e4])
def test_a_softmax_knows_when_it_takes_care(height):
    """Where exp overflows or loses digits the plain form says so, and the careful one is right."""
    z, y = height + np.array([[[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]]]), np.array([[1, 0]])
    z[0, 1] -= height  # of one sample alone
    assert not softmax_of(z, y)[0].sound(1)
    output, truths, errors = softmax_of(z, y, "careful_error")
    assert output.sound(1)
    exp = np.exp([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])
    np.testing.assert_allclose(errors[0].T, exp / exp.sum(axis=1, keepdims=True) - np.eye(3)[y[0]], rtol=1e-11)
    assert output.losses(truths) == pytest.approx(cross_entropies(z[0], y[0]).sum(), rel=1e-11)


def test_a_bound_beyond_all_numbers_is_infinite():
    output = SquaredError(np.array([[[1e200]]]), np.empty((1, 1)), 1.0, 1)
    assert output.bound() == np.inf
