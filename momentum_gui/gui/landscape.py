"""The loss over a plane in the space of all weights, and the racers' paths on it, as a job. Without Qt."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.params import Array
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.core.weight_space import LossGrid, WeightPlane, axes, path, principal_plane, random_plane

SIDE = 41
"""So many columns and rows of points show all there is: between them the loss is smooth."""
REACH = 1.0
"""A slice goes so far from its middle, in filter-normalised units: 1 is a change as large as the weights are."""


class Landscape:
    """The racers' paths on the plane of their principal components, or, of one ``racer``, the plane around its end.

    ``paths`` has for every racer that is there the steps (points,) and the places (points, 2) on the plane.
    ``lost`` are the racers that diverged: their paths would dwarf the others. Raises InputError if nobody is there.
    """

    def __init__(self, simulation: Simulation, racer: int | None = None) -> None:
        self.simulation, self.racer = simulation, racer
        runs = {index: run for index, run in simulation.runs.items() if isinstance(run, NetworkRun)}
        if racer is not None:
            runs = {racer: runs[racer]}
        self.lost = [index for index, run in runs.items() if run.outcome is Outcome.DIVERGED]
        runs = {index: run for index, run in runs.items() if index not in self.lost}
        if not runs:
            raise InputError(N_("diverged: there is no way to be seen"))
        if max(run.count for run in runs.values()) < 3:
            raise InputError(N_("Train first: so far there is no way to be seen."))
        self.paths: dict[int, tuple[NDArray[Any], Array]] = {}
        self.plane: WeightPlane
        any_run = next(iter(runs.values()))
        if racer is None:
            found = {index: path(run) for index, run in runs.items()}
            self.plane = principal_plane([weights for _, weights in found.values()])
            self.paths = {index: (steps, self.plane.project(weights)) for index, (steps, weights) in found.items()}
            a, b = axes(np.concatenate([places for _, places in self.paths.values()]), SIDE)
        else:
            step, weights = any_run.kept[-1]
            self.plane = random_plane(any_run.mlp, weights, simulation.experiment.seed)
            self.paths = {racer: (np.array([step]), np.zeros((1, 2)))}
            a = b = np.linspace(-REACH, REACH, SIDE)
        self.grid = LossGrid(any_run.mlp, any_run.data, self.plane, a, b)

    @property
    def step(self) -> int:
        """The last step that is on a path."""
        return max(int(steps[-1]) for steps, _ in self.paths.values())

    @property
    def done(self) -> bool:
        return self.grid.done

    def work(self) -> None:
        self.grid.advance(1)
