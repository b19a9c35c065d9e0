"""Training that ends at an epoch, at a loss, or when the test loss falls no more."""

import numpy as np
import pytest

from momentum_gui.core.datasets import Moons
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.repeats import RepeatedRun
from momentum_gui.core.run import Outcome
from momentum_gui.core.training import NetworkRun


def no_files(name):
    raise AssertionError(f"no file {name} is needed")


DATA = Moons(samples=100, noise=0.3).load(no_files)


def run(network, steps=1000, seed=0, optimizer=None, slices=(1000,)):
    result = NetworkRun(optimizer or Momentum(lr=0.05), network, DATA, steps, seed)
    for each in slices:
        result.advance(each)
    return result


def small(**fields):
    return Network(**{"hidden": (8,), "bias": True, "init": "he", "batch": 20, **fields})


def test_an_epoch():
    """75 samples in minibatches of 20 are 4 steps an epoch; evaluations are every 10 steps and at the end."""
    found = run(small(stop_epoch=3))
    assert found.outcome is Outcome.STOPPED
    assert str(found.message) == "stopped at step 12: so many passes over the training set were asked for: 3"
    assert found.count == 13
    assert found.epoch[12] == 3
    assert found.evaluated[: found.evaluations].tolist() == [0, 10, 12]
    assert found.kept[-1][0] == 12
    np.testing.assert_array_equal(found.kept[-1][1], found.weights)


def test_a_loss():
    found, free = run(small(stop_loss=0.3)), run(small())
    place = int(np.argmax(free.train_loss[: free.evaluations] <= 0.3))
    step = free.evaluated[place]
    assert 0 < step < 1000
    assert str(found.message) == f"stopped at step {step}: the training loss came down to 0.3"
    assert found.evaluations == place + 1
    np.testing.assert_array_equal(found.train_loss[: place + 1], free.train_loss[: place + 1])
    np.testing.assert_array_equal(found.weights, free.weights_at(step)[1])


def test_patience():
    network = small(patience=5, hidden=(40,))
    found = run(network, optimizer=Momentum(lr=0.5))
    test_loss = found.test_loss[: found.evaluations]
    assert found.outcome is Outcome.STOPPED
    assert int(np.argmin(test_loss)) == found.evaluations - 6
    assert str(found.message).endswith(": evaluations without a lower test loss: 5")


def test_slices_change_nothing():
    network = small(stop_loss=0.3, stop_epoch=200)
    whole, cut = run(network), run(network, slices=[7] * 150)
    assert str(whole.message) == str(cut.message)
    np.testing.assert_array_equal(whole.batch_loss, cut.batch_loss)


def test_rules_that_are_not_met_change_nothing():
    strict, free = run(small(stop_loss=1e-9, patience=1000, stop_epoch=10**6)), run(small())
    assert strict.outcome is free.outcome is Outcome.FINISHED
    np.testing.assert_array_equal(strict.batch_loss, free.batch_loss)


@pytest.mark.parametrize(
    "fields", [{"stop_epoch": 3}, {"stop_loss": 0.3}, {"patience": 3}, {"stop_loss": 0.25, "patience": 4}]
)
def test_many_seeds_stop_as_each_does(fields):
    network, optimizer, seeds = small(**fields), SGD(lr=0.3), range(6)
    repeated = RepeatedRun(optimizer, network, DATA, 600, seeds)
    while not repeated.done:
        repeated.advance(37)
    for column, seed in enumerate(seeds):
        single = run(network, 600, seed, optimizer)
        last = single.evaluations - 1
        ended = single.evaluated[last] if single.outcome is Outcome.STOPPED else 0
        assert repeated.ended[column] == ended
        values = repeated.test_loss[: repeated.evaluations, column]
        np.testing.assert_allclose(values[: last + 1], single.test_loss[: last + 1], rtol=1e-12)
        np.testing.assert_array_equal(values[last:], values[last])  # and stays
    if repeated.ended.all():
        assert repeated.outcome is Outcome.STOPPED
        assert str(repeated.message) == f"stopped at step {repeated.ended.max()}: the runs of all seeds have ended"
        assert repeated.count == repeated.ended.max() + 1
    else:
        assert repeated.outcome is Outcome.FINISHED
