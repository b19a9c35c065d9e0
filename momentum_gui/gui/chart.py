"""A small chart for a panel: curves and bands over steps, or over rates on a logarithmic axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsLineItem

from momentum_gui.core.params import Array
from momentum_gui.gui.curve_axes import StepAxis, dress, make_room_below
from momentum_gui.gui.curve_plot import shaped, upright
from momentum_gui.gui.curves import SOLID, Curves, Grid, GridStyle, Series, heights
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.style import SPACE, Look, blend, racer_marker
from momentum_gui.gui.ticks import (
    linear_range,
    linear_texts,
    linear_ticks,
    log_texts,
    log_ticks,
    share_range,
    whole_text,
)
from momentum_gui.gui.trails import Marker

EDGE = 9.0
"""Pixels around the curves, so that a marker at their ends is seen whole."""
VEIL = 0.16
"""Opacity of a band."""


@dataclass(frozen=True)
class Band:
    """All between ``low`` and ``high`` (n,) at increasing ``steps`` (n,)."""

    color: QColor
    steps: NDArray[Any]
    low: Array
    high: Array


class Bands(KeptPicture):
    """The bands of a chart, below its curves."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view)
        self._bands: Sequence[Band] = ()

    def show_bands(self, bands: Sequence[Band]) -> None:
        self._bands = bands
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for band in self._bands:
            color = QColor(band.color)
            color.setAlphaF(VEIL)
            painter.setBrush(color)
            x = (np.concatenate([band.steps, band.steps[::-1]]) - frame.left) * frame.x_scale
            y = heights(np.concatenate([band.high, band.low[::-1]]), frame, log=False)
            painter.drawPath(pg.arrayToQPath(x, y))


