"""Measurements against runs whose answer is known."""

import numpy as np
import pytest

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.measurement import Rate, accumulated_gradient, measured_rate, measured_variance, phase
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.optimizers import QHM, SGD, Momentum, Nesterov
from momentum_gui.core.schedules import Change, Cosine
from momentum_gui.core.surfaces import Ravine, Rosenbrock
from momentum_gui.core.theory import quadratic_model, rate, stationary_variance

RAVINE = Ravine(curvature=1, kappa=100, angle=25)
MODEL = quadratic_model(RAVINE, (0.0, 0.0))


class Decaying(Optimizer, frozen=True):
    """The heavy ball with decoupled weight decay."""

    memories = ("velocity",)
    lr: float = 0.01

    def move(self, g, t, w, v):
        v = 0.9 * v - self.lr * g
        return 0.999 * w + v, v


class SignStep(Optimizer, frozen=True):
    lr: float = 0.1

    def move(self, g, t, w):
        return (w - self.lr * np.sign(g),)


def run(optimizer, steps, surface=RAVINE, start=(1.0, 0.5), noise=0.0, seed=0):
    made = SurfaceRun(optimizer, surface, start, steps, noise, seed)
    made.advance(steps)
    return made


# Rate


@pytest.mark.parametrize(
    "optimizer",
    [SGD(lr=0.005), SGD(lr=0.0199), Momentum(lr=0.004, mu=0.95), Momentum(lr=0.03, mu=0.5), Nesterov(lr=0.01, mu=0.9)],
)
def test_measured_rate_is_the_predicted_one(optimizer):
    fit = measured_rate(run(optimizer, 1500).loss)
    assert fit.rate == pytest.approx(rate(optimizer, (1.0, 100.0)), abs=5e-4)


def test_rate_of_a_straight_line_is_exact():
    k = np.arange(100)
    fit = measured_rate(5 + 3 * 0.9**k, 5.0)
    assert fit.rate == pytest.approx(np.sqrt(0.9), rel=1e-6)
    assert (fit.first, fit.last) == (50, 99)
    np.testing.assert_allclose(fit.excess(k[50:]), 3 * 0.9 ** k[50:], rtol=1e-4)


def test_rounding_is_not_fitted():
    k = np.arange(2000)
    straight = 0.8**k
    assert measured_rate(straight + 1e-26).rate == pytest.approx(np.sqrt(0.8), rel=1e-3)
    above = -78.0 + straight  # everything below about 1e-14 is lost
    assert measured_rate(above, -78.0).rate == pytest.approx(np.sqrt(0.8), rel=1e-3)


def test_where_in_a_wave_the_run_ends_does_not_matter():
    k = np.arange(400)
    swinging = 0.97**k * np.cos(0.3 * k) ** 2
    for end in range(300, 320):
        assert measured_rate(swinging[:end]).rate == pytest.approx(np.sqrt(0.97), abs=3e-4)


def test_growth_has_a_rate_beyond_one():
    made = run(SGD(lr=0.021), 500)
    assert measured_rate(made.loss[: made.count]).rate == pytest.approx(1.1, abs=1e-3)


@pytest.mark.parametrize("loss", [[], [1.0], [1.0, 0.5, 0.2], [0.0] * 50, [np.nan] * 50])
def test_no_rate_from_too_little(loss):
    assert measured_rate(np.array(loss)) is None


def test_a_swing_too_slow_to_measure_has_no_rate():
    # QHM's waves on this floor are longer than half of 60 steps: the second half alone seems to grow
    made = run(QHM(lr=0.4, beta=0.9), 60, Ravine(curvature=0.2, kappa=20), (-5.0, -2.0))
    half = made.loss[30:]
    assert np.polyfit(np.arange(len(half)), np.log(half), 1)[0] > 0
    assert measured_rate(made.loss) is None


