"""A small table of the racers: marker, name, and a few columns of numbers."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from momentum_gui.gui.markers import marker_icon
from momentum_gui.gui.style import SPACE, Look

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
GAP = 3 * SPACE // 2
LEAST_NAME = "Mome…"
"""A name has at least the room of this beside the numbers."""
SIZES = (1.0, 0.85, 0.7)
"""The sizes that the numbers may have for that."""


class RacerRow(NamedTuple):
    """A racer by its place in the list, its name and colour, and what stands in the columns."""

    racer: int
    name: str
    color: QColor
    texts: tuple[str, ...]


class RacerTable(QWidget):
    """The racers below each other. A name that finds no room is cut; the numbers never are, but smaller."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.heads: tuple[str, ...] = ()
        self.rows: Sequence[RacerRow] = ()
        self._stale = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_rows(self, heads: tuple[str, ...], rows: Sequence[RacerRow], stale: bool = False) -> None:
        """``heads`` of the columns and the ``rows``; all in grey where they are ``stale``."""
        if len(rows) != len(self.rows):
            self.updateGeometry()
        self.heads, self.rows, self._stale = heads, rows, stale
        self.setAccessibleDescription("; ".join(f"{row.name} {', '.join(row.texts)}" for row in rows))
        self.setToolTip("\n".join(f"{row.name}: {', '.join(row.texts)}" for row in rows))
        self.update()

    def sizeHint(self) -> QSize:
        lines = len(self.rows) + 1 if self.rows else 0
        return QSize(30 * SPACE, lines * (self.fontMetrics().height() + SPACE // 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.rows:
            return
        painter = QPainter(self)
        theme, metrics = self._look.theme, self.fontMetrics()
        muted, ink = QColor(theme.muted), QColor(theme.muted if self._stale else theme.text)
        height, side = metrics.height() + SPACE // 2, round(1.3 * metrics.ascent())
        small, widths = self.fitting()
        columns: list[QRect] = []
        right = self.width()
        for width in reversed(widths):
            columns.insert(0, QRect(right - width, 0, width, height))
            right -= width + GAP
        painter.setFont(small)
        painter.setPen(muted)
        for area, head in zip(columns, self.heads, strict=True):
            painter.drawText(area, RIGHT, head)
        for place, row in enumerate(self.rows, 1):
            top = place * height
            icon = marker_icon(row.racer, muted if self._stale else row.color, theme, side)
            icon.paint(painter, QRect(0, top + (height - side) // 2, side, side))
            painter.setPen(ink)
            painter.setFont(self.font())
            room = QRect(side + SPACE // 2, top, right - side - SPACE // 2, height)
            painter.drawText(room, LEFT, metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, room.width()))
            painter.setFont(small)
            for area, text in zip(columns, row.texts, strict=True):
                painter.drawText(area.translated(0, top), RIGHT, text)

    def fitting(self) -> tuple[QFont, list[int]]:
        """The font of the numbers, smaller where that leaves the names some room, and the width of every column."""
        metrics = self.fontMetrics()
        longest = max((metrics.horizontalAdvance(row.name) for row in self.rows), default=0)
        names = round(1.3 * metrics.ascent()) + SPACE // 2 + min(longest, metrics.horizontalAdvance(LEAST_NAME))
        columns = [[head, *(row.texts[k] for row in self.rows)] for k, head in enumerate(self.heads)]
        for relative in SIZES:
            font = self._look.font(relative)
            ruler = QFontMetrics(font)
            widths = [max(ruler.horizontalAdvance(text) for text in texts) for texts in columns]
            if names + sum(widths) + GAP * len(widths) <= self.width():
                break
        return font, widths
