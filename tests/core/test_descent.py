"""Runs down a surface: published digits, limits of stability, noise, divergence, the history's promises."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from momentum_gui.core.descent import SurfaceRun, walk
from momentum_gui.core.optimizers import OPTIMIZERS, SGD, Momentum, Nesterov
from momentum_gui.core.run import LIMIT, Outcome
from momentum_gui.core.surfaces import SURFACES, Expression, Rastrigin, Ravine, Rosenbrock, Saddle

DIVE = Ravine(curvature=0.2, kappa=20.0)
"""f = 0.1 x^2 + 2 y^2, the example of Dive into Deep Learning."""


def run_of(optimizer, surface=DIVE, start=(-5.0, -2.0), steps=20, noise=0.0, seed=0):
    run = SurfaceRun(optimizer, surface, start, steps, noise, seed)
    run.advance(steps)
    return run


def walked(optimizer, gradient, x, y, steps):
    """The states of both coordinates after every step."""
    flat, width = walk(optimizer, gradient, x, y, 1, steps, steps), len(x)
    assert len(flat) == 2 * width * steps
    states = [tuple(flat[place : place + width]) for place in range(0, len(flat), width)]
    return list(zip(states[::2], states[1::2], strict=True))


def history(run):
    """Copies of all that is valid of a run."""
    return [np.array(part[: run.count]) for part in (run.states, run.loss, run.gradient)]


def assert_same(one, other):
    assert (one.count, one.outcome, str(one.message)) == (other.count, other.outcome, str(other.message))
    for ours, theirs in zip(history(one), history(other), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("optimizer", "end"),
    [
        (SGD(lr=0.4), (-0.943467, -0.000073)),
        (SGD(lr=0.6), (-0.387814, -1673.365109)),
        (Momentum(lr=0.6, mu=0.5), (0.007188, 0.002553)),
        (Momentum(lr=0.4, mu=0.5), (-0.062843, 0.001202)),
    ],
)
def test_the_end_points_that_dive_into_deep_learning_prints(optimizer, end):
    run = run_of(optimizer)
    assert run.outcome is Outcome.FINISHED
    assert tuple(np.round(run.path[-1], 6)) == end


def test_gradient_descent_on_a_quadratic_in_closed_form():
    """Each coordinate shrinks by 1 - lr * curvature at every step."""
    run = run_of(SGD(lr=0.3), steps=40)
    k = np.arange(41)
    np.testing.assert_allclose(run.path[:, 0], -5 * (1 - 0.3 * 0.2) ** k, rtol=1e-12)
    np.testing.assert_allclose(run.path[:, 1], -2 * (1 - 0.3 * 4.0) ** k, rtol=1e-12)


@pytest.mark.parametrize("surface", [cls() for cls in SURFACES], ids=repr)
@pytest.mark.parametrize("cls", [Momentum, Nesterov])
def test_momentum_of_nought_equals_sgd_bit_for_bit(surface, cls):
    lr = surface.learning_rate
    still, plain = (run_of(each, surface, surface.start, 300) for each in (cls(lr=lr, mu=0.0), SGD(lr=lr)))
    assert np.array_equal(still.path, plain.path)
    assert np.array_equal(still.loss, plain.loss)


# -- the limits of stability, from both sides


def ends(optimizer, curvature, steps=4000):
    """Whether a run from 1 on f = 1/2 curvature x^2 ends near the minimum, or far away."""
    start = optimizer.start(1.0)
    last = []
    for x, _y in walked(optimizer, lambda x, y: (curvature * x, 0.0), start, start, steps):
        last = [*last[-9:], abs(x[0])]
        if last[-1] > 1e3:
            return "far away"
    return "near" if max(last) < 1e-3 else "between"


MUS = (0.0, 0.3, 0.5, 0.9, 0.99)
LIMITS = [
    (lambda lr: SGD(lr=lr), 2.0),
    *((lambda lr, mu=mu: Momentum(lr=lr, mu=mu), 2 + 2 * mu) for mu in MUS),
    *((lambda lr, mu=mu: Nesterov(lr=lr, mu=mu), (2 + 2 * mu) / (1 + 2 * mu)) for mu in MUS),
]


@pytest.mark.parametrize(("make", "limit"), LIMITS)
@pytest.mark.parametrize("curvature", [0.2, 1.0, 37.0])
def test_the_limit_of_stability_from_both_sides(make, limit, curvature):
    inside, outside = make(0.99 * limit / curvature), make(1.01 * limit / curvature)
    assert ends(inside, curvature) == "near"
    assert ends(outside, curvature) == "far away"
    assert inside.stability_limit() == pytest.approx(limit, rel=1e-15)


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_every_limit_that_an_optimizer_states_holds_from_both_sides(cls):
    limit = cls().stability_limit()
    if limit is None:
        return
    assert ends(cls(lr=0.99 * limit), 1.0) == "near"
    assert ends(cls(lr=1.01 * limit), 1.0) == "far away"


# -- a batch of runs equals its rows


@pytest.mark.parametrize("surface", [cls() for cls in SURFACES], ids=repr)
@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_a_batch_of_runs_equals_its_rows(cls, surface):
    """Bit for bit where only the four operations are used; ``sin`` of floats and of arrays may differ in the last."""
    rel = 1e-9 if isinstance(surface, Rastrigin | Expression) else 0.0
    rng = np.random.default_rng(3)
    optimizer = cls(lr=0.1 * surface.learning_rate)
    x = surface.start[0] + 0.1 * rng.standard_normal(12)
    y = surface.start[1] + 0.1 * rng.standard_normal(12)
    batch = walked(optimizer, surface.gradient, optimizer.start(x), optimizer.start(y), 50)
    for row in range(12):
        xs, ys = optimizer.start(float(x[row])), optimizer.start(float(y[row]))
        alone = walked(optimizer, surface.gradient, xs, ys, 50)
        for (xs, ys), (batch_x, batch_y) in zip(alone, batch, strict=True):
            assert xs == pytest.approx([each[row] for each in batch_x], rel=rel, abs=rel)
            assert ys == pytest.approx([each[row] for each in batch_y], rel=rel, abs=rel)


def test_the_hyper_parameters_of_a_batch_may_be_arrays():
    """A sweep is one ordinary run whose learning rates and momenta are arrays."""
    lr, mu = (each.ravel() for each in np.meshgrid(np.linspace(0.05, 0.5, 6), np.linspace(0.0, 0.95, 5)))
    both = Momentum(lr=lr, mu=mu)
    x, y = both.start(np.full(lr.shape, -5.0)), both.start(np.full(lr.shape, -2.0))
    *_, (x, y) = walked(both, DIVE.gradient, x, y, 30)
    for row in range(len(lr)):
        alone = run_of(Momentum(lr=float(lr[row]), mu=float(mu[row])), steps=30)
        assert tuple(alone.path[-1]) == (x[0][row], y[0][row])


# -- what is recorded


@pytest.mark.parametrize("surface", [cls() for cls in SURFACES], ids=repr)
@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_what_is_recorded_is_the_rule_applied_step_by_step(cls, surface):
    optimizer = cls(lr=0.1 * surface.learning_rate)
    run = run_of(optimizer, surface, surface.start, 40)
    assert run.count == 41
    assert tuple(run.states[0, :, 0]) == surface.start
    assert not run.states[0, :, 1:].any()
    for row in range(41):
        x, y = (float(each) for each in run.path[row])
        assert run.loss[row] == pytest.approx(surface.value(x, y), rel=1e-13)
        assert tuple(run.gradient[row]) == pytest.approx(surface.gradient(x, y), rel=1e-12, abs=1e-12)
        if row:
            before_x, before_y = ([float(each) for each in run.states[row - 1, i]] for i in (0, 1))
            gx, gy = surface.gradient(optimizer.look(*before_x), optimizer.look(*before_y))
            assert tuple(run.states[row, 0]) == optimizer.move(gx, row, *before_x)
            assert tuple(run.states[row, 1]) == optimizer.move(gy, row, *before_y)
    assert run.gradient_norm(40) == math.hypot(*run.gradient[40])
    assert run.gradient_norm(slice(0, 41)).shape == (41,)


class Counting(SGD, frozen=True, tag="counting"):
    """A rule that depends on the number of its step."""

    def move(self, g, t, w):
        return (w - self.lr * g / t,)


def test_steps_are_counted_from_one_however_they_are_cut():
    run = SurfaceRun(Counting(lr=0.4), DIVE, (-5.0, -2.0), 20, 0.0, 0)
    for steps in (1, 4, 15):
        run.advance(steps)
    factors = np.cumprod([1 - 0.4 * 0.2 / t for t in range(1, 21)])
    np.testing.assert_allclose(run.path[1:, 0], -5 * factors, rtol=1e-12)


def test_the_velocity_is_the_arrow_that_was_gone():
    run = run_of(Momentum(lr=0.4, mu=0.5))
    np.testing.assert_allclose(run.states[1:, :, 1], np.diff(run.path, axis=0), rtol=1e-12, atol=1e-14)


def test_a_run_that_comes_to_rest_has_converged():
    run = run_of(Momentum(lr=0.4, mu=0.5), steps=300)
    assert run.outcome is Outcome.CONVERGED
    assert run.count == 301
    assert str(run.message) == "converged"
    assert run.gradient_norm(300) < 1e-6


# -- noise


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_every_racer_sees_the_same_noise(cls):
    """The seed alone decides the noise: the same numbers, two a step, whatever the racer is and wherever it stands."""
    optimizer, noise = cls(lr=1e-3), (0.5 * np.random.default_rng(5).standard_normal((30, 2))).tolist()
    run = run_of(optimizer, Rosenbrock(), (-1.2, 1.0), 30, noise=0.5, seed=5)
    x, y = optimizer.start(-1.2), optimizer.start(1.0)
    for t, (noise_x, noise_y) in enumerate(noise, start=1):
        gx, gy = Rosenbrock().gradient(optimizer.look(*x), optimizer.look(*y))
        x, y = optimizer.move(gx + noise_x, t, *x), optimizer.move(gy + noise_y, t, *y)
        assert tuple(run.path[t]) == (x[0], y[0])


def test_two_racers_of_one_seed_are_moved_by_the_same_noise():
    def noise_of(lr, seed):
        run = run_of(SGD(lr=lr), steps=200, noise=0.7, seed=seed)
        return -np.diff(run.path, axis=0) / lr - run.gradient[:-1]

    slow, fast = noise_of(0.01, 4), noise_of(0.4, 4)
    np.testing.assert_allclose(slow, fast, atol=1e-10)
    assert np.abs(slow - noise_of(0.01, 5)).max() > 0.1


def test_the_noise_has_the_deviation_that_was_asked_for():
    run = run_of(SGD(lr=0.01), steps=20_000, noise=0.7)
    noise = -np.diff(run.path, axis=0) / 0.01 - run.gradient[:-1]
    assert noise.std(axis=0) == pytest.approx([0.7, 0.7], rel=0.03)
    assert noise.mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.02)
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.03


def test_the_recorded_gradient_is_without_noise():
    run = run_of(SGD(lr=0.1), noise=1.0)
    assert np.array_equal(run.gradient[:, 1], DIVE.gradient(*run.path.T)[1])


# -- divergence


def test_a_diverging_run_stops_where_the_closed_form_says_and_says_why():
    """y = -2 * (-1.4)^k; the loss 2 y^2 passes 1e12 first, at k = 38, for 2 * (2 * 1.4^37)^2 < 1e12."""
    run = run_of(SGD(lr=0.6), steps=100)
    assert 2 * (2 * 1.4**37) ** 2 < LIMIT < 2 * (2 * 1.4**38) ** 2
    assert run.outcome is Outcome.DIVERGED
    assert str(run.message) == "diverged at step 38: η λ₂ = 2.4 > 2"
    assert run.count == 38
    assert run.path[-1, 1] == pytest.approx(-2 * (-1.4) ** 37, rel=1e-12)


def test_a_run_that_swings_out_far_is_still_drawn():
    run = run_of(SGD(lr=0.6), steps=20)
    assert run.outcome is Outcome.FINISHED
    assert run.count == 21


def test_a_diverged_run_is_frozen():
    run = run_of(SGD(lr=0.6), steps=100)
    before, message = history(run), str(run.message)
    run.advance(50)
    assert str(run.message) == message
    assert all(np.array_equal(*pair) for pair in zip(before, history(run), strict=True))


@pytest.mark.parametrize("surface", [cls() for cls in SURFACES], ids=repr)
@pytest.mark.parametrize("cls", OPTIMIZERS)
@pytest.mark.parametrize("lr", [0.5, 30.0, 1000.0])
@pytest.mark.parametrize("start", [None, (900_000.0, -1e6), (0.0, 0.0)])
def test_whatever_the_learning_rate_there_is_no_warning_and_nothing_that_is_not_finite(cls, surface, lr, start):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = run_of(cls(lr=lr), surface, start or surface.start, 200, noise=0.1)
    for part in history(run):
        assert np.isfinite(part).all()
    assert (np.abs(run.path) <= LIMIT).all()
    assert (np.abs(run.loss[: run.count]) <= LIMIT).all()
    if run.outcome is Outcome.DIVERGED:
        assert run.count <= 200
        if run.count:
            assert str(run.message).startswith(f"diverged at step {run.count}")
    else:
        assert run.count == 201


def test_where_the_curvature_changes_the_reason_is_that_of_the_minimum_and_called_local():
    """Rosenbrock's Hessian at its minimum has the eigenvalues 1001.6 and 0.399."""
    run = run_of(SGD(lr=1.0), Rosenbrock(), (-1.2, 1.0), 50)
    reason = "η λ₂ = 1002 > 2 at the minimum"
    assert str(run.message) == f"diverged at step {run.count}: {reason}"


