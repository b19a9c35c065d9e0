"""A rule in place does, to the bit, what it does when it is called, and makes no array."""

import tracemalloc

import numpy as np
import pytest

from momentum_gui.core.in_place import InPlace
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.optimizers import OPTIMIZERS, Adam, Momentum, Nesterov
from momentum_gui.core.recording import room
from momentum_gui.core.schedules import Change, Cosine, StepDecay

CONVENTIONS = [{"convention": "outside"}, {"convention": "average"}]
RULES = [*((cls, {}) for cls in OPTIMIZERS), *((Momentum, convention) for convention in CONVENTIONS)]
STEPS = 30


class Previous(Optimizer, frozen=True, tag="previous"):
    """The difference form of the heavy ball, whose memory is the weights before: state goes from place to place."""

    memories = ("previous", "one", "other")

    def move(self, g, t, w, p, a, b):
        return w + 0.5 * (w - p) - 2.0 * self.lr * g, w, b, a


class Counted(Optimizer, frozen=True, tag="counted"):
    """Memories that are a number, the same as another, and never changed; w looks ahead by one of them."""

    memories = ("count", "copy", "still")

    def look(self, w, c, d, s):
        return w - s + c * d

    def move(self, g, t, w, c, d, s):
        w = w - self.lr * abs(-g) / t**0.5
        return w, t * self.lr, w, s


def start(rng, optimizer, n):
    return tuple(rng.standard_normal(n) ** 2 for _ in range(1 + len(optimizer.memories)))


def both(optimizer, steps=STEPS, n=37):
    """The states after every step, and the points looked at, by calls and in place."""
    rng = np.random.default_rng(1)
    point, gradient = room((n,)), room((n,))
    rule = InPlace(optimizer, point, gradient)
    state = start(rng, optimizer, n)
    for ours, theirs in zip(rule.state, state, strict=True):
        ours[:] = theirs
    look, move = rule.look.function(), rule.move.function()
    called, in_place = [], []
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            g = rng.standard_normal(n) * 10.0 ** rng.integers(-3, 3)
            now = optimizer.at(t, steps)
            looked = now.look(*state)
            state = now.move(g, t, *state)
            called.append([looked, *state])
            rule.use(now)
            look()
            looked = point.copy()
            gradient[:] = g
            if rule.timely:
                rule.use_at(t)
            move()
            in_place.append([looked, *(each.copy() for each in rule.state)])
    return called, in_place


@pytest.mark.parametrize(
    "change",
    [{}, {"schedule": Cosine(floor=0.1)}, {"schedule": StepDecay(every=7), "changes": (Change(9, "lr", 0.5),)}],
)
@pytest.mark.parametrize(("cls", "options"), [*RULES, (Previous, {}), (Counted, {})])
def test_a_step_is_that_of_the_rule(cls, options, change):
    called, in_place = both(cls(**options, **change))
    for theirs, ours in zip(called, in_place, strict=True):
        for one, other in zip(theirs, ours, strict=True):
            np.testing.assert_array_equal(other, np.broadcast_to(one, other.shape))


def test_a_hyper_parameter_changes_in_mid_run():
    called, in_place = both(Adam(lr=0.01, changes=(Change(5, "beta1", 0.5), Change(11, "eps", 0.1))))
    np.testing.assert_array_equal(in_place, called)


def test_what_is_looked_at_is_the_weights_unless_the_rule_looks_ahead():
    point, gradient = np.zeros(3), np.ones(3)
    assert InPlace(Momentum(), point, gradient).state[0] is point
    ahead = InPlace(Nesterov(mu=0.5), point, gradient)
    ahead.state[0][:], ahead.state[1][:] = 1.0, 4.0
    ahead.look.function()()
    assert point.tolist() == [3.0] * 3
    assert [each.tolist() for each in ahead.state] == [[1.0] * 3, [4.0] * 3]


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_a_step_makes_no_array(cls):
    n = 100_000
    rule = InPlace(cls(), np.ones(n), np.ones(n))
    for each in rule.state[1:]:
        each[:] = 0.5
    look, move = rule.look.function(), rule.move.function()
    tracemalloc.start()
    try:
        look()
        if rule.timely:
            rule.use_at(1)
        move()
        assert tracemalloc.get_traced_memory()[1] < n
    finally:
        tracemalloc.stop()
