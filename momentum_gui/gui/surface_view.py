"""The picture of the ravine lab: a surface, the racers on their way down, and the handle that moves their start."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QFontMetricsF, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsObject,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QHBoxLayout,
    QStyleOptionGraphicsItem,
    QVBoxLayout,
    QWidget,
)

from momentum_gui.core.surfaces import Surface
from momentum_gui.gui import markers
from momentum_gui.gui.contours import Contours
from momentum_gui.gui.formula_view import Formula
from momentum_gui.gui.ghosts import Ghosts
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.notes import Note, corners, first_clear
from momentum_gui.gui.step_arrows import StepArrows
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import number_text, tick_text
from momentum_gui.gui.trails import Symbol, Trails
from momentum_gui.i18n import _

FARTHEST = 1e6
"""A start's coordinates are at most this far from 0, as in core.experiment."""

CLOSEST, WIDEST = 1e-9, 1e13
"""The range of x is at least and at most so wide."""

MARGIN = 0.03
"""What is shown around the surface's domain, as a share of it."""


class SurfaceView(pg.PlotWidget):
    """A surface with a simulation's racers on it."""

    start_moved = Signal(float, float)
    """Where somebody wants the start, (x, y)."""

    def __init__(self, look: Look) -> None:
        plane = Plane()
        axes = {"left": Axis("left", "y"), "bottom": Axis("bottom", "x")}
        super().__init__(viewBox=plane, axisItems=axes, enableMenu=False)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName(_("Surface with the racers' paths"))
        self._look = look
        self._surface: Surface | None = None
        self._start = self._start_before = (0.0, 0.0)
        self._step = 0
        self.getPlotItem().hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, SPACE, SPACE, 0)
        self.plane = plane
        self._axes = axes
        self._contours = Contours(self.plane)
        self._ghosts = Ghosts(self.plane, look)
        self._trails = Trails(self.plane, look)
        self._minima: list[Symbol] = []
        self.arrows = StepArrows(self.plane, look)
        self._handle = Handle(self.plane)
        caption = QVBoxLayout()
        self._caption = Note(self.viewport(), ("title", "letters"), caption)
        self.formula = Formula(look, 1.15, self._caption)
        self.formula.shown.connect(self._place)
        caption.insertWidget(1, self.formula)
        self._readout = Note(self.viewport(), ("x", "y", "f"), QHBoxLayout())
        self._nobody = Note(self.viewport(), ("text", "help"), QVBoxLayout())
        self._cursor: QPointF | None = None
        self._room = QRect()
        self._still: list[QRect] = []
        """Where something lies in it that does not move with the playhead."""
        self._chip_height = 0
        self.plane.sigRangeChanged.connect(self._place)
        self.plane.sigResized.connect(self._place)
        self.plane.clicked.connect(self._click)
        self.plane.double_clicked.connect(self._double_click)
        self._handle.moved.connect(self._move_start)
        self._handle.double_clicked.connect(self._double_click)
        self.scene().sigMouseMoved.connect(self._hover)
        look.changed.connect(self.restyle)
        self.restyle()

    def show_simulation(self, simulation: Any) -> None:
        """Show a simulation of surface runs. What part of the plane is seen changes only with the domain."""
        experiment = simulation.experiment
        surface, before = experiment.objective, self._surface
        self._surface = surface
        self._start = experiment.start_point
        self._mark_minima()
        self._contours.show_surface(surface)
        self._trails.show_runs(simulation.runs, self._step)
        if before is None or type(surface) is not type(before) or surface.domain != before.domain:
            self.fit()
        self._nobody.setVisible(not simulation.runs)
        self._caption.labels["title"].setText(_(surface.title))
        self._caption.labels["letters"].setText(_(surface.letters))
        self._caption.labels["letters"].setVisible(bool(surface.letters))
        self.formula.show_latex(f"f(x, y) = {surface.latex}", surface.formula)
        self._place()

    def show_step(self, step: int) -> None:
        """Move the playhead to ``step`` and draw what the runs have by now."""
        self._step = step
        self._trails.show_step(step)
        self._give_way()

    @Slot(bool)
    def show_lines(self, shown: bool) -> None:
        """Whether there are level lines."""
        self._contours.show_lines(shown)

    @Slot(bool)
    def show_paths(self, shown: bool) -> None:
        """Whether there are the racers' paths, or their markers alone."""
        self._trails.show_paths(shown)

    @Slot(object)
    def show_pinned(self, simulation: Any) -> None:
        """Show the paths of this simulation, too, as ghosts; None for none."""
        self._ghosts.show_pinned(simulation)

    @property
    def settled(self) -> bool:
        """Whether the paths are drawn as far as they are to be seen, which takes several frames, and the formula."""
        return self._trails.settled and self.formula.settled

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """While this lasts all is painted within one frame, and nothing is said of what is under the mouse."""
        self._cursor = None
        self._read()
        with self._trails.at_once(), self._contours.finely():
            yield

    @Slot()
    def fit(self) -> None:
        """Show the surface's domain."""
        if self._surface is not None:
            left, right, bottom, top = self._surface.domain
            self.plane.setRange(QRectF(left, bottom, right - left, top - bottom), padding=MARGIN)

    @Slot()
    def restyle(self) -> None:
        look, theme = self._look, self._look.theme
        self.setBackground(theme.panel)
        self.plane.setBorder(pg.mkPen(theme.line))
        for axis in self._axes.values():
            axis.restyle(look)
        self._contours.restyle(theme)
        self._trails.restyle()
        self._ghosts.redraw()
        self._handle.restyle(look)
        for note in (self._caption, self._readout, self._nobody):
            note.restyle(theme, look.font(0.95))
        self._caption.labels["title"].setFont(look.font(1.05, bold=True))
        self._caption.labels["letters"].setFont(look.font(0.85))
        self._nobody.labels["text"].setFont(look.font(1.2))
        self._nobody.labels["text"].setText(_("No racer is switched on."))
        self._nobody.labels["help"].setText(_("Switch one on in the list of racers, or add one."))
        for label in self._readout.labels.values():
            label.setFixedWidth(round(QFontMetricsF(label.font()).horizontalAdvance("x = −0.000×10⁻⁰")))
        for star in self._minima:
            self._style_minimum(star)
        self._place()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._cursor = None
        self._read()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._cursor = None  # who knows what is under it now; the next move of the mouse tells
        super().resizeEvent(event)

    @Slot()
    def _place(self, *_changed: Any) -> None:
        """Put everything that belongs to a point of the plane, or to a corner of the view, where it belongs."""
        frame = Frame.of(self.plane)
        self._handle.setPos(frame.near(frame.pixel(*self._start)))
        if self._surface is not None:
            for star, minimum in zip(self._minima, self._surface.minima, strict=True):
                star.setPos(frame.near(frame.pixel(*minimum)))
        area = self._room = self.plane.sceneBoundingRect().toRect().adjusted(SPACE, SPACE, -SPACE, -SPACE)
        switch, axes = QRect(QPoint(), self._chip("3-D")), QRect(QPoint(), self._chip("λ₁ λ₂"))
        switch.moveTopRight(area.topRight())
        axes.moveBottomLeft(area.bottomLeft())
        self._chip_height = switch.height()
        self._still = [switch, axes, *(_around(item) for item in (self._handle, *self._minima))]
        self.formula.setMaximumWidth(max(1, area.width() - 3 * SPACE - switch.width()))
        for note in (self._caption, self._readout, self._nobody):
            note.adjustSize()
        self._nobody.move(area.center() - self._nobody.rect().center())
        self._give_way()
        self._read()

    def _give_way(self) -> None:
        """Put caption and read-out into corners where they hide neither the start nor a minimum nor a racer's marker.

        For a racer the caption goes away until it has passed, for it must not jump about.
        """
        area, still, chip = self._room, self._still, self._chip_height + SPACE
        moving = [_around(marker) for marker in self._trails.shown_markers]
        places = corners(area, self._caption.size(), chip)
        caption = first_clear(places, still)
        hides = caption is None or first_clear([caption], moving) is None
        self._caption.move((caption or places[0]).topLeft())
        self._caption.setVisible(not hides)
        first, lower, *others = corners(area, self._readout.size(), chip)
        taken = [*still, *moving] if hides else [*still, *moving, self._caption.geometry()]
        self._readout.move((first_clear([lower, first, *others], taken) or lower).topLeft())

    def _chip(self, text: str) -> QSize:
        """How large a button with ``text`` over the picture is; others put them in its corners."""
        metrics = QFontMetrics(self._look.font())
        return QSize(metrics.horizontalAdvance(text) + 4 * SPACE, metrics.height() + 2 * SPACE)

    def _mark_minima(self) -> None:
        assert self._surface is not None
        minima = self._surface.minima
        while len(self._minima) > len(minima):
            self.scene().removeItem(self._minima.pop())
        while len(self._minima) < len(minima):
            star = Symbol(self.plane, depth=5)
            star.setToolTip(_("minimum"))
            self._style_minimum(star)
            self._minima.append(star)

    def _style_minimum(self, star: Symbol) -> None:
        """A star of four points, of the text's colour."""
        shape = markers.star(9.0 * self._look.scale)
        star.restyle(shape, QColor(self._look.theme.text), QColor(self._look.theme.panel), 1.5)

    @Slot(QPointF)
    def _click(self, pixel: QPointF) -> None:
        self._start_before = self._start
        self._move_start(pixel)

    @Slot()
    def _double_click(self) -> None:
        """A double click fits; the start goes back to where the first of the two clicks took it from."""
        if self._start != self._start_before:
            self.start_moved.emit(*self._start_before)
        self.fit()

    @Slot(QPointF)
    def _move_start(self, pixel: QPointF) -> None:
        frame = Frame.of(self.plane)
        x, y = (min(FARTHEST, max(-FARTHEST, value)) for value in frame.round(*frame.point(pixel)))
        self.start_moved.emit(x, y)

    @Slot(QPointF)
    def _hover(self, place: QPointF) -> None:
        self._cursor = place if self.plane.sceneBoundingRect().contains(place) else None
        self._read()

    def _read(self) -> None:
        """Say what is under the cursor."""
        self._readout.setVisible(self._cursor is not None and self._surface is not None)
        if self._cursor is not None and self._surface is not None:
            frame = Frame.of(self.plane)
            x, y = frame.point(self.plane.mapFromScene(self._cursor))
            height = float(f"{self._surface.value(x, y):.4g}")
            for name, value in zip("xyf", (*frame.round(x, y), height), strict=True):
                self._readout.labels[name].setText(f"{name} = {number_text(value, 6)}")


