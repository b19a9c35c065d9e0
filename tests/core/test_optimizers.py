"""Each rule against steps worked by hand."""

import numpy as np
import pytest

from momentum_gui.core.optimizers import OPTIMIZERS, SGD, AnyOptimizer, Momentum, Nesterov


def steps(optimizer, gradient, w, count):
    """The states after every step."""
    state, states = optimizer.start(w), []
    for t in range(1, count + 1):
        state = optimizer.move(gradient(optimizer.look(*state)), t, *state)
        states.append(state)
    return states


def test_sgd_by_hand():
    """w - lr g on f = w^2 from 1: 1 - 0.25 * 2 = 0.5, 0.5 - 0.25 * 1 = 0.25."""
    assert steps(SGD(lr=0.25), lambda w: 2 * w, 1.0, 2) == [(0.5,), (0.25,)]


def test_momentum_by_hand():
    """v = mu v - lr g; w + v on f = w^2 from 1:
    v = -0.25 * 2 = -0.5, w = 0.5; v = 0.5 * -0.5 - 0.25 * 1 = -0.5, w = 0; v = -0.25 - 0, w = -0.25."""
    assert steps(Momentum(lr=0.25, mu=0.5), lambda w: 2 * w, 1.0, 3) == [(0.5, -0.5), (0.0, -0.5), (-0.25, -0.25)]


def test_nesterov_by_hand():
    """v = mu v - lr grad(w + mu v); w + v on f = w^2 from 1:
    v = -0.5, w = 0.5; the look-ahead is 0.25, so v = -0.25 - 0.25 * 0.5 = -0.375, w = 0.125."""
    assert steps(Nesterov(lr=0.25, mu=0.5), lambda w: 2 * w, 1.0, 2) == [(0.5, -0.5), (0.125, -0.375)]


def test_the_ascent_form_of_the_article_is_the_same_rule():
    """velocity = gamma * velocity + alpha * grad; model += velocity, with the gradient uphill."""
    rng = np.random.default_rng(0)
    model, velocity = rng.standard_normal(5), np.zeros(5)
    optimizer = Momentum(lr=0.03, mu=0.9)
    state = optimizer.start(model.copy())
    for t in range(1, 51):
        uphill = rng.standard_normal(5)
        velocity = 0.9 * velocity + 0.03 * uphill
        model = model + velocity
        state = optimizer.move(-uphill, t, *state)
        assert np.array_equal(state[0], model)
        assert np.array_equal(state[1], velocity)


@pytest.mark.parametrize("still", [Momentum(lr=0.07, mu=0.0), Nesterov(lr=0.07, mu=0.0)])
@pytest.mark.parametrize("w", [1.3, np.linspace(-2, 2, 7)])
def test_without_memory_it_is_sgd_bit_for_bit(still, w):
    def gradient(w):
        return w * w * w - 0.4 * w

    ours = [state[0] for state in steps(still, gradient, w, 50)]
    plain = [state[0] for state in steps(SGD(lr=0.07), gradient, w, 50)]
    assert np.array_equal(ours, plain)


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_memories_start_at_zero_and_states_are_never_changed_in_place(cls):
    optimizer = cls()
    w = np.array([1.0, -2.0])
    state = optimizer.start(w)
    assert len(state) == 1 + len(cls.memories)
    assert state[0] is w
    assert all(np.array_equal(memory, [0.0, 0.0]) for memory in state[1:])
    assert all(memory == 0.0 for memory in optimizer.start(3.0)[1:])
    for t in (1, 2, 3):
        before = [np.array(each) for each in state]
        after = optimizer.move(np.array([0.5, 0.25]), t, *state)
        assert all(np.array_equal(each, kept) for each, kept in zip(state, before, strict=True))
        state = after


def test_the_table_and_the_union_list_the_same():
    assert AnyOptimizer.__args__ == OPTIMIZERS
    kinds = [cls.__struct_config__.tag for cls in OPTIMIZERS]
    assert len(set(kinds)) == len(kinds)
    assert {"sgd", "momentum", "nesterov"} <= set(kinds)
    assert all(cls.title and cls.formula for cls in OPTIMIZERS)
