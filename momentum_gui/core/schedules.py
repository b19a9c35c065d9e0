"""What changes a hyper-parameter during a run: schedules of the learning rate, and single changes.

A schedule gives the factor by which the learning rate is multiplied at step ``t`` (from 1) of ``steps``. The first
step of a schedule that falls has the factor 1, as in PyTorch, whose epochs count from 0: k = t - 1.
"""

import math
from typing import Annotated, ClassVar

from msgspec import Meta

from momentum_gui.core.messages import N_
from momentum_gui.core.params import ONE_LINE, Declared

Interval = Annotated[
    int,
    Meta(
        ge=1,
        le=1_000_000,
        title=N_("Steps"),
        description=N_("After how many steps."),
        extra={"scale": "log", "slider": (1, 1000)},
    ),
]
Ratio = Annotated[
    float,
    Meta(
        gt=0,
        le=1,
        title=N_("Factor"),
        description=N_("By what the learning rate is multiplied each time."),
        extra={"symbol": "γ", "slider": (0.05, 1.0)},
    ),
]


class Schedule(Declared, frozen=True, tag_field="kind"):
    """How the learning rate goes through a run."""

    title: ClassVar[str]
    formula: ClassVar[str]

    def factor(self, t: int, steps: int) -> float:
        """What the learning rate is multiplied by at step ``t``, from 1, of ``steps``."""
        raise NotImplementedError


class Constant(Schedule, frozen=True, tag="constant"):
    """1"""

    title = N_("Constant")
    formula = "η"

    def factor(self, t: int, steps: int) -> float:
        return 1.0


class StepDecay(Schedule, frozen=True, tag="step"):
    """gamma^floor((t - 1) / every)

    Falls to the gamma-th part after every ``every`` steps (PyTorch's StepLR).
    """

    title = N_("Steps down")
    formula = "η γ^⌊(t − 1) / n⌋"

    every: Interval = 100
    gamma: Ratio = 0.1

    def factor(self, t: int, steps: int) -> float:
        return self.gamma ** ((t - 1) // self.every)


class Exponential(Schedule, frozen=True, tag="exponential"):
    """gamma^(t - 1)

    Falls by the same factor at every step (PyTorch's ExponentialLR).
    """

    title = N_("Exponential")
    formula = "η γ^(t − 1)"

    gamma: Ratio = 0.99

    def factor(self, t: int, steps: int) -> float:
        return self.gamma ** (t - 1)


class Cosine(Schedule, frozen=True, tag="cosine"):
    """floor + (1 - floor) (1 + cos(pi (t - 1) / steps)) / 2

    Half a cosine from 1 to ``floor`` over the whole run (Loshchilov & Hutter 2017, without restarts; PyTorch's
    CosineAnnealingLR). A longer run has a slower fall.
    """

    title = N_("Cosine")
    formula = "η (1 + cos(π (t − 1) / T)) / 2"

    floor: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title=N_("Floor"),
            description=N_("What is left of the learning rate at the end."),
            extra={"slider": (0.0, 1.0)},
        ),
    ] = 0.0

    def factor(self, t: int, steps: int) -> float:
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * (t - 1) / steps)) / 2


class WarmUp(Schedule, frozen=True, tag="warmup"):
    """min(1, t / over)

    Rises evenly over the first ``over`` steps and stays (Goyal et al. 2017).
    """

    title = N_("Warm-up")
    formula = "η min(1, t / n)"

    over: Interval = 50

    def factor(self, t: int, steps: int) -> float:
        return min(1.0, t / self.over)


class InverseSqrt(Schedule, frozen=True, tag="inverse_sqrt"):
    """1 / sqrt(t)

    The classic rate for stochastic gradients of a convex function (Zinkevich 2003).
    """

    title = "1/√t"
    formula = "η / √t"

    def factor(self, t: int, steps: int) -> float:
        return 1 / math.sqrt(t)


class Change(Declared, frozen=True):
    """From step ``step`` on, the hyper-parameter ``field`` is ``value``; the memories go on.

    A change of the learning rate changes what the schedule multiplies.
    """

    title: ClassVar[str] = N_("A hyper-parameter changed in mid-run")
    kind: ClassVar[str] = "changes"

    step: Annotated[int, Meta(ge=1, le=1_000_000)]
    field: Annotated[
        str, Meta(max_length=40, pattern=ONE_LINE, extra={"allowed": N_("the name of a number of this optimizer")})
    ]
    value: float


SCHEDULES: tuple[type[Schedule], ...] = (Constant, StepDecay, Exponential, Cosine, WarmUp, InverseSqrt)
AnySchedule = Constant | StepDecay | Exponential | Cosine | WarmUp | InverseSqrt
