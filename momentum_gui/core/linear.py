"""Optimizers that are linear: what they do to a quadratic, as matrices read off their own update rule.

On f = 1/2 l w^2 the gradient is linear, and so is a step of gradient descent, of the heavy ball, of Nesterov's
method: ``state <- M(l) state``. Everything that is known exactly about such a run is a property of M(l)
(Polyak 1964; O'Donoghue & Candes 2015, section 4; Goh 2017, *Why Momentum Really Works*, Distill). No formula is
written twice here: M is found by applying the method's ``look`` and ``move`` to unit states.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import Array

ROUNDING = 1e-12
"""Two moduli closer than this are the same to a person, and nearly so to the arithmetic."""


class LinearMethod(NamedTuple):
    """One coordinate of a linear method: ``state <- keep @ state + kick * g``, with g taken at ``look @ state``.

    ``keep`` (n, n), ``kick`` (n,) and ``look`` (n,), where the state is the position followed by the memories.
    The form of a linear system with feedback, as in Lessard, Recht & Packard (2016), section 2.
    """

    keep: Array
    kick: Array
    look: Array

    def matrix(self, curvature: float) -> Array:
        """The iteration matrix M(l) = keep + l kick look^T (n, n) on f = 1/2 l w^2."""
        return self.keep + curvature * np.outer(self.kick, self.look)


@lru_cache(maxsize=256)
def linear_method(optimizer: Optimizer) -> LinearMethod | None:
    """``optimizer`` as matrices; None if its step is not a linear and unchanging function of gradient and state.

    Methods that divide by the size of past gradients (AdaGrad, Adam …) or take its sign are not linear, nor
    are those that correct for the number of the step. That is tried, not declared: the matrices must give the
    same as ``move`` on states of many sizes and at early and late steps.
    """
    n = 1 + len(optimizer.memories)
    unit = np.eye(n + 1)  # a column each: position, memories, gradient
    probe = np.random.default_rng(0).standard_normal((n + 1, 9)) * np.logspace(-4, 4, 9)
    with np.errstate(all="ignore"):
        response = np.array(optimizer.move(unit[n], 1, *unit[:n]))
        look = np.asarray(optimizer.look(*unit[:n, :n]), dtype=float)
        room = 1e-9 * (np.abs(response) @ np.abs(probe))
        for t in (1, 2, 1000):
            if not (np.abs(np.array(optimizer.move(probe[n], t, *probe[:n])) - response @ probe) <= room).all():
                return None
        if not (
            np.abs(optimizer.look(*probe[:n]) - look @ probe[:n]) <= 1e-9 * (np.abs(look) @ np.abs(probe[:n]))
        ).all():
            return None
    method = LinearMethod(response[:, :n].copy(), response[:, n].copy(), look)
    for each in method:
        each.setflags(write=False)  # it is kept and handed out again
    return method


def eigenvalues(matrix: Array) -> tuple[complex, ...]:
    """The eigenvalues of an iteration matrix, the largest modulus first.

    The 2 x 2 case in closed form, T/2 ± sqrt(T^2/4 - D) with trace T and determinant D. A discriminant that is
    nothing but rounding counts as 0: its square root would turn 1e-16 into 1e-8 just where a person looks, at
    critical damping. A complex pair thus has the modulus sqrt(D): for the heavy ball sqrt(mu), whatever lr and l
    (Distill prints 2 sqrt(beta)).
    """
    if matrix.shape == (2, 2):
        (a, b), (c, d) = matrix.tolist()
        half, det = (a + d) / 2, a * d - b * c
        discriminant = half * half - det
        if abs(discriminant) <= 64 * np.finfo(float).eps * (half * half + abs(det)):
            discriminant = 0.0
        if discriminant < 0:
            root = (-discriminant) ** 0.5
            return complex(half, root), complex(half, -root)
        large = half + (discriminant**0.5 if half >= 0 else -(discriminant**0.5))
        if discriminant == 0:
            return complex(large), complex(large)
        return complex(large), complex(det / large)  # large is not 0, for the roots differ
    return tuple(sorted(map(complex, np.linalg.eigvals(matrix)), key=abs, reverse=True))


def spectral_radius(matrix: Array) -> float:
    """The largest modulus of an eigenvalue: the factor by which the error shrinks a step, in the long run."""
    return abs(eigenvalues(matrix)[0])


@lru_cache(maxsize=256)
def derived_limit(optimizer: Optimizer) -> float | None:
    """The product lr l up to which the runs on every smaller curvature shrink too, found from the matrix.

    A linear method sees lr and curvature only as their product (f -> a f with lr -> lr / a changes no position),
    so curvature is moved and lr stays. The first crossing of 1 by the spectral radius is bracketed on a
    logarithmic grid and halved down to the last bit. None if the method is not linear or no limit is found.
    """
    method = linear_method(optimizer)
    if method is None:
        return None
    lr = optimizer.lr
    products = np.geomspace(1e-3, 1e9, 600)
    matrices = method.keep + (products / lr)[:, None, None] * np.outer(method.kick, method.look)
    beyond = np.abs(np.linalg.eigvals(matrices)).max(axis=1) > 1 + 1e-9
    if not beyond.any() or beyond[0]:
        return None
    first = int(np.argmax(beyond))
    low, high = float(products[first - 1]), float(products[first])
    while low < (middle := (low + high) / 2) < high:
        if spectral_radius(method.matrix(middle / lr)) < 1:
            low = middle
        else:
            high = middle
    return high


def product_limit(optimizer: Optimizer) -> float | None:
    """The learning rate times curvature beyond which a quadratic's runs grow; None if not known.

    The method's own closed form where it states one, else derived from its iteration matrix.
    """
    declared = optimizer.stability_limit()
    return derived_limit(optimizer) if declared is None else declared
