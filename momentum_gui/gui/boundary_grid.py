"""The data and what every racer's network makes of it, side by side."""

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.boundary_view import MARGIN, extent
from momentum_gui.gui.class_map import ClassMap, Cut, Grid
from momentum_gui.gui.data_picture import draw_ground, draw_lines, draw_points
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.style import Look
from momentum_gui.gui.tile_grid import Tile, TileGrid

COARSE = 4.0
"""Pixels of a cell of the ground: what lies between is smooth."""


class BoundaryTile(Tile):
    """The data over what one racer's network makes of the plane."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._data: Dataset | None = None
        self._cut = Cut(0, 1, (0.0, 0.0))
        self._extent = QRectF(0, 0, 1, 1)
        self._points: tuple[object, QPixmap] | None = None
        self.map: ClassMap | None = None

    def show_data(self, data: Dataset, cut: Cut) -> None:
        """Other data, or the same in another plane."""
        if data is not self._data or cut != self._cut:
            self._data, self._cut, self.map, self._points = data, cut, None, None
            inner = extent(data, cut)
            x, y = MARGIN * inner.width(), MARGIN * inner.height()
            self._extent = inner.adjusted(-x, -y, x, y)
            self.update()

    def show_map(self, result: ClassMap) -> None:
        self.map = result
        self.update(self.area.toAlignedRect())

    def restyle(self, icon: QIcon) -> None:
        self._points = None
        super().restyle(icon)

    def grid(self, points: int) -> Grid:
        """A grid of at most so many points over what is seen."""
        area, seen = self.area, self._extent
        enough = int(area.width() * area.height() / COARSE**2)
        return Grid.over(seen.left(), seen.right(), seen.top(), seen.bottom(), min(points, enough))

    def paint_picture(self, painter: QPainter, area: QRectF) -> None:
        if self._data is None:
            return
        painter.translate(area.topLeft())
        frame = self._frame
        if self.map is not None:
            draw_ground(painter, frame, self.map, self._data, self._look.theme)
        painter.drawPixmap(0, 0, self._kept_points(frame, self._data))
        if self.map is not None:
            draw_lines(painter, frame, self.map, self._data, self._look)

    @property
    def _frame(self) -> Frame:
        area, seen = self.area, self._extent
        x_scale, y_scale = area.width() / seen.width(), area.height() / seen.height()
        ratio = self.devicePixelRatioF()
        return Frame(area.width(), area.height(), seen.left(), seen.bottom(), x_scale, y_scale, ratio)

    def _kept_points(self, frame: Frame, data: Dataset) -> QPixmap:
        """The data's points, painted when the size changes."""
        if self._points is None or self._points[0] != frame:
            pixmap = QPixmap(math.ceil(frame.width * frame.ratio), math.ceil(frame.height * frame.ratio))
            pixmap.setDevicePixelRatio(frame.ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            draw_points(painter, frame, data, self._cut, self._look, relative=0.7)
            painter.end()
            self._points = frame, pixmap
        return self._points[1]


class BoundaryGrid(TileGrid[BoundaryTile]):
    """Every racer's decision boundary."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, BoundaryTile)

    def show_simulation(self, simulation: Simulation, data: Dataset, cut: Cut) -> None:
        """Other runs, or other ``data``, or another plane of them."""
        self.show_racers(simulation)
        for tile in self.tiles.values():
            tile.show_data(data, cut)
