"""The loop that is written from a rule and a gradient does, to the bit, what these do when they are called."""

import math

import numpy as np
import pytest

from momentum_gui.core import elementary
from momentum_gui.core.descent import walk
from momentum_gui.core.graph import Graph
from momentum_gui.core.optimizers import OPTIMIZERS, SGD, Adam, Momentum
from momentum_gui.core.schedules import Change, Constant, Cosine, StepDecay
from momentum_gui.core.surfaces import SURFACES, Expression, Ravine, Rosenbrock
from momentum_gui.core.tracing import traced

CONVENTIONS = [{"convention": "outside"}, {"convention": "average"}]
RULES = [*((cls, {}) for cls in OPTIMIZERS), *((Momentum, convention) for convention in CONVENTIONS)]
TYPED = "log(abs(x) + 1)*y**3 + exp(-x*y)/(1 + sqrt(x**2 + y**2)) - tanh(x)**2 + abs(y)**1.5 + atan(x - y)"


def bits(values):
    """The bits of numbers; all that are not a number are alike."""
    values = np.array(values, dtype=float)
    return np.where(np.isnan(values), np.nan, values).view(np.int64).tolist()


def called(optimizer, gradient, x, y, steps, noise=None):
    """As ``walk``, by calling look, gradient and move at every step."""
    states = []
    for t in range(1, steps + 1):
        now = optimizer.at(t, steps)
        gx, gy = gradient(now.look(*x), now.look(*y))
        if noise is not None:
            gx, gy = gx + float(noise[t - 1, 0]), gy + float(noise[t - 1, 1])
        x, y = now.move(gx, t, *x), now.move(gy, t, *y)
        states += [*x, *y]
    return states


@pytest.mark.parametrize("surface", [*(cls() for cls in SURFACES), Expression(formula=TYPED)], ids=repr)
@pytest.mark.parametrize(("cls", "options"), RULES)
@pytest.mark.parametrize("lr", [0.01, 100.0])
def test_the_loop_does_what_rule_and_gradient_do(surface, cls, options, lr):
    """At 0.01 in earnest, at 100 through infinities and nan to the end; with noise and without."""
    optimizer = cls(lr=lr, **options)
    x, y = (optimizer.start(each) for each in surface.start)
    noise = np.random.default_rng(2).standard_normal((60, 2))
    assert bits(walk(optimizer, surface.gradient, x, y, 1, 60, 60)) == bits(
        called(optimizer, surface.gradient, x, y, 60)
    )
    assert bits(walk(optimizer, surface.gradient, x, y, 1, 60, 60, noise)) == bits(
        called(optimizer, surface.gradient, x, y, 60, noise)
    )


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_a_schedule_and_changes_act_at_their_steps(cls):
    noise, gradient = np.random.default_rng(2).standard_normal((20, 2)), Rosenbrock().gradient
    for schedule in (Constant(), Cosine()):
        changes = (Change(1, "lr", 0.002), Change(7, "lr", 0.001), Change(12, "lr", 0.002), Change(20, "lr", 0.003))
        optimizer = cls(lr=0.003, schedule=schedule, changes=changes)
        x, y = optimizer.start(-1.2), optimizer.start(1.0)
        assert bits(walk(optimizer, gradient, x, y, 1, 20, 20)) == bits(called(optimizer, gradient, x, y, 20))
        ours = walk(optimizer, gradient, x, y, 1, 20, 20, noise)
        assert bits(ours) == bits(called(optimizer, gradient, x, y, 20, noise))


