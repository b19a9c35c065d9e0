"""What a network makes of a plane through its inputs: its outputs on a grid, the lines between the classes.

Without Qt, so that it may run on any thread.
"""

import math
from dataclasses import dataclass, field

import contourpy
import numpy as np

from momentum_gui.core.datasets import Dataset, Labels, Scale
from momentum_gui.core.network import MLP, softmax
from momentum_gui.core.params import Array
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.ticks import linear_ticks

MOST_POINTS = 22_500
"""More points than these are not seen: the picture between them is smooth."""
FEWEST_POINTS = 256
"""Fewer show nothing."""
MOST_LEVELS = 8
"""A regression has at most about so many level lines."""

SAMPLE, CLASS, PRODUCT, UNIT = 100e-9, 100e-9, 0.08e-9, 3e-9
"""Seconds that a sample, and for it a class, a multiplication and a unit, take on a slow machine."""


def affordable(mlp: MLP, seconds: float) -> int:
    """How many samples ``mlp`` answers in so many ``seconds``, by the number of its multiplications."""
    products = sum(inputs * outputs for inputs, outputs in zip(mlp.sizes, mlp.sizes[1:], strict=False))
    return max(1, int(seconds / (SAMPLE + CLASS * mlp.sizes[-1] + PRODUCT * products + UNIT * sum(mlp.sizes[1:]))))


@dataclass(frozen=True)
class Grid:
    """``rows`` by ``columns`` cells that fill a part of the plane."""

    left: float
    right: float
    bottom: float
    top: float
    columns: int
    rows: int

    @classmethod
    def over(cls, left: float, right: float, bottom: float, top: float, points: int) -> "Grid":
        """About so many square cells over a part of the plane."""
        points = min(MOST_POINTS, max(FEWEST_POINTS, points))
        cell = math.sqrt((right - left) * (top - bottom) / points)
        columns, rows = (max(2, round(length / cell)) for length in (right - left, top - bottom))
        return cls(left, right, bottom, top, columns, rows)

    @property
    def x(self) -> Array:
        """The middle of every column."""
        return np.asarray(self.left + (np.arange(self.columns) + 0.5) * ((self.right - self.left) / self.columns))

    @property
    def y(self) -> Array:
        """The middle of every row, from the bottom."""
        return np.asarray(self.bottom + (np.arange(self.rows) + 0.5) * ((self.top - self.bottom) / self.rows))

    @property
    def points(self) -> Array:
        """The middles of all cells (rows x columns, 2), row by row from the bottom."""
        return np.stack(np.meshgrid(self.x, self.y), axis=-1).reshape(-1, 2)


@dataclass(frozen=True)
class Cut:
    """A plane through the inputs: along two features, by their places, with every feature else at ``middle``."""

    across: int
    up: int
    middle: tuple[float, ...]

    @classmethod
    def through(cls, data: Dataset, across: int = 0, up: int = 1) -> "Cut":
        """The plane along two features, through the mean of the training set."""
        return cls(across, up, tuple(data.x_train.mean(axis=0).tolist()))

    def inputs(self, points: Array) -> Array:
        """The inputs (n, features) at ``points`` (n, 2) of the plane."""
        x = np.tile(self.middle, (len(points), 1))
        x[:, [self.across, self.up]] = points
        return x

    def points(self, x: Array) -> Array:
        """Where the inputs (n, features) are seen in the plane, (n, 2)."""
        return x[:, [self.across, self.up]]


@dataclass(frozen=True)
class Seen:
    """The weights (n,) of a run that are seen, and the step they are of."""

    run: NetworkRun
    step: int
    weights: Array = field(compare=False)

    @classmethod
    def at(cls, run: NetworkRun, step: int) -> "Seen":
        """The weights kept last at or before ``step``, or the newest there are, if these are nearer and none is kept
        between. While the run goes on the newest may be a step newer than it says."""
        newest, (kept, weights) = run.count - 1, run.weights_at(step)
        at = min(step, newest)
        if run.kept[-1][0] == kept and newest - at <= at - kept:
            return cls(run, newest, run.weights)
        return cls(run, kept, weights)


@dataclass(frozen=True)
class ClassMap:
    """Class probabilities (rows, columns, classes) over a grid, and the lines between the classes, (n, 2) each.

    Of a regression: its numbers (rows, columns, 1), and their level lines.
    """

    grid: Grid
    probabilities: Array
    lines: list[Array]


def class_map(mlp: MLP, w: Array, grid: Grid, cut: Cut | None = None, scale: Scale | None = None) -> ClassMap:
    """What the network with weights ``w`` makes of the plane, or of the plane that ``cut`` is.

    The level lines of a regression are at round numbers in the units of its source, whose ``scale`` that is.
    """
    points = cut.inputs(grid.points) if cut is not None else grid.points
    with np.errstate(all="ignore"):
        z = mlp.logits(w, points).reshape(grid.rows, grid.columns, -1)
        if mlp.regression:
            return ClassMap(grid, z, levels(grid, z[..., 0], scale or Scale()))
        return ClassMap(grid, shares(z), boundaries(grid, z))


def shares(z: Array) -> Array:
    """Class probabilities by softmax along the last axis; of two classes by its other form, in half of the time."""
    if z.shape[-1] != 2:
        return softmax(z)
    second = 1 / (1 + np.exp(z[..., 0] - z[..., 1]))
    return np.stack([1 - second, second], axis=-1)


def boundaries(grid: Grid, z: Array) -> list[Array]:
    """Where the largest of ``z`` (rows, columns, classes) changes.

    Each class has the line where its lead over the best of the others is 0; of two classes one is enough.
    """
    lines: list[Array] = []
    if z.shape[-1] == 2:
        leads = [z[..., 0] - z[..., 1]]
    else:
        second, best = np.moveaxis(np.partition(z, -2, axis=-1)[..., -2:], -1, 0)
        leads = [each - np.where(each == best, second, best) for each in np.moveaxis(z, -1, 0)]
    for lead in leads:
        generator = contourpy.contour_generator(grid.x, grid.y, lead, line_type=contourpy.LineType.Separate)
        lines += [np.asarray(line) for line in generator.lines(0.0)]
    return lines


def levels(grid: Grid, z: Array, scale: Scale) -> list[Array]:
    """Level lines of ``z`` (rows, columns), at numbers that are round in the units of its source."""
    low, high = scale.own(float(z.min())), scale.own(float(z.max()))
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    generator = contourpy.contour_generator(grid.x, grid.y, z, line_type=contourpy.LineType.Separate)
    heights = [scale.standard(level) for level in linear_ticks(low, high, MOST_LEVELS)]
    return [np.asarray(line) for height in heights for line in generator.lines(height)]


def unit_maps(mlp: MLP, w: Array, grid: Grid, layers: int, units: int) -> list[Array]:
    """What the first hidden ``layers`` and the last layer make of the plane, (rows, columns, units) each.

    Of every layer the first so many ``units``. The last are class probabilities, or a regression's numbers.
    """
    with np.errstate(all="ignore"):
        *hidden, z = mlp.forward(mlp.layers(w), grid.points)
    outputs = [*hidden[:layers], z if mlp.regression else softmax(z)]
    return [each[:, :units].reshape(grid.rows, grid.columns, -1) for each in outputs]


def predictions(mlp: MLP, w: Array, x: Array) -> Labels:
    """The class that the network with weights ``w`` gives each sample of ``x``."""
    with np.errstate(all="ignore"):
        return mlp.logits(w, x).argmax(axis=-1)
