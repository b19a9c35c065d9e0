"""A small table of pairs of numbers, x and y, each with its title, symbol and colour."""

from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from momentum_gui.core.params import Array
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import number_text

DIGITS = 4
"""Significant digits; fewer where the power of ten takes their room."""
WIDEST = "−0.000×10⁻⁰"
SHORTEST = 6
"""A title of which no more characters than this are left is left out: its symbol says more."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Row(NamedTuple):
    """A line of the table: what, its symbol, its x and y, the colour of its arrow."""

    title: str
    symbol: str
    texts: tuple[str, str]
    color: QColor | None
    bold: bool


def row(title: str, symbol: str, values: Array, color: QColor | None = None, bold: bool = False) -> Row:
    x, y = (_written(float(value)) for value in values)
    return Row(title, symbol, (x, y), color, bold)


def _written(value: float) -> str:
    """``value`` with as many digits as there is room for."""
    texts = [number_text(value, digits) for digits in range(DIGITS, 0, -1)]
    return next((text for text in texts if len(text) <= len(WIDEST)), texts[-1])


class StepTable(QWidget):
    """The numbers of a step, x and y in columns. Painted, for it changes sixty times a second while it plays."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.rows: list[Row] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: list[Row]) -> None:
        grown, self.rows = len(rows) != len(self.rows), rows
        if grown:
            self.updateGeometry()
        self.setAccessibleDescription("; ".join(f"{row.title} {', '.join(row.texts)}" for row in rows))
        self.update()

    def sizeHint(self) -> QSize:
        lines = len(self.rows) + 1 if self.rows else 0
        return QSize(30 * SPACE, lines * (self.fontMetrics().height() + SPACE // 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._look.theme
        plain, bold, italic = self._look.font(), self._look.font(bold=True), self._look.font()
        italic.setItalic(True)
        metrics = self.fontMetrics()
        height, width = metrics.height() + SPACE // 2, QFontMetrics(bold).horizontalAdvance(WIDEST)
        side, gap = metrics.ascent(), SPACE // 2
        columns = [QRect(self.width() - width * (2 - k) - gap * (1 - k), 0, width, height) for k in range(2)]
        painter.setFont(italic)
        painter.setPen(QColor(theme.muted))
        for area, name in zip(columns, "xy", strict=True):
            painter.drawText(area, RIGHT, name)
        for place, row in enumerate(self.rows, 1):
            top = place * height
            if row.color is not None:
                painter.fillRect(QRect(0, top + (height - side) // 2 + 1, side * 2 // 3, side - 2), row.color)
            painter.setPen(QColor(theme.text))
            painter.setFont(bold if row.bold else plain)
            room = QRect(side, top, columns[0].left() - side, height)
            # The symbol is what the arrow in the picture is called: the title makes room for it.
            free = room.width() - (QFontMetrics(italic).horizontalAdvance(row.symbol) + gap if row.symbol else 0)
            title = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideRight, free)
            if title != row.title and len(title) <= SHORTEST:
                title = ""
            painter.drawText(room, LEFT, title)
            for area, text in zip(columns, row.texts, strict=True):
                painter.drawText(area.translated(0, top), RIGHT, text)
            left = painter.fontMetrics().horizontalAdvance(title) + gap if title else 0
            painter.setFont(italic)
            painter.setPen(row.color or QColor(theme.muted))
            painter.drawText(room.adjusted(left, 0, 0, 0), LEFT, row.symbol)