def test_a_line_that_leads_beyond_all_numbers_is_no_rate():
    loss = np.ones(2000)
    loss[1980:] = np.exp(-10.0 - 5 * np.arange(20) // 5 * 5)
    loss[[1984, 1989, 1994]] = np.exp([-1.0, -6.0, -11.0])
    assert measured_rate(loss) is None


def test_a_growing_line_is_infinite_far_on():
    assert Rate(2.0, 0, 9, 1.0).excess(np.array([0, 1, 10_000])).tolist() == [1.0, 4.0, np.inf]


def test_slow_swings_are_fitted_through_the_peaks_of_the_whole_run():
    k = np.arange(100)
    swinging = 0.9**k * np.cos(0.12 * k) ** 2  # a peak every 26 steps
    assert measured_rate(swinging).rate == pytest.approx(np.sqrt(0.9), rel=2e-3)
    assert measured_rate(np.ones(50)).rate == pytest.approx(1, abs=1e-12)


# Variance


@pytest.mark.parametrize("optimizer", [SGD(lr=0.01), Momentum(lr=0.004), Nesterov(lr=0.01, mu=0.5)])
def test_measured_variance_is_the_predicted_one(optimizer):
    noise = 0.5
    made = run(optimizer, 60_000, noise=noise, seed=3)
    for estimate, curvature in zip(measured_variance(made.states, MODEL), MODEL.curvatures.tolist(), strict=True):
        predicted = stationary_variance(optimizer, curvature, noise)
        assert abs(estimate.value - predicted) < 4 * estimate.error
        assert estimate.error < 0.15 * predicted


def test_error_of_the_variance_is_as_large_as_the_scatter_over_seeds():
    optimizer, surface = SGD(lr=0.1), Ravine(curvature=1, kappa=2)
    model = quadratic_model(surface, (0.0, 0.0))
    measured = [
        measured_variance(run(optimizer, 2000, surface, (0.0, 0.0), 1.0, seed).states, model)[0] for seed in range(60)
    ]
    scatter = np.std([each.value for each in measured], ddof=1)
    assert np.mean([each.error for each in measured]) == pytest.approx(scatter, rel=0.3)


def test_worth_of_rows_that_resemble_each_other():
    # x <- 0.9 x + noise: its squares have tau = (1 + 0.81) / (1 - 0.81).
    kicks, x = np.random.default_rng(5).standard_normal(200_000).tolist(), [0.0]
    for kick in kicks:
        x.append(0.9 * x[-1] + kick)
    states = np.repeat(x, 2).reshape(-1, 2, 1)
    along, _across = measured_variance(states, quadratic_model(Ravine(), (0.0, 0.0)))
    assert along.samples == pytest.approx(100_001 * 0.19 / 1.81, rel=0.15)


def test_variance_of_rest_and_of_too_little():
    still = np.zeros((50, 2, 1))
    assert [each.value for each in measured_variance(still, MODEL)] == [0, 0]
    assert measured_variance(still[:5], MODEL) is None


# Phase portrait


@pytest.mark.parametrize("optimizer", [Momentum(lr=0.003), Nesterov(lr=0.003)])
def test_phase_is_position_and_velocity_along_the_axes(optimizer):
    made = run(optimizer, 60)
    portrait = phase(made.states, MODEL)
    assert portrait.shape == (61, 2, 2)
    along = np.array([np.cos(np.radians(25)), np.sin(np.radians(25))])
    np.testing.assert_allclose(portrait[:, 0, 0], made.path @ along, atol=1e-14)
    np.testing.assert_allclose(portrait[:, 0, 1], made.states[:, :, 1] @ along, atol=1e-14)
    # The energy 1/2 l u^2 of both axes is the loss.
    np.testing.assert_allclose(0.5 * portrait[:, :, 0] ** 2 @ MODEL.curvatures, made.loss, rtol=1e-12)


def test_phase_about_another_minimum():
    made = run(SGD(lr=0.001), 5, Rosenbrock(), (1.1, 1.0))
    portrait = phase(made.states, quadratic_model(Rosenbrock(), (1.0, 1.0)))
    np.testing.assert_allclose(np.hypot(*portrait[0, :, 0]), 0.1, rtol=1e-12)
    np.testing.assert_array_equal(portrait[0, :, 1], 0)


# The accumulated gradient


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("optimizer", [Momentum(lr=0.003, mu=0.9), Nesterov(lr=0.003, mu=0.95), Momentum(mu=0.0)])
@pytest.mark.parametrize("row", [1, 2, 40, 200])
def test_past_gradients_add_up_to_the_velocity(optimizer, noise, row):
    made = run(optimizer, 200, noise=noise)
    found = accumulated_gradient(optimizer, made.states, row, 200)
    assert found.contributions.shape == (row, 2)
    np.testing.assert_allclose(found.contributions.sum(axis=0), made.states[row, :, 1], atol=1e-12)
    np.testing.assert_allclose(found.velocity, made.states[row, :, 1], atol=1e-12)


def test_contributions_are_the_gradients_of_the_run_weighted_by_powers_of_mu():
    optimizer = Momentum(lr=0.003, mu=0.9)
    made = run(optimizer, 30)
    found = accumulated_gradient(optimizer, made.states, 30, 30)
    gradients = made.gradient[:30]  # the gradient of step k was taken at row k - 1
    weights = -0.003 * 0.9 ** np.arange(29, -1, -1)
    np.testing.assert_allclose(found.contributions, weights[:, None] * gradients, atol=1e-13)
    np.testing.assert_allclose(found.terminal, -0.003 * gradients[-1] / (1 - 0.9), atol=1e-13)


def test_nesterov_adds_the_gradients_of_the_points_it_looked_at():
    optimizer = Nesterov(lr=0.003, mu=0.9)
    made = run(optimizer, 10)
    found = accumulated_gradient(optimizer, made.states, 10, 10)
    x, y = optimizer.look(*made.states[9].T)
    np.testing.assert_allclose(found.contributions[-1], -0.003 * np.array(RAVINE.gradient(x, y)), atol=1e-14)


@pytest.mark.parametrize("optimizer", [SGD(lr=0.003), Momentum(lr=0.003, convention="outside"), QHM(lr=0.01, beta=0.9)])
def test_other_linear_methods_add_up_to_their_step(optimizer):
    made = run(optimizer, 50, noise=0.1)
    found = accumulated_gradient(optimizer, made.states, 50, 50)
    step = made.path[50] - made.path[49]
    np.testing.assert_allclose(found.contributions.sum(axis=0), step, atol=1e-13)
    np.testing.assert_allclose(found.velocity, step, atol=1e-13)


@pytest.mark.parametrize(("convention", "lr"), [("outside", 0.003), ("average", 0.03)])
def test_convention_changes_no_contribution(convention, lr):
    inside, other = Momentum(lr=0.003), Momentum(lr=lr, convention=convention)
    first = accumulated_gradient(inside, run(inside, 50).states, 50, 50)
    second = accumulated_gradient(other, run(other, 50).states, 50, 50)
    for one, same in zip(first, second, strict=True):
        np.testing.assert_allclose(one, same, atol=1e-12)


@pytest.mark.parametrize("convention", ["inside", "outside", "average"])
@pytest.mark.parametrize("row", [19, 20, 21, 45, 60])
def test_sum_is_right_after_changes_in_mid_run(convention, row):
    changes = (Change(step=20, field="mu", value=0.5), Change(step=40, field="lr", value=0.002))
    optimizer = Momentum(lr=0.003, convention=convention, schedule=Cosine(), changes=changes)
    made = run(optimizer, 60)
    found = accumulated_gradient(optimizer, made.states, row, 60)
    step = made.path[row] - made.path[row - 1]
    np.testing.assert_allclose(found.contributions.sum(axis=0), step, atol=1e-13)
    np.testing.assert_allclose(found.velocity, step, atol=1e-13)


def test_terminal_velocity_under_a_constant_gradient():
    optimizer, g = Momentum(lr=0.1, mu=0.9), np.array([1.0, -2.0])
    states = np.zeros((11, 2, 2))
    for t in range(1, 11):
        states[t] = np.transpose(optimizer.move(g, t, *states[t - 1].T))
    found = accumulated_gradient(optimizer, states, 10, 10)
    np.testing.assert_allclose(found.velocity, -6.5132156 * 0.1 * g, rtol=1e-8)
    np.testing.assert_allclose(found.terminal, -10 * 0.1 * g, rtol=1e-12)


def test_what_has_no_accumulated_gradient():
    states = np.ones((3, 2, 2))
    assert accumulated_gradient(Momentum(), states, 0, 2) is None
    assert accumulated_gradient(SignStep(), states, 2, 2) is None
    assert accumulated_gradient(Decaying(), states, 2, 2) is None
