"""A plot of curves over steps, epochs or seconds: the playhead, the racers' markers, a line where the mouse is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsLineItem,
    QGraphicsSimpleTextItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from momentum_gui.gui.curve_axes import StepAxis, Unit, ValueAxis, dress, log_place, make_room_below, step_at
from momentum_gui.gui.curves import SOLID, Curves, Grid, GridStyle, Series, Stroke, heights
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.style import SPACE, Look, blend, racer_marker
from momentum_gui.gui.ticks import (
    linear_range,
    log_range,
    share_range,
    whole_text,
)
from momentum_gui.gui.trails import MARKER, Marker
from momentum_gui.i18n import _

EDGE = 9.0
"""Pixels around the curves, so that a marker at their ends is seen whole."""
FEWEST = 4.0
"""So many steps are seen at least, however far one zooms in."""
CASING = 2.0
"""How much wider than a guide its casing is, so that it is seen upon curves of its own colour."""
ZOOM = 1.0015
"""How much one eighth of a degree of the wheel enlarges."""


class Note(QGraphicsSimpleTextItem):
    """A sentence at the lower edge of a plot, upon the curves, on a ground of its own."""

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self.setZValue(10)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._ground = QColor()

    def restyle(self, color: QColor, ground: QColor, font: QFont) -> None:
        self._ground = ground
        self._ground.setAlphaF(0.85)
        self.setBrush(color)
        self.setFont(font)

    def show_text(self, text: str, width: float, height: float) -> None:
        """Say ``text``, or nothing, in a plot of this size: in two lines if it is narrow."""
        words = text.split(" ")
        if QFontMetricsF(self.font()).horizontalAdvance(text) > width - 2 * SPACE:
            half = (len(words) + 1) // 2
            text = " ".join(words[:half]) + "\n" + " ".join(words[half:])
        if text != self.text():
            self.setText(text)
        self.setPos(SPACE, height - self.boundingRect().height() - SPACE / 2)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.text():
            painter.fillRect(self.boundingRect(), self._ground)
            super().paint(painter, option, widget)  # type: ignore[arg-type]  # Qt hands over none


class StepBox(pg.ViewBox):
    """The plane of a plot: the wheel zooms along the steps, dragging shifts, a double click shows all."""

    zoomed = Signal(float, float)
    """The wheel was turned: by how much, at which pixel."""
    dragged = Signal(float)
    """By how many pixels."""
    double_clicked = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.disableAutoRange()

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        event.accept()
        self.zoomed.emit(float(event.delta()), float(self.mapFromScene(event.scenePos()).x()))

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.dragged.emit(float(event.pos().x() - event.lastPos().x()))
        else:
            event.ignore()

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and event.double():
            event.accept()
            self.double_clicked.emit()

    def keyPressEvent(self, event: Any) -> None:
        event.ignore()  # keys belong to the window


class CurvePlot(pg.PlotWidget):
    """The curves of all racers over the steps, as far as they have come."""

    hovered = Signal(object)
    """The step, or the second, under the mouse, or None when it leaves."""
    span_changed = Signal(object)
    """The places (first, last) that somebody zoomed to, or None for all."""

    def __init__(self, look: Look, name: str, share: bool = False) -> None:
        self._box = StepBox()
        self._left, self._bottom = ValueAxis(share), StepAxis()
        super().__init__(viewBox=self._box, axisItems={"left": self._left, "bottom": self._bottom}, enableMenu=False)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(17 * SPACE)
        self._look = look
        self._share = share
        self._length: float = 1
        """Where the last step or second has its place."""
        self._span: tuple[float, float] | None = None
        self._step = 0
        self._marked: Mapping[int, float] = {}
        self._cursor_at: float | None = None
        self._title = ""
        self._named = True
        self._series: list[Series] = []
        self._guide_series: list[Series] = []
        self.getPlotItem().hideButtons()
        self._grid, self._curves = Grid(self._box), Curves(self._box)
        self._guides = Curves(self._box)
        self._guides.show_playhead(math.inf)
        self._guides.hide()
        self._playhead, self._cursor = QGraphicsLineItem(self._box), QGraphicsLineItem(self._box)
        items = (self._grid, self._curves, self._guides, self._playhead, self._cursor)
        for z, item in enumerate(items, 1):
            item.setZValue(z)
        self._note = Note(self._box)
        self._markers: list[Marker] = []
        self._dresses: list[tuple[Any, ...]] = []
        self._box.zoomed.connect(self._zoom)
        self._box.dragged.connect(self._shift)
        self._box.double_clicked.connect(self._show_all)
        self._box.sigResized.connect(self._fit)
        self.scene().sigMouseMoved.connect(self._hover)
        look.changed.connect(self.restyle)
        self.restyle()

    def sizeHint(self) -> QSize:
        """Small: it takes what room there is, and leaves the panels theirs."""
        return QSize(36 * SPACE, 14 * SPACE)

    @property
    def log(self) -> bool:
        """Whether the axis is logarithmic."""
        return self._left.log

    @log.setter
    def log(self, log: bool) -> None:
        self._left.log = log
        self._left.picture = None
        self._show()

    @property
    def cost(self) -> float:
        """Seconds that the last painting of the curves took."""
        return self._curves.cost

    @property
    def pixels(self) -> float:
        """How many pixels a step or a second has, or a decade."""
        return Frame.of(self._box).x_scale

    def name_steps(self, named: bool) -> None:
        """Whether the axis below has its numbers and its name; of two plots one above the other, the lower has."""
        self._named = named
        self.restyle()

    def show_unit(self, unit: Unit, epoch: float = 1.0) -> None:
        """What the series that come are against; write epochs of so many steps, if it is these."""
        if (unit, epoch) != (self._bottom.unit, self._bottom.epoch):
            if {Unit.SECONDS, Unit.LOG_STEPS} & {unit, self._bottom.unit}:
                self._span = None
            self._bottom.unit, self._bottom.epoch = unit, epoch
            self._bottom.picture = None
            self.restyle()

    @property
    def _seconds(self) -> bool:
        """Whether every racer has its own place for a step."""
        return self._bottom.unit is Unit.SECONDS

    def _place_of(self, step: Any) -> Any:
        """Where a step is in the plane, or each of many."""
        return log_place(step) if self._bottom.unit is Unit.LOG_STEPS else step

    def show_series(
        self,
        series: list[Series],
        length: float,
        title: str = "",
        at: tuple[int, Mapping[int, float]] | None = None,
    ) -> None:
        """Draw ``series``, at their places, the first below, over ``0 … length``; without any, say ``title``.

        With ``at``, as by ``show_step``, playhead and markers move with them.
        The length of seconds grows while they are measured; that ends no zoom.
        """
        if length != self._length:
            self._span = self._span if self._seconds and length > self._length else None
            self._length = length
            self._make_room()
        if at is not None:
            self._step, self._marked = at
        self._series, self._title = series, title
        if self._left.style["showValues"] != bool(series):  # for it makes the axis anew
            self._left.setStyle(showValues=bool(series))
        self._playhead.setVisible(bool(series) and not self._seconds)
        self._show()

    def show_guides(self, guides: list[Series]) -> None:
        """Draw ``guides`` over the curves; they have no markers and no say in the range."""
        if guides or self._guide_series:
            self._guide_series = guides
            self._guides.setVisible(bool(guides))
            panel = QColor(self._look.theme.panel)
            guides = [replace(each, steps=self._place_of(each.steps)) for each in guides]
            casings = [replace(each, color=panel, stroke=Stroke(each.stroke.width + CASING)) for each in guides]
            self._guides.show_series([*casings, *guides], self.log, self._look.scale)

    def show_step(self, step: int, marked: Mapping[int, float] | None = None) -> None:
        """Put the playhead and the racers' markers at ``step``, or at the places ``marked`` of the racers."""
        if (step, marked or {}) != (self._step, self._marked):
            self._step, self._marked = step, marked or {}
            self._place()

    def show_cursor(self, at: float | None) -> None:
        """A line at this step or second, or none."""
        self._cursor_at = None if at is None else float(self._place_of(at))
        self._place()

    def show_span(self, span: tuple[float, float] | None) -> None:
        """Show the places from first to last, or all."""
        self._span = span
        self._fit()

    @Slot()
    def restyle(self) -> None:
        look, theme = self._look, self._look.theme
        font = look.font(0.95)
        metrics = QFontMetricsF(font)
        self.setBackground(theme.panel)
        for axis in (self._left, self._bottom):
            dress(axis, look)
        self._left.setStyle(tickLength=0, tickTextOffset=SPACE // 2)
        overhang = math.ceil(metrics.horizontalAdvance(whole_text(10_000)) / 2 - EDGE * look.scale)
        self._bottom.setStyle(
            tickLength=4, tickTextOffset=SPACE // 2, showValues=self._named, hideOverlappingLabels=overhang
        )
        self.getPlotItem().layout.setContentsMargins(0, metrics.height() / 2, overhang, 0)
        self._left.room = 1.9 * metrics.height()
        # Of one width, whatever the numbers: the plot must not jump, and two plots must stand in line.
        self._left.setWidth(metrics.horizontalAdvance("5×10⁻¹⁰") + SPACE // 2)
        if self._named:
            self._bottom.label.setFont(font)
            self._bottom.setLabel(_(self._bottom.unit.value), color=theme.muted)
            make_room_below(self._bottom, metrics)
        else:
            self._bottom.showLabel(False)
            self._bottom.setHeight(SPACE)
        minor = blend((theme.panel, theme.line), 5)
        self._grid.style = GridStyle(minor[3], minor[1], QColor(theme.muted), look.font(1.0))
        self._grid.redraw()
        self._note.restyle(QColor(theme.muted), QColor(theme.panel), look.font(1.0))
        self._playhead.setPen(QPen(QColor(theme.muted), 1.5))
        self._cursor.setPen(QPen(QColor(theme.text), 1, Qt.PenStyle.DashLine))
        self._make_room()
        self._show()

    def _make_room(self) -> None:
        """Keep the numbers below apart."""
        logarithmic = self._bottom.unit is Unit.LOG_STEPS
        last = step_at(self._length) if logarithmic else self._length
        widest = "0.000" if self._seconds else whole_text(round(last))
        self._bottom.room = QFontMetricsF(self._look.font(0.95)).horizontalAdvance(widest) + 2 * SPACE

    def _show(self) -> None:
        """Take the series, or another look at them."""
        self._curves.show_series(self._series, self.log, self._look.scale)
        self.show_guides(self._guide_series)
        marked = [series for series in self._series if series.stroke is SOLID]
        while len(self._markers) < len(marked):
            self._markers.append(Marker(self._box))
            self._dresses.append(())
        for k, series in enumerate(marked):
            outline, scale = self._look.theme.panel, self._look.scale
            dress = racer_marker(series.racer), series.color.rgba(), outline, scale
            if dress != self._dresses[k]:
                self._dresses[k] = dress
                self._markers[k].dress(racer_marker(series.racer), series.color, QColor(outline), scale)
        for marker in self._markers[len(marked) :]:
            marker.hide()
        self._fit()

    # ---- the range

    @Slot()
    def _fit(self) -> None:
        """Set the ranges: the steps that are wanted, and the values that are there between them."""
        width, height = max(1.0, self._box.width()), max(1.0, self._box.height())
        left, right = self._span or (0.0, float(self._length))
        parts = [part.values for part in (series.seen(left, right) for series in self._series) if len(part.values)]
        low, high = self._value_range(parts)
        x_edge = EDGE * self._look.scale * (right - left) / max(1.0, width - 2 * EDGE * self._look.scale)
        y_edge = EDGE * self._look.scale * (high - low) / max(1.0, height - 2 * EDGE * self._look.scale)
        self._box.setRange(xRange=(left - x_edge, right + x_edge), yRange=(low - y_edge, high + y_edge), padding=0)
        below = self.log and any(float(part.min()) <= 0 for part in parts)
        self._note.show_text(_("0 and less lie below this axis.") if below and self._series else "", width, height)
        if self._series:
            self._grid.show_lines(*self._left.ticks(low - y_edge, high + y_edge, height), "")
        else:
            self._grid.show_lines((), (), self._title)
        self._place()

    def _value_range(self, parts: Sequence[Any]) -> tuple[float, float]:
        if not parts:
            return 0.0, 1.0
        if self._share:
            return share_range(parts)
        return log_range(parts) if self.log else linear_range(parts)

    @Slot(float, float)
    def _zoom(self, turn: float, pixel: float) -> None:
        left, right = self._span or (0.0, float(self._length))
        whole = self._bottom.unit in (Unit.STEPS, Unit.EPOCHS)
        fewest = min(FEWEST, self._length) if whole else self._length / 1000
        width = min(max((right - left) / ZOOM**turn, fewest), self._length)
        frame = Frame.of(self._box)
        at = min(max(0.0, frame.left + pixel / frame.x_scale), float(self._length))
        share = (at - left) / (right - left)
        self._change_span(at - share * width, width)

    @Slot(float)
    def _shift(self, pixels: float) -> None:
        if self._span is not None:
            left, right = self._span
            self._change_span(left - pixels / Frame.of(self._box).x_scale, right - left)

    @Slot()
    def _show_all(self) -> None:
        self._change_span(0.0, float(self._length))

    def _change_span(self, left: float, width: float) -> None:
        left = min(max(0.0, left), self._length - width)
        span = (left, left + width) if width < self._length else None
        self.show_span(span)
        self.span_changed.emit(span)

    # ---- the playhead and the mouse

    def _place(self) -> None:
        """Put lines and markers where they belong."""
        frame = Frame.of(self._box)
        step = float(self._place_of(self._step))
        head = math.inf if self._seconds else math.floor((step - frame.left) * frame.x_scale)
        self._curves.show_playhead(head)
        if not self._seconds:
            self._playhead.setLine(*upright(head, frame))
        self._cursor.setVisible(self._cursor_at is not None)
        if self._cursor_at is not None:
            self._cursor.setLine(*upright((self._cursor_at - frame.left) * frame.x_scale, frame))
        marked = [series for series in self._series if series.stroke is SOLID]
        arrows: list[tuple[bool, float]] = []  # where curves have left the plot: at which edge, at which pixel
        for marker, series in zip(self._markers, marked, strict=False):
            at = self._marked.get(series.racer, step)
            row = int(np.searchsorted(series.steps, at, side="right")) - 1
            x = (float(series.steps[max(0, row)]) - frame.left) * frame.x_scale if len(series.steps) else -1.0
            if 0 <= x <= frame.width and row >= 0:
                y = float(heights(series.values[row : row + 1], frame, self.log)[0])
                if not 0 <= y <= frame.height:
                    x = beside([at for below, at in arrows if below == (y > 0)], x, MARKER * self._look.scale)
                    arrows.append((y > 0, x))
                marker.place(frame, x, y)
            else:
                marker.hide()

    @Slot(object)
    def _hover(self, place: QPointF) -> None:
        if self._box.sceneBoundingRect().contains(place):
            frame = Frame.of(self._box)
            at = min(max(0.0, frame.left + self._box.mapFromScene(place).x() / frame.x_scale), float(self._length))
            if self._bottom.unit is Unit.LOG_STEPS:
                at = step_at(at)
            self.hovered.emit(at if self._seconds else round(at))
        else:
            self.hovered.emit(None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)


def beside(taken: Sequence[float], x: float, size: float) -> float:
    """The nearest place to the left of ``x``, or this, that is ``size`` away from those ``taken``, if there is one."""
    free = x
    for other in sorted(taken, reverse=True):
        if abs(free - other) < size:
            free = other - size
    return free if free >= size else x


def upright(x: float, frame: Frame) -> tuple[float, float, float, float]:
    """An upright line at pixel ``x`` over the whole view, sharp."""
    x = math.floor(x) + 0.5
    return x, 0.0, x, frame.height


def shaped(plot: pg.PlotWidget, height: float) -> QSize:
    """The size that a plot in a panel would like: ``height`` of its width, as far as it may be so high.

    Qt's own hint is the size that it has, so that it would keep all the room it ever had.
    """
    wanted = round(height * plot.width())
    return QSize(36 * SPACE, min(plot.maximumHeight(), max(plot.minimumHeight(), wanted)))
