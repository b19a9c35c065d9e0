"""Where the weights go: planes in the space of all weights, paths projected on them, the loss over them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.network import EVALUATED_AT_ONCE, MLP
from momentum_gui.core.params import Array
from momentum_gui.core.training import NetworkRun

PATH_POINTS = 100
"""At most so many kept weights of a run make up its path: its course shows, and the components are soon found."""

NUMBERS_AT_ONCE = 500_000
"""About how many units' outputs are held at once while a loss is evaluated for many weights."""


@dataclass(frozen=True)
class WeightPlane:
    """``origin`` (n,) and two orthogonal ``directions`` (2, n) in the space of all weights.

    ``share`` is the part of the paths' variance along each direction, where they are principal components.
    """

    origin: Array
    directions: Array
    share: tuple[float, float] | None = None

    def at(self, a: Array, b: Array) -> Array:
        """The weights (n, points) at the coordinates (a, b), in Fortran order."""
        return (self.origin + np.outer(a, self.directions[0]) + np.outer(b, self.directions[1])).T

    def project(self, weights: Array) -> Array:
        """Coordinates (points, 2) of the point of the plane that is nearest to each of ``weights`` (points, n)."""
        lengths = (self.directions**2).sum(axis=1)
        return np.asarray((weights - self.origin) @ self.directions.T / lengths)


def path(run: NetworkRun, points: int = PATH_POINTS) -> tuple[Array, Array]:
    """The steps (points,) and weights (points, n) of a run's path: of all that it kept, evenly, both ends included."""
    kept = run.kept
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(points, len(kept))).round().astype(int))
    return np.array([kept[each][0] for each in chosen]), np.array([kept[each][1] for each in chosen])


def principal_plane(paths: Sequence[Array]) -> WeightPlane:
    """The plane through the mean of all points along their first two principal components, of length 1.

    ``paths`` are (points, n) each. Signs are chosen so that the first path ends at positive coordinates.
    Raises InputError if the network has one weight only.
    """
    points = np.concatenate(paths)
    if points.shape[1] < 2:
        raise InputError(N_("a network of one weight has no plane of weights"))
    origin = points.mean(axis=0)
    spread = points - origin
    if len(spread) < 2:
        spread = np.vstack([spread, np.zeros_like(spread)])
    _, sizes, components = np.linalg.svd(spread, full_matrices=False)
    ends = components[:2] @ (paths[0][-1] - origin)
    directions = components[:2] * np.where(ends < 0, -1.0, 1.0)[:, None]
    total = float((sizes**2).sum()) or 1.0
    return WeightPlane(origin, directions, (float(sizes[0] ** 2) / total, float(sizes[1] ** 2) / total))


def random_plane(mlp: MLP, w: Array, seed: int) -> WeightPlane:
    """The plane through ``w`` (n,) along two filter-normalised random directions (Li et al. 2018).

    Every unit's incoming weights are drawn from N(0, 1) and scaled to the length of that unit's in ``w``, so that
    a coordinate of 1 is a change as large as the weights are; biases stay. The second direction is then made
    orthogonal to the first, which changes its lengths a little.
    """
    rng = np.random.default_rng(seed)
    first, second = (_filter_normalised(mlp, w, rng.standard_normal(len(w))) for _ in range(2))
    length = first @ first
    if length > 0:
        second = second - (second @ first) / length * first
    return WeightPlane(w, np.array([first, second]))


def _filter_normalised(mlp: MLP, w: Array, direction: Array) -> Array:
    for (weights, _), (drawn, bias) in zip(mlp.layers(w), mlp.layers(direction), strict=True):
        drawn *= np.linalg.norm(weights, axis=0) / np.linalg.norm(drawn, axis=0)
        if bias is not None:
            bias[...] = 0
    return direction


def axes(points: Array, count: int, margin: float = 0.2) -> tuple[Array, Array]:
    """Coordinates of ``count`` columns and rows that cover the projected ``points`` (points, 2) and a margin."""
    low, high = points.min(axis=0), points.max(axis=0)
    reach = np.maximum(high - low, 1e-3 * max(1.0, float((high - low).max())))
    low, high = low - margin * reach, high + margin * reach
    return np.linspace(low[0], high[0], count), np.linspace(low[1], high[1], count)


class LossGrid:
    """The mean training loss (no penalty, as ``train_loss``) over a part of a plane of weights.

    ``values`` (rows, columns) for the coordinates ``a`` of the columns and ``b`` of the rows, filled row by row;
    the first ``count`` of them are there and never change again. Not a number where the loss overflows.
    A slice along a line is a grid of one row. Stop calling ``advance`` to cancel.
    """

    def __init__(self, mlp: MLP, data: Dataset, plane: WeightPlane, a: Array, b: Array) -> None:
        self.mlp, self.data, self.plane, self.a, self.b = mlp, data, plane, a, b
        self.values = np.full((len(b), len(a)), np.nan)
        self.count = 0
        samples = min(len(data.y_train), EVALUATED_AT_ONCE)
        self._at_once = max(1, NUMBERS_AT_ONCE // (samples * max(mlp.sizes)))

    @property
    def done(self) -> bool:
        return self.count == self.values.size

    def advance(self, points: int) -> None:
        """Evaluate up to so many further points."""
        end = min(self.count + points, self.values.size)
        while self.count < end:
            part = np.arange(self.count, min(self.count + self._at_once, end))
            row, column = np.divmod(part, len(self.a))
            loss = self._loss(self.plane.at(self.a[column], self.b[row]))
            self.values.flat[part] = np.where(np.isfinite(loss), loss, np.nan)
            self.count = int(part[-1]) + 1

    def _loss(self, w: Array) -> Array:
        """The mean training loss (points,) of weights (n, points)."""
        x, y = self.data.x_train, self.data.y_train
        total = np.zeros(w.shape[1])
        with np.errstate(all="ignore"):
            for first in range(0, len(y), EVALUATED_AT_ONCE):
                part = slice(first, first + EVALUATED_AT_ONCE)
                z = self.mlp.logits(w, x[part])
                total += self.mlp.losses(z, np.broadcast_to(y[part], z.shape[:-1])).sum(axis=-1)
        return total / len(y)
