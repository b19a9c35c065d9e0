"""How long the ravine lab's picture takes to draw: ``python tests/benchmarks/bench_drawing.py``.

Prints medians and 99th percentiles in milliseconds of the thread's processor time, offscreen at 800 x 600, and ratios
to plain pyqtgraph curves of the same racers drawn in the same run: the anchor. Trust the ratios; the times are the
machine's.
"""

import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Momentum, Nesterov
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Himmelblau, Ravine, Rosenbrock, Surface
from momentum_gui.gui.style import Look, racer_color
from momentum_gui.gui.surface_view import SurfaceView

RACERS = 8
POINTS = 10_000
SIZE = 800, 600


def simulated(experiment: Experiment) -> Simulation:
    simulation = Simulation(experiment, read=no_files)
    simulation.advance(experiment.steps)
    return simulation


def no_files(name: str) -> bytes:
    raise AssertionError(f"a surface needs no file {name}")


def race(noise: float, slow: float) -> Simulation:
    """Racers that wander about all the time: with noise by long steps, without by short ones."""
    optimizers = tuple(Momentum(lr=(0.02 + 0.005 * k) * slow, mu=0.9) for k in range(RACERS))
    return simulated(Experiment(objective=Ravine(angle=20), steps=POINTS - 1, optimizers=optimizers, noise=noise))


def frames(count: int, change: Callable[[int], None]) -> list[float]:
    """Milliseconds of processor time of each of ``count`` changes with its painting."""
    times = []
    for k in range(count):
        begin = time.thread_time()
        change(k)
        QApplication.processEvents()
        times.append(1e3 * (time.thread_time() - begin))
    return times


def report(name: str, times: list[float], anchor: float) -> None:
    median, late = np.percentile(times, (50, 99))
    print(f"{name:58} median {median:8.2f}   p99 {late:8.2f}   anchor / median {anchor / median:7.2f}")


def curves(simulation: Simulation, look: Look, width: int, antialias: bool) -> tuple[pg.PlotWidget, list]:
    """The same racers as plain pyqtgraph curves."""
    plot = pg.PlotWidget()
    plot.resize(*SIZE)
    plot.setXRange(-6, 6)
    plot.setYRange(-4, 4)
    items = []
    for index in simulation.runs:
        pen = pg.mkPen(racer_color(index, "", look.theme), width=width)
        items.append(plot.plot(pen=pen, antialias=antialias))
    plot.show()
    return plot, items


def advance(view: SurfaceView, simulation: Simulation) -> list[float]:
    """Each frame moves the playhead by 10 steps, late in a long history."""
    view.show_simulation(simulation)
    view.show_step(POINTS - 4000)
    QApplication.processEvents()
    return frames(200, lambda k: view.show_step(POINTS - 4000 + 10 * k))


def scrub(view: SurfaceView, simulation: Simulation, step_of: Callable[[int], int]) -> list[float]:
    """Each frame moves the playhead to ``step_of`` it; all that is played is painted before the next."""
    view.show_simulation(simulation)
    for step in (POINTS - 1, POINTS - 2):  # the paths, then what is faint beyond the playhead
        view.show_step(step)
        QApplication.processEvents()
        while not view.settled:
            QApplication.processEvents()

    def move(k: int) -> None:
        view.show_step(step_of(k))
        QApplication.processEvents()
        while not view.settled:
            QApplication.processEvents()

    return frames(200, move)


def rebuild(view: SurfaceView, simulation: Simulation, whole: bool) -> list[float]:
    """Each frame shows another part of the plane; ``whole``: until the last path is there."""
    view.show_simulation(simulation)
    view.show_step(POINTS - 1)

    def zoom(k: int) -> None:
        view.plane.setRange(xRange=(-5 - k / 10, 5), padding=0)
        QApplication.processEvents()
        while whole and not view.settled:
            QApplication.processEvents()

    return frames(15, zoom)


def drag(view: SurfaceView, surfaces: list[Surface], note: str, anchor: float) -> None:
    """Each frame has another surface and other racers, four of 500 steps; also how long their steps took."""
    ran: list[float] = []

    def change(k: int) -> None:
        begin = time.thread_time()
        lr = surfaces[k].learning_rate * (0.5 + k / 400)
        optimizers = (SGD(lr=lr), Momentum(lr=lr, mu=0.8), Nesterov(lr=lr, mu=0.8), Momentum(lr=lr / 2, mu=0.9))
        simulation = simulated(Experiment(objective=surfaces[k], steps=500, optimizers=optimizers))
        ran.append(1e3 * (time.thread_time() - begin))
        view.show_simulation(simulation)
        view.show_step(500)

    times = frames(len(surfaces), change)[5:]
    report(f"drag {note}, all", times, anchor)
    report(f"drag {note}, drawing only", [all_ - ran_ for all_, ran_ in zip(times, ran[5:], strict=True)], anchor)


def main() -> None:
    app = QApplication([])
    look = Look("light")
    look.apply()
    view = SurfaceView(look)
    view.resize(*SIZE)
    view.show()
    app.processEvents()
    anchor = 0.0
    for name, noise, slow in (("short steps", 0.0, 0.002), ("long steps, noise", 1.0, 1.0)):
        print(f"{RACERS} racers x {POINTS} points, {name}")
        simulation = race(noise, slow)
        paths = [run.path for run in simulation.runs.values()]
        for width, antialias, count in ((1, False, 15), (3, True, 3)):
            plot, items = curves(simulation, look, width, antialias)

            def extend(k: int, items: list = items, paths: list = paths) -> None:
                for item, path in zip(items, paths, strict=True):
                    item.setData(path[: POINTS - 100 + k])

            times = frames(count, extend)
            anchor = anchor if width > 1 else float(np.median(times))
            report(f"pyqtgraph curves, width {width}, antialias {antialias}", times, anchor)
            plot.close()
        report("trails, 10 steps further", advance(view, simulation), anchor)
        report("trails, 40 steps back, until all is there", scrub(view, simulation, lambda k: POINTS - 40 * k), anchor)
        far = scrub(view, simulation, lambda k: 7919 * k % POINTS)
        report("trails, anywhere, until all is there", far, anchor)
        report("trails, zoom, until all is there", rebuild(view, simulation, whole=True), anchor)
        report("trails, zoom, longest wait", rebuild(view, simulation, whole=False), anchor)

    print("4 racers x 500 steps")
    count = 205
    drag(view, [Ravine(angle=20, kappa=2 + k / 5) for k in range(count)], "a ravine's slider", anchor)
    drag(view, [Rosenbrock(b=50 + k) for k in range(count)], "a Rosenbrock's slider", anchor)
    drag(view, [Himmelblau()] * count, "a learning rate on Himmelblau", anchor)


if __name__ == "__main__":
    main()
