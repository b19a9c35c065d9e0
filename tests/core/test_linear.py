"""The matrices read off an optimizer's own rule, their eigenvalues and the limits that follow."""

import numpy as np
import pytest
from msgspec.structs import replace

from momentum_gui.core.linear import derived_limit, eigenvalues, linear_method, product_limit, spectral_radius
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.optimizers import OPTIMIZERS, QHM, SGD, Momentum, Nesterov


class LikeAdaGrad(Optimizer, frozen=True):
    """Not linear: divides by the root of the summed squares."""

    memories = ("squares",)
    lr: float = 0.1

    def move(self, g, t, w, squares):
        squares = squares + g * g
        return w - self.lr * g / (squares**0.5 + 1e-10), squares


class Corrected(Optimizer, frozen=True):
    """Linear in the gradient but not the same at every step."""

    lr: float = 0.1

    def move(self, g, t, w):
        return (w - self.lr * g / (1 - 0.9**t),)


class SignStep(Optimizer, frozen=True):
    lr: float = 0.1

    def move(self, g, t, w):
        return (w - self.lr * np.sign(g),)


class TwoVelocities(Optimizer, frozen=True):
    """Two memories, so a 3 x 3 matrix (Lucas et al. 2019, aggregated momentum)."""

    memories = ("slow", "fast")
    lr: float = 0.1

    def move(self, g, t, w, slow, fast):
        slow, fast = 0.9 * slow - self.lr * g, 0.5 * fast - self.lr * g
        return w + (slow + fast) / 2, slow, fast


def test_matrix_of_the_heavy_ball_as_published():
    # w' = (1 - lr l) w + mu v,  v' = -lr l w + mu v
    matrix = linear_method(Momentum(lr=0.1, mu=0.5)).matrix(3.0)
    np.testing.assert_allclose(matrix, [[0.7, 0.5], [-0.3, 0.5]], rtol=1e-15)


@pytest.mark.parametrize("optimizer", [SGD(lr=0.1), Momentum(lr=0.1), Nesterov(lr=0.1), QHM(), TwoVelocities()])
def test_matrix_makes_the_steps_that_the_optimizer_makes(optimizer):
    curvature = 2.5
    matrix = linear_method(optimizer).matrix(curvature)
    state = optimizer.start(1.5)
    predicted = np.array(state)
    for t in range(1, 30):
        state = optimizer.move(curvature * optimizer.look(*state), t, *state)
        predicted = matrix @ predicted
        np.testing.assert_allclose(predicted, state, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("optimizer", [LikeAdaGrad(), Corrected(), SignStep()])
def test_methods_that_are_not_linear_are_found_out(optimizer):
    assert linear_method(optimizer) is None
    assert derived_limit(optimizer) is None
    assert product_limit(optimizer) is None


@pytest.mark.parametrize("mu", [0.0, 0.3, 0.9, 0.99, 0.9999])
def test_derived_limits_are_the_closed_forms(mu):
    assert derived_limit(SGD()) == pytest.approx(2, rel=1e-14)
    assert derived_limit(Momentum(mu=mu)) == pytest.approx(2 + 2 * mu, rel=1e-12)
    assert derived_limit(Nesterov(mu=mu)) == pytest.approx((2 + 2 * mu) / (1 + 2 * mu), rel=1e-12)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_what_a_method_declares_is_what_its_matrix_says(kind):
    optimizer = kind()
    declared = optimizer.stability_limit()
    if declared is not None:
        assert derived_limit(optimizer) == pytest.approx(declared, rel=1e-12)


@pytest.mark.parametrize("optimizer", [Momentum(), Nesterov(mu=0.7), QHM(), TwoVelocities()])
def test_runs_shrink_below_the_limit_and_grow_beyond_it(optimizer):
    limit, curvature = derived_limit(optimizer), 4.0
    for factor, shrinks in ((0.999, True), (1.001, False)):
        method = linear_method(replace(optimizer, lr=factor * limit / curvature))
        assert (spectral_radius(method.matrix(curvature)) < 1) is shrinks


def test_quasi_hyperbolic_limit():
    # With nu = 1 the exponential average of the gradient: lr (1 - beta) takes the place of lr, 2 + 2 beta its limit.
    assert derived_limit(QHM(beta=0.9, nu=1.0)) == pytest.approx(3.8 / 0.1, rel=1e-12)
    assert derived_limit(QHM(nu=0.0)) == pytest.approx(2, rel=1e-12)


def test_limit_does_not_depend_on_the_learning_rate():
    limits = [derived_limit(QHM(lr=lr)) for lr in (1e-5, 0.1, 300.0)]
    np.testing.assert_allclose(limits, limits[0], rtol=1e-11)


@pytest.mark.parametrize("matrix", [[[0.7, 0.5], [-0.3, 0.5]], [[0.2, 0.9], [0.4, -0.3]], [[-1.5, 1.0], [-2.5, 1.0]]])
def test_eigenvalues_are_lapacks(matrix):
    matrix = np.array(matrix)
    expected = sorted(np.linalg.eigvals(matrix), key=lambda z: (-round(abs(z), 9), -z.imag))
    np.testing.assert_allclose(eigenvalues(matrix), expected, rtol=1e-12)


def test_double_eigenvalue_is_exact_at_critical_damping():
    # (1 - sqrt mu)^2 = lr l: one eigenvalue, sqrt mu, where LAPACK finds two that are 1e-8 apart.
    matrix = linear_method(Momentum(lr=0.01, mu=0.81)).matrix(1.0)
    large, small = eigenvalues(matrix)
    assert large == small
    assert large.real == pytest.approx(0.9, rel=1e-15)


@pytest.mark.parametrize("lr", [0.02, 0.3, 1.0, 3.5])
def test_modulus_in_the_complex_region_is_the_root_of_mu(lr):
    large, small = eigenvalues(linear_method(Momentum(lr=lr, mu=0.81)).matrix(1.0))
    assert large.imag > 0
    assert small == large.conjugate()
    assert abs(large) == pytest.approx(0.9, rel=1e-14)
