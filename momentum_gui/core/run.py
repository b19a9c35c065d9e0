"""One racer's run: an append-only history that grows step by step, and how it ended."""

from abc import ABC, abstractmethod
from enum import Enum

from momentum_gui.core.messages import N_, Message
from momentum_gui.core.optimizer import Optimizer

LIMIT = 1e12
"""A coordinate or a loss beyond this, or not finite, means that the run diverged."""


class Outcome(Enum):
    """How far a run has come; the value is a sentence for people."""

    RUNNING = N_("running")
    FINISHED = N_("finished")
    CONVERGED = N_("converged")
    STOPPED = N_("stopped")
    DIVERGED = N_("diverged")


class Run(ABC):
    """A racer on its way. Rows ``0 … count - 1`` of its history are valid and never change again.

    One thread calls ``advance``; others may read at any time, for ``count`` is published after the rows.
    Row 0 is the start, row k the state after step k. A diverged run's rows end at its last good state.
    """

    def __init__(self, optimizer: Optimizer, steps: int) -> None:
        self.optimizer = optimizer
        self.steps = steps
        self.count = 0
        self.outcome = Outcome.RUNNING
        self.message = Message(Outcome.RUNNING.value)

    @property
    def done(self) -> bool:
        return self.outcome is not Outcome.RUNNING

    @abstractmethod
    def advance(self, steps: int) -> None:
        """Take up to ``steps`` further steps; how they are cut into calls never changes a number."""

    def stopped(self, step: int, reason: Message) -> None:
        """End this run at ``step``, its last, as its experiment asked for."""
        self.message = Message(N_("stopped at step {step}: {reason}"), {"step": step, "reason": reason})
        self.outcome = Outcome.STOPPED

    def diverged(self, step: int, reason: Message | None = None) -> None:
        """End this run at ``step``, the first step whose result is not good."""
        if reason is None:
            self.message = Message(N_("diverged at step {step}"), {"step": step})
        else:
            self.message = Message(N_("diverged at step {step}: {reason}"), {"step": step, "reason": reason})
        self.outcome = Outcome.DIVERGED
