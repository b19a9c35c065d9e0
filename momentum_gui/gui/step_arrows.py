"""The parts of one step as arrows in the picture: what the gradient adds, what is kept of the velocity, their sum."""

import math

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from momentum_gui.core.opened_step import OpenedStep
from momentum_gui.core.params import Array
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.style import Look, Theme
from momentum_gui.gui.ticks import number_text, round_step

SHORTEST = 26.0
"""Pixels that the longest arrow has at least: shorter ones are enlarged, by 2, 5, 10, 20 …"""
MOST = 1e12
"""… but never more than this."""
HEAD = 11.0


def part_color(name: str, theme: Theme) -> QColor:
    """The colour of a part of a step."""
    return QColor(theme.kept if name in ("momentum", "decay") else theme.downhill)


class StepArrows(QGraphicsObject):
    """Arrows of one opened step, in pixels of the view. With ``stage`` only so many of them are there yet."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self._opened: OpenedStep | None = None
        self._color = QColor()
        self._stage: int | None = None
        self.setZValue(18)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        view.sigRangeChanged.connect(self._changed)
        view.sigResized.connect(self._changed)
        look.changed.connect(self._changed)

    def show_opened(self, opened: OpenedStep | None, color: QColor, stage: int | None = None) -> None:
        """Show the arrows of ``opened``, its sum in the racer's ``color``; none of None."""
        self._opened, self._color, self._stage = opened, color, stage
        self._changed()

    def _changed(self, *_changed: object) -> None:
        self.prepareGeometryChange()
        self.update()

    @property
    def magnification(self) -> float:
        """How many times longer than true the arrows are drawn, so that short ones can be seen."""
        if self._opened is None:
            return 1.0
        frame = Frame.of(self.parentItem())
        longest = max(math.hypot(*(part * (frame.x_scale, frame.y_scale))) for part in self._displacements().values())
        if not 0 < longest < SHORTEST:
            return 1.0
        return min(MOST, round_step(SHORTEST / longest))

    def _displacements(self) -> dict[str, Array]:
        assert self._opened is not None
        parts = dict(self._opened.parts) if len(self._opened.parts) > 1 else {}
        return {**parts, "sum": self._opened.step}

    def boundingRect(self) -> QRectF:
        view: pg.ViewBox | None = self.parentItem()
        return view.rect() if self._opened is not None and view is not None else QRectF()

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        opened = self._opened
        if opened is None:
            return
        frame = Frame.of(self.parentItem())
        enlarged, theme = self.magnification, self._look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._look.font(0.95, bold=True))

        def pixel(displacement: Array, begin: Array) -> QPointF:
            x, y = opened.before + enlarged * (begin - opened.before + displacement)
            return frame.near(frame.pixel(float(x), float(y)), 4000.0)

        begin = opened.before
        origin = pixel(0 * begin, begin)
        displacements = self._displacements()
        end = pixel(displacements["sum"], begin)
        names, symbols = list(displacements)[: self._stage], opened.optimizer.part_symbols()
        if self._stage is None and not opened.looks_ahead:  # the other two sides of the parallelogram
            pen = QPen(QColor(theme.text), 1.0, Qt.PenStyle.DashLine)
            for name in names[:-1]:
                painter.setPen(pen)
                painter.drawLine(pixel(displacements[name], begin), end)
        for name in names:
            ahead = opened.looks_ahead and name == "gradient"
            tail = pixel(0 * begin, opened.looked) if ahead else origin
            tip = pixel(displacements[name], opened.looked) if ahead else pixel(displacements[name], begin)
            whole = name == "sum"
            color = self._color if whole else part_color(name, theme)
            self._arrow(painter, tail, tip, color, symbols.get(name, ""))
        if enlarged > 1 and self._stage is None:
            self._note(painter, origin, f"× {number_text(enlarged, 1)}")

    def _arrow(self, painter: QPainter, tail: QPointF, tip: QPointF, color: QColor, text: str) -> None:
        way = tip - tail
        length = math.hypot(way.x(), way.y())
        if length < 1.5:
            return
        scale = self._look.scale
        head = min(HEAD * scale, 0.6 * length)
        along, across = way / length, QPointF(-way.y(), way.x()) / length
        neck = tip - along * head
        triangle = QPainterPath(tip)
        triangle.lineTo(neck + across * (0.45 * head))
        triangle.lineTo(neck - across * (0.45 * head))
        triangle.closeSubpath()
        casing = QColor(self._look.theme.panel)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((casing, 6.0), (color, 3.0)):
            pen = QPen(ink, width * scale)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawLine(tail, neck)
            if ink is casing:
                painter.drawPath(triangle)
        painter.fillPath(triangle, color)
        if text:
            self._text(painter, tip + along * (8 * scale), text, color, along)

    def _text(self, painter: QPainter, place: QPointF, text: str, color: QColor, along: QPointF) -> None:
        """``text`` beyond the tip of an arrow that points ``along``, on a casing."""
        metrics = QFontMetricsF(painter.font())
        width, height = metrics.horizontalAdvance(text), metrics.height()
        left = place.x() - width * (1 - along.x()) / 2
        baseline = place.y() + metrics.ascent() - height * (1 - along.y()) / 2
        path = QPainterPath()
        path.addText(QPointF(left, baseline), painter.font(), text)
        pen = QPen(QColor(self._look.theme.panel), 4.0)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
        painter.fillPath(path, color)

    def _note(self, painter: QPainter, place: QPointF, text: str) -> None:
        self._text(painter, place + QPointF(0, 16), text, QColor(self._look.theme.text), QPointF(0, 1))
