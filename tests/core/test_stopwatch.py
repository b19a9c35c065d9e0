"""A run's seconds: its own steps and nothing else, by a clock whose every reading is known."""

import numpy as np
import pytest

from momentum_gui.core.datasets import Moons
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD
from momentum_gui.core.stopwatch import LEAST, Stopwatch
from momentum_gui.core.training import NetworkRun


class Clock:
    """Shows the time that a test sets."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Counted:
    """As much of a run as a stopwatch looks at."""

    count = 1


def test_the_steps_of_a_slice_share_its_seconds_without_the_pauses():
    clock, run = Clock(), Counted()
    watch = Stopwatch(8, clock)
    assert watch.seconds.tolist() == [0]
    with watch.slice(run):
        clock.now += 3
        with watch.pause():
            clock.now += 50
        clock.now += 1
        run.count = 5
    clock.now += 1000  # another racer's slice
    with watch.slice(run):
        clock.now += 3
        run.count = 7
    assert watch.seconds.tolist() == [0, 1, 2, 3, 4, 5.5, 7]


def test_a_slice_without_a_step_leaves_no_seconds():
    clock, run = Clock(), Counted()
    watch = Stopwatch(3, clock)
    with watch.slice(run):
        clock.now += 1
    assert watch.seconds.tolist() == [0]


def test_seconds_rise_by_a_clock_that_stands():
    watch, run = Stopwatch(4, Clock()), Counted()
    with watch.slice(run):
        run.count = 4
    assert watch.seconds == pytest.approx(LEAST * np.arange(4))


def test_without_a_clock_there_are_none():
    watch, run = Stopwatch(4, None), Counted()
    with watch.slice(run), watch.pause():
        run.count = 4
    assert len(watch.seconds) == 0


def test_a_networks_run_measures_its_steps_and_not_its_evaluations():
    """The clock goes on by a second at each reading: a slice of n steps with m evaluations in it lasts 1 second
    and m pauses' ends, however long the evaluations take."""
    readings = iter(range(10**6))
    network = Network(hidden=(4,), batch=10, data=Moons(samples=60))
    data = network.data.load(None)
    run = NetworkRun(SGD(lr=0.1), network, data, 300, 0, lambda: float(next(readings)))  # an evaluation every 3 steps
    for _slice in range(300):
        run.advance(1)
    seconds = run.seconds
    assert len(seconds) == 301
    steps = np.diff(seconds)
    evaluated = np.isin(np.arange(1, 301), run.evaluated[: run.evaluations])
    assert set(steps[~evaluated]) == {1.0}
    assert set(steps[evaluated]) == {2.0}, "two readings more in the slice, one second of them in the pause"
    run.advance(5)
    assert len(run.seconds) == 301


def test_measuring_changes_no_number():
    network = Network(hidden=(4,), batch=10, data=Moons(samples=60))
    data = network.data.load(None)
    plain = NetworkRun(SGD(lr=0.1), network, data, 50, 0)
    timed = NetworkRun(SGD(lr=0.1), network, data, 50, 0, Clock())
    for run in (plain, timed):
        run.advance(50)
    assert np.array_equal(plain.weights, timed.weights)
    assert np.array_equal(plain.batch_loss[1:], timed.batch_loss[1:])
    assert len(plain.seconds) == 0
