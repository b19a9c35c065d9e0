"""The data and what every racer's network makes of it, side by side."""

import math
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPaintEvent, QPixmap

from momentum_gui.core.datasets import Dataset, Scale
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.boundary_view import MARGIN, extent
from momentum_gui.gui.class_map import ClassMap, Cut, Grid
from momentum_gui.gui.data_picture import draw_ground, draw_lines, draw_points
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import linear_texts, linear_ticks
from momentum_gui.gui.tile_grid import Tile, TileGrid

COARSE = 4.0
"""Pixels of a cell of the ground: what lies between is smooth."""
SMALL = 0.85
"""The size of the numbers along the edges on the type scale."""
FEWEST_NUMBERS, MOST_NUMBERS = 2, 4
"""About so many numbers are along an edge."""


def round_numbers(scale: Scale, low: float, high: float, most: float) -> list[tuple[float, str]]:
    """At most about ``most`` round numbers of a feature, with their places from ``low`` to ``high`` in the plane."""
    ticks = linear_ticks(scale.own(low), scale.own(high), min(MOST_NUMBERS, max(FEWEST_NUMBERS, int(most))))
    return [(scale.standard(tick), text) for tick, text in zip(ticks, linear_texts(ticks), strict=True)]


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
        frame = replace(self.frame, ratio=painter.deviceTransform().m11())
        if self.map is not None:
            draw_ground(painter, frame, self.map, self._data, self._look.theme)
        painter.drawPixmap(0, 0, self._kept_points(frame, self._data))
        if self.map is not None:
            draw_lines(painter, frame, self.map, self._data, self._look)

    def numbers(self) -> tuple[list[tuple[float, str]], list[tuple[float, str]]]:
        """A few round numbers across and up, in the features' own units, each with its place in the plane."""
        if self._data is None:
            return [], []
        seen, room = self._extent, QFontMetrics(self._look.font(SMALL)).horizontalAdvance("−00.00") + 2 * SPACE
        across, up = self._data.scale(self._cut.across), self._data.scale(self._cut.up)
        return (
            round_numbers(across, seen.left(), seen.right(), self.area.width() / room),
            round_numbers(up, seen.top(), seen.bottom(), self.area.height() / room),
        )

    @property
    def texts_up(self) -> list[str]:
        """All numbers that there may be along the left edge, however high it is."""
        if self._data is None:
            return []
        scale, low, high = self._data.scale(self._cut.up), self._extent.top(), self._extent.bottom()
        counts = range(FEWEST_NUMBERS, MOST_NUMBERS + 1)
        return [text for most in counts for _place, text in round_numbers(scale, low, high, most)]

    @property
    def frame(self) -> Frame:
        """Which point of the plane is where in the picture."""
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
    """Every racer's decision boundary, with a few numbers along the left and the lower edge: all show one plane."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, BoundaryTile)

    def show_simulation(self, simulation: Simulation, data: Dataset, cut: Cut) -> None:
        """Other runs, or other ``data``, or another plane of them."""
        self.show_racers(simulation)
        for tile in self.tiles.values():
            tile.show_data(data, cut)
        self._make_room()
        self.update()

    def restyle(self) -> None:
        super().restyle()
        self._make_room()

    def _make_room(self) -> None:
        """Keep room for the numbers, also for those of a larger window."""
        metrics = QFontMetrics(self._look.font(SMALL))
        texts = [text for tile in self.tiles.values() for text in tile.texts_up]
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        self._layout.setContentsMargins(widest + SPACE, 0, 0, metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = self._look.font(SMALL)
        height = QFontMetrics(font).height()
        painter.setFont(font)
        painter.setPen(QColor(self._look.theme.muted))
        lowest = {tile.x(): tile for tile in self.tiles.values()}
        for tile in self.tiles.values():
            area, frame = tile.area.translated(tile.pos()), tile.frame
            across, up = tile.numbers()
            if tile.x() == min(lowest):
                for place, text in up:
                    y = area.top() + frame.pixel(0.0, place).y()
                    line = QRectF(0, y - height / 2, area.left() - SPACE // 2, height)
                    painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            if lowest[tile.x()] is tile:
                for place, text in across:
                    x = area.left() + frame.pixel(place, 0.0).x()
                    line = QRectF(x - 4 * height, area.bottom(), 8 * height, height)
                    painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, text)
