"""The paths of pinned runs: thin, faint and dashed, painted once and kept."""

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.courses import GRAIN
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.polylines import clip
from momentum_gui.gui.style import Look, racer_color

MOST = 8
"""So many racers are pinned, the first ones of a race."""
WIDTH = 1.6
OPACITY = 0.75
DASHES = [4.0, 3.0]
FARTHEST = 30_000
"""A path of more pixels than these is drawn without dashes: Qt measures them along the way."""


def pinned_runs(simulation: Simulation | None) -> Mapping[int, SurfaceRun | NetworkRun]:
    """The runs of ``simulation`` that are pinned with it, by their racer's place in its list."""
    if simulation is None:
        return {}
    runs: Mapping[int, SurfaceRun | NetworkRun] = {**simulation.runs}
    return {index: runs[index] for index in list(runs)[:MOST]}


class Ghosts(KeptPicture):
    """The paths of pinned runs as far as they came, below those that run."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self.runs: Mapping[int, SurfaceRun | NetworkRun] = {}
        self.setZValue(9)
        self.setOpacity(OPACITY)
        self.hide()

    def show_pinned(self, simulation: Simulation | None) -> None:
        self.runs = pinned_runs(simulation)
        self.setVisible(bool(self.runs))
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        for index, run in self.runs.items():
            assert isinstance(run, SurfaceRun)
            if not run.count:  # it could not even start
                continue
            pixels = frame.pixels(run.path)
            cells = np.floor(pixels / GRAIN)
            moved = np.concatenate([[True], (cells[1:] != cells[:-1]).any(axis=1)])
            corners = pixels[moved]
            lines = clip(corners[:-1], corners[1:], frame, margin=4 * WIDTH)
            if len(lines):
                self._draw_lines(painter, lines, racer_color(index, run.optimizer.color, self._look.theme))

    def _draw_lines(self, painter: QPainter, lines: np.ndarray, color: QColor) -> None:
        """Draw ``lines`` (n, 4) as one path, so that the dashes go on from one to the next."""
        pen = QPen(color, WIDTH * self._look.scale)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if np.hypot(*(lines[:, 2:] - lines[:, :2]).T).sum() < FARTHEST:
            pen.setDashPattern(DASHES)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = lines.reshape(-1, 2)
        joined = np.ones(len(points), dtype=np.int32)
        joined[1:-1:2] = (points[1:-1:2] == points[2::2]).all(axis=1)
        painter.drawPath(pg.arrayToQPath(points[:, 0], points[:, 1], connect=joined))
