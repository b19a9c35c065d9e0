"""The network: gradients against central differences, batches against their rows, minibatches, initial weights."""

import math
from itertools import islice, pairwise

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.network import MLP, Network, cross_entropies, minibatches, softmax

SHAPES = [
    (Network(hidden=(7,)), 2, 2),  # the article's kind
    (Network(hidden=(7,), reduction="sum"), 2, 3),
    (Network(hidden=(6, 5), bias=True), 3, 4),
    (Network(hidden=(6, 5, 4), bias=True, activation="tanh", init="xavier", reduction="sum"), 2, 3),
    (Network(hidden=(9,), bias=True, activation="sigmoid", l2=0.3), 4, 2),
    (Network(hidden=(5, 6), activation="linear", l2=0.1, reduction="sum"), 2, 2),
    (Network(hidden=(8, 8), bias=True, activation="relu", init="he", l2=0.05), 5, 10),
    (Network(hidden=(), bias=True, l2=0.2), 3, 3),  # logistic regression
    (Network(hidden=()), 2, 2),
]
shaped = pytest.mark.parametrize(("network", "features", "classes"), SHAPES)


def sample(features, classes, count=12, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, features)), rng.integers(0, classes, count)


def weights(mlp, runs=None, seed=2):
    """Weights with every bias away from 0; of many networks in Fortran order."""
    rng = np.random.default_rng(seed)
    return np.asfortranarray(0.7 * rng.standard_normal((mlp.size,) if runs is None else (mlp.size, runs)))


def plain_forward(mlp, w, x):
    """Every layer's sums before the activation, for one sample, from the layers of the flat vector."""
    sums, h = [], x
    act = {"relu": lambda z: max(z, 0.0), "tanh": math.tanh, "linear": lambda z: z}
    act["sigmoid"] = lambda z: 1 / (1 + math.exp(-z))
    layers = mlp.layers(w)
    for place, (matrix, bias) in enumerate(layers):
        z = [
            sum(h[i] * matrix[i, o] for i in range(len(h))) + (bias[0, o] if bias is not None else 0.0)
            for o in range(matrix.shape[1])
        ]
        sums.append(z)
        h = [act[mlp.network.activation](each) for each in z] if place < len(layers) - 1 else z
    return sums


@shaped
def test_the_gradient_is_that_of_the_loss(network, features, classes):
    mlp = MLP(network, features, classes)
    x, y = sample(features, classes)
    w = weights(mlp)
    kinks = [abs(z) for each in x for layer in plain_forward(mlp, w, each)[:-1] for z in layer]
    assert network.activation != "relu" or min(kinks, default=1.0) > 1e-4, "a ReLU kink lies within the differences"
    h = 1e-6
    differences = np.array([(mlp.loss(w + e, x, y) - mlp.loss(w - e, x, y)) / (2 * h) for e in h * np.eye(mlp.size)])
    loss, gradient = mlp.loss_and_gradient(w, x, y)
    assert loss == pytest.approx(mlp.loss(w, x, y), rel=1e-13)
    np.testing.assert_allclose(gradient, differences, rtol=1e-6, atol=1e-7)


@shaped
def test_the_loss_is_the_formula_sample_by_sample(network, features, classes):
    mlp = MLP(network, features, classes)
    x, y = sample(features, classes)
    w = weights(mlp)
    total = 0.0
    for each, true in zip(x, y, strict=True):
        z = plain_forward(mlp, w, each)[-1]
        total -= math.log(math.exp(z[true]) / sum(math.exp(other) for other in z))
    if network.reduction == "mean":
        total /= len(y)
    total += 0.5 * network.l2 * sum(float((matrix**2).sum()) for matrix, _bias in mlp.layers(w))
    assert mlp.loss(w, x, y) == pytest.approx(total, rel=1e-12)


