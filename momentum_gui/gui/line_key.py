"""What the lines of a training's curves mean, and which of them are shown."""

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from momentum_gui.core.messages import N_
from momentum_gui.gui.curves import DASHED, DOTTED, SOLID, THIN, Stroke
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.i18n import _

KINDS: dict[str, tuple[str, str, Stroke]] = {
    "minibatch": (N_("minibatch"), N_("The loss of every step's minibatch"), THIN),
    "smoothed": (N_("smoothed"), N_("The mean loss of the minibatches since the evaluation before"), DOTTED),
    "train": (N_("train"), N_("Measured on the whole training set"), SOLID),
    "test": (N_("test"), N_("Measured on the test set"), DASHED),
}
"""The kinds of lines: their names, what they are, how they are drawn."""
AWAY = 0.35
"""Opacity of an entry whose lines are put away."""


class KeySize(NamedTuple):
    """How long the lines of a key and the gaps between its entries are, and how large its words."""

    line: int
    gap: int
    words: float


KEY_SIZES = (
    KeySize(3 * SPACE, 5 * SPACE // 2, 1.0),
    KeySize(2 * SPACE, SPACE, 1.0),
    KeySize(2 * SPACE, SPACE, 0.8),
    KeySize(2 * SPACE, SPACE, 0.65),
)


class LineKey(QWidget):
    """What thin, dotted, solid and dashed lines mean. A click on one puts such lines away, or brings them back.

    Its lines and gaps are shorter, then its words smaller, to find room.
    """

    clicked = Signal(str)
    """Somebody clicked the entry of one of KINDS."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.away: frozenset[str] = frozenset()
        """The kinds whose lines are put away."""
        self._entries = {kind: (_(name), stroke) for kind, (name, _about, stroke) in KINDS.items()}
        self.setAccessibleName(_("Thin: minibatch; dotted: smoothed; solid: training set; dashed: test set"))
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.restyle)

    @Slot()
    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _places(self, size: KeySize) -> list[int]:
        """Where every entry begins, and where the last ends."""
        metrics = QFontMetrics(self._look.font(size.words))
        places = [0]
        for text, _stroke in self._entries.values():
            places.append(places[-1] + size.line + SPACE // 2 + metrics.horizontalAdvance(text) + 1 + size.gap)
        return [*places[:-1], places[-1] - size.gap]

    def fitting(self) -> KeySize:
        """The largest size for which there is room."""
        return next((size for size in KEY_SIZES if self._places(size)[-1] <= self.width()), KEY_SIZES[-1])

    def sizeHint(self) -> QSize:
        return QSize(self._places(KEY_SIZES[1])[-1], self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._places(KEY_SIZES[-1])[-1], self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = self.fitting()
        painter.setFont(self._look.font(size.words))
        middle = self.height() // 2 + 0.5
        places = self._places(size)
        for (kind, (text, stroke)), at in zip(self._entries.items(), places, strict=False):
            left = at + self.width() - places[-1]
            color = QColor(self._look.theme.muted)
            painter.setOpacity(AWAY if kind in self.away else 1.0)
            painter.setPen(color)
            area = self.rect()
            area.setLeft(left + size.line + SPACE // 2)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            color.setAlphaF(stroke.opacity)
            painter.setPen(stroke.pen(color, self._look.scale))
            painter.drawLine(QPointF(left, middle), QPointF(left + size.line, middle))

    def _kind_at(self, x: float) -> str:
        """The kind whose entry is at ``x``, or nothing."""
        size = self.fitting()
        places = self._places(size)
        first = self.width() - places[-1]
        ends = [*(end - size.gap for end in places[1:-1]), places[-1]]
        for kind, begin, end in zip(self._entries, places, ends, strict=False):
            if begin <= x - first <= end:
                return kind
        return ""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        kind = self._kind_at(event.position().x())
        if kind and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(kind)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            kind = self._kind_at(event.pos().x())
            about = _(KINDS[kind][1]) + "\n" + _("Click to show or hide.") if kind else ""
            QToolTip.showText(event.globalPos(), about, self)
            return True
        return super().event(event)
