"""The eigenvalues of a method's iteration matrices in the complex plane: inside the unit circle it is stable."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from momentum_gui.gui.style import SPACE, Look
from momentum_gui.i18n import _

REACH = 1.22
"""What the picture shows around 0 at least …"""
FARTHEST = 3.0
"""… and at most; an eigenvalue farther out is drawn at the border."""
DOT = 4.5


class RootsView(QWidget):
    """The unit circle and the eigenvalues along both axes: filled dots for the first, rings for the second."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.roots: tuple[Sequence[complex], ...] = ()
        self.radius: float | None = None
        self._color = QColor()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Eigenvalues in the complex plane"))
        look.changed.connect(self.updateGeometry)

    def show_roots(self, roots: tuple[Sequence[complex], ...], radius: float | None, color: QColor) -> None:
        """Draw the eigenvalues ``roots`` of every axis, and the circle of ``radius`` on which complex ones lie."""
        if (roots, radius, color) != (self.roots, self.radius, self._color):
            self.roots, self.radius, self._color = roots, radius, color
            lines = [_("Every dot is a factor by which the error is multiplied at each step.")]
            lines.append(
                _("Inside the circle it shrinks; off the line it swings; left of the middle it changes sides.")
            )
            if radius is not None:
                lines.append(
                    _("Factors that swing lie on the dashed circle: momentum alone decides how fast they shrink.")
                )
            self.setToolTip("\n".join(lines))
            self.update()

    def sizeHint(self) -> QSize:
        side = round(14 * SPACE * self._look.scale)
        return QSize(side, side)

    def place(self, root: complex) -> QPointF:
        """Where a number of the complex plane is, in pixels."""
        reach = self.reach
        x, y = (min(1.0, max(-1.0, part / reach)) for part in (root.real, root.imag))
        radius = min(self.width(), self.height()) / 2 - DOT * self._look.scale - 1
        return QPointF(self.width() / 2 + radius * x, self.height() / 2 - radius * y)

    @property
    def reach(self) -> float:
        """How far from 0 the picture goes."""
        largest = max((max(abs(root.real), abs(root.imag)) for roots in self.roots for root in roots), default=0.0)
        return REACH if largest <= REACH else min(FARTHEST, largest)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, scale = self._look.theme, self._look.scale
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        center = self.place(0)
        unit = self.place(1).x() - center.x()
        painter.setPen(QPen(QColor(theme.muted), 1.2 * scale))
        painter.setBrush(QColor(theme.ground))
        painter.drawEllipse(center, unit, unit)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(QPointF(0, center.y()), QPointF(self.width(), center.y()))
        painter.drawLine(QPointF(center.x(), 0), QPointF(center.x(), self.height()))
        if self.radius is not None:
            pen = QPen(self._color, 1.2 * scale)
            pen.setDashPattern([3.0, 3.0])
            painter.setPen(pen)
            painter.drawEllipse(center, unit * self.radius, unit * self.radius)
        painter.setFont(self._look.font(0.85))
        painter.setPen(QColor(theme.muted))
        corner = self.place(1)
        painter.drawText(QRectF(corner.x() + 2, corner.y(), 2 * SPACE, 3 * SPACE), Qt.AlignmentFlag.AlignLeft, "1")
        for axis, roots in reversed(list(enumerate(self.roots))):
            for root in roots:
                draw_dot(painter, self.place(root), axis, self._color, QColor(theme.panel), scale)


def draw_dot(painter: QPainter, place: QPointF, axis: int, color: QColor, ground: QColor, scale: float) -> None:
    """The sign of an axis: a filled dot for the first, a ring for the second."""
    painter.setPen(QPen(ground if axis == 0 else color, (1.0 if axis == 0 else 2.0) * scale))
    painter.setBrush(color if axis == 0 else ground)
    radius = DOT * scale - (0.5 if axis == 0 else 1.0) * scale
    painter.drawEllipse(place, radius, radius)