def test_a_start_beyond_the_limit_says_so():
    run = run_of(SGD(lr=1e-9), Rosenbrock(), (1e6, 0.0), 50)
    assert run.count == 0
    assert str(run.message) == "diverged at step 0: the loss at the start is already beyond the limit of 1e12"


@pytest.mark.parametrize(
    ("formula", "start", "racer", "reason"),
    [
        ("1/x + y**2", (0.0, 0.5), SGD(), "diverged at step 0: the function is infinite at the start"),
        ("sqrt(x**2 + y**2)", (0.0, 0.0), SGD(), "diverged at step 1: the slope is not a finite number there"),
        ("x*sqrt(1 - y) + y**2", (0.5, 1.0), Momentum(), "diverged at step 1: the slope is not a finite number there"),
    ],
)
def test_where_there_is_no_slope_the_reason_says_so(formula, start, racer, reason):
    assert str(run_of(racer, Expression(formula=formula), start, 50).message) == reason


def test_where_nesterov_looks_ahead_out_of_the_domain_the_reason_says_so():
    """After one step it stands inside of [-1, 1], but the velocity leads out of it."""
    surface = Expression(formula="asin(x) + acos(y)*x")
    run = run_of(Nesterov(lr=0.03, mu=0.9), surface, (-0.8, -0.3), 50)
    (x, y), (vx, vy) = run.states[1].T
    assert max(abs(x), abs(y)) < 1 < max(abs(x + 0.9 * vx), abs(y + 0.9 * vy))
    assert str(run.message) == "diverged at step 2: the slope is not a finite number where it looks ahead"