class HeightAxis(pg.AxisItem):
    """Values, or shares in per cent."""

    def __init__(self) -> None:
        super().__init__("left")
        self.enableAutoSIPrefix(False)
        self.room = 40.0
        self.share = False

    def ticks(self, low: float, high: float, size: float) -> list[float]:
        return linear_ticks(low, high, max(3, int(size / self.room)))

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        return [(1.0, self.ticks(minVal, maxVal, size))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.share:
            return [f"{text} %" for text in linear_texts([100 * value for value in values])]
        return linear_texts(values)


class RateAxis(pg.AxisItem):
    """Logarithms of rates, written as rates."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)
        self.room = 60.0

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        return [(1.0, log_ticks(minVal, maxVal, max(2, int(size / self.room)))[0])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return log_texts(values)


class ChartBox(pg.ViewBox):
    """A plane that stays where it is; a click on it says where."""

    clicked = Signal(float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, enableMouse=False)
        self.disableAutoRange()

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.clicked.emit(float(self.mapSceneToView(event.scenePos()).x()))

    def keyPressEvent(self, event: Any) -> None:
        event.ignore()  # keys belong to the window


class Chart(pg.PlotWidget):
    """Curves with a marker at their ends, bands, upright lines. All of it is always seen."""

    clicked = Signal(float)
    """The place on the lower axis that was clicked."""
    hovered = Signal(object)
    """The place on the lower axis under the mouse, or None when it leaves."""

    def __init__(self, look: Look, name: str, below: str, rates: bool = False) -> None:
        self._box = ChartBox()
        self._left, self._bottom = HeightAxis(), RateAxis() if rates else StepAxis()
        super().__init__(viewBox=self._box, axisItems={"left": self._left, "bottom": self._bottom}, enableMenu=False)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._look = look
        self._below = below
        self._rates = rates
        self._series: Sequence[Series] = ()
        self._title = ""
        self._across = (0.0, 1.0)
        self._up: tuple[float, float] | None = None
        self._marked: list[tuple[float, QColor, bool]] = []
        self.getPlotItem().hideButtons()
        self._grid, self._bands, self._curves = Grid(self._box), Bands(self._box), Curves(self._box)
        for z, item in enumerate((self._grid, self._bands, self._curves), 1):
            item.setZValue(z)
        self._curves.show_playhead(math.inf)  # nothing is faint
        self._lines: list[QGraphicsLineItem] = []
        self._markers: list[Marker] = []
        self._box.clicked.connect(self.clicked)
        self._box.sigResized.connect(self._fit)
        self.scene().sigMouseMoved.connect(self._hover)
        look.changed.connect(self.restyle)
        self.restyle()

    def show_curves(
        self,
        series: Sequence[Series],
        across: tuple[float, float],
        up: tuple[float, float] | None = None,
        bands: Sequence[Band] = (),
        share: bool = False,
        title: str = "",
    ) -> None:
        """Draw ``series``, the first below, over the range ``across``; without any, say ``title``.

        ``up`` is the range of the values, by itself what the series take; ``share`` writes them in per cent.
        """
        if share != self._left.share:
            self._left.share = share
            self._left.picture = None
        self._series, self._across, self._up, self._title = series, across, up, title
        self._bands.show_bands(bands)
        self._left.setStyle(showValues=bool(series))
        self._show()

    def show_uprights(self, marked: list[tuple[float, QColor, bool]]) -> None:
        """Upright lines: their places, colours, and whether they are dashed."""
        self._marked = marked
        self._place()

    @Slot()
    def restyle(self) -> None:
        look, theme = self._look, self._look.theme
        font = look.font(0.95)
        metrics = QFontMetricsF(font)
        self.setMinimumHeight(round(9 * metrics.height()))
        self.setMaximumHeight(round(18 * metrics.height()))
        self.setBackground(theme.panel)
        for axis in (self._left, self._bottom):
            dress(axis, look)
        overhang = math.ceil(metrics.horizontalAdvance(whole_text(10_000)) / 2 - EDGE * look.scale)
        self._left.setStyle(tickLength=0, tickTextOffset=SPACE // 2)
        self._bottom.setStyle(tickLength=4, tickTextOffset=SPACE // 2, hideOverlappingLabels=overhang)
        self.getPlotItem().layout.setContentsMargins(0, metrics.height() / 2, overhang, 0)
        self._left.room = 1.9 * metrics.height()
        self._left.setWidth(metrics.horizontalAdvance("0.0000") + SPACE)  # always the same: nothing jumps
        self._bottom.label.setFont(font)
        self._bottom.setLabel(self._below, color=theme.muted)
        make_room_below(self._bottom, metrics)
        minor = blend((theme.panel, theme.line), 5)
        self._grid.style = GridStyle(minor[3], minor[1], QColor(theme.muted), look.font(1.0))
        self._grid.redraw()
        self._show()

    def _show(self) -> None:
        self._curves.show_series(self._series, False, self._look.scale)
        marked = self._solid
        while len(self._markers) < len(marked):
            self._markers.append(Marker(self._box))
        outline, scale = QColor(self._look.theme.panel), self._look.scale
        for marker, series in zip(self._markers, marked, strict=False):
            marker.dress(racer_marker(series.racer), series.color, outline, scale)
        for marker in self._markers[len(marked) :]:
            marker.hide()
        self._fit()

    @property
    def _solid(self) -> list[Series]:
        return [series for series in self._series if series.stroke is SOLID and len(series.steps)]

    @Slot()
    def _fit(self) -> None:
        """Set the ranges."""
        font = QFontMetricsF(self._look.font(0.95))
        left, right = self._across
        widest = "10⁻¹⁰" if self._rates else whole_text(round(right))
        self._bottom.room = font.horizontalAdvance(widest) + 2 * SPACE
        width, height = max(1.0, self._box.width()), max(1.0, self._box.height())
        parts = [series.values for series in self._series if len(series.values)]
        if self._up is not None:
            low, high = self._up
        elif not parts:
            low, high = 0.0, 1.0
        else:
            low, high = share_range(parts) if self._left.share else linear_range(parts)
        edge = EDGE * self._look.scale
        x_edge, y_edge = (
            edge * span / max(1.0, size - 2 * edge) for span, size in ((right - left, width), (high - low, height))
        )
        self._box.setRange(xRange=(left - x_edge, right + x_edge), yRange=(low - y_edge, high + y_edge), padding=0)
        if self._series:
            self._grid.show_lines(self._left.ticks(low - y_edge, high + y_edge, height), (), "")
        else:
            self._grid.show_lines((), (), self._title)
        self._place()

    def _place(self) -> None:
        """Put lines and markers where they belong."""
        frame = Frame.of(self._box)
        while len(self._lines) < len(self._marked):
            line = QGraphicsLineItem(self._box)
            line.setZValue(4)
            self._lines.append(line)
        for line in self._lines[len(self._marked) :]:
            line.hide()
        for line, (place, color, dashed) in zip(self._lines, self._marked, strict=False):
            line.setPen(QPen(color, 1.5, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
            x = (place - frame.left) * frame.x_scale
            line.setVisible(0 <= x <= frame.width)
            line.setLine(*upright(x, frame))
        for marker, series in zip(self._markers, self._solid, strict=False):
            y = float(heights(series.values[-1:], frame, log=False)[0])
            marker.place(frame, (float(series.steps[-1]) - frame.left) * frame.x_scale, y)

    @Slot(object)
    def _hover(self, place: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(place)
        self.hovered.emit(float(self._box.mapSceneToView(place).x()) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def sizeHint(self) -> QSize:
        return shaped(self, 0.75)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panels
