"""A racer's run down a surface: its path, with the loss and the gradient at every point."""

from itertools import pairwise

import numpy as np

from momentum_gui.core.messages import N_, Message
from momentum_gui.core.optimizer import CONSTANT, Optimizer
from momentum_gui.core.params import Array, Value
from momentum_gui.core.run import LIMIT, Outcome, Run
from momentum_gui.core.surfaces import Point, Surface
from momentum_gui.core.theory import why_diverged
from momentum_gui.core.tracing import Gradient, traced

State = tuple[Value, ...]

INFINITE = N_("the function is infinite at the start")

NO_SLOPE = N_("the slope is not a finite number there")

NO_SLOPE_AHEAD = N_("the slope is not a finite number where it looks ahead")

TOO_HIGH = N_("the loss at the start is already beyond the limit of 1e12")

NOT_REAL = N_("the function has no real value there")

CONVERGED = 1e-6
"""A finished run whose last gradient is shorter than this has converged."""


def walk(
    optimizer: Optimizer,
    gradient: Gradient,
    x: State,
    y: State,
    first: int,
    count: int,
    steps: int,
    noise: Array | None = None,
) -> list[Value]:
    """``count`` steps, the first of which is number ``first`` (from 1) of a run of ``steps``.

    ``x`` and ``y`` are the states of the two coordinates, ``(x, *memories)`` and ``(y, *memories)``, floats (one
    run) or arrays (a batch of runs): the arithmetic is the same. The result has for every step the new state of x
    followed by that of y, one flat list: a tuple a row would keep the garbage collector busy. ``gradient`` is traced
    (see ``tracing``); ``noise`` (count, 2), if any, is what is added to it.
    """
    loop, constants = traced(optimizer, gradient, noise is not None)
    state, states, last = [*x, *y], list[Value](), first + count
    turns = sorted({first, *(change.step for change in optimizer.changes if first < change.step < last), last})
    for begin, end in pairwise(turns):
        varying: list[list[Value]] = []
        if optimizer.schedule != CONSTANT:
            lr = optimizer.number_at("lr", begin)
            varying.append([lr * optimizer.schedule.factor(t, steps) for t in range(begin, end)])
        if noise is not None:
            varying += noise[begin - first : end - first].T.tolist()
        states += loop.steps(optimizer.at(begin, steps), constants, state, begin, end, varying)
        state = states[-len(state) :]
    return states


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
        self._noise, self._seed = noise, seed
        self._draw = np.random.default_rng(seed).standard_normal if noise else None
        self._record([*self._x, *self._y])

    @property
    def path(self) -> Array:
        """The positions so far, (count, 2)."""
        return self.states[: self.count, :, 0]

    def gradient_norm(self, row: int | slice) -> Array:
        """The length of the exact gradient at ``row``."""
        return np.hypot(self.gradient[row, ..., 0], self.gradient[row, ..., 1])

    def noise_at(self, step: int) -> Array:
        """The noise (2,) on the gradient of step number ``step``, from 1: drawn again from the run's seed."""
        if not self._noise:
            return np.zeros(2)
        return self._noise * np.random.default_rng(self._seed).standard_normal((step, 2))[-1]

    def advance(self, steps: int) -> None:
        if self.done:
            return
        taken = self.count - 1
        steps = min(steps, self.steps - taken)
        noise = self._noise * self._draw((steps, 2)) if self._draw else None
        states = walk(self.optimizer, self.surface.gradient, self._x, self._y, taken + 1, steps, self.steps, noise)
        if states:
            width = len(self._x)
            self._x, self._y = tuple(states[-2 * width : -width]), tuple(states[-width:])
        self._record(states)
        if not self.done and self.count > self.steps:
            last = self.count - 1
            self.outcome = Outcome.CONVERGED if self.gradient_norm(last) < CONVERGED else Outcome.FINISHED
            self.message = Message(self.outcome.value)

    def _record(self, flat: list[float]) -> None:
        """Append the rows in ``flat``, up to the first that is not finite or lies beyond the limit."""
        states = np.fromiter(flat, float, len(flat)).reshape(-1, *self.states.shape[1:])
        x, y = states[:, 0, 0], states[:, 1, 0]
        with np.errstate(all="ignore"):
            loss = self.surface.value(x, y)
            gradient = self.surface.gradient(x, y)
            good = (np.abs(x) <= LIMIT) & (np.abs(y) <= LIMIT) & (np.abs(loss) <= LIMIT)
        kept = len(states) if good.all() else int(np.argmin(good))
        new = slice(self.count, self.count + kept)
        self.states[new] = states[:kept]
        self.loss[new] = loss[:kept]
        self.gradient[new, 0], self.gradient[new, 1] = gradient[0][:kept], gradient[1][:kept]
        self.count += kept
        if kept < len(states):
            self.diverged(self.count, self._why(loss[kept], states[kept, :, 0]))

    def _why(self, loss: float, position: Array) -> Message | None:
        """Why the row at ``position``, of height ``loss``, is not good."""
        if np.isnan(loss) and np.isfinite(position).all():
            return Message(NOT_REAL)
        if not self.count:
            return Message(INFINITE if np.isinf(loss) else TOO_HIGH)
        if not np.isfinite(position).all():
            state = self.states[self.count - 1].T
            looked = np.asarray(self.optimizer.at(self.count, self.steps).look(*state))
            with np.errstate(all="ignore"):
                slope = self.surface.gradient(*looked.tolist())
            if not np.isfinite(slope).all():
                return Message(NO_SLOPE if np.array_equal(looked, state[0]) else NO_SLOPE_AHEAD)
        return why_diverged(self.surface, self.optimizer, self.path, self.steps)
