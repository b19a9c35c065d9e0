"""The accumulated gradient: every past gradient, as much as is left of it, adds up to the present step."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.measurement import Accumulated, accumulated_gradient
from momentum_gui.core.opened_step import SMALL
from momentum_gui.core.params import Array
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.theory import quadratic_model
from momentum_gui.gui.panel_parts import note, stack
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.ticks import linear_texts, number_text, round_step
from momentum_gui.i18n import _, say

NEWEST = 40
"""So many of the past gradients are drawn, the newest; what is left of older ones stands in one bar."""
BEYOND = 1.5
"""A terminal velocity so many times as large as the largest bar is not drawn to scale: an arrow points to it."""
HEAD = 5.0
LEVEL = 0.34
"""The scale's numbers lie at least at this share of its height, and so at most at 0.85: they are 1, 2, 5, 10 …"""
LEAST = 1e-300
"""Smaller bars have no scale: there are no round numbers of their size."""
DOTS = 3 * SPACE
"""How long the piece of dotted line is beside the number it stands for."""


class AccumulatedView(QWidget):
    """Two rows of bars, across the ravine and along its floor (or y and x), with their sum and where it would end."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._racer = -1
        self._step = 0
        self.charts = (Bars(look), Bars(look))
        self.note = note()
        stack(self, *self.charts, self.note)
        look.changed.connect(self.restyle)

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def show_racer(self, racer: int) -> None:
        self._racer = racer
        self.restyle()

    def show_step(self, step: int) -> None:
        self._step = step
        self.restyle()

    @Slot()
    def restyle(self) -> None:
        run = self._simulation.runs.get(self._racer) if self._simulation is not None else None
        if not isinstance(run, SurfaceRun):
            self._tell(_("No racer is switched on."))
            return
        row = min(self._step, run.count - 1)
        if row < 1:
            self._tell(say(run.message) if run.done and run.count < 2 else _("Press → to take the first step."))
            return
        found = accumulated_gradient(run.optimizer, run.states, row, run.steps)
        if found is None:
            text = _("{method} does not add its gradients up with fixed weights.")
            self._tell(text.format(method=_(run.optimizer.title)))
            return
        color = racer_color(self._racer, run.optimizer.color, self._look.theme)
        for chart, (name, axis) in zip(self.charts, self._axes(run, row), strict=True):
            chart.show_sum(name, project(found, axis), color)
            chart.show()
        if run.optimizer.memories:
            faded = _("Each bar is one past gradient, faded by {symbol} at every step since.")
            faded = faded.format(symbol="μ" if hasattr(run.optimizer, "mu") else "β")
            self.note.setText(
                faded + " " + _("Bars that agree pile up; bars that alternate cancel. Each row has its own scale.")
            )
        else:
            self.note.setText(_("No memory: only the newest gradient counts."))

    def _axes(self, run: SurfaceRun, row: int) -> list[tuple[str, Array]]:
        """The axes of the ravine, where there is one; else y and x."""
        x, y = run.states[row - 1, :, 0].tolist()
        model = quadratic_model(run.surface, (x, y))
        if model is not None and model.condition is not None and model.condition > 1.5:
            return [(_("Across the ravine"), model.axes[1]), (_("Along the floor"), model.axes[0])]
        return [("y", np.array([0.0, 1.0])), ("x", np.array([1.0, 0.0]))]

    def _tell(self, text: str) -> None:
        for chart in self.charts:
            chart.hide()
        self.note.setText(text)


def project(found: Accumulated, axis: Array) -> tuple[Array, float, float]:
    """Contributions, step and terminal velocity along ``axis``."""
    return found.contributions @ axis, float(found.velocity @ axis), float(found.terminal @ axis)


class Bars(QWidget):
    """Past gradients from old to new, and at the right their sum, with a line where it would end."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._name = ""
        self._bars = np.zeros(0)
        self._older = 0
        self.total = self.terminal = 0.0
        self._color = QColor()
        self.ticks: list[float] = []
        """The numbers of the scale, and what is written of the terminal velocity, as painted last."""
        self.told = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_sum(self, name: str, values: tuple[Array, float, float], color: QColor) -> None:
        bars, self.total, self.terminal = values
        self._older = max(0, len(bars) - NEWEST)
        if self._older:
            bars = np.concatenate([[bars[: -NEWEST + 1].sum()], bars[-NEWEST + 1 :]])
        self._name, self._bars, self._color = name, bars, color
        text = _("{axis}: the step is {step}, it would end at {terminal}")
        self.setAccessibleName(name)
        self.setAccessibleDescription(text.format(axis=name, step=self.rounded, terminal=self.terminal))
        wide = _("The wide bar is the step: the sum of all.")
        terminal = _("Dotted: the terminal velocity, if the gradient stayed as it is:")
        which = _("η g / (1 − μ) where the velocity is a sum of gradients, η g where it is their average.")
        self.setToolTip(f"{wide}\n{terminal}\n{which}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(30 * SPACE, round(self.fontMetrics().height() * 5.6))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, metrics = self._look.theme, self.fontMetrics()
        head = metrics.height()
        painter.setPen(QColor(theme.text))
        text = _("sum {step}").format(step=number_text(self.rounded, 4))
        begin = self.width() - metrics.horizontalAdvance(text)
        painter.drawText(begin, metrics.ascent(), text)
        begin = self._paint_terminal(painter, begin)
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, max(0, begin - SPACE))
        painter.drawText(0, metrics.ascent(), name)
        area = QRectF(0, head + SPACE // 2, self.width(), self.height() - head - SPACE)
        largest = max(float(np.abs(self._bars).max(initial=0.0)), abs(self.total)) or 1.0
        reach = max(largest, min(abs(self.terminal), BEYOND * largest))
        half, middle = area.height() / 2, area.center().y()  # times value / reach: half / reach may overflow
        area.setLeft(self._paint_scale(painter, area, reach))
        slots = max(12, len(self._bars)) + 3
        width = area.width() / slots
        for place, value in enumerate(self._bars):
            left = area.left() + (slots - 3 - len(self._bars) + place) * width
            color = QColor(theme.downhill)
            color.setAlphaF(0.35 if self._older and place == 0 else 0.9)
            self._bar(painter, left, 0.8 * width, middle, half * (value / reach), color)
        left = area.right() - 2 * width
        self._bar(painter, left, 2 * width - 1, middle, half * (self.total / reach), self._color)
        pen = QPen(QColor(theme.text), 1.6, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        height = middle - half * (max(-reach, min(reach, self.terminal)) / reach)
        painter.drawLine(QPointF(left - width / 2, height), QPointF(area.right(), height))
        if abs(self.terminal) > reach:  # it lies beyond the edge, that way
            way = height + math.copysign(HEAD, self.terminal)
            middle_x = (left - width / 2 + area.right()) / 2
            tip = [QPointF(middle_x - HEAD, way), QPointF(middle_x + HEAD, way), QPointF(middle_x, height)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.text))
            painter.drawPolygon(tip)
        painter.setPen(QPen(QColor(theme.muted), 1.0))
        painter.drawLine(QPointF(area.left(), middle), QPointF(area.right(), middle))

    @property
    def rounded(self) -> float:
        """The sum, 0 where the bars cancel but for rounding."""
        return self.total if abs(self.total) > SMALL * np.abs(self._bars).max(initial=0.0) else 0.0

    def _paint_terminal(self, painter: QPainter, right: int) -> int:
        """Write what the dotted line stands for, in words if there is room beside the name; return where it begins."""
        metrics = self.fontMetrics()
        numbers = [number_text(self.terminal, digits) for digits in (3, 2, 1)]
        room = right - metrics.horizontalAdvance(self._name) - 3 * SPACE - DOTS
        for text in (_("would end at {terminal}").format(terminal=numbers[0]), *numbers):
            width = metrics.horizontalAdvance(text)
            if width <= room:
                break
        else:
            self.told = ""
            return right
        self.told = text
        begin = right - 2 * SPACE - width
        painter.drawText(begin, metrics.ascent(), text)
        painter.setPen(QPen(QColor(self._look.theme.text), 1.6, Qt.PenStyle.DotLine))
        height = metrics.height() / 2
        painter.drawLine(QPointF(begin - DOTS, height), QPointF(begin - SPACE // 2, height))
        painter.setPen(QColor(self._look.theme.text))
        return begin - DOTS

    def _paint_scale(self, painter: QPainter, area: QRectF, reach: float) -> float:
        """Write numbers at the left of ``area``, which is 2 ``reach`` high, with their lines; return where they end."""
        metrics, theme = self.fontMetrics(), self._look.theme
        step = round_step(LEVEL * reach) if reach > LEAST else 0.0
        self.ticks = [-step, 0.0, step] if step else [0.0]
        texts = linear_texts(self.ticks)
        width = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        for tick, text in zip(self.ticks, texts, strict=True):
            height = area.center().y() - tick * area.height() / 2 / reach
            painter.setPen(QPen(QColor(theme.line), 1.0))
            painter.drawLine(QPointF(area.left() + width + SPACE // 2, height), QPointF(area.right(), height))
            if not tick and len(self.ticks) > 1 and step * area.height() / 2 / reach < metrics.height():
                continue  # there is room for two numbers, and a line with none is 0
            painter.setPen(QColor(theme.muted))
            line = QRectF(area.left(), height - metrics.height() / 2, width, metrics.height())
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        return area.left() + width + SPACE

    @staticmethod
    def _bar(painter: QPainter, left: float, width: float, middle: float, height: float, color: QColor) -> None:
        painter.fillRect(QRectF(left, middle - max(0.0, height), width, abs(height)), color)