@shaped
def test_many_networks_are_one_by_one_the_same(network, features, classes):
    mlp = MLP(network, features, classes)
    x, y = sample(features, classes)
    w = weights(mlp, runs=6)
    losses, gradients = mlp.loss_and_gradient(w, x, y)
    assert losses.shape == (6,)
    assert gradients.shape == w.shape
    probabilities = mlp.probabilities(w, x)
    assert probabilities.shape == (6, len(x), classes)
    for run in range(6):
        alone = w[:, run].copy()
        loss, gradient = mlp.loss_and_gradient(alone, x, y)
        assert losses[run] == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(gradients[:, run], gradient, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(probabilities[run], mlp.probabilities(alone, x), rtol=1e-12, atol=1e-12)
        assert mlp.loss(w, x, y)[run] == pytest.approx(loss, rel=1e-12)


def test_many_networks_may_each_see_their_own_minibatch():
    mlp = MLP(Network(hidden=(6,), bias=True), 2, 3)
    w = weights(mlp, runs=4)
    own = [sample(2, 3, seed=seed) for seed in range(4)]
    x, y = np.stack([each for each, _ in own]), np.stack([each for _, each in own])
    losses, gradients = mlp.loss_and_gradient(w, x, y)
    for run, (own_x, own_y) in enumerate(own):
        loss, gradient = mlp.loss_and_gradient(w[:, run].copy(), own_x, own_y)
        assert losses[run] == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(gradients[:, run], gradient, rtol=1e-12, atol=1e-12)


def test_the_sum_is_the_mean_times_the_minibatch():
    x, y = sample(2, 2)
    mean, summed = (MLP(Network(hidden=(5,), reduction=each), 2, 2) for each in ("mean", "sum"))
    w = weights(mean)
    np.testing.assert_allclose(
        summed.loss_and_gradient(w, x, y)[1], len(y) * mean.loss_and_gradient(w, x, y)[1], rtol=1e-12, atol=1e-14
    )


def test_what_was_returned_is_not_overwritten_by_the_next_call():
    mlp = MLP(Network(hidden=(5,), bias=True), 2, 2)
    x, y = sample(2, 2)
    w = weights(mlp)
    loss, gradient = mlp.loss_and_gradient(w, x, y)
    probabilities, logits = mlp.probabilities(w, x), mlp.logits(w, x)
    kept = [np.array(each) for each in (w, x, y, loss, gradient, probabilities, logits)]
    mlp.loss_and_gradient(w + 1, x + 1, 1 - y)
    mlp.evaluate(w + 1, x + 1, 1 - y)
    for now, before in zip((w, x, y, loss, gradient, probabilities, logits), kept, strict=True):
        assert np.array_equal(now, before)


def test_layers_are_views_of_the_flat_vector():
    mlp = MLP(Network(hidden=(4, 3), bias=True), 2, 2)
    assert mlp.size == 2 * 4 + 4 + 4 * 3 + 3 + 3 * 2 + 2
    for w in (np.arange(float(mlp.size)), np.asfortranarray(np.zeros((mlp.size, 5)))):
        for matrix, bias in mlp.layers(w):
            assert np.shares_memory(matrix, w)
            assert np.shares_memory(bias, w)
    flat = np.concatenate([part.ravel() for layer in mlp.layers(np.arange(float(mlp.size))) for part in layer])
    assert np.array_equal(flat, np.arange(mlp.size)), "every weight stands in one place"


def test_the_articles_network_has_two_matrices_and_no_biases():
    mlp = MLP(Network(), 2, 2)
    assert [(matrix.shape, bias) for matrix, bias in mlp.layers(np.zeros(mlp.size))] == [
        ((2, 100), None),
        ((100, 2), None),
    ]


def test_without_biases_a_network_is_constant_along_rays_from_the_origin():
    mlp = MLP(Network(hidden=(30,)), 2, 2)
    w = mlp.start(np.random.default_rng(0))
    turn = np.linspace(0, 2 * np.pi, 180)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    classes = [mlp.logits(w, radius * circle).argmax(axis=-1) for radius in (0.5, 1.0, 8.0)]
    assert np.array_equal(classes[0], classes[1])
    assert np.array_equal(classes[0], classes[2])
    assert set(classes[0]) == {0, 1}


# -- softmax and cross-entropy


def test_the_softmax_is_safe_whatever_the_size_of_its_input():
    z = np.array([[1e4, 0.0, -1e4], [-1e300, -1e300, 0.0], [1e-300, 0.0, 0.0]])
    p = softmax(z)
    np.testing.assert_allclose(p, [[1, 0, 0], [0, 0, 1], [1 / 3, 1 / 3, 1 / 3]], atol=1e-15)
    np.testing.assert_allclose(softmax(np.array([1.0, 2.0, 3.0])), [0.09003057, 0.24472847, 0.66524096], atol=1e-8)


def test_the_cross_entropy_of_a_hopeless_sample_is_finite():
    z = np.array([[1e4, 0.0], [0.0, 0.0], [0.0, 3.0]])
    np.testing.assert_allclose(cross_entropies(z, np.array([1, 0, 1])), [1e4, np.log(2), np.log1p(np.exp(-3))])


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "linear"])
def test_huge_weights_make_no_warning(activation):
    mlp = MLP(Network(hidden=(5,), bias=True, activation=activation), 2, 2)
    x, y = sample(2, 2)
    loss, gradient = mlp.loss_and_gradient(1e4 * weights(mlp), 1e3 * x, y)
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()


# -- evaluation


