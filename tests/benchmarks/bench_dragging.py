"""How long the window takes from a drag of the start, or of a slider, to whole repainted paths.

4 racers of 500 steps each on a ravine and on Rosenbrock. Printed: milliseconds from the edit to the painted
picture, the processor time of the window's thread and of the whole process a drag, and how often the picture and the
curves were painted; as the anchor in the same run, how long the bare simulation of the same experiments takes. On a
shared machine the processor times say more than the others.

    python tests/benchmarks/bench_dragging.py
"""

import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from msgspec.structs import replace
from opened_window import opened_window
from PySide6.QtCore import QEvent, QEventLoop, QObject

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Adam, Momentum, Nesterov
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine, Rosenbrock

DRAGS = 300
RAVINE = (SGD(lr=0.3), Momentum(lr=0.1), Nesterov(lr=0.1), Adam(lr=0.1))
VALLEY = (SGD(lr=0.001), Momentum(lr=0.0005), Nesterov(lr=0.0005), Adam(lr=0.05))
CASES = {
    "ravine": Experiment(objective=Ravine(angle=20), optimizers=RAVINE, steps=500),
    "Rosenbrock": Experiment(objective=Rosenbrock(), optimizers=VALLEY, steps=500),
}


class Painted(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget):
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.Paint
        return False


def moved_start(experiment, k):
    x, y = experiment.objective.start
    turn = 2 * math.pi * k / DRAGS
    return replace(experiment, start=(x + 0.2 * math.cos(turn), y + 0.2 * math.sin(turn)))


def moved_slider(experiment, k):
    racers = experiment.optimizers
    return replace(experiment, optimizers=(racers[0], replace(racers[1], mu=0.5 + 0.4 * k / DRAGS), *racers[2:]))


class Times(NamedTuple):
    """Milliseconds: what a clock on the wall says, of every drag; and the mean processor times a drag."""

    wall: list[float]
    thread: float
    process: float


def timed(change: Callable[[int], None]) -> Times:
    """The times of every ``change``."""
    wall = []
    thread, process = time.thread_time(), time.process_time()
    for k in range(DRAGS):
        begin = time.perf_counter()
        change(k)
        wall.append(1e3 * (time.perf_counter() - begin))
    per_drag = 1e3 / DRAGS
    return Times(wall, per_drag * (time.thread_time() - thread), per_drag * (time.process_time() - process))


def drags(app, lab, painted, experiment, moved):
    """From every edit to its painted paths, all that goes with it, such as the curves, included."""

    def drag(k):
        wanted = moved(experiment, k)
        lab.edit(wanted, "drag")
        seen = painted.count
        while lab.simulation.experiment is not wanted or painted.count == seen or not lab.picture.settled:
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    return timed(drag)


def bare(experiment, moved):
    """The simulation alone."""

    def simulate(k):
        wanted = moved(experiment, k)
        Simulation(wanted, None).advance(wanted.steps)

    return timed(simulate)


def say(name, times):
    wall = sorted(times.wall)
    print(
        f"{name:44s} median {statistics.median(wall):6.1f} ms   "
        f"p99 {wall[int(0.99 * len(wall))]:6.1f} ms   max {wall[-1]:6.1f} ms   "
        f"processor: thread {times.thread:5.1f} ms   process {times.process:5.1f} ms"
    )


def main():
    print(f"load average {os.getloadavg()[0]:.1f}")
    with opened_window() as (app, window):
        lab = window.lab
        painted, curves = Painted(lab.picture.viewport()), Painted(lab.curves.loss.viewport())
        for name, experiment in CASES.items():
            lab.edit(experiment, "benchmark")
            while not lab.settled:
                app.processEvents()
            for what, moved in (("start", moved_start), ("slider", moved_slider)):
                say(f"{name}, dragging the {what}: bare simulation", bare(experiment, moved))
                before = painted.count, curves.count
                say(f"{name}, dragging the {what}: edit to painted", drags(app, lab, painted, experiment, moved))
                a_drag = [(now - then) / DRAGS for now, then in zip((painted.count, curves.count), before, strict=True)]
                print(f"    paintings a drag: {a_drag[0]:.2f} of the picture, {a_drag[1]:.2f} of the curves")
    return 0


if __name__ == "__main__":
    sys.exit(main())