# -- the history's promises


@given(st.lists(st.integers(1, 40), max_size=12), st.sampled_from(OPTIMIZERS), st.sampled_from([0.0, 0.3]))
@settings(max_examples=60, deadline=None)
def test_how_the_steps_are_cut_changes_no_bit(cuts, cls, noise):
    whole = run_of(cls(lr=0.05), Rosenbrock(b=4.0), (-1.2, 1.0), 120, noise)
    cut = SurfaceRun(cls(lr=0.05), Rosenbrock(b=4.0), (-1.2, 1.0), 120, noise, 0)
    for steps in [*cuts, 120]:
        cut.advance(steps)
    assert_same(whole, cut)


@pytest.mark.parametrize("steps", [1, 7, 37, 38, 39])
def test_how_the_steps_are_cut_changes_no_divergence(steps):
    whole, cut = run_of(SGD(lr=0.6), steps=100), SurfaceRun(SGD(lr=0.6), DIVE, (-5.0, -2.0), 100, 0.0, 0)
    while not cut.done:
        cut.advance(steps)
    assert_same(whole, cut)


@pytest.mark.parametrize("optimizer", [Momentum(lr=0.05), SGD(lr=0.6)], ids=["finishes", "diverges"])
def test_what_was_handed_out_never_changes(optimizer):
    run = SurfaceRun(optimizer, DIVE, (-5.0, -2.0), 100, 0.1, 0)
    handed = []
    while not run.done:
        parts = run.path, run.states[: run.count], run.loss[: run.count], run.gradient[: run.count]
        handed += [(part, part.copy()) for part in parts]
        run.advance(9)
    assert all(np.array_equal(part, copy) for part, copy in handed)
    assert np.shares_memory(handed[0][0], run.path), "a view, not a copy"


def test_a_finished_run_takes_no_further_step():
    run = run_of(Momentum(lr=0.1), steps=20)
    before = history(run)
    run.advance(1)
    assert run.count == 21
    assert all(np.array_equal(*pair) for pair in zip(before, history(run), strict=True))


def test_a_run_says_how_far_it_has_come():
    run = SurfaceRun(Momentum(lr=0.1), DIVE, (-5.0, -2.0), 20, 0.0, 0)
    assert (run.count, run.done) == (1, False)
    run.advance(0)
    assert (run.count, run.done) == (1, False)
    run.advance(5)
    assert (run.count, run.done) == (6, False)


def test_momentum_leaves_the_saddle_sooner():
    surface = Saddle()
    plain, heavy = (run_of(each, surface, surface.start, 60) for each in (SGD(lr=0.2), Momentum(lr=0.2, mu=0.9)))
    assert np.argmax(heavy.loss < 0.1) < np.argmax(plain.loss < 0.1)
