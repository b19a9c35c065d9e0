"""How long the window takes from a drag of the start, or of a slider, to whole repainted paths.

4 racers of 500 steps each on a ravine and on Rosenbrock. Printed: milliseconds from the edit to the painted
picture, and as the anchor in the same run how long the bare simulation of the same experiments takes.

    python tests/benchmarks/bench_dragging.py
"""

import math
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Adam, Momentum, Nesterov
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine, Rosenbrock
from momentum_gui.gui.app import make_application
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.window import Window

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


def drags(app, lab, painted, experiment, moved):
    """Milliseconds from every edit to its painted paths."""
    times = []
    for k in range(DRAGS):
        wanted = moved(experiment, k)
        begin = time.perf_counter()
        lab.edit(wanted, "drag")
        seen = painted.count
        while lab.simulation.experiment is not wanted or painted.count == seen or not lab.picture.settled:
            app.processEvents()
        times.append(1e3 * (time.perf_counter() - begin))
    return times


def bare(experiment, moved):
    """Milliseconds of the simulation alone."""
    times = []
    for k in range(DRAGS):
        wanted = moved(experiment, k)
        begin = time.perf_counter()
        Simulation(wanted, None).advance(wanted.steps)
        times.append(1e3 * (time.perf_counter() - begin))
    return times


def say(name, times):
    times = sorted(times)
    print(
        f"{name:44s} median {statistics.median(times):6.1f} ms   "
        f"p99 {times[int(0.99 * len(times))]:6.1f} ms   max {times[-1]:6.1f} ms"
    )


def main():
    app = make_application()
    look = Look("light")
    look.apply()
    with tempfile.TemporaryDirectory() as folder:
        window = Window(look, Settings(Path(folder) / "settings.ini"))
        window.resize(1280, 800)
        window.show()
        while not window.labs or not window.lab.settled:
            app.processEvents()
        lab = window.lab
        painted = Painted(lab.picture.viewport())
        for name, experiment in CASES.items():
            lab.edit(experiment, "benchmark")
            while not lab.settled:
                app.processEvents()
            for what, moved in (("start", moved_start), ("slider", moved_slider)):
                say(f"{name}, dragging the {what}: bare simulation", bare(experiment, moved))
                say(f"{name}, dragging the {what}: edit to painted", drags(app, lab, painted, experiment, moved))
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
