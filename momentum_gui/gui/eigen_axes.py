"""The axes of the curvature over the picture of a surface, for the racer that is looked at closely."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QAction, QColor, QFontMetricsF, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QToolButton

from momentum_gui.core.simulation import Simulation
from momentum_gui.core.theory import QuadraticModel
from momentum_gui.gui.curvature import curvature_text, model_at_minimum, model_at_step, surface_run
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.polylines import clip
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.surface_view import SurfaceView
from momentum_gui.i18n import _

WIDTH = 1.5
OPACITY = 0.75
NEAR = 2.5
"""A label nearer to the centre than so many times its width would lie upon the markers."""


class EigenAxes(KeptPicture):
    """Two dashed lines through the centre of a quadratic, along its axes, with the curvature on each."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self.model: QuadraticModel | None = None
        self.setZValue(8)  # over the level lines, under the paths
        self.hide()

    def show_model(self, model: QuadraticModel | None) -> None:
        """Draw the axes of ``model``; None for no axes."""
        self.model = model
        self.setVisible(model is not None)
        self.redraw()

    def lines(self, frame: Frame) -> tuple[np.ndarray | None, np.ndarray | None]:
        """What is seen of either axis, in pixels (x, y, x, y), from its left end to its right; None if nothing is."""
        assert self.model is not None
        center = frame.pixels(np.array([self.model.center]))[0]
        found: list[np.ndarray | None] = []
        for axis in self.model.axes:
            way = axis * (frame.x_scale, -frame.y_scale)
            way *= (math.hypot(*center) + frame.width + frame.height) / math.hypot(*way)
            seen = clip((center - way)[None], (center + way)[None], frame, margin=0.0)
            found.append(seen[0] if len(seen) else None)
        return found[0], found[1]

    def draw(self, painter: QPainter, frame: Frame) -> None:
        if self.model is None:
            return
        theme, scale = self._look.theme, self._look.scale
        color = QColor(theme.text)
        color.setAlphaF(OPACITY)
        font = self._look.font(0.95)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        for axis, line in enumerate(self.lines(frame)):
            if line is None:
                continue
            pen = QPen(color, WIDTH * scale)
            pen.setDashPattern([5.0, 4.0])
            painter.setPen(pen)
            painter.drawLine(QPointF(*line[:2]), QPointF(*line[2:]))
            text = curvature_text(axis, float(self.model.curvatures[axis]))
            label = QRectF(0, 0, metrics.horizontalAdvance(text) + SPACE, metrics.height() + SPACE // 2)
            label.moveCenter(self._label_place(line, label, frame))
            ground = QColor(theme.panel)
            ground.setAlpha(215)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(label, 4, 4)
            painter.setPen(QColor(theme.text))
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    def _label_place(self, line: np.ndarray, label: QRectF, frame: Frame) -> QPointF:
        """On the line, near its right end, or its left one where the right is too near to the centre."""
        assert self.model is not None
        center = frame.pixels(np.array([self.model.center]))[0]
        left, right = line[:2], line[2:]
        near = math.hypot(*(right - center)) < NEAR * label.width() < math.hypot(*(left - center))
        begin, end = (right, left) if near else (left, right)
        length = math.hypot(*(end - begin)) or 1.0
        back = min(length, math.hypot(label.width(), label.height()))
        x, y = end + (begin - end) * back / length
        inset_x, inset_y = label.width() / 2 + SPACE // 2, label.height() / 2 + SPACE // 2
        return QPointF(
            min(max(x, inset_x), max(inset_x, frame.width - inset_x)),
            min(max(y, inset_y), max(inset_y, frame.height - inset_y)),
        )


class AxesSwitch(QObject):
    """Draws the axes of the chosen racer's curvature on a picture while they are switched on. A view of one racer."""

    def __init__(self, picture: SurfaceView, look: Look) -> None:
        super().__init__(picture)
        self._look = look
        self._picture = picture
        self._simulation: Simulation | None = None
        self._racer = -1
        self._step = 0
        self._at_minimum = True
        self.axes = EigenAxes(picture.plane, look)
        self.action = QAction(_("Axes of the curvature"), self)
        self.action.setIconText("λ₁ λ₂")
        self.action.setCheckable(True)
        self.action.setShortcut(QKeySequence("E"))
        self.action.setToolTip(_("The axes of the curvature, where the theory looks") + " (E)")
        self.action.toggled.connect(self._show)
        self.button = QToolButton(picture.viewport())
        self.button.setObjectName("chip")
        self.button.setDefaultAction(self.action)
        self.button.setAccessibleName(self.action.text())
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        picture.plane.sigResized.connect(self._place)
        look.changed.connect(self.restyle)

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._show()

    def show_step(self, step: int) -> None:
        self._step = step
        self._show()

    @Slot(int)
    def show_racer(self, racer: int) -> None:
        self._racer = racer
        self._show()

    @Slot(bool)
    def look_at_minimum(self, wanted: bool) -> None:
        """Take the curvature at the minimum, or at the racer's place."""
        self._at_minimum = wanted
        self._show()

    @Slot()
    def restyle(self) -> None:
        self.axes.redraw()
        self._place()

    @Slot()
    def _place(self, *_changed: object) -> None:
        """The button stands in the lower left corner of the plane."""
        self.button.adjustSize()
        corner = self._picture.plane.sceneBoundingRect().toRect().bottomLeft()
        self.button.move(corner.x() + SPACE, corner.y() - SPACE - self.button.height())

    @Slot()
    def _show(self, *_changed: object) -> None:
        model = self._model() if self.action.isChecked() else None
        before = self.axes.model
        if model is None or before is None or not same(model, before):
            self.axes.show_model(model)

    def _model(self) -> QuadraticModel | None:
        run = surface_run(self._simulation, self._racer)
        if run is None:
            return None
        model = model_at_minimum(run) if self._at_minimum else None
        return model or model_at_step(run, self._step)


def same(one: QuadraticModel, other: QuadraticModel) -> bool:
    """Whether two models look the same on a picture."""
    return (
        one.center == other.center
        and np.array_equal(one.curvatures, other.curvatures)
        and np.array_equal(one.axes, other.axes)
    )
