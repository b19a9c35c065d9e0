"""What is measured of a run, to be laid beside what theory predicts."""

from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from momentum_gui.core.linear import linear_method
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import Array
from momentum_gui.core.theory import QuadraticModel

FLOOR = 1e-24
"""A loss this far below its largest is rounding: the position is then right to nearly all of its digits."""

FEWEST = 8
"""Fewer rows than these say nothing about the long run."""

HIGHEST = 700.0
"""The largest logarithm whose number is finite, nearly."""

PEAKS = 3
"""So many peaks tell how a loss that swings falls."""

STRAIGHT = 0.05
"""What lies farther from a line than this part of its whole fall, or of a factor e, is no line."""


class Rate(NamedTuple):
    """A straight line on the logarithm of a loss: excess_k = level · rate^(2 (k - first)) for first <= k <= last.

    ``rate`` is the factor of the *error* a step, so that it stands beside the predicted spectral radius.
    """

    rate: float
    first: int
    last: int
    level: float

    def excess(self, rows: Array) -> Array:
        """The fitted loss above the minimum at ``rows``; infinite where it is beyond all numbers."""
        with np.errstate(over="ignore"):
            return np.asarray(self.level * self.rate ** (2.0 * (rows - self.first)))


def measured_rate(loss: Array, minimum: float = 0.0) -> Rate | None:
    """The rate at which ``loss`` (count,) approaches ``minimum``, fitted on the second half of the run.

    Least squares on log(loss - minimum). The rows from the first that is rounding are left out. A loss that
    swings is fitted through its peaks, so that it does not matter where in a wave the run ends: through the last
    two or three of the whole run where the second half has fewer. None if it swings too slowly even for that, if too
    few rows are left, or if the line leads beyond all numbers. Where no minimum is known give the squared gradient
    norm, which falls at the same rate.
    """
    with np.errstate(invalid="ignore"):
        excess = loss - minimum
        floor = max(FLOOR * np.max(excess, initial=0.0), 64 * np.finfo(float).eps * abs(minimum), np.finfo(float).tiny)
        rounding = np.flatnonzero(~(excess > floor))
    end = int(rounding[0]) if len(rounding) else len(excess)
    first = end // 2
    if end - first < FEWEST:
        return None
    height = np.log(excess[:end])
    peaks = 1 + np.flatnonzero((height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:]))
    points = peaks[peaks > first]
    if len(points) < PEAKS:
        points = np.arange(first, end)
        slope, level = np.polyfit(points, height[points], 1)
        rest = height[points] - (slope * points + level)
        if rest.std() > STRAIGHT * max(1.0, abs(slope) * len(points)):  # part of a slow swing, not its fall
            if len(peaks) < 2:
                return None
            points = peaks[-PEAKS:]
            first = int(points[0])
    slope, level = np.polyfit(points - first, height[points], 1)
    if level > HIGHEST:
        return None
    return Rate(float(np.exp(slope / 2)), first, end - 1, float(np.exp(level)))


class Estimate(NamedTuple):
    """A measured mean, its standard error, and how many independent samples it is worth."""

    value: float
    error: float
    samples: float


