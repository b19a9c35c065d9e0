"""What leaves the program: the rows of a simulation, or of runs from many seeds, as CSV in full precision."""

from collections.abc import Iterator
from typing import TextIO

import numpy as np

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.experiment_text import kind_of
from momentum_gui.core.repeats import Repeats
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun

SURFACE_COLUMNS = "run,label,step,x,y,loss,grad_norm"
NETWORK_COLUMNS = "run,label,step,epoch,batch_loss,train_loss,test_loss,train_accuracy,test_accuracy"
REPEAT_COLUMNS = "run,label,seed,step,train_loss,test_loss,train_accuracy,test_accuracy"

BLOCK = 10_000
"""Rows that are turned into text at once."""


def write_csv(simulation: Simulation, file: TextIO) -> None:
    """Write every row of every run of ``simulation``; columns as in SURFACE_COLUMNS or NETWORK_COLUMNS."""
    columns = NETWORK_COLUMNS if simulation.dataset is not None else SURFACE_COLUMNS
    file.write(columns + "\n")
    for index, run in simulation.runs.items():
        label = _quoted(run.optimizer.label or kind_of(run.optimizer))
        rows = _surface_rows(run) if isinstance(run, SurfaceRun) else _network_rows(run)
        for block in rows:
            file.write("".join(f"{index},{label},{row}\n" for row in block))


def _surface_rows(run: SurfaceRun) -> Iterator[list[str]]:
    for first in range(0, run.count, BLOCK):
        part = slice(first, min(first + BLOCK, run.count))
        steps = range(part.start, part.stop)
        x, y = run.states[part, 0, 0].tolist(), run.states[part, 1, 0].tolist()
        numbers = zip(steps, x, y, run.loss[part].tolist(), run.gradient_norm(part).tolist(), strict=True)
        yield [f"{step},{a!r},{b!r},{loss!r},{norm!r}" for step, a, b, loss, norm in numbers]


def _network_rows(run: NetworkRun) -> Iterator[list[str]]:
    """The evaluated columns are empty where nothing was evaluated, the batch loss on the start.

    A regression's accuracies are empty everywhere. A run that still grows is written as far as it is now.
    """
    rows, evaluations = run.count, run.evaluations  # in this order: a row comes after its evaluation
    evaluated = np.stack([run.train_loss, run.test_loss, run.train_accuracy, run.test_accuracy], axis=1)
    at = {
        step: ",".join(map(_number, numbers))
        for step, numbers in zip(run.evaluated[:evaluations].tolist(), evaluated[:evaluations].tolist(), strict=True)
    }
    for first in range(0, rows, BLOCK):
        part = slice(first, min(first + BLOCK, rows))
        numbers = zip(
            range(part.start, part.stop), run.epoch[part].tolist(), run.batch_loss[part].tolist(), strict=True
        )
        yield [f"{step},{epoch!r},{repr(loss) if step else ''},{at.get(step, ',,,')}" for step, epoch, loss in numbers]


def write_repeats(repeats: Repeats, file: TextIO) -> None:
    """Write every evaluation of every racer from every seed; columns as in REPEAT_COLUMNS.

    The cells are empty from where a seed's run has diverged.
    """
    file.write(REPEAT_COLUMNS + "\n")
    for index, run in repeats.runs.items():
        label = _quoted(run.optimizer.label or kind_of(run.optimizer))
        measures = np.stack([run.train_loss, run.test_loss, run.train_accuracy, run.test_accuracy], axis=-1)
        for place in range(run.evaluations):
            step = run.evaluated[place]
            for seed, numbers in zip(run.seeds, measures[place].tolist(), strict=True):
                file.write(f"{index},{label},{seed},{step},{','.join(map(_number, numbers))}\n")


def _number(value: float) -> str:
    """All digits; nothing for what is not a number."""
    return repr(value) if value == value else ""


def _quoted(text: str) -> str:
    """``text`` as one CSV cell."""
    if any(each in text for each in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text
