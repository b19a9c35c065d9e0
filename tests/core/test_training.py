"""Training: the article's loop to the last digit, its published facts, a fair race, divergence, the history."""

import tracemalloc
import warnings
from itertools import islice

import numpy as np
import pytest
from msgspec.structs import replace

from momentum_gui import assets
from momentum_gui.core import training
from momentum_gui.core.datasets import Article, Circles, Dataset, Moons, Plane
from momentum_gui.core.network import MLP, Network, minibatches
from momentum_gui.core.optimizers import OPTIMIZERS, SGD, Adam, Lion, Momentum, Nesterov
from momentum_gui.core.passes import ROWS, Passes
from momentum_gui.core.recording import Recorder
from momentum_gui.core.run import LIMIT, Outcome
from momentum_gui.core.schedules import Change, Cosine
from momentum_gui.core.training import NetworkRun

ARTICLE = Network(hidden=(100,), reduction="sum", batch=50, batching="drawn", data=Article())
"""The article's network, all of it."""

WILD = Network(hidden=(20, 20), bias=True, reduction="sum", batch=0, l2=1.0, data=Circles(samples=60))
"""A network on which a large learning rate soon leaves the limits."""

SMALL = Network(hidden=(6,), bias=True, batch=10, data=Moons(samples=80))


@pytest.fixture(scope="module")
def article():
    return Article().load(assets.read)


def start(optimizer, network=SMALL, steps=40, seed=0):
    return NetworkRun(optimizer, network, network.data.load(assets.read), steps, seed)


def run_of(optimizer, network=SMALL, steps=40, seed=0):
    run = start(optimizer, network, steps, seed)
    run.advance(steps)
    return run


def history(run):
    """Copies of all that is valid of a run."""
    places = slice(0, run.evaluations)
    evaluated = run.evaluated, run.train_loss, run.test_loss, run.train_accuracy, run.test_accuracy, run.confusion
    kept = [run.weights_at(int(step))[1] for step in run.evaluated[places]]
    return [
        np.array(part)
        for part in (run.batch_loss[: run.count], run.epoch[: run.count], *(e[places] for e in evaluated), kept)
    ]


def assert_same(one, other):
    assert (one.count, one.outcome, str(one.message)) == (other.count, other.outcome, str(other.message))
    assert np.array_equal(one.weights, other.weights)
    for ours, theirs in zip(history(one), history(other), strict=True):
        assert np.array_equal(ours, theirs, equal_nan=True)


# -- the article's loop, sample by sample


def gradient_of_one(model, x, y):
    """One sample's gradient of the log-likelihood: uphill, as the article has it."""
    h = np.maximum(x @ model["W1"], 0)
    z = h @ model["W2"]
    y_prob = np.exp(z - z.max())
    y_prob /= y_prob.sum()
    y_true = np.zeros(len(z))
    y_true[y] = 1.0
    err = y_true - y_prob
    dh = model["W2"] @ err
    dh[h <= 0] = 0.0
    return {"W1": np.outer(x, dh), "W2": np.outer(h, err)}


def train_by_the_article(model, batches, alpha, gamma):
    """The article's training: the gradients of a minibatch's samples are summed, the velocity climbs."""
    velocity = {layer: np.zeros_like(weights) for layer, weights in model.items()}
    for xs, ys in batches:
        grad = {layer: np.zeros_like(weights) for layer, weights in model.items()}
        for x, y in zip(xs, ys, strict=True):
            for layer, part in gradient_of_one(model, x, y).items():
                grad[layer] += part
        for layer in model:
            velocity[layer] = gamma * velocity[layer] + alpha * grad[layer]
            model[layer] += velocity[layer]
    return model


