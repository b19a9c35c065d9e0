"""What repeated runs are worth: their spread, and whether one racer is better than another or it is noise."""

import math
from dataclasses import dataclass

import numpy as np

from momentum_gui.core.params import Array


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation (of the sample, n - 1) over the runs that are there, and their number."""

    mean: Array
    deviation: Array
    count: Array


@dataclass(frozen=True)
class Difference:
    """The mean of paired differences, its confidence interval, and the p-value of "there is none" (two-sided)."""

    mean: float
    low: float
    high: float
    p: float
    count: int


def spread(values: Array) -> Spread:
    """Over the last axis, the runs; those that are not a number are left out.

    Where fewer than one (two) are left, the mean (the deviation) is not a number.
    """
    there = np.isfinite(values)
    count = there.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=-1) / count
        squares = np.where(there, values - mean[..., None], 0.0) ** 2
        deviation = np.sqrt(squares.sum(axis=-1) / np.where(count > 1, count - 1, np.nan))
    return Spread(mean, deviation, count)


def paired_difference(a: Array, b: Array, level: float = 0.95) -> Difference | None:
    """``a - b``, pair by pair (runs of one seed): Student's t interval of its mean at a confidence of ``level``.

    Pairs of which one is not a number are left out; None if fewer than two are left.
    """
    difference = a - b
    difference = difference[np.isfinite(difference)]
    count = len(difference)
    if count < 2:
        return None
    mean = float(difference.mean())
    error = float(difference.std(ddof=1)) / math.sqrt(count)
    if error == 0:
        return Difference(mean, mean, mean, 1.0 if mean == 0 else 0.0, count)
    reach = t_quantile(level, count - 1) * error
    return Difference(mean, mean - reach, mean + reach, 1 - t_within(abs(mean) / error, count - 1), count)


def t_within(t: float, freedom: int) -> float:
    """The probability that |T| < ``t`` for Student's t with so many degrees of ``freedom``.

    Finite series in the angle atan(t / sqrt(freedom)): Abramowitz & Stegun 1964, 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for k in range(1 + odd, freedom, 2):
        total += term
        term *= cosine**2 * k / (k + 1)
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def t_quantile(level: float, freedom: int) -> float:
    """The ``t`` with P(|T| < t) = ``level``, for 0 < level < 1; by bisection."""
    low, high = 0.0, 1.0
    while t_within(high, freedom) < level:
        low, high = high, 2 * high
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            return middle
        low, high = (middle, high) if t_within(middle, freedom) < level else (low, middle)