@pytest.mark.parametrize("schedule", [Constant(), StepDecay(every=1000)], ids=["constant", "scheduled"])
@pytest.mark.parametrize("noisy", [False, True])
def test_where_python_has_no_result_the_run_goes_on_with_that_of_ieee_754(noisy, schedule):
    """exp(-exp(800)) is 0 and 1 / (1 / 0) is 0, though exp(800) and 1 / 0 are infinite and raise in Python."""

    def gradient(x, y):
        return elementary.exp(-elementary.exp(x)) - 1.0, 1.0 / (1.0 / y) + 1.0

    noise = np.tile([-1.0, 0.5], (4, 1)) if noisy else None
    states = walk(SGD(lr=200.0, schedule=schedule), gradient, (800.0,), (0.0,), 1, 4, 4, noise)
    assert all(type(each) is float for each in states)
    if noisy:  # the gradients are -1 - 1, 0 + 1 + 0.5, then y + 1.5
        expected = [1200.0, -300.0, 1600.0, 59_400.0, 2000.0, -11_820_900.0, 2400.0, 2_352_358_800.0]
    else:
        expected = [1000.0, -200.0, 1200.0, 39_600.0, 1400.0, -7_880_600.0, 1600.0, 1_568_239_200.0]
    assert states == pytest.approx(expected, rel=1e-14)


def test_outside_a_function_s_domain_the_run_is_nan():
    surface = Expression(formula="sqrt(x)*x + y**2", x_range=(0.0, 3.0))
    states = walk(SGD(lr=1.0), surface.gradient, (0.25,), (1.0,), 1, 3, 3)
    # From 1/4 by the slope 3/2 sqrt(x) to -1/2.
    assert states[0] == pytest.approx(-0.5, rel=1e-15)
    assert math.isnan(states[2])
    assert states[1::2] == [-1.0, 1.0, -1.0]


def test_one_loop_serves_all_numbers():
    """A slider that is dragged compiles nothing."""
    loop, numbers = traced(Adam(lr=0.1), Ravine(kappa=20.0).gradient, False)
    same, others = traced(Adam(lr=0.2, beta1=0.5, label="b"), Ravine(kappa=30.0).gradient, False)
    assert same is loop
    assert numbers != others
    assert traced(Adam(), Rosenbrock().gradient, False)[0] is not loop
    assert traced(Adam(), Ravine().gradient, True)[0] is not loop
    assert traced(Adam(schedule=Cosine()), Ravine().gradient, False)[0] is not loop
    inside, outside = (traced(Momentum(convention=each), Ravine().gradient, False)[0] for each in ("inside", "outside"))
    assert inside is not outside


def test_zeros_of_both_signs_are_two_numbers():
    """At -0, 0 w is -0 and -0 w is 0; and -0 - -0 is 0, but -0 - 0 is -0."""
    states = walk(SGD(lr=1.0), lambda x, y: (0.0 * x, -0.0 * y), (-0.0,), (-0.0,), 1, 1, 1)
    assert [math.copysign(1.0, each) for each in states] == [1.0, -1.0]


def test_what_branches_can_not_be_traced_and_says_so():
    with pytest.raises(TypeError, match="can't branch"):
        walk(SGD(), lambda x, y: (x if x >= 0.0 else -x, y), (1.0,), (1.0,), 1, 5, 5)


def test_what_is_used_once_stands_where_it_is_used_and_what_never_changes_before_the_rest():
    graph = Graph(simplify=False)
    x, y, a = (graph.variable(name) for name in "xya")
    product = x * y
    before, lines, results = graph.written([product + (1.0 - a), product * (1.0 - a) / x], ["a"])
    assert [line.split(" = ")[1] for line in before] == ["1.0 - a"]
    assert [line.split(" = ")[1] for line in lines] == ["x * y"]
    space = {"x": 3.0, "y": 5.0, "a": 0.25}
    for line in [*before, *lines]:
        exec(line, space)
    assert [eval(result, space) for result in results] == [15.75, 3.75]


def test_comparisons_are_what_they_are_of_numbers_and_what_they_are_traced_as():
    graph = Graph(simplify=False)
    x = graph.variable("x")
    code = graph.code(*(1.0 * compared for compared in (x < 1.0, x <= 1.0, x > 1.0, x >= 1.0)))
    for number in (0.5, 1.0, 1.5):
        assert code(number, 0.0) == (number < 1, number <= 1, number > 1, number >= 1)
    one, two = graph.node(1.0), graph.node(2.0)
    assert [(one < two).constant, (two >= one).constant, (two < one).constant, (one > two).constant] == [1, 1, 0, 0]
    assert ((one < two) & (two < one)).constant == 0