@pytest.mark.parametrize(
    ("optimizer", "gamma"), [(SGD(lr=1e-4), 0.0), (Momentum(lr=1e-4, mu=0.9), 0.9), (Momentum(lr=1e-5, mu=0.9), 0.9)]
)
def test_the_articles_loop_sample_by_sample_agrees_over_100_steps(article, optimizer, gamma):
    mlp = MLP(ARTICLE, 2, 2)
    w = mlp.start(np.random.default_rng(1))
    batches = list(islice(minibatches(ARTICLE, article, np.random.default_rng(2)), 100))
    model = {name: matrix.copy() for name, (matrix, _bias) in zip(("W1", "W2"), mlp.layers(w), strict=True)}
    begun = {name: matrix.copy() for name, matrix in model.items()}

    state = optimizer.start(w)
    for step, (x, y) in enumerate(batches, 1):
        _loss, gradient = mlp.loss_and_gradient(optimizer.look(*state), x, y)
        state = optimizer.move(gradient, step, *state)
    train_by_the_article(model, batches, optimizer.lr, gamma)

    for (matrix, bias), name in zip(mlp.layers(state[0]), ("W1", "W2"), strict=True):
        assert bias is None
        np.testing.assert_allclose(matrix, model[name], rtol=0, atol=1e-12)
        assert np.abs(matrix - begun[name]).max() > 1e-3, "it has learnt"


# -- the four facts of the article's source


def accuracies(monkeypatch, data, network, optimizer, steps, seeds):
    """Every seed's test accuracy at the end of a run."""
    monkeypatch.setattr(training, "EVALUATIONS", 1)  # only the start and the end: it is the steps that count here
    result = []
    for seed in range(seeds):
        run = NetworkRun(optimizer, network, data, steps, seed)
        run.advance(steps)
        assert run.outcome is Outcome.FINISHED
        assert run.evaluated[run.evaluations - 1] == steps
        result.append(run.test_accuracy[run.evaluations - 1])
    return np.array(result)


EPOCHS = Network(hidden=(100,), reduction="sum", batch=50, batching="epoch", data=Article())
EPOCH = 75
"""Minibatches of 50 in 3 750 samples."""


def test_ten_epochs_of_sgd_reach_the_published_accuracy(monkeypatch, article):
    """0.8765 +- 0.0048 over 100 runs in the article's source."""
    found = accuracies(monkeypatch, article, EPOCHS, SGD(lr=1e-4), 10 * EPOCH, 20)
    assert 0.868 <= found.mean() <= 0.885


def test_a_hundred_drawn_minibatches_are_enough_for_momentum_and_not_for_sgd(monkeypatch, article):
    heavy = accuracies(monkeypatch, article, ARTICLE, Momentum(lr=1e-5, mu=0.9), 100, 40)
    plain = accuracies(monkeypatch, article, ARTICLE, SGD(lr=1e-5), 100, 40)
    assert heavy.mean() == pytest.approx(0.84, abs=0.03)
    assert plain.mean() == pytest.approx(0.55, abs=0.1)


@pytest.mark.parametrize("optimizer", [SGD(lr=1e-3), Momentum(lr=1e-3), Nesterov(lr=1e-3)], ids=repr)
def test_without_biases_no_network_passes_089(monkeypatch, article, optimizer):
    """Its class is constant along rays from the origin, and here the moons overlap along rays."""
    found = accuracies(monkeypatch, article, EPOCHS, optimizer, 30 * EPOCH, 2)
    assert found.max() < 0.893
    assert found.min() > 0.87


def test_no_rule_that_is_constant_along_rays_passes_089(article):
    """The best class for each of 180 sectors, learnt by counting: what no network without biases can much surpass."""
    sectors = [((np.arctan2(x[:, 1], x[:, 0]) / np.pi + 1) * 90).astype(int) for x in (article.x_train, article.x_test)]
    ones, all_ = (np.bincount(sectors[0], weights, 181) for weights in (article.y_train, None))
    assert 0.86 < np.mean((2 * ones > all_)[sectors[1]] == article.y_test) < 0.893


def test_with_biases_thirty_epochs_of_momentum_pass_099(monkeypatch, article):
    network = Network(hidden=(100,), bias=True, reduction="sum", batch=50, data=Article())
    assert accuracies(monkeypatch, article, network, Momentum(lr=1e-4, mu=0.9), 30 * EPOCH, 3).min() > 0.99


# -- a fair race


