"""A plot of the loss over a plane of weights: bands between level lines, and paths on them."""

from collections.abc import Mapping, Sequence
from typing import Any

import contourpy
import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel

from momentum_gui.core.params import Array
from momentum_gui.core.weight_space import LossGrid
from momentum_gui.gui.curve_axes import dress, make_room_below
from momentum_gui.gui.curve_plot import shaped
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.style import SPACE, Look, Theme, blend, racer_marker
from momentum_gui.gui.ticks import linear_texts, linear_ticks
from momentum_gui.gui.trails import Marker

LINES = 14
"""So many level lines lie between the lowest and the highest loss."""
SPAN = 1e4
"""The lowest line lies at least at this part of the highest: below it the loss is flat for every eye."""
ABOVE = 10.0
"""Where the loss overflows it is drawn so many powers of ten above the highest."""

START = 3.5
"""Radius of the ring where the paths start, in pixels."""

Paths = Mapping[int, tuple[NDArray[Any], Array]]


def levels(values: Array) -> Array:
    """The heights of the level lines: evenly by ratio, for a loss spans powers of ten. Empty where all is flat."""
    seen = values[np.isfinite(values)]
    if not seen.size or seen.max() <= 0:
        return np.empty(0)
    high = float(seen.max())
    low = max(float(seen.min()), high / SPAN)
    return np.geomspace(low, high, LINES + 2)[1:-1] if low < high * (1 - 1e-9) else np.empty(0)


def level_ratio(values: Array) -> float | None:
    """By how much the loss is multiplied from line to line."""
    found = levels(values)
    return float(found[1] / found[0]) if len(found) > 1 else None