def test_an_evaluation_counts_what_it_predicts():
    network = Network(hidden=(6,), bias=True, l2=5.0)
    mlp = MLP(network, 2, 3)
    x, y = sample(2, 3, count=200)
    w = weights(mlp)
    loss, accuracy, predicted = mlp.evaluate(w, x, y)
    p = mlp.probabilities(w, x)
    np.testing.assert_allclose(p.sum(axis=-1), 1.0, rtol=1e-12)
    assert np.array_equal(predicted, p.argmax(axis=-1))
    assert accuracy == np.mean(predicted == y)
    assert loss == pytest.approx(-np.log(p[np.arange(200), y]).mean(), rel=1e-12)


def test_a_large_set_is_evaluated_in_blocks_with_the_same_result(monkeypatch):
    mlp = MLP(Network(hidden=(6,)), 2, 3)
    x, y = sample(2, 3, count=103)
    w = weights(mlp)
    loss, accuracy, predicted = mlp.evaluate(w, x, y)
    monkeypatch.setattr("momentum_gui.core.network.EVALUATED_AT_ONCE", 10)
    block_loss, block_accuracy, block_predicted = mlp.evaluate(w, x, y)
    assert block_loss == pytest.approx(loss, rel=1e-12)
    assert block_accuracy == accuracy
    assert np.array_equal(block_predicted, predicted)


# -- initial weights


@pytest.mark.parametrize(("init", "variances"), [("normal", (1, 1)), ("he", (2 / 80, 2 / 500)), ("xavier", None)])
def test_initial_weights_have_the_variance_of_their_rule(init, variances):
    mlp = MLP(Network(hidden=(500,), bias=True, init=init), 80, 40)
    variances = variances or (2 / 580, 2 / 540)
    for (matrix, bias), variance in zip(mlp.layers(mlp.start(np.random.default_rng(0))), variances, strict=True):
        assert matrix.var() == pytest.approx(variance, rel=0.05)
        assert abs(matrix.mean()) < 5 * (variance / matrix.size) ** 0.5
        assert not bias.any()


def test_initial_weights_depend_on_the_seed_alone():
    mlp = MLP(Network(hidden=(5,)), 2, 2)
    one, same, other = (mlp.start(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


# -- minibatches


def numbered(count):
    """A data set whose samples are their own numbers."""
    x = np.arange(float(count))[:, None]
    return Dataset(x, np.arange(count) % 2, x[:1], np.zeros(1, dtype=np.int64), ("0", "1"), ("n",))


def drawn(network, data, count, seed=0):
    """The samples' numbers in the first ``count`` minibatches."""
    result = []
    for x, y in islice(minibatches(network, data, np.random.default_rng(seed)), count):
        assert np.array_equal(y, x[:, 0].astype(int) % 2), "inputs and classes stay together"
        result.append(tuple(x[:, 0].astype(int)))
    return result


def test_an_epoch_passes_every_sample_once_and_the_next_in_another_order():
    batches = drawn(Network(batch=10), numbered(34), 12)
    assert [len(each) for each in batches] == 3 * [10, 10, 10, 4]
    epochs = [sum(batches[first : first + 4], ()) for first in (0, 4, 8)]
    assert all(sorted(each) == list(range(34)) for each in epochs)
    assert len({*epochs, tuple(range(34))}) == 4


def test_drawn_minibatches_are_cut_once_and_drawn_with_replacement():
    batches = drawn(Network(batch=10, batching="drawn"), numbered(34), 400)
    cut = set(batches)
    assert sorted(len(each) for each in cut) == [4, 10, 10, 10]
    assert sorted(sum(cut, ())) == list(range(34))
    counts = [batches.count(each) for each in cut]
    assert min(counts) > 60, "each has a chance of a quarter"
    assert any(one == two for one, two in pairwise(batches)), "with replacement"


@pytest.mark.parametrize("batching", ["epoch", "drawn"])
@pytest.mark.parametrize("batch", [0, 34, 100])
def test_one_minibatch_may_be_the_full_training_set(batching, batch):
    assert drawn(Network(batch=batch, batching=batching), numbered(34), 3) == 3 * [tuple(range(34))]


@pytest.mark.parametrize("batching", ["epoch", "drawn"])
def test_minibatches_depend_on_the_seed_alone(batching):
    network = Network(batch=10, batching=batching)
    assert drawn(network, numbered(34), 9, seed=1) == drawn(network, numbered(34), 9, seed=1)
    assert drawn(network, numbered(34), 9, seed=1) != drawn(network, numbered(34), 9, seed=2)


def test_products_run_on_one_thread():
    blas = [each for each in threadpool_info() if each["user_api"] == "blas"]
    assert blas
    assert all(each["num_threads"] == 1 for each in blas)