@pytest.mark.parametrize("cls", OPTIMIZERS)
@pytest.mark.parametrize("batching", ["epoch", "drawn"])
def test_every_racer_has_the_same_weights_and_the_same_minibatches(monkeypatch, cls, batching):
    network = Network(hidden=(6,), batch=10, batching=batching, data=Moons(samples=80))

    def seen(optimizer):
        batches = []
        inner = Passes.recorded

        def noted(passes, careful):
            recorder = Recorder()
            recorder.record(lambda x, truth: batches.append((x.copy(), truth.copy())), *passes.given[:2])
            recorder.extend(inner(passes, careful))
            return recorder

        with monkeypatch.context() as patched:
            patched.setattr(Passes, "recorded", noted)
            run = start(optimizer, network)
            weights = run.weights.copy()
            run.advance(40)
        return weights, batches

    (ours, our_batches), (theirs, their_batches) = seen(SGD(lr=0.5)), seen(cls(lr=0.001))
    assert np.array_equal(ours, theirs)
    assert len(our_batches) == len(their_batches) == 40
    for (x, y), (other_x, other_y) in zip(our_batches, their_batches, strict=True):
        assert np.array_equal(x, other_x)
        assert np.array_equal(y, other_y)


def test_another_seed_has_other_weights_and_other_minibatches():
    one, same, other = (run_of(SGD(lr=0.1), seed=seed) for seed in (1, 1, 2))
    assert_same(one, same)
    assert not np.array_equal(one.weights_at(0)[1], other.weights_at(0)[1])
    assert not np.array_equal(one.batch_loss[1:], other.batch_loss[1:])


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_a_batch_of_networks_equals_its_rows(cls):
    """Many networks trained as one run, weights (n, runs), are the networks trained one by one."""
    data = SMALL.data.load(assets.read)
    mlp, optimizer = MLP(SMALL, 2, 2), cls(lr=0.02)
    starts = [mlp.start(np.random.default_rng(seed)) for seed in range(5)]
    batches = list(islice(minibatches(SMALL, data, np.random.default_rng(9)), 60))

    def trained(w):
        state = optimizer.start(w)
        for step, (x, y) in enumerate(batches, 1):
            state = optimizer.move(mlp.loss_and_gradient(optimizer.look(*state), x, y)[1], step, *state)
        return state[0]

    together = trained(np.asfortranarray(np.stack(starts, axis=1)))
    for run, w in enumerate(starts):
        np.testing.assert_allclose(together[:, run], trained(w), rtol=0, atol=1e-12)


# -- what is recorded


@pytest.mark.parametrize("optimizer", [SGD(lr=0.1), Momentum(lr=0.1), Nesterov(lr=0.1)], ids=repr)
def test_what_is_recorded_is_what_the_weights_say(optimizer):
    run = run_of(optimizer)
    data, mlp = run.data, run.mlp
    assert run.outcome is Outcome.FINISHED
    assert run.count == 41
    assert list(run.evaluated[: run.evaluations]) == list(range(41)), "a short run is evaluated at every step"
    assert np.isnan(run.batch_loss[0])
    assert np.isfinite(run.batch_loss[1:]).all()
    for place in range(run.evaluations):
        step, w = run.weights_at(place)
        assert step == place
        loss, accuracy, _predicted = mlp.evaluate(w, data.x_train, data.y_train)
        assert (run.train_loss[place], run.train_accuracy[place]) == (loss, accuracy)
        loss, accuracy, predicted = mlp.evaluate(w, data.x_test, data.y_test)
        assert (run.test_loss[place], run.test_accuracy[place]) == (loss, accuracy)
        table = [[np.sum((data.y_test == true) & (predicted == said)) for said in (0, 1)] for true in (0, 1)]
        assert np.array_equal(run.confusion[place], table)
    assert np.array_equal(run.weights, run.weights_at(40)[1])
    assert run.train_loss[40] < run.train_loss[0]


class Counting(SGD, frozen=True, tag="counting"):
    """A rule that depends on the number of its step."""

    def move(self, g, t, w):
        return (w - self.lr * g / t,)


@pytest.mark.parametrize("cls", [*OPTIMIZERS, Counting])
def test_every_step_is_the_rule_applied_to_the_gradient_where_it_looks(cls):
    network = Network(hidden=(6,), bias=True, activation="tanh", batch=0, data=Moons(samples=80))
    optimizer = cls(lr=0.1)
    run = run_of(optimizer, network)
    state = optimizer.start(run.weights_at(0)[1])
    for step in range(1, 41):
        seen = optimizer.look(*state)
        loss, gradient = run.mlp.loss_and_gradient(seen, run.data.x_train, run.data.y_train)
        state = optimizer.move(gradient, step, *state)
        assert run.batch_loss[step] == loss
        assert np.array_equal(run.weights_at(step)[1], state[0])