class LossPicture(KeptPicture):
    """The bands, the lines and the paths."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view)
        self._grid: LossGrid | None = None
        self._paths: list[tuple[Array, QColor]] = []
        self._shades: list[QBrush] = []
        self._line = self._casing = self._ring = QPen()
        self._ground = QBrush()
        self._scale = 1.0

    def restyle(self, theme: Theme, scale: float) -> None:
        self._shades = [QBrush(color) for color in blend(theme.ramp, LINES + 1)]
        self._line = QPen(QColor(theme.level_line), 1.0)
        self._casing = QPen(QColor(theme.panel), 5.0 * scale)
        self._casing.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._ring = QPen(QColor(theme.text), 1.5 * scale)
        self._ground = QBrush(QColor(theme.panel))
        self._scale = scale
        self.redraw()

    def show_loss(self, grid: LossGrid | None, paths: list[tuple[Array, QColor]]) -> None:
        """Draw the rows of ``grid`` that are there, and ``paths`` (points, 2) in their colours."""
        self._grid, self._paths = grid, paths
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        grid = self._grid
        if grid is None:
            return
        rows = grid.count // len(grid.a)
        if rows > 1:
            self._draw_loss(painter, frame, grid.a, grid.b[:rows], grid.values[:rows])
        for places, color in self._paths:
            line = pg.arrayToQPath(*frame.pixels(places).T)
            painter.setPen(self._casing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(line)
            pen = QPen(color, 2.5 * self._scale)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPath(line)
        for places, _color in self._paths:  # where all start
            painter.setPen(self._ring)
            painter.setBrush(self._ground)
            painter.drawEllipse(frame.pixel(*places[0]), START * self._scale, START * self._scale)

    def _draw_loss(self, painter: QPainter, frame: Frame, a: Array, b: Array, values: Array) -> None:
        found = levels(values)
        x, y = (a - frame.left) * frame.x_scale, (frame.top - b) * frame.y_scale
        with np.errstate(divide="ignore", invalid="ignore"):
            heights = np.log10(np.maximum(values, 1e-300))
        top = float(np.nanmax(heights)) if np.isfinite(heights).any() else 0.0
        heights = np.where(np.isfinite(heights), heights, top + ABOVE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(QPointF(x[0], y[-1]), QPointF(x[-1], y[0])), self._shades[0])
        generator: Any = contourpy.contour_generator(
            x, y, heights, name="serial", fill_type="ChunkCombinedOffset", line_type="Separate"
        )
        for shade, level in zip(self._shades[1:], np.log10(found), strict=False):
            points, offsets = (chunks[0] for chunks in generator.filled(level, top + 2 * ABOVE))
            if points is not None:
                joined = np.ones(len(points), np.int32)
                joined[offsets[1:-1].astype(np.intp) - 1] = 0
                painter.fillPath(pg.arrayToQPath(*points.T, joined, finiteCheck=False), shade)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for level in np.log10(found):
            for points in generator.lines(level):
                painter.drawPath(pg.arrayToQPath(*points.T))


class PlaneAxis(pg.AxisItem):
    """Coordinates on a plane of weights."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        self.room = 40.0

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        return [(1.0, linear_ticks(minVal, maxVal, max(2, int(size / self.room))))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return linear_texts(values)


class PlaneBox(pg.ViewBox):
    """A plane that stays where it is."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, enableMouse=False)
        self.disableAutoRange()

    def keyPressEvent(self, event: Any) -> None:
        event.ignore()  # keys belong to the window


class LossPlane(pg.PlotWidget):
    """The loss and the paths, with a marker where every racer is at the playhead's step."""

    def __init__(self, look: Look, name: str) -> None:
        self._box = PlaneBox()
        self._left, self._bottom = PlaneAxis("left"), PlaneAxis("bottom")
        super().__init__(viewBox=self._box, axisItems={"left": self._left, "bottom": self._bottom}, enableMenu=False)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._look = look
        self._paths: Paths = {}
        self._colors: Mapping[int, QColor] = {}
        self._titles = ("", "")
        self._step = 0
        self._markers: dict[int, Marker] = {}
        self.getPlotItem().hideButtons()
        self._picture = LossPicture(self._box)
        self.why = QLabel(self.viewport())
        """Why there is nothing to see, in its place."""
        self.why.setObjectName("muted")
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.why.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._box.sigResized.connect(self._place)
        look.changed.connect(self.restyle)
        self.restyle()
        self.show_nothing()

    def show_nothing(self, why: str = "") -> None:
        """Keep the place for a picture that is to come, and say ``why`` there is none."""
        self.why.setText(why)
        self.why.setVisible(bool(why))
        self._paths = {}
        self._picture.show_loss(None, [])
        self._titles = ("", "")
        for axis in (self._left, self._bottom):
            axis.hide()
        self._dress()

    def show_landscape(
        self, grid: LossGrid, paths: Paths, colors: Mapping[int, QColor], titles: tuple[str, str], stale: bool
    ) -> None:
        """Draw what there is of ``grid``, the ``paths`` in their ``colors`` over it; ``titles`` of the two axes."""
        self.why.hide()
        self._paths, self._colors, self._titles = paths, colors, titles
        self._box.setRange(xRange=(grid.a[0], grid.a[-1]), yRange=(grid.b[0], grid.b[-1]), padding=0)
        self._picture.setOpacity(0.4 if stale else 1.0)
        drawn = [(places, colors[index]) for index, (_, places) in paths.items() if len(places) > 1]
        self._picture.show_loss(grid, drawn)
        for axis in (self._left, self._bottom):
            axis.show()
        self._dress()

    def show_step(self, step: int) -> None:
        """Put the markers where the racers are at ``step``."""
        self._step = step
        self._place()

    @Slot()
    def restyle(self) -> None:
        look, theme = self._look, self._look.theme
        font = look.font(0.95)
        metrics = QFontMetricsF(font)
        self.setMinimumHeight(round(13 * metrics.height()))
        self.setMaximumHeight(round(24 * metrics.height()))
        self.setBackground(theme.panel)
        for axis in (self._left, self._bottom):
            dress(axis, look)
            axis.setStyle(tickLength=0, tickTextOffset=SPACE // 2)
            axis.label.setFont(font)
        self._bottom.room = metrics.horizontalAdvance("−100") + 2 * SPACE
        self._left.room = 1.9 * metrics.height()
        self._left.setWidth(metrics.horizontalAdvance("−0.05") + metrics.height() + SPACE)
        self.getPlotItem().layout.setContentsMargins(0, metrics.height() / 2, metrics.height() / 2, 0)
        self._picture.restyle(theme, look.scale)
        self._dress()

    def _dress(self) -> None:
        """Titles and markers."""
        theme = self._look.theme
        for axis, title in zip((self._bottom, self._left), self._titles, strict=True):
            if title != axis.labelText or axis.labelStyle.get("color") != theme.muted:
                axis.setLabel(title, color=theme.muted)
                axis.resizeEvent()  # else it keeps the place that suits its old title
        make_room_below(self._bottom, QFontMetricsF(self._look.font(0.95)))
        for index in self._paths:
            if index not in self._markers:
                self._markers[index] = Marker(self._box)
            outline, scale = QColor(theme.panel), self._look.scale
            self._markers[index].dress(racer_marker(index), self._colors[index], outline, scale)
        self._place()

    @Slot()
    def _place(self) -> None:
        edge = 2 * SPACE
        area = self._box.sceneBoundingRect().toRect() & self.viewport().rect()
        self.why.setGeometry(area.adjusted(edge, 0, -edge, 0))
        frame = Frame.of(self._box)
        for index, marker in self._markers.items():
            marker.hide()
            if index in self._paths:
                steps, places = self._paths[index]
                row = max(0, int(np.searchsorted(steps, self._step, side="right")) - 1)
                pixel = frame.pixel(*places[row])
                marker.place(frame, pixel.x(), pixel.y())

    def sizeHint(self) -> QSize:
        return shaped(self, 0.85)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panels
