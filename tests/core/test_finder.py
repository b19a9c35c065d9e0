"""The learning-rate finder."""

import numpy as np
import pytest

from momentum_gui.core.datasets import Dataset, Moons
from momentum_gui.core.finder import RateFinder
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.training import NetworkRun
from momentum_gui.core.weight_change import WeightChange


def no_files(name):
    raise AssertionError(f"no file {name} is needed")


@pytest.fixture(scope="module")
def moons():
    return Moons(samples=400).load(no_files)


NETWORK = Network(hidden=(16,), bias=True, init="he")


def test_a_parabola_by_hand():
    """f = w^2 / 2, full batch: w shrinks by 1 - rate every step, so every row is known."""
    data = Dataset(np.ones((1, 1)), np.zeros(1), np.ones((1, 1)), np.zeros(1), (), ("x",))
    finder = RateFinder(SGD(), Network(hidden=()), data, seed=3, steps=40, first=0.01, last=100.0)
    start = finder._state[0][0]
    finder.advance(1000)
    assert finder.stopped
    before = start * np.concatenate([[1.0], np.cumprod(1 - finder.rate)[:-1]])
    np.testing.assert_allclose(finder.rate[1:] / finder.rate[:-1], 10 ** (4 / 39))
    np.testing.assert_allclose(finder.loss[: finder.count], before[: finder.count] ** 2 / 2, rtol=1e-12)
    weights = 0.9 ** np.arange(finder.count)[::-1]
    last = (weights * finder.loss[: finder.count]).sum() / weights.sum()
    assert finder.smoothed[finder.count - 1] == pytest.approx(last)
    assert finder.rate[finder.count - 1] > 2  # the loss can only rise beyond the limit of stability
    assert np.isnan(finder.loss[finder.count :]).all()


def test_it_stops_where_the_loss_grows_and_suggests_a_rate_that_trains(moons):
    finder = RateFinder(Momentum(mu=0.9), NETWORK, moons, seed=0, last=1000.0)
    assert finder.suggestion() is None
    while not finder.done:
        finder.advance(7)
    assert finder.stopped
    assert finder.count < finder.steps
    rate = finder.suggestion()
    lowest = np.argmin(finder.smoothed[: finder.count])
    assert rate == pytest.approx(0.1 * finder.rate[lowest])
    run = NetworkRun(Momentum(lr=rate, mu=0.9), NETWORK, moons, 400, 0)
    run.advance(400)
    assert run.test_accuracy[run.evaluations - 1] > 0.97


def test_slices_change_nothing_and_a_gentle_sweep_goes_to_its_end(moons):
    whole, cut = (RateFinder(SGD(), NETWORK, moons, seed=1, steps=60, last=1e-2) for _ in range(2))
    whole.advance(60)
    for steps in (1, 20, 3, 100):
        cut.advance(steps)
    assert not whole.stopped
    assert whole.count == cut.count == 60
    np.testing.assert_array_equal(whole.smoothed, cut.smoothed)


def test_it_begins_as_the_training_does(moons):
    """The same weights and the same first minibatch as a run of this seed."""
    finder = RateFinder(SGD(), NETWORK, moons, seed=5)
    finder.advance(1)
    run = NetworkRun(SGD(), NETWORK, moons, 1, 5)
    run.advance(1)
    assert finder.loss[0] == run.batch_loss[1]


def test_what_lies_beyond_a_leap_does_not_count(moons):
    """A loss that falls, leaps above its start, and lands lower still: the rates beyond the leap train nothing."""
    finder = RateFinder(SGD(), NETWORK, moons, seed=0, steps=8, first=1e-3, last=1e4)
    assert finder.lowest() is None
    finder.loss[:] = 1.0, 1.1, 0.5, 0.3, 0.4, 2.0, 0.1, 0.1
    finder.smoothed[:] = 1.0, 1.0, 0.7, 0.5, 0.45, 0.9, 0.4, 0.3
    finder.count = 8
    assert finder.lowest() == 4
    assert finder.suggestion() == pytest.approx(0.1 * finder.rate[4])
    finder.loss[5] = 1.05  # no higher than a minibatch before: no leap
    assert finder.lowest() == 7


def test_momentum_is_not_sent_to_where_it_leaps():
    data = Moons(noise=0.15).load(no_files)
    network = Network(hidden=(32,), bias=True, init="he")
    finder = RateFinder(Momentum(mu=0.9), network, data, seed=0)
    finder.advance(finder.steps)
    rate = finder.suggestion()
    run = NetworkRun(Momentum(lr=rate, mu=0.9), network, data, 300, 0)
    run.advance(300)
    assert run.test_accuracy[run.evaluations - 1] > 0.95
    assert rate < 0.2


def test_the_sweep_starts_from_the_weights_that_are_set_at_the_start(moons):
    changes = tuple(WeightChange(0, 1, 1, unit, 5.0) for unit in range(1, 9))
    plain, changed = (RateFinder(SGD(weight_changes=each), NETWORK, moons, seed=0, steps=20) for each in ((), changes))
    plain.advance(20)
    changed.advance(20)
    run = NetworkRun(SGD(weight_changes=changes), NETWORK, moons, 10, 0)
    run.advance(1)
    assert changed.loss[0] == pytest.approx(run.batch_loss[1], rel=1e-12)
    assert changed.loss[0] != plain.loss[0]


def test_rows_that_come_while_it_is_looked_at_do_no_harm(moons, hurried):
    finder = RateFinder(SGD(), NETWORK, moons, seed=1, steps=60, last=1e-2)
    finder.advance(60)
    assert hurried(finder).lowest() < 5
