"""What mathematics predicts of a run before it is made: regimes, rates, limits of stability, best parameters.

Exact on a quadratic. Elsewhere the same statements hold of the quadratic that touches the surface at a point, and
are called local. They are about linear methods; of others nothing is claimed (None, and ``NOT_LINEAR`` to say why).
Hyper-parameters count as they stand: for one moment of an optimizer that changes in mid-run give its
``at(step, steps)``.

References: Polyak 1964, *Some methods of speeding up the convergence of iteration methods*; O'Donoghue & Candes
2015, *Adaptive restart for accelerated gradient schemes*; Lessard, Recht & Packard 2016, *Analysis and design of
optimization algorithms via integral quadratic constraints*; Goh 2017, *Why Momentum Really Works*, Distill;
Mandt, Hoffman & Blei 2017, *Stochastic gradient descent as approximate Bayesian inference*.
"""

from dataclasses import dataclass
from enum import Enum
from math import nextafter, sqrt
from typing import TypeVar, get_args

import numpy as np
from msgspec.structs import replace

from momentum_gui.core.linear import ROUNDING, eigenvalues, linear_method, product_limit, spectral_radius
from momentum_gui.core.messages import N_, Message
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.optimizers import QHM, SGD, Momentum, Nesterov
from momentum_gui.core.params import Array, LearningRate
from momentum_gui.core.surfaces import Point, Surface

NOT_LINEAR = N_("no exact theory: this method's step is not a linear function of the gradient")
EXACT = N_("exact: the surface is a quadratic")
LOCAL = N_("local: from the quadratic that touches the surface at this point")

LARGEST_LR: float = get_args(LearningRate)[1].le


class Shape(Enum):
    """What a quadratic looks like; the value is a sentence for people."""

    BOWL = N_("bowl: curved upwards along both axes")
    SADDLE = N_("saddle: curved upwards along one axis, downwards along the other")
    HILL = N_("hill: curved downwards along both axes")
    FLAT = N_("flat: no curvature along at least one axis")


@dataclass(frozen=True, eq=False)
class QuadraticModel:
    """f near ``center``: ``value`` + slope + 1/2 sum of l_i u_i^2, with u_i the coordinate along axis i.

    ``curvatures`` (2,) are the Hessian's eigenvalues l_i, the smaller first, and ``axes`` (2, 2) its unit
    eigenvectors, a row each, pointing to the right (straight up, if vertical). ``exact`` says that the surface is
    this quadratic everywhere; ``center`` is then its minimum if it has one, else the point that was asked for.
    """

    center: Point
    value: float
    curvatures: Array
    axes: Array
    exact: bool

    @property
    def shape(self) -> Shape:
        smaller, larger = self.curvatures.tolist()
        if min(abs(smaller), abs(larger)) <= ROUNDING * max(abs(smaller), abs(larger)):
            return Shape.FLAT
        if smaller > 0:
            return Shape.BOWL
        return Shape.SADDLE if larger > 0 else Shape.HILL

    @property
    def condition(self) -> float | None:
        """The condition number ln / l1, at least 1; None where the surface is not a bowl."""
        return float(self.curvatures[1] / self.curvatures[0]) if self.shape is Shape.BOWL else None

    @property
    def saddle_direction(self) -> Array | None:
        """The axis (2,) along which the surface curves downwards most, so that a run leaves; None in a bowl."""
        return self.axes[0] if self.curvatures[0] < 0 and self.shape is not Shape.FLAT else None

    @property
    def label(self) -> Message:
        """Whether what follows from this model is exact or local, in a sentence."""
        return Message(EXACT if self.exact else LOCAL)

    def along_axes(self, states: Array) -> Array:
        """States (..., 2, 1 + memories) by x and y as states along the axes, positions measured from the centre.

        A method that is linear and coordinate-wise does the same along any pair of axes.
        """
        moved = states.copy()
        moved[..., 0] -= self.center
        return self.axes @ moved

    def positions_along_axes(self, states: Array) -> Array:
        """The positions alone, (..., 2)."""
        return (states[..., 0] - self.center) @ self.axes.T


