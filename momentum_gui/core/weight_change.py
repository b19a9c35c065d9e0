"""Weights that a person sets in mid-run: which, after which step, to what."""

from collections.abc import Callable, Iterable
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from momentum_gui.core.messages import N_, at
from momentum_gui.core.params import Array, Declared

Place = Callable[[int, int, int], int]
"""Gives the place in the flat vector of the weight into a layer from a unit to a unit; may raise InputError."""


class WeightChange(Declared, frozen=True):
    """Once step ``step`` is taken, 0 for the start, the weight is ``value``; the memories go on, and so does training.

    Layers and units are counted from 1, layers from the first hidden one, as the window counts them.
    """

    title: ClassVar[str] = N_("A weight set by hand")
    kind: ClassVar[str] = "weight_changes"

    step: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            title=N_("After step"),
            description=N_("After which step; 0 sets a weight at the start."),
        ),
    ]
    layer: Annotated[int, Meta(ge=1, le=9, title=N_("Layer"), description=N_("1 for the first hidden layer."))]
    source: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            title=N_("From unit"),
            description=N_("A unit of the layer before, or a feature, from 1; 0 stands for the unit's bias."),
        ),
    ]
    unit: Annotated[
        int, Meta(ge=1, le=512, title=N_("To unit"), description=N_("The layer's unit, or the class, from 1."))
    ]
    value: Annotated[float, Meta(ge=-1e6, le=1e6, title=N_("Value"), description=N_("What the weight is set to."))]

    @property
    def weight(self) -> tuple[int, int, int]:
        """Which weight: layer, source, unit."""
        return self.layer, self.source, self.unit


class SetWeights:
    """The ``changes`` of a racer's weights, where they act: after which steps, at which places of the flat vector."""

    def __init__(self, changes: Iterable[WeightChange], place: Place) -> None:
        after: dict[int, dict[int, float]] = {}
        for index, change in enumerate(changes):
            with at(f"weight_changes[{index}]"):
                after.setdefault(change.step, {})[place(*change.weight)] = change.value
        self._after: dict[int, tuple[NDArray[np.int64], Array]] = {
            step: (np.array(list(places)), np.array(list(places.values()))) for step, places in after.items()
        }

    def __len__(self) -> int:
        """After how many steps something is set."""
        return len(self._after)

    def __contains__(self, step: int) -> bool:
        """Whether something is set after ``step``."""
        return step in self._after

    def applied(self, step: int, w: Array) -> Array:
        """``w``, (n,) or (n, runs), with what is set after ``step``; ``w`` itself stays as it is."""
        if step not in self._after:
            return w
        places, values = self._after[step]
        w = w.copy(order="K")
        w.T[..., places] = values
        return w
