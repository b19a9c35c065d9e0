"""Predictions against closed forms, published numbers and runs."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.optimizers import QHM, SGD, Momentum, Nesterov
from momentum_gui.core.schedules import Change
from momentum_gui.core.surfaces import Beale, Himmelblau, Ravine, Rosenbrock, Saddle
from momentum_gui.core.theory import (
    Damping,
    Regime,
    Shape,
    behaviour,
    best,
    loss_envelope,
    lr_limit,
    nearest_minimum,
    quadratic_model,
    rate,
    stationary_variance,
    why_diverged,
)


class SignStep(Optimizer, frozen=True, tag="sign"):
    lr: float = 0.1

    def move(self, g, t, w):
        return (w - self.lr * np.sign(g),)


def run(optimizer, surface, start, steps, noise=0.0, seed=0):
    made = SurfaceRun(optimizer, surface, start, steps, noise, seed)
    made.advance(steps)
    return made


# The local quadratic


def test_model_of_a_turned_ravine_is_exact_wherever_it_is_asked_for():
    model = quadratic_model(Ravine(curvature=0.5, kappa=8, angle=30), (3.0, -1.0))
    assert model.exact
    assert model.center == (0.0, 0.0)
    assert model.value == 0
    np.testing.assert_array_equal(model.curvatures, [0.5, 4.0])
    np.testing.assert_allclose(model.axes, [[math.sqrt(3) / 2, 0.5], [0.5, -math.sqrt(3) / 2]], atol=1e-15)
    assert model.condition == 8
    assert model.shape is Shape.BOWL
    assert model.saddle_direction is None
    assert str(model.label).startswith("exact")


def test_model_of_rosenbrock_at_its_minimum():
    # H = [[802, -400], [-400, 200]]: trace 1002, determinant 400.
    model = quadratic_model(Rosenbrock(), (1.0, 1.0))
    assert not model.exact
    assert str(model.label).startswith("local")
    root = math.sqrt(501**2 - 400)
    np.testing.assert_allclose(model.curvatures, [400 / (501 + root), 501 + root], rtol=1e-10)
    assert model.condition == pytest.approx(2508.009, abs=1e-3)


def test_model_rebuilds_the_hessian():
    model = quadratic_model(Beale(), (0.7, -0.4))
    xx, xy, yy = Beale().hessian(0.7, -0.4)
    np.testing.assert_allclose(model.axes.T @ np.diag(model.curvatures) @ model.axes, [[xx, xy], [xy, yy]], rtol=1e-12)
    assert (model.axes[:, 0] >= 0).all()


def test_saddle_is_named_with_the_direction_that_leaves_it():
    model = quadratic_model(Saddle(), (0.0, 0.0))
    assert model.shape is Shape.SADDLE
    np.testing.assert_array_equal(model.curvatures, [-1, 1])
    np.testing.assert_array_equal(model.saddle_direction, [0, 1])
    assert model.condition is None


def test_hill_and_flat():
    assert quadratic_model(Himmelblau(), (-0.2, -0.9)).shape is Shape.HILL
    assert quadratic_model(Saddle(), (0.0, 1 / math.sqrt(3))).shape is Shape.FLAT  # 3 y^2 = 1


def test_no_model_where_the_hessian_is_not_finite():
    assert quadratic_model(Rosenbrock(), (1e200, 0.0)) is None


def test_nearest_minimum():
    assert nearest_minimum(Saddle(), (5.0, -0.1)) == (0.0, -1.0)


# Regimes and rates


@pytest.mark.parametrize(
    ("optimizer", "curvature", "regime", "damping"),
    [
        (SGD(lr=0.5), 1.0, Regime.MONOTONE, None),
        (SGD(lr=1.5), 1.0, Regime.OSCILLATING, None),
        (SGD(lr=0.25), 4.0, Regime.ONE_STEP, None),
        (SGD(lr=0.5), 4.0, Regime.STANDING, None),
        (SGD(lr=0.5), 4.1, Regime.DIVERGENT, None),
        (SGD(lr=0.5), -1.0, Regime.ESCAPING, None),
        (SGD(lr=0.5), 0.0, Regime.FLAT, None),
        (Momentum(lr=0.25, mu=0.0), 4.0, Regime.ONE_STEP, None),
        (Momentum(lr=0.005, mu=0.81), 1.0, Regime.MONOTONE, Damping.OVER),  # lr l < (1 - sqrt mu)^2 = 0.01
        (Momentum(lr=0.01, mu=0.81), 1.0, Regime.MONOTONE, Damping.CRITICAL),
        (Momentum(lr=0.02, mu=0.81), 1.0, Regime.RIPPLES, Damping.UNDER),
        (Momentum(lr=3.6, mu=0.81), 1.0, Regime.RIPPLES, Damping.UNDER),  # lr l < (1 + sqrt mu)^2 = 3.61
        (Momentum(lr=3.615, mu=0.81), 1.0, Regime.OSCILLATING, None),
        (Momentum(lr=3.63, mu=0.81), 1.0, Regime.DIVERGENT, None),  # 2 + 2 mu = 3.62
        (Nesterov(lr=0.25, mu=0.9), 4.0, Regime.ONE_STEP, None),
        (Nesterov(lr=1.2, mu=0.9), 1.0, Regime.OSCILLATING, None),
        (Nesterov(lr=1.4, mu=0.9), 1.0, Regime.DIVERGENT, None),
    ],
)
def test_regimes(optimizer, curvature, regime, damping):
    found = behaviour(optimizer, curvature)
    assert found.regime is regime
    assert found.damping is damping


def test_regime_is_what_the_run_does():
    ravine = Ravine(curvature=1, kappa=1)
    x = run(SGD(lr=1.5), ravine, (1.0, 1.0), 20).path[:, 0]
    assert (np.sign(x[1:]) == -np.sign(x[:-1])).all()
    x = run(Nesterov(lr=1.0, mu=0.9), ravine, (1.0, 1.0), 5).path[:, 0]
    np.testing.assert_array_equal(x[1:], 0)


@pytest.mark.parametrize(
    ("kappa", "sgd", "ball", "lr"),
    [
        (10, 0.818182, 0.519494, 0.230886),
        (100, 0.980198, 0.818182, 0.033058),
        (1000, 0.998002, 0.938693, 0.003759),
        (10000, 0.999800, 0.980198, 0.000392),
    ],
)
def test_best_rates(kappa, sgd, ball, lr):
    curvatures = (1.0, float(kappa))
    assert rate(best(SGD(), curvatures), curvatures) == pytest.approx(sgd, abs=5e-7)
    tuned = best(Momentum(), curvatures)
    assert tuned.lr == pytest.approx(lr, abs=5e-7)
    assert tuned.mu == pytest.approx(ball**2, abs=2e-6)
    assert rate(tuned, curvatures) == pytest.approx(ball, abs=5e-7)


def test_best_nesterov_has_the_rate_of_lessard_recht_and_packard():
    tuned = best(Nesterov(), (1.0, 100.0))
    assert rate(tuned, (1.0, 100.0)) == pytest.approx(1 - 2 / math.sqrt(301), rel=1e-12)
    standard = Nesterov(lr=1 / 100, mu=9 / 11)
    assert rate(standard, (1.0, 100.0)) == pytest.approx(1 - 1 / 10, rel=1e-12)


@pytest.mark.parametrize("optimizer", [SGD(), Momentum(), Nesterov(), Momentum(convention="average")])
def test_nothing_near_the_best_is_better(optimizer):
    curvatures = (0.3, 17.0)
    tuned = best(optimizer, curvatures)
    reached = rate(tuned, curvatures)
    for factor in (0.98, 0.999, 1.001, 1.02):
        assert rate(replace(tuned, lr=tuned.lr * factor), curvatures) > reached
        if not isinstance(tuned, SGD):
            assert rate(replace(tuned, mu=tuned.mu * factor), curvatures) > reached


def test_best_in_another_convention_is_the_same_ball():
    inside, average = best(Momentum(), (1.0, 100.0)), best(Momentum(convention="average", lr=3.0, mu=0.2), (1.0, 100.0))
    assert average.mu == inside.mu
    assert average.lr == pytest.approx(inside.lr / (1 - inside.mu), rel=1e-13)


def test_best_quasi_hyperbolic_is_the_ball():
    tuned = best(QHM(), (1.0, 100.0))
    assert (tuned.nu, tuned.beta) == (1.0, best(Momentum(), (1.0, 100.0)).mu)
    reached = rate(tuned, (1.0, 100.0))
    assert reached == pytest.approx(9 / 11, rel=1e-12)
    for nu in (0.5, 0.9, 0.999):
        assert rate(replace(tuned, nu=nu), (1.0, 100.0)) > reached


def test_best_keeps_what_it_does_not_tune_and_stays_within_what_is_allowed():
    assert best(SGD(label="a"), (1.0, 3.0)).label == "a"
    assert best(Momentum(), (2.0, 2.0)) == Momentum(lr=0.5, mu=0.0)
    flat = (1e-6, 1e-4)
    assert best(SGD(), flat).lr == 1000
    ball = best(Momentum(), flat)
    assert ball.lr == 1000
    for mu in (ball.mu * 0.999, min(ball.mu * 1.001, 0.9999)):
        assert rate(ball, flat) < rate(replace(ball, mu=mu), flat)
    assert best(Momentum(), (1e-30, 1.0)).mu < 1


def test_best_is_unknown_at_a_saddle_and_for_other_methods():
    assert best(Momentum(), (-1.0, 1.0)) is None
    assert best(SignStep(), (1.0, 2.0)) is None


def test_nothing_is_claimed_of_methods_that_are_not_linear():
    model = quadratic_model(Ravine(), (0.0, 0.0))
    assert behaviour(SignStep(), 1.0) is None
    assert rate(SignStep(), (1.0, 2.0)) is None
    assert lr_limit(SignStep(), (1.0, 2.0)) is None
    assert loss_envelope(SignStep(), model, np.ones((2, 1)), 5) is None
    assert stationary_variance(SignStep(), 1.0, 1.0) is None
    assert why_diverged(Ravine(), SignStep(lr=100), np.zeros((1, 2)), 10) is None


def test_lr_limits():
    assert lr_limit(SGD(), (1.0, 100.0)) == pytest.approx(0.02)
    assert lr_limit(Momentum(mu=0.9), (1.0, 100.0)) == pytest.approx(0.038)
    assert lr_limit(Nesterov(mu=0.9), (1.0, 100.0)) == pytest.approx(3.8 / 280)
    assert lr_limit(SGD(), (-3.0, 4.0)) == pytest.approx(0.5)
    assert lr_limit(SGD(), (-3.0, 0.0)) is None


# The predicted loss


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(lr=0.01),
        SGD(lr=0.019),
        Momentum(lr=0.005, mu=0.9),
        Momentum(lr=0.02, mu=0.2),
        Momentum(lr=0.037, mu=0.9),
        Momentum(lr=0.01, mu=0.0),  # one step along one axis
        Nesterov(lr=0.01, mu=0.9),
        Momentum(convention="average", lr=0.05, mu=0.9),
    ],
)
@pytest.mark.parametrize("begin", [0, 7])
def test_run_stays_below_the_envelope_and_touches_it(optimizer, begin):
    ravine = Ravine(curvature=1, kappa=100, angle=20)
    made = run(optimizer, ravine, (1.0, 0.7), 400)
    model = quadratic_model(ravine, (0.0, 0.0))
    envelope = loss_envelope(optimizer, model, made.states[begin], 400 - begin)
    loss = made.loss[begin:]
    kept = envelope > 1e-24
    ratio = loss[kept] / envelope[kept]
    assert ratio.max() <= 1 + 1e-9
    assert ratio.max() > 0.9


def test_envelope_is_the_loss_itself_where_nothing_swings():
    ravine = Ravine(curvature=1, kappa=100)
    for optimizer in (best(SGD(), (1.0, 100.0)), best(Momentum(), (1.0, 100.0))):
        made = run(optimizer, ravine, (1.0, 1.0), 100)
        envelope = loss_envelope(optimizer, quadratic_model(ravine, (0.0, 0.0)), made.states[0], 100)
        np.testing.assert_allclose(made.loss, envelope, rtol=1e-9)


def test_envelope_falls_by_the_square_of_the_rate():
    optimizer, ravine = Momentum(lr=0.01, mu=0.9), Ravine(curvature=1, kappa=100)
    envelope = loss_envelope(optimizer, quadratic_model(ravine, (0.0, 0.0)), np.array([[1.0, 0], [1, 0]]), 300)
    assert envelope[300] / envelope[299] == pytest.approx(rate(optimizer, (1.0, 100.0)) ** 2, rel=1e-9)


def test_local_envelope_near_the_minimum_of_rosenbrock():
    optimizer, surface = SGD(lr=0.001), Rosenbrock()
    made = run(optimizer, surface, (1.001, 1.002), 2000)
    envelope = loss_envelope(optimizer, quadratic_model(surface, (1.0, 1.0)), made.states[0], 2000)
    np.testing.assert_allclose(made.loss[1:], envelope[1:], rtol=0.02)


def test_envelope_of_a_divergent_run_ends_in_infinity_without_a_warning():
    model = quadratic_model(Ravine(), (0.0, 0.0))
    assert loss_envelope(Momentum(lr=50.0), model, np.ones((2, 2)), 5000)[-1] == math.inf


def test_no_envelope_at_a_saddle():
    assert loss_envelope(SGD(), quadratic_model(Saddle(), (0.0, 0.0)), np.ones((2, 1)), 5) is None


# Noise


@pytest.mark.parametrize(("lr", "mu"), [(0.1, 0.0), (0.05, 0.5), (0.3, 0.9), (0.9, 0.95)])
def test_stationary_variance_of_the_heavy_ball(lr, mu):
    curvature, s = 4.0, 0.7
    expected = lr * s**2 * (1 + mu) / (curvature * (1 - mu) * (2 * (1 + mu) - lr * curvature))
    assert stationary_variance(Momentum(lr=lr, mu=mu), curvature, s) == pytest.approx(expected, rel=1e-11)
    if mu == 0:
        assert stationary_variance(SGD(lr=lr), curvature, s) == pytest.approx(expected, rel=1e-12)


def test_stationary_variance_of_nesterov_at_one_step():
    # lr l = 1: w is minus lr times the newest noise, whatever mu.
    assert stationary_variance(Nesterov(lr=0.25, mu=0.8), 4.0, 2.0) == pytest.approx(0.25**2 * 4, rel=1e-12)


def test_nothing_is_stationary_beyond_the_limit():
    assert stationary_variance(SGD(lr=0.5), 4.0, 1.0) is None
    assert stationary_variance(SGD(lr=0.5), -1.0, 1.0) is None


# Divergence


def test_reason_is_exact_on_a_quadratic():
    ravine = Ravine(curvature=1, kappa=100)
    made = run(SGD(lr=0.024), ravine, (1.0, 1.0), 500)
    assert str(made.message) == f"diverged at step {made.count}: η λ₂ = 2.4 > 2"


def test_no_reason_at_the_limit_itself():
    ravine = Ravine(curvature=1, kappa=4)
    assert why_diverged(ravine, SGD(lr=0.5), np.ones((1, 2)), 10) is None
    assert why_diverged(ravine, SGD(lr=math.nextafter(0.5, 1)), np.ones((1, 2)), 10) is not None


def test_reason_at_the_minimum():
    made = run(SGD(lr=0.02), Rosenbrock(), (-1.2, 1.0), 500)
    assert str(made.message) == (f"diverged at step {made.count}: η λ₂ = 20.03 > 2 at the minimum")


def test_reason_along_the_path_where_the_minima_would_do():
    surface, optimizer = Himmelblau(), SGD(lr=0.02)
    path = np.array([[3.0, 2.0], [3.5, 2.5], [20.0, 0.0], [-90.0, 4.0]])
    largest = [float(quadratic_model(surface, tuple(each)).curvatures[1]) for each in path.tolist()]
    assert largest[0] * 0.02 < 2 < largest[2] * 0.02
    message = why_diverged(surface, optimizer, path, 10)
    first = next(step for step in range(4) if all(0.02 * each > 2 for each in largest[step:]))
    assert str(message) == f"η λ₂ = {0.02 * largest[first]:.4g} > 2 from step {first} on"


def test_reason_is_of_what_was_in_force():
    ravine = Ravine(curvature=1, kappa=100)
    later = Momentum(lr=0.001, mu=0.5, changes=(Change(step=30, field="lr", value=0.06),))
    made = run(later, ravine, (1.0, 1.0), 500)
    assert made.count > 30
    assert str(made.message).endswith("η λ₂ = 6 > 3")


def test_reason_of_an_optimizer_that_changes_is_of_its_last_state():
    path = np.array([[3.0, 2.0], [20.0, 0.0], [-90.0, 4.0]])
    optimizer = SGD(lr=0.01, changes=(Change(step=3, field="lr", value=0.02),))
    largest = float(quadratic_model(Himmelblau(), (-90.0, 4.0)).curvatures[1])
    message = why_diverged(Himmelblau(), optimizer, path, 10)
    assert str(message) == f"η λ₂ = {0.02 * largest:.4g} > 2 from step 2 on"


def test_no_reason_where_the_ground_is_not_too_steep():
    assert why_diverged(Himmelblau(), SGD(lr=0.001), np.array([[3.0, 2.0]]), 10) is None