def quadratic_model(surface: Surface, point: Point) -> QuadraticModel | None:
    """The quadratic that ``surface`` is, or that touches it at ``point``; None where its Hessian is not finite."""
    exact = surface.curvatures is not None
    x, y = surface.minima[0] if exact and surface.minima else point
    with np.errstate(all="ignore"):
        xx, xy, yy = surface.hessian(x, y)
        value = float(surface.value(x, y))
    hessian = np.array([[xx, xy], [xy, yy]], dtype=float)
    if not (np.isfinite(hessian).all() and np.isfinite(value)):
        return None
    curvatures, columns = np.linalg.eigh(hessian)
    axes = columns.T
    rightwards = np.where(np.abs(axes[:, 0]) > ROUNDING, axes[:, 0], axes[:, 1])
    axes *= np.sign(rightwards)[:, None]
    if surface.curvatures is not None:
        curvatures = np.array(surface.curvatures)  # as declared, without the rounding of the turned axes
    return QuadraticModel((float(x), float(y)), value, curvatures, axes, exact)


def nearest_minimum(surface: Surface, point: Point) -> Point | None:
    """The minimum that lies nearest to ``point``; None if the surface names none."""
    x, y = point
    return min(surface.minima, key=lambda each: (each[0] - x) ** 2 + (each[1] - y) ** 2, default=None)


class Regime(Enum):
    """How a run moves along one axis; the value is a sentence for people. The names are Goh's (2017)."""

    MONOTONE = N_("monotone: it shrinks from one side")
    OSCILLATING = N_("oscillating: it changes sides at every step and shrinks")
    RIPPLES = N_("ripples: it swings through the minimum in waves that shrink")
    ONE_STEP = N_("one step: it is there at once")
    STANDING = N_("at the limit of stability: it neither shrinks nor grows")
    DIVERGENT = N_("divergent: it grows at every step")
    FLAT = N_("no curvature: nothing pulls along this axis")
    ESCAPING = N_("negative curvature: it leaves the saddle along this axis, faster and faster")


class Damping(Enum):
    """The same as one says of a swinging weight; the value is a sentence for people."""

    OVER = N_("over-damped: it creeps down without swinging; more momentum is faster")
    CRITICAL = N_("critically damped: as fast as can be without swinging")
    UNDER = N_("under-damped: it swings; less momentum is calmer")


@dataclass(frozen=True, eq=False)
class Behaviour:
    """A linear method along one axis of curvature l: its iteration matrix and what follows from it.

    ``rate`` is the spectral radius: the factor of the error a step in the long run; the loss has its square.
    """

    curvature: float
    matrix: Array
    eigenvalues: tuple[complex, ...]
    rate: float
    regime: Regime
    damping: Damping | None
    """None where nothing swings or creeps: no memory, sides changed at every step, no shrinking."""


def behaviour(optimizer: Optimizer, curvature: float) -> Behaviour | None:
    """What ``optimizer`` does on f = 1/2 l w^2, exactly; None if it is not linear."""
    method = linear_method(optimizer)
    if method is None:
        return None
    matrix = method.matrix(curvature)
    values = eigenvalues(matrix)
    rate = abs(values[0])
    regime = _regime(curvature, values)
    return Behaviour(curvature, matrix, values, rate, regime, _damping(regime, values))


def _regime(curvature: float, values: tuple[complex, ...]) -> Regime:
    rate = abs(values[0])
    if curvature == 0:
        return Regime.FLAT
    if curvature < 0:
        return Regime.ESCAPING
    if rate > 1 + ROUNDING:
        return Regime.DIVERGENT
    if rate >= 1 - ROUNDING:
        return Regime.STANDING
    if rate <= ROUNDING:
        return Regime.ONE_STEP
    leading = [value for value in values if abs(value) >= rate * (1 - ROUNDING)]
    if any(value.imag for value in leading):
        return Regime.RIPPLES
    return Regime.OSCILLATING if any(value.real < 0 for value in leading) else Regime.MONOTONE


def _damping(regime: Regime, values: tuple[complex, ...]) -> Damping | None:
    if len(values) < 2 or regime not in (Regime.MONOTONE, Regime.RIPPLES):
        return None
    if regime is Regime.RIPPLES:
        return Damping.UNDER
    return Damping.CRITICAL if values[0] == values[1] else Damping.OVER


def rate(optimizer: Optimizer, curvatures: Array | tuple[float, float]) -> float | None:
    """The factor by which the distance to the minimum shrinks a step in the long run: the slower axis decides.

    The loss shrinks by its square. None if the method is not linear.
    """
    method = linear_method(optimizer)
    return None if method is None else max(spectral_radius(method.matrix(float(each))) for each in curvatures)


