"""A racer's run down a surface: its path, with the loss and the gradient at every point."""

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np

from momentum_gui.core.messages import N_, Message
from momentum_gui.core.optimizers import Optimizer
from momentum_gui.core.params import Array, Value
from momentum_gui.core.run import LIMIT, Outcome, Run
from momentum_gui.core.surfaces import Point, Surface
from momentum_gui.core.theory import why_diverged

Gradient = Callable[[Value, Value], tuple[Value, Value]]
State = tuple[Value, ...]

TOO_HIGH = N_("the loss at the start is already beyond the limit of 1e12")

NOT_REAL = N_("the function has no real value there")

CONVERGED = 1e-6
"""A finished run whose last gradient is shorter than this has converged."""


def walk(
    optimizer: Optimizer, gradient: Gradient, x: State, y: State, first: int, steps: int
) -> Iterator[tuple[State, State]]:
    """The states of both coordinates, ``(x, *memories)`` and ``(y, *memories)``, after each of ``steps`` steps.

    They may be floats (one run) or arrays (a batch of runs): the arithmetic is the same, to the bit.
    ``first`` is the number of the first step, from 1. ``gradient`` is asked once a step.
    """
    look, move = optimizer.look, optimizer.move
    for t in range(first, first + steps):
        gx, gy = gradient(look(*x), look(*y))
        x, y = move(gx, t, *x), move(gy, t, *y)
        yield x, y


def noisy(gradient: Gradient, deviation: float, rng: np.random.Generator) -> Gradient:
    """``gradient`` with Gaussian noise of standard deviation ``deviation`` on each component.

    One step draws two numbers, so runs of one seed see the same noise whatever their optimizer.
    """

    def sample(x: Value, y: Value) -> tuple[Value, Value]:
        gx, gy = gradient(x, y)
        return gx + deviation * rng.standard_normal(), gy + deviation * rng.standard_normal()

    return sample


class SurfaceRun(Run):
    """One racer on a surface.

    ``states`` (steps + 1, 2, 1 + memories) has for every row and coordinate the position and the memories;
    ``loss`` (steps + 1,) is f and ``gradient`` (steps + 1, 2) its exact gradient there, without noise.
    """

    def __init__(self, optimizer: Optimizer, surface: Surface, start: Point, steps: int, noise: float, seed: int):
        super().__init__(optimizer, steps)
        self.surface = surface
        self.states = np.empty((steps + 1, 2, 1 + len(optimizer.memories)))
        self.loss = np.empty(steps + 1)
        self.gradient = np.empty((steps + 1, 2))
        self._x, self._y = optimizer.start(float(start[0])), optimizer.start(float(start[1]))
        rng = np.random.default_rng(seed)
        self._sample = noisy(surface.gradient, noise, rng) if noise else surface.gradient
        self._record([(self._x, self._y)])

    @property
    def path(self) -> Array:
        """The positions so far, (count, 2)."""
        return self.states[: self.count, :, 0]

    def gradient_norm(self, row: int | slice) -> Array:
        """The length of the exact gradient at ``row``."""
        return np.hypot(self.gradient[row, ..., 0], self.gradient[row, ..., 1])

    def advance(self, steps: int) -> None:
        if self.done:
            return
        taken = self.count - 1
        steps = min(steps, self.steps - taken)
        rows = list(walk(self.optimizer, self._sample, self._x, self._y, taken + 1, steps))
        if rows:
            self._x, self._y = rows[-1]
        self._record(rows)
        if not self.done and self.count > self.steps:
            last = self.count - 1
            self.outcome = Outcome.CONVERGED if self.gradient_norm(last) < CONVERGED else Outcome.FINISHED
            self.message = Message(self.outcome.value)

    def _record(self, rows: list[tuple[State, State]]) -> None:
        """Append ``rows``, up to the first that is not finite or lies beyond the limit."""
        width = self.states.shape[2]
        flat = chain.from_iterable(chain.from_iterable(rows))
        states = np.fromiter(flat, float, 2 * width * len(rows)).reshape(-1, 2, width)
        x, y = states[:, 0, 0], states[:, 1, 0]
        with np.errstate(all="ignore"):
            loss = self.surface.value(x, y)
            gradient = self.surface.gradient(x, y)
            good = (np.abs(x) <= LIMIT) & (np.abs(y) <= LIMIT) & (np.abs(loss) <= LIMIT)
        kept = len(rows) if good.all() else int(np.argmin(good))
        new = slice(self.count, self.count + kept)
        self.states[new] = states[:kept]
        self.loss[new] = loss[:kept]
        self.gradient[new, 0], self.gradient[new, 1] = gradient[0][:kept], gradient[1][:kept]
        self.count += kept
        if kept < len(rows):
            if np.isnan(loss[kept]) and np.isfinite(states[kept, :, 0]).all():
                reason: Message | None = Message(NOT_REAL)
            else:
                reason = why_diverged(self.surface, self.optimizer) if self.count else Message(TOO_HIGH)
            self.diverged(self.count, reason)
