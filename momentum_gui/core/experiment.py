"""Experiment: what is saved, shared and run. An immutable value."""

from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, AnyOptimizer, Momentum
from momentum_gui.core.params import ONE_LINE, Declared
from momentum_gui.core.surfaces import AnySurface, Point, Surface

MAX_RACERS = 64

Coordinate = Annotated[float, Meta(ge=-1e6, le=1e6)]


class Experiment(Declared, frozen=True, kw_only=True):
    """An objective, the optimizers that race on it, and what decides their chances.

    One ``seed`` decides noise, initial weights and minibatches, the same for every racer.
    ``start`` and ``noise`` (standard deviation of the Gaussian noise on each gradient component) are for
    surfaces only; without a ``start`` the surface's own is taken.
    """

    format: Literal[1] = 1
    title: Annotated[
        str, Meta(max_length=100, pattern=ONE_LINE, extra={"allowed": N_("one line of at most 100 characters")})
    ] = ""
    text: Annotated[
        str, Meta(max_length=1000, pattern=ONE_LINE, extra={"allowed": N_("one line of at most 1000 characters")})
    ] = ""
    """What there is to see, in a few sentences: a lesson's."""
    steps: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            title=N_("Steps"),
            description=N_("How many steps every racer takes."),
            extra={"scale": "log", "slider": (10, 10_000)},
        ),
    ] = 300
    seed: Annotated[
        int,
        Meta(
            ge=0,
            le=2**32 - 1,
            title=N_("Seed"),
            description=N_("Decides noise, initial weights and minibatches; the same for every racer."),
        ),
    ] = 0
    start: tuple[Coordinate, Coordinate] | None = None
    noise: Annotated[
        float,
        Meta(
            ge=0,
            le=1e6,
            title=N_("Gradient noise"),
            description=N_("Standard deviation of the noise on each gradient component, the same for every racer."),
            extra={"symbol": "σ", "slider": (0.0, 2.0)},
        ),
    ] = 0.0
    objective: AnySurface | Network
    optimizers: Annotated[tuple[AnyOptimizer, ...], Meta(max_length=MAX_RACERS)] = (SGD(), Momentum())

    def __post_init__(self) -> None:
        if isinstance(self.objective, Network):
            if self.start is not None:
                raise InputError(N_("start is for surfaces; a network starts from random weights"))
            if self.noise:
                raise InputError(N_("noise is for surfaces; a network's noise comes from its minibatches"))
        elif any(racer.weight_changes for racer in self.optimizers):
            raise InputError(N_("weight_changes are for networks; a surface has no weights"))

    def same_until(self, other: "Experiment", step: int) -> bool:
        """Whether the first ``step`` steps are those of ``other``, name by name and number by number.

        They are if nothing differs but what changes later, and what racers and experiments are called. A weight that
        is set after a step changes the next one.
        """

        def beginning(experiment: Experiment) -> Experiment:
            racers = tuple(
                replace(
                    racer,
                    changes=tuple(each for each in racer.changes if each.step <= step),
                    weight_changes=tuple(each for each in racer.weight_changes if each.step < step),
                    label="",
                    color="",
                )
                for racer in experiment.optimizers
            )
            return replace(experiment, title="", text="", optimizers=racers)

        return beginning(self) == beginning(other)

    @property
    def start_point(self) -> Point:
        """Where a surface's runs start, (x, y)."""
        assert isinstance(self.objective, Surface)
        return self.start if self.start is not None else self.objective.start
