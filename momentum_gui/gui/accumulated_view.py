"""The accumulated gradient: every past gradient, as much as is left of it, adds up to the present step."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.measurement import Accumulated, accumulated_gradient
from momentum_gui.core.params import Array
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.theory import quadratic_model
from momentum_gui.gui.panel_parts import note, stack
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.ticks import number_text
from momentum_gui.i18n import _, say

NEWEST = 40
"""So many of the past gradients are drawn, the newest; what is left of older ones stands in one bar."""
BEYOND = 1.5
"""A terminal velocity so many times as large as the largest bar is not drawn to scale: an arrow points to it."""
HEAD = 5.0


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
            self.note.setText(faded + " " + _("Bars that agree pile up; bars that alternate cancel."))
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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_sum(self, name: str, values: tuple[Array, float, float], color: QColor) -> None:
        bars, self.total, self.terminal = values
        self._older = max(0, len(bars) - NEWEST)
        if self._older:
            bars = np.concatenate([[bars[: -NEWEST + 1].sum()], bars[-NEWEST + 1 :]])
        self._name, self._bars, self._color = name, bars, color
        text = _("{axis}: the step is {step}, it would end at {terminal}")
        self.setAccessibleName(name)
        self.setAccessibleDescription(text.format(axis=name, step=self.total, terminal=self.terminal))
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
        text = _("sum {step}").format(step=number_text(self.total, 4))
        begin = self.width() - metrics.horizontalAdvance(text)
        painter.drawText(begin, metrics.ascent(), text)
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, max(0, begin - SPACE))
        painter.drawText(0, metrics.ascent(), name)
        area = QRectF(0, head + SPACE // 2, self.width(), self.height() - head - SPACE)
        largest = max(float(np.abs(self._bars).max(initial=0.0)), abs(self.total)) or 1.0
        reach = max(largest, min(abs(self.terminal), BEYOND * largest))
        half, middle = area.height() / 2, area.center().y()  # times value / reach: half / reach may overflow
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

    @staticmethod
    def _bar(painter: QPainter, left: float, width: float, middle: float, height: float, color: QColor) -> None:
        painter.fillRect(QRectF(left, middle - max(0.0, height), width, abs(height)), color)