def measured_variance(states: Array, model: QuadraticModel) -> tuple[Estimate, Estimate] | None:
    """The mean squared distance from the model's centre along each axis, over the second half of ``states``.

    Successive positions resemble each other, so n of them are worth n / tau independent ones, with tau the
    integrated autocorrelation time of the squared distances, summed up to the first lag beyond 5 tau (Sokal 1997,
    *Monte Carlo methods in statistical mechanics*, lecture 3). None if there are too few rows. Compare with
    ``theory.stationary_variance``; at less than some ten ``samples`` the error itself is not to be trusted.
    """
    tail = model.positions_along_axes(states[len(states) // 2 :])
    if len(tail) < FEWEST:
        return None
    along_floor, across = (_estimate(axis * axis) for axis in tail.T)
    return along_floor, across


def _estimate(values: Array) -> Estimate:
    n = len(values)
    mean = float(values.mean())
    spectrum = np.fft.rfft(values - mean, 2 << n.bit_length())  # twice as long, so that the end does not meet the start
    covariance = np.fft.irfft(spectrum * spectrum.conj())[:n] / n
    if covariance[0] <= 0:
        return Estimate(mean, 0.0, 1.0)
    times = 2 * np.cumsum(covariance / covariance[0]) - 1
    window = np.arange(n) >= 5 * times
    tau = max(1.0, float(times[np.argmax(window)] if window.any() else times.max()))
    return Estimate(mean, float(np.sqrt(covariance[0] * tau / n)), n / tau)


def phase(states: Array, model: QuadraticModel) -> Array:
    """Position and velocity along each axis (count, axes, 2), for a phase portrait.

    The position is measured from the model's centre; the velocity is the displacement of the step that led
    there, 0 at the start, whatever a method's memory holds.
    """
    position = model.positions_along_axes(states)
    velocity = np.diff(position, axis=0, prepend=position[:1])
    return np.stack([position, velocity], axis=-1)


class Accumulated(NamedTuple):
    """The last step as a sum of gradients.

    ``contributions`` (row, 2): what the gradient of step 1, 2 … row adds to it, in x and y;
    ``velocity`` (2,): the step itself, their sum; ``terminal`` (2,): what it would become if the newest gradient
    stayed as it is for ever.
    """

    contributions: Array
    velocity: Array
    terminal: Array


def accumulated_gradient(optimizer: Optimizer, states: Array, row: int, steps: int) -> Accumulated | None:
    """The step that led to ``row`` of ``states`` (count, 2, 1 + memories) as the past gradients that make it up.

    For momentum the gradient g of j steps ago still adds -lr mu^j g, and a constant gradient adds up to the
    terminal velocity -lr g / (1 - mu). The gradients are those that the run used, at the points it looked at and
    with their noise, recovered from its velocities: v - mu v_before = -lr g. In general a memory becomes
    m v + b g and the position moves by a v + c g; the m, a, b, c of every one of the run's ``steps`` are those in
    force at it, so that the sum is right after a change in mid-run too. None at row 0, and for methods that are not
    linear or keep more than one memory.
    """
    now = optimizer.at(max(row, 1), steps)
    method = linear_method(now)
    if method is None or row < 1 or len(method.kick) > 2:
        return None
    straight = float(method.kick[0])
    if len(method.kick) == 1:
        step = states[row, :, 0] - states[row - 1, :, 0]
        contributions = np.zeros((row, 2))
        contributions[-1] = step
        return Accumulated(contributions, step, step)
    (kept, through), (back, memory) = method.keep.tolist()
    if kept != 1 or back != 0:
        return None  # weights decay: the step is more than gradients
    into = float(method.kick[1])
    velocity = states[: row + 1, :, 1]
    memories = np.full(row, memory)
    if optimizer.changes:
        memories[:] = [_memory(optimizer.at(t, steps)) for t in range(1, row + 1)]
    added = velocity[1:] - memories[:, None] * velocity[:-1]  # b g of every step
    newest = added[-1] / into
    # What is left of it when the last step begins: the product of all memories after its own and before the last.
    left = np.ones(row)
    left[:-2] = np.cumprod(memories[-2:0:-1])[::-1]
    contributions = through * left[:, None] * added
    contributions[-1] = straight * newest
    return Accumulated(
        contributions,
        through * velocity[-2] + straight * newest,
        (straight + through * into / (1 - memory)) * newest,
    )


def _memory(optimizer: Optimizer) -> float:
    """What a linear method with one memory keeps of it in a step; that does not depend on the learning rate."""
    method = linear_method(replace(optimizer, lr=1.0))
    assert method is not None  # it is linear with other parameters
    return float(method.keep[1, 1])