def test_the_batch_loss_is_taken_where_the_gradient_was():
    network = Network(hidden=(6,), bias=True, batch=0, data=Moons(samples=80))
    run = run_of(SGD(lr=0.1), network)
    np.testing.assert_allclose(run.batch_loss[1:], run.train_loss[:40], rtol=1e-12)


def test_epochs_count_the_samples_that_were_seen():
    run = run_of(SGD(lr=0.1), Network(hidden=(3,), batch=25, data=Moons(samples=80)))  # 60 for training: 25, 25, 10
    np.testing.assert_allclose(run.epoch[:7], [0, 25 / 60, 50 / 60, 1, 85 / 60, 110 / 60, 2], rtol=1e-12)


@pytest.mark.parametrize("steps", [1, 99, 100, 101, 199, 250, 1003])
def test_a_long_run_is_evaluated_about_a_hundred_times_and_always_first_and_last(steps):
    run = run_of(SGD(lr=0.01), Network(hidden=(2,), batch=10, data=Moons(samples=20)), steps)
    evaluated = run.evaluated[: run.evaluations]
    assert evaluated[0] == 0
    assert evaluated[-1] == steps
    assert min(steps, 100) <= run.evaluations <= 201
    assert (np.diff(evaluated) > 0).all()
    for step in (0, steps // 2, steps):
        place = run.evaluated_at(step)
        assert evaluated[place] <= step
        assert place + 1 == run.evaluations or evaluated[place + 1] > step
        assert run.weights_at(step)[0] == evaluated[place]


def test_kept_weights_stay_within_their_memory_and_hold_the_last(monkeypatch):
    network = Network(hidden=(6,), bias=True, batch=10, data=Moons(samples=40))
    size = MLP(network, 2, 2).size
    monkeypatch.setattr(training, "KEPT_BYTES", 8 * size * 7)
    run = run_of(SGD(lr=0.01), network, 100)
    kept = {run.weights_at(step)[0] for step in range(101)}
    assert {0, 100} <= kept
    assert 3 <= len(kept) <= 7
    assert np.array_equal(run.weights_at(100)[1], run.weights)


# -- the history's promises


@pytest.mark.parametrize("cuts", [[1] * 150, [7, 0, 100, 3], [149, 1]])
@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_how_the_steps_are_cut_changes_no_bit(cuts, cls):
    whole, cut = run_of(cls(lr=0.05), steps=150), start(cls(lr=0.05), steps=150)
    for steps in [*cuts, 150]:
        cut.advance(steps)
    assert_same(whole, cut)


@pytest.mark.parametrize("cuts", [[1] * 150, [7, 0, 100, 3]])
@pytest.mark.parametrize(
    "changed",
    [
        {"batch": 25},  # the last minibatch of an epoch is smaller
        {"batch": 25, "batching": "drawn"},
        {"batch": 0, "activation": "tanh", "loss": "squared_error"},
        {"l1": 0.01, "l2": 0.02, "reduction": "sum", "bias": False},
        {"batch": 25, "stop_epoch": 7},
        {"hidden": (), "data": Plane(samples=80)},
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    "optimizer",
    [Nesterov(lr=0.02), Adam(lr=0.05, schedule=Cosine(), changes=(Change(40, "lr", 0.01),))],
    ids=["Nesterov", "Adam"],
)
def test_many_steps_between_evaluations_are_to_the_bit_the_same_one_by_one(monkeypatch, cuts, changed, optimizer):
    monkeypatch.setattr(training, "EVALUATIONS", 2)
    network = replace(SMALL, **changed)
    whole, cut = run_of(optimizer, network, 150), start(optimizer, network, 150)
    for steps in [*cuts, 150]:
        cut.advance(steps)
    assert whole.evaluations <= 4
    assert whole.count > 20
    assert_same(whole, cut)


@pytest.mark.parametrize(
    ("optimizer", "network"), [(Momentum(lr=0.1), SMALL), (SGD(lr=30.0), WILD)], ids=["finishes", "diverges"]
)
def test_what_was_handed_out_never_changes(optimizer, network):
    run = start(optimizer, network, 60)
    handed = []
    while not run.done:
        parts = [run.weights, run.batch_loss[: run.count], run.epoch[: run.count], run.weights_at(run.count)[1]]
        evaluated = run.evaluated, run.train_loss, run.test_loss, run.train_accuracy, run.test_accuracy, run.confusion
        parts += [each[: run.evaluations] for each in evaluated]
        handed += [(part, part.copy()) for part in parts]
        run.advance(1)
    assert all(np.array_equal(part, copy, equal_nan=True) for part, copy in handed)


def test_a_finished_run_takes_no_further_step():
    run = run_of(SGD(lr=0.1))
    before = run.weights.copy()
    run.advance(10)
    assert run.count == 41
    assert np.array_equal(run.weights, before)
    assert str(run.message) == "finished"


# -- divergence


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "linear"])
@pytest.mark.parametrize("cls", OPTIMIZERS)
@pytest.mark.parametrize("lr", [0.5, 30.0, 1000.0])
def test_whatever_the_learning_rate_there_is_no_warning_and_nothing_that_is_not_finite(activation, cls, lr):
    network = Network(
        hidden=(20, 20), bias=True, activation=activation, reduction="sum", batch=0, l2=1.0, data=Circles(samples=60)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = run_of(cls(lr=lr), network, 120)
    losses = run.batch_loss[1 : run.count]
    assert np.isfinite(losses).all()
    assert (np.abs(losses) <= LIMIT).all()
    assert np.isfinite(run.weights).all()
    assert (np.abs(run.weights) <= LIMIT).all()
    for part in history(run)[2:]:
        assert np.isfinite(part).all()
    assert run.evaluated[run.evaluations - 1] == run.count - 1, "the last row is evaluated"
    if run.outcome is Outcome.DIVERGED:
        assert str(run.message).startswith(f"diverged at step {run.count}: ")
    else:
        assert run.count == 121


def test_a_diverged_run_is_frozen_at_its_last_good_state():
    run = run_of(SGD(lr=30.0), WILD, 120)
    assert run.outcome is Outcome.DIVERGED
    assert str(run.message) in (
        f"diverged at step {run.count}: the loss went beyond the limit of 1e12",
        f"diverged at step {run.count}: a weight went beyond the limit of 1e12",
    )
    before, weights, message = history(run), run.weights.copy(), str(run.message)
    run.advance(100)
    assert str(run.message) == message
    assert np.array_equal(run.weights, weights)
    assert np.array_equal(run.weights_at(run.count)[1], weights)
    assert all(np.array_equal(*pair, equal_nan=True) for pair in zip(before, history(run), strict=True))


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_how_the_steps_are_cut_changes_no_divergence(steps):
    whole, cut = run_of(SGD(lr=30.0), WILD, 120), start(SGD(lr=30.0), WILD, 120)
    while not cut.done:
        cut.advance(steps)
    assert_same(whole, cut)


@pytest.mark.parametrize(
    ("optimizer", "size", "fault"),
    [(SGD(lr=3.3), 1.0, "the loss went beyond"), (Lion(lr=4e9), 1e-14, "a weight went beyond")],
)
def test_the_step_of_a_divergence_among_many_is_found(monkeypatch, optimizer, size, fault):
    """Steps between two evaluations are taken together; the outcome is that of one at a time."""
    monkeypatch.setattr(training, "EVALUATIONS", 1)
    x = size * np.random.default_rng(0).standard_normal((40, 1))
    data = Dataset(x, (x[:, 0] > 0).astype(int), x[:2], np.array([0, 1]), ("0", "1"), ("x",))
    network = Network(hidden=(), loss="squared_error", batch=0)
    whole, cut = (NetworkRun(optimizer, network, data, 400, 0) for _ in range(2))
    whole.advance(400)
    while not cut.done:
        cut.advance(1)
    assert str(whole.message).startswith(f"diverged at step {whole.count}: {fault}")
    assert ROWS < whole.count < 400, "so many are not taken together"
    assert list(whole.evaluated[: whole.evaluations]) == [0, whole.count - 1]
    assert_same(whole, cut)


def test_outputs_too_large_for_exp_harm_no_step(monkeypatch):
    """Of three classes that no line separates large steps drive the outputs beyond 709, where exp overflows."""
    monkeypatch.setattr(training, "EVALUATIONS", 1)
    rng = np.random.default_rng(4)
    x, y = 20 * rng.standard_normal((60, 2)), rng.integers(0, 3, 60)
    data = Dataset(x, y, x[:6], y[:6], ("0", "1", "2"), ("x", "y"))
    network = Network(hidden=(), batch=20, init="xavier")
    whole, cut = (NetworkRun(SGD(lr=1.5), network, data, 300, 0) for _ in range(2))
    whole.advance(300)
    assert whole.outcome is Outcome.FINISHED

    mlp, largest = cut.mlp, []
    batches = islice(minibatches(network, data, training.streams(0)[1]), 300)
    for step, (inputs, targets) in enumerate(batches, 1):
        w = cut.weights
        cut.advance(1)
        loss, gradient = mlp.loss_and_gradient(w, inputs, targets)
        assert cut.batch_loss[step] == pytest.approx(float(loss), rel=1e-12)
        np.testing.assert_allclose(cut.weights, w - 1.5 * gradient, rtol=1e-12, atol=1e-12)
        largest.append(np.abs(mlp.logits(w, inputs)).max())
    assert max(largest[:9]) < 709 < max(largest)
    assert_same(whole, cut)


def test_care_takes_no_further_memory(monkeypatch):
    """The calls that a step takes with care have arrays as large as the hidden layers: as those before, now gone."""
    monkeypatch.setattr(training, "EVALUATIONS", 1)
    samples, units = 2000, 64
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((samples, 2)), rng.integers(0, 3, samples)
    data = Dataset(x, y, x[:6], y[:6], ("0", "1", "2"), ("x", "y"))
    layer = 8 * samples * units
    tracemalloc.start()
    try:
        run = NetworkRun(SGD(lr=1e3), Network(hidden=(units,), bias=True, batch=0, init="he"), data, 20, 0)
        run.advance(1)
        assert np.abs(run.mlp.logits(run.weights, x)).max() > 710
        before = tracemalloc.get_traced_memory()[0]
        assert before > 3 * layer
        tracemalloc.reset_peak()
        run.advance(1)
        assert tracemalloc.get_traced_memory()[1] < before + layer
    finally:
        tracemalloc.stop()


def test_a_run_with_huge_inputs_ends_with_a_sentence():
    x = np.full((8, 1), 1e150)
    data = Dataset(x, np.arange(8) % 2, x[:2], np.array([0, 1]), ("0", "1"), ("x",))
    run = NetworkRun(SGD(lr=1.0), Network(hidden=(4,), batch=0), data, 20, 0)
    run.advance(20)
    assert run.outcome is Outcome.DIVERGED
    assert run.count == 1
    assert np.isfinite(run.train_loss[0])


def test_a_weight_that_goes_too_far_says_so():
    x = np.full((8, 1), 1e10)
    data = Dataset(x, np.arange(8) % 2, x[:2], np.array([0, 1]), ("0", "1"), ("x",))
    run = NetworkRun(SGD(lr=1000.0), Network(hidden=(4,), batch=0), data, 20, 0)
    run.advance(20)
    assert str(run.message) == "diverged at step 1: a weight went beyond the limit of 1e12"
    assert run.count == 1
    assert np.array_equal(run.weights, run.weights_at(0)[1])


def test_a_run_that_diverges_between_two_evaluations_is_evaluated_at_its_last_row(monkeypatch):
    monkeypatch.setattr(training, "EVALUATIONS", 1)
    run = run_of(SGD(lr=30.0), WILD, 120)
    assert run.outcome is Outcome.DIVERGED
    assert 1 < run.count < 120
    assert list(run.evaluated[: run.evaluations]) == [0, run.count - 1]
    assert run.weights_at(run.count)[0] == run.count - 1


def test_the_smoothed_loss_is_the_mean_since_the_evaluation_before():
    run = start(SGD(lr=0.1), steps=450)  # evaluated every 4 steps, and at the last
    assert np.array_equal(run.smoothed_loss, [np.nan], equal_nan=True)
    run.advance(11)
    assert run.smoothed_loss[1:] == pytest.approx([run.batch_loss[1:5].mean(), run.batch_loss[5:9].mean()], rel=1e-14)
    run.advance(450)
    assert len(run.smoothed_loss) == run.evaluations == 114
    assert run.smoothed_loss[-1] == pytest.approx(run.batch_loss[449:451].mean(), rel=1e-14)
