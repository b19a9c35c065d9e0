"""What a run's own steps cost, in seconds by a clock that is handed in: core has none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from momentum_gui.core.params import Array
from momentum_gui.core.run import Run

Clock = Callable[[], float]
"""Gives seconds, counted from anywhere, that never fall."""

LEAST = 1e-9
"""Seconds that a step takes at least, whatever a coarse clock says: the seconds of a run rise from row to row."""


class Stopwatch:
    """Measures the slices in which a run advances; the steps of one slice share its seconds evenly.

    Seconds differ from run to run of the same experiment: no export has them. Without a clock there are none.
    """

    def __init__(self, rows: int, clock: Clock | None) -> None:
        self._clock = clock
        self._seconds = np.zeros(rows if clock is not None else 0)
        self._measured = min(1, len(self._seconds))
        self._paused = 0.0

    @property
    def seconds(self) -> Array:
        """The seconds of all steps up to each row, for the rows (n,) that are measured so far, from row 0."""
        return self._seconds[: self._measured]

    @contextmanager
    def slice(self, run: Run) -> Iterator[None]:
        """Measure what is done here as the steps that ``run`` takes meanwhile."""
        if self._clock is None:
            yield
            return
        self._paused, begin = 0.0, self._clock()
        yield
        self._record(run.count, self._clock() - begin - self._paused)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Measure not what is done here."""
        if self._clock is None:
            yield
            return
        begin = self._clock()
        yield
        self._paused += self._clock() - begin

    def _record(self, rows: int, elapsed: float) -> None:
        before = self._measured
        if steps := rows - before:
            each = max(elapsed / steps, LEAST)
            self._seconds[before:rows] = self._seconds[before - 1] + each * np.arange(1, steps + 1)
            self._measured = rows  # after the rows: others may read at any time
