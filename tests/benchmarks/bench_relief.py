"""How long the relief takes to turn: ``python tests/benchmarks/bench_relief.py``.

Prints medians and 99th percentiles in milliseconds of processor time, offscreen at 700 x 700, and ratios to the
anchor of the same run: the painter's algorithm as everybody writes it first, 64 x 64 cells sorted by depth and drawn
as polygons by Qt.
Trust the ratios; the times are the machine's.
"""

import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QApplication

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Momentum, Nesterov
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Himmelblau, Ravine, Rosenbrock, Surface
from momentum_gui.gui.contours import Levels
from momentum_gui.gui.relief import Camera, Part, Terrain
from momentum_gui.gui.relief_view import ReliefView
from momentum_gui.gui.style import Look, blend

SIZE = 700, 700
CELLS = 64


def no_files(name: str) -> bytes:
    raise AssertionError(f"a surface needs no file {name}")


def race(surface: Surface) -> Simulation:
    """Four racers of 500 steps."""
    lr = surface.learning_rate
    optimizers = (SGD(lr=lr), Momentum(lr=lr, mu=0.8), Nesterov(lr=lr, mu=0.8), Momentum(lr=lr / 2, mu=0.9))
    simulation = Simulation(Experiment(objective=surface, steps=500, optimizers=optimizers), read=no_files)
    simulation.advance(500)
    return simulation


def frames(count: int, change: Callable[[int], None]) -> list[float]:
    """Milliseconds of the thread's processor time of each of ``count`` changes with its painting."""
    times = []
    for k in range(count):
        begin = time.thread_time()
        change(k)
        QApplication.processEvents()
        times.append(1e3 * (time.thread_time() - begin))
    return times


def report(name: str, times: list[float], anchor: float) -> None:
    median, late = np.percentile(times, (50, 99))
    print(f"{name:52} median {median:8.2f}   p99 {late:8.2f}   anchor / median {anchor / median:7.2f}")


def polygons(surface: Surface) -> Callable[[int], None]:
    """The anchor: a turn of the block whose cells are polygons."""
    terrain = Terrain.of(surface, Levels.of(surface), Part(*surface.domain), CELLS + 1)
    rows, columns = terrain.z.shape
    row, column = np.mgrid[0:rows, 0:columns].reshape(2, -1)
    points = terrain.raised(np.stack([column, row], axis=1).astype(float))
    corners = np.arange(rows * columns).reshape(rows, columns)
    cells = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=-1).reshape(-1, 4)
    shades = blend(("#ffffff", "#a5b9cf"), 64)
    pixmap = QPixmap(*SIZE)

    def draw(k: int) -> None:
        camera = Camera.fitting(terrain.halves, 2.0 * k, 48, (0, 0, *SIZE))
        pixels = camera.project(points)
        _right, back = camera.turned(points)
        order = np.argsort(-back[cells].mean(axis=1))
        heights = (points[cells, 2].mean(axis=1) * 100).astype(int).clip(0, 63)
        pixmap.fill(QColor("white"))
        painter = QPainter(pixmap)
        for cell in order:
            painter.setBrush(shades[heights[cell]])
            painter.setPen(shades[heights[cell]])
            painter.drawConvexPolygon(QPolygonF([QPointF(*pixels[corner]) for corner in cells[cell]]))
        painter.end()

    return draw


def measure(surface: Surface, look: Look) -> None:
    print(surface.title)
    anchor = float(np.median(frames(7, polygons(surface))))
    print(f"{f'anchor: {CELLS} x {CELLS} polygons':52} median {anchor:8.2f}")
    view = ReliefView(look)
    view.resize(*SIZE)
    view.show()
    left, right, bottom, top = surface.domain
    view.show_part((left, right), (bottom, top))
    view.show_simulation(race(surface))
    view.show_step(500)
    QApplication.processEvents()
    report("turn, 4 racers x 500 steps", frames(100, lambda k: view.look_from(2.0 * k, 48, 1.0)), anchor)
    turns: list[float] = []
    for k in range(5):
        view.look_from(2.0 * k, 48, 1.0)
        QApplication.processEvents()
        view._rest.stop()
        view._refine()
        while not view.settled:
            turns += frames(1, lambda k: None)
        turns += frames(1, lambda k: None)  # the last painting
    report("fine picture at rest, one turn of the event loop", turns, anchor)
    print(f"{'':52} in all {sum(turns) / 5:8.2f}   longest turn {max(turns):.2f}")
    report("play one step", frames(100, lambda k: view.show_step(300 + k)), anchor)
    report(
        "pan the plan",
        frames(50, lambda k: view.show_part((left + k / 50, right + k / 50), (bottom, top))),
        anchor,
    )
    view.close()


def main() -> None:
    print(f"load average {os.getloadavg()[0]:.1f}")
    _app = QApplication([])
    look = Look("light")
    look.apply()
    for surface in (Ravine(angle=20), Rosenbrock(), Himmelblau()):
        measure(surface, look)


if __name__ == "__main__":
    main()
