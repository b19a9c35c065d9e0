"""The results of a racer's run, for a table."""

from dataclasses import dataclass

import numpy as np

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.measurement import Rate, measured_rate
from momentum_gui.core.messages import Message
from momentum_gui.core.params import Array
from momentum_gui.core.theory import nearest_minimum
from momentum_gui.core.training import NetworkRun

TOLERANCE = 1e-8
"""How near to the lowest minimum's value a loss must come to count as there."""


@dataclass(frozen=True)
class Results:
    """What a run has come to so far.

    ``steps_to_tolerance``: the first step whose loss lies less than the tolerance above the lowest minimum, or,
    where no minimum is known, whose gradient is shorter than the tolerance; None if there is none.
    ``final_loss``: the last good one, None if the start was already beyond the limit.
    ``path_length``: the sum of the lengths of all steps.
    ``rate``: fitted to the approach to the minimum nearest to the end; None if there is too little to fit.
    ``outcome``: a sentence.
    """

    steps_to_tolerance: int | None
    final_loss: float | None
    path_length: float
    rate: Rate | None
    outcome: Message


@dataclass(frozen=True)
class NetworkResults:
    """What a training has come to so far: losses and accuracies of its last evaluation, and its best.

    ``best_step``: the first step with the best test accuracy. A regression has no accuracies (None), but typical
    errors, in the units of what is predicted; its best is the lowest test loss.
    """

    train_loss: float
    test_loss: float
    train_accuracy: float | None
    test_accuracy: float | None
    best_test_accuracy: float | None
    train_error: float | None
    test_error: float | None
    best_test_loss: float
    best_step: int
    outcome: Message


def network_results(run: NetworkRun) -> NetworkResults:
    """The results of ``run`` as far as it has come; it may still be training."""
    outcome, last = run.message, run.evaluations - 1
    losses, accuracies = run.test_loss[: last + 1], run.test_accuracy[: last + 1]
    regression, target = run.mlp.regression, run.data.target
    best = int(np.argmin(losses) if regression else np.argmax(accuracies))
    return NetworkResults(
        train_loss=float(run.train_loss[last]),
        test_loss=float(run.test_loss[last]),
        train_accuracy=None if regression else float(run.train_accuracy[last]),
        test_accuracy=None if regression else float(run.test_accuracy[last]),
        best_test_accuracy=None if regression else float(accuracies[best]),
        train_error=None if target is None else target.typical_error(float(run.train_loss[last])),
        test_error=None if target is None else target.typical_error(float(run.test_loss[last])),
        best_test_loss=float(losses.min()),
        best_step=int(run.evaluated[best]),
        outcome=outcome,
    )


def results(run: SurfaceRun, tolerance: float = TOLERANCE) -> Results:
    """The results of ``run`` as far as it has come; it may still be running."""
    count, outcome = run.count, run.message
    if count == 0:
        return Results(None, None, 0.0, None, outcome)
    loss, path = run.loss[:count], run.states[:count, :, 0]
    length = float(np.hypot(*np.diff(path, axis=0).T).sum())
    return Results(_first_below(run, count, tolerance), float(loss[-1]), length, _rate(run, loss, path), outcome)


def _first_below(run: SurfaceRun, count: int, tolerance: float) -> int | None:
    minima = run.surface.minima
    if minima:
        lowest = min(float(run.surface.value(*each)) for each in minima)
        there = run.loss[:count] - lowest < tolerance
    else:
        there = run.gradient_norm(slice(count)) < tolerance
    return int(np.argmax(there)) if there.any() else None


def _rate(run: SurfaceRun, loss: Array, path: Array) -> Rate | None:
    x, y = path[-1].tolist()
    minimum = nearest_minimum(run.surface, (x, y))
    if minimum is None:
        with np.errstate(over="ignore"):
            return measured_rate(run.gradient_norm(slice(len(loss))) ** 2)
    return measured_rate(loss, float(run.surface.value(*minimum)))