def lr_limit(optimizer: Optimizer, curvatures: Array | tuple[float, float]) -> float | None:
    """The learning rate from which on a run no longer shrinks, by the largest curvature: what a slider marks.

    (product limit) / ln. None if the method is not linear, or where nothing curves upwards.
    """
    limit, largest = product_limit(optimizer), float(max(curvatures))
    return None if limit is None or largest <= 0 else limit / largest


Method = TypeVar("Method", bound=Optimizer)


def best(optimizer: Method, curvatures: Array | tuple[float, float]) -> Method | None:
    """``optimizer`` with the parameters that are fastest on a quadratic with these smallest and largest curvatures.

    SGD: lr = 2 / (l1 + ln), rate (kappa - 1) / (kappa + 1) (Polyak 1964).
    Momentum: lr = (2 / (sqrt l1 + sqrt ln))^2, mu = ((sqrt ln - sqrt l1) / (sqrt ln + sqrt l1))^2, rate sqrt mu
    (Polyak 1964).
    Nesterov: lr = 4 / (l1 + 3 ln), mu = (sqrt(3 kappa + 1) - 2) / (sqrt(3 kappa + 1) + 2), rate
    1 - 2 / sqrt(3 kappa + 1), the optimum for quadratics of Lessard, Recht & Packard (2016, table 1); their
    other tuning, 1 / ln with (sqrt kappa - 1) / (sqrt kappa + 1), is made for all strongly convex functions and
    slower on a quadratic.
    QHM: nu = 1, which makes it momentum, with momentum's parameters: no linear method with one memory does better on
    all curvatures between (Polyak 1964).

    Where lr would be larger than is allowed, lr is the largest and mu the best for it. None if the best is not
    known: of other methods, and unless both curvatures are positive.
    """
    smallest, largest = (float(each) for each in curvatures)
    if smallest <= 0:
        return None
    if isinstance(optimizer, SGD):
        return replace(optimizer, lr=min(LARGEST_LR, 2 / (smallest + largest)))
    if not isinstance(optimizer, Momentum | Nesterov | QHM):
        return None
    if isinstance(optimizer, Momentum | QHM):
        lr = min(LARGEST_LR, 4 / (smallest + largest + 2 * sqrt(smallest * largest)))  # the square, multiplied out
        # Critical damping needs sqrt(mu) = |1 - sqrt(lr l)|; at the best lr it is the same at both ends.
        mu = max(abs(1 - sqrt(lr * smallest)), abs(1 - sqrt(lr * largest))) ** 2
    else:
        lr = min(LARGEST_LR, 4 / (smallest + 3 * largest))
        # Critical damping along the floor: (1 + mu)^2 (1 - lr l1) = 4 mu.
        mu = (1 - sqrt(lr * smallest)) / (1 + sqrt(lr * smallest))
    mu = min(max(mu, 0.0), nextafter(1, 0))
    tuned = replace(optimizer, beta=mu, nu=1.0) if isinstance(optimizer, QHM) else replace(optimizer, mu=mu)
    method = linear_method(tuned)
    if method is None:
        return None
    # In some conventions a first step is not lr g but, say, (1 - mu) lr g.
    first_step = -float(method.kick[0]) / optimizer.lr
    return replace(tuned, lr=min(LARGEST_LR, lr / first_step))


def loss_envelope(optimizer: Optimizer, model: QuadraticModel, state: Array, steps: int) -> Array | None:
    """The predicted loss (steps + 1,) from ``state`` (2, 1 + memories) on: an upper bound that the ripples touch.

    Along an axis the position is c1 z1^k + c2 z2^k with the matrix's eigenvalues z, or (c1 + c2 k) z^k where they
    coincide. Real ones give the position itself; a complex pair swings between ±2 |c1| |z|^k, which is taken
    instead. The curve is model.value + sum of 1/2 l e_k^2 over the axes, and in the long run falls by rate^2 a
    step. ``model`` must be taken at a minimum; without noise a run on a quadratic stays below its curve. Where
    the curve grows beyond what a float can hold it ends in inf. None if the method is not linear or keeps more
    than one memory, or if the model is no bowl.
    """
    method = linear_method(optimizer)
    if method is None or len(method.kick) > 2 or model.shape is not Shape.BOWL:
        return None
    k = np.arange(steps + 1.0)
    curve = np.full(steps + 1, model.value)
    with np.errstate(over="ignore", under="ignore"):
        for curvature, start in zip(model.curvatures.tolist(), model.along_axes(state), strict=True):
            curve += 0.5 * curvature * _swing(method.matrix(curvature), start, k) ** 2
    return curve