def _around(item: QGraphicsItem) -> QRect:
    """The pixels of the view that ``item`` takes."""
    return item.sceneBoundingRect().toRect()


class Plane(pg.ViewBox):
    """The plane, of equal scales: drag to pan, wheel to zoom around the cursor."""

    clicked = Signal(QPointF)
    """The left button was clicked, at a pixel of the view."""
    double_clicked = Signal()

    def __init__(self) -> None:
        super().__init__(lockAspect=True, enableMenu=False)
        self.disableAutoRange()

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            if event.double():
                self.double_clicked.emit()
            else:
                self.clicked.emit(QPointF(event.pos()))

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            event.ignore()
        else:
            super().mouseDragEvent(event, axis)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        left, right = self.viewRange()[0]
        closer = event.delta() > 0
        finest = max(CLOSEST, 1e-9 * max(abs(left), abs(right)))  # beyond it neighbouring pixels are the same number
        if (right - left > finest) if closer else (right - left < WIDEST):
            super().wheelEvent(event, axis)
        else:
            event.accept()

    def keyPressEvent(self, event: Any) -> None:
        event.ignore()  # keys belong to the window


class Axis(pg.AxisItem):
    """An axis of the plane, named by one upright letter."""

    def __init__(self, side: str, name: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)
        self._name = name

    def restyle(self, look: Look) -> None:
        theme, font = look.theme, look.font(0.9)
        metrics = QFontMetricsF(font)
        self.setPen(theme.line)
        self.setTextPen(theme.muted)
        self.setTickFont(font)
        self.setStyle(tickLength=4, tickTextOffset=4)
        self.label.setFont(look.font())
        self.setLabel(self._name, **{"color": theme.muted, "font-style": "italic"})
        name = self.label.boundingRect()
        if self.orientation == "left":
            # Of one width, whatever the numbers: the view must not jump while one zooms.
            self.setWidth(name.width() + metrics.horizontalAdvance("−5×10¹²") + SPACE)
        else:
            self.setHeight(name.height() + metrics.height() + SPACE // 2)
        self.resizeEvent()

    def resizeEvent(self, event: Any = None) -> None:
        super().resizeEvent(event)
        if self.orientation == "left" and self.label is not None:
            self.label.setRotation(0)
            self.label.setPos(0, (self.height() - self.label.boundingRect().height()) / 2)

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        texts = [tick_text(value * scale, spacing * scale) for value in values]
        if self.orientation != "left" or self.label is None:
            return texts
        metrics = QFontMetricsF(self.style["tickFont"] or self.font())
        room = self.width() - self.label.boundingRect().width() - SPACE
        if sum(metrics.horizontalAdvance(text) <= room for text in texts) >= len(texts) / 2:
            return texts  # those that are too wide are left out
        # Seen from very close they all begin alike: their last digits are written, to the finest tick's.
        finest = self.tickSpacing(*sorted(self.range), self.height())[-1][0]
        decimals = max(0, -math.floor(math.log10(finest) + 1e-9))
        digits = [f"{abs(value):.{decimals}f}" for value in values]
        room -= metrics.horizontalAdvance("−")
        return [
            "−" * (value < 0) + metrics.elidedText(text, Qt.TextElideMode.ElideLeft, room)
            for value, text in zip(values, digits, strict=True)
        ]


class Handle(QGraphicsObject):
    """The ring around the start that can be dragged."""

    moved = Signal(QPointF)
    """Where it was dragged to, in pixels of the view."""
    double_clicked = Signal()
    """The second click of two met it, for the first brought it there."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view)
        self._radius = 13.0
        self._held: QPointF | None = None
        self._lit = False
        self._colors = QColor(), QColor(), QColor()
        self.setZValue(30)
        self.setAcceptHoverEvents(True)
        self.setAcceptedMouseButtons(Qt.MouseButton.LeftButton)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setToolTip(_("The start: drag it, or click where it should be"))

    def restyle(self, look: Look) -> None:
        self.prepareGeometryChange()
        self._radius = 13.0 * look.scale
        self._colors = QColor(look.theme.text), QColor(look.theme.accent), QColor(look.theme.panel)
        self.update()

    def boundingRect(self) -> QRectF:
        reach = self._radius + 8
        return QRectF(-reach, -reach, 2 * reach, 2 * reach)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addEllipse(QPointF(0, 0), self._radius + 4, self._radius + 4)
        return path

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        normal, lit, casing = self._colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inner, outer = self._radius - 4, self._radius + 5
        for color, width in ((casing, 5.0), (lit if self._lit else normal, 2.5 if self._lit else 2.0)):
            painter.setPen(QPen(QBrush(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawEllipse(QPointF(0, 0), self._radius, self._radius)
            for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(QPointF(inner * x, inner * y), QPointF(outer * x, outer * y))

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._light(True)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        self._light(False)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self._held = event.pos()
        self._light(True)

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        if self._held is not None:
            self.moved.emit(self.mapToParent(event.pos() - self._held))

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self._held = None

    def mouseDoubleClickEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        self.double_clicked.emit()

    def _light(self, lit: bool) -> None:
        self._lit = lit
        self.update()
