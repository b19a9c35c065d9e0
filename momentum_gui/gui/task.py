"""Long work for the simulation thread, done in slices between those of the training. Without Qt."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from momentum_gui.core.messages import N_, InputError, Message

SLICE = 0.008
"""Seconds of work between two looks at the worker's event loop."""


class Job(Protocol):
    """Work in pieces of some milliseconds at most, and a record that grows with it."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""

    def work(self) -> None:
        """Do the next piece."""


class Task:
    """One job on its way: the worker calls ``slice``, the window looks at the rest, on its own timer.

    ``make`` gives the job; it is called on the worker's thread and may raise InputError. ``job`` is what it gave, or
    None before; it stays when the task is cancelled. ``failure`` says why there is none.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self.job: Any = None
        self.failure: Message | None = None
        self.cancelled = False
        """The window's side writes it; the worker drops the task at its next look."""
        self._begun = time.monotonic()
        self.ended = False
        """Whether the worker is through with it."""

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return not self.ended and not self.cancelled

    @property
    def passed(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self._begun

    def cancel(self) -> None:
        self.cancelled = True

    def slice(self, seconds: float = SLICE) -> bool:
        """Work for about so many ``seconds``; whether something is left to do."""
        deadline = time.perf_counter() + seconds
        left = False
        try:
            if self.job is None and not self.cancelled:
                self.job = self._make()
            while not left and not self.cancelled and not self.job.done:
                self.job.work()
                left = time.perf_counter() > deadline
        except InputError as error:
            self.failure = error.message
        except MemoryError:
            self.failure = Message(N_("This needs more memory than there is."))
        finally:
            self.ended = not left
        return left