def _swing(matrix: Array, start: Array, k: Array) -> Array:
    """How far the position is from 0 after ``k`` steps, or the height of its waves if it swings."""
    first, second = float(start[0]), float((matrix @ start)[0])
    values = eigenvalues(matrix)
    large, small = (values[0], values[-1])
    if len(values) == 1:
        return np.asarray(np.abs(first * large.real**k))
    if large == small:
        z = large.real
        if z == 0:
            return np.where(k == 0, abs(first), np.where(k == 1, abs(second), 0.0))
        return np.asarray(np.abs((first + (second / z - first) * k) * z**k))
    of_large = (second - small * first) / (large - small)
    if large.imag:
        return np.asarray(2 * abs(of_large) * abs(large) ** k)
    return np.asarray(np.abs(of_large.real * large.real**k + (first - of_large.real) * small.real**k))


def stationary_variance(optimizer: Optimizer, curvature: float, noise: float) -> float | None:
    """The variance of the position along an axis of curvature l, long after the start, under gradient noise.

    The covariance P of the state solves the discrete Lyapunov equation P = M P M^T + s^2 kick kick^T, for the
    noise of standard deviation s on the gradient component is kicked into the state anew at every step. For the
    heavy ball that is lr s^2 (1 + mu) / (l (1 - mu) (2 (1 + mu) - lr l)), for SGD the same with mu = 0
    (compare Mandt, Hoffman & Blei 2017, who take small lr). The noise adds sum of 1/2 l variance to the mean
    loss. None if the method is not linear or nothing is stationary: beyond the limit, or unless l > 0.
    """
    method = linear_method(optimizer)
    if method is None or curvature <= 0:
        return None
    matrix = method.matrix(curvature)
    if spectral_radius(matrix) >= 1:
        return None
    n = len(matrix)
    kicked = noise * noise * np.outer(method.kick, method.kick)
    covariance = np.linalg.solve(np.eye(n * n) - np.kron(matrix, matrix), kicked.ravel())
    return float(covariance[0])


def why_diverged(surface: Surface, optimizer: Optimizer, path: Array, steps: int) -> Message | None:
    """Why a run of ``steps`` along ``path`` (count, 2) diverged, where that is known: beyond the limit of stability.

    A linear method shrinks every component of a quadratic's error if and only if its learning rate η times the
    largest curvature λ₂ lies below the limit: exact on a quadratic. Elsewhere it is a local reason, of the flattest
    minimum if even that is too steep, else of the step from which on the run saw nothing but too steep ground.
    Of an optimizer that changes in mid-run only the last state is looked at, with what was then in force.
    """
    now = optimizer.at(len(path), steps)
    limit, lr = product_limit(now), now.lr
    if limit is None:
        return None
    if surface.curvatures is not None:
        product = lr * surface.curvatures[1]
        if product <= limit:
            return None
        return Message(N_("η λ₂ = {product:.4g} > {limit:.4g}"), {"product": product, "limit": limit})
    if surface.minima:
        product = lr * float(_largest_curvature(surface, np.array(surface.minima)).min())
        if product > limit:
            return Message(
                N_("η λ₂ = {product:.4g} > {limit:.4g} at the minimum"),
                {"product": product, "limit": limit},
            )
    with np.errstate(all="ignore"):
        products = lr * _largest_curvature(surface, path)
    stable = np.flatnonzero(products <= limit)
    step = int(stable[-1]) + 1 if len(stable) else 0
    if step >= len(path):
        return None
    if not optimizer.steady:
        step = len(path) - 1
    if not np.isfinite(products[step]):
        return None
    return Message(
        N_("η λ₂ = {product:.4g} > {limit:.4g} from step {step} on"),
        {"step": step, "product": float(products[step]), "limit": limit},
    )


def _largest_curvature(surface: Surface, points: Array) -> Array:
    """The Hessian's larger eigenvalue at every one of ``points`` (count, 2)."""
    xx, xy, yy = surface.hessian(points[:, 0], points[:, 1])
    return np.asarray((xx + yy) / 2 + np.hypot((xx - yy) / 2, xy))
