"""A small table of pairs of numbers, x and y, each with its title, symbol and colour."""

from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from momentum_gui.core.params import Array
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import number_text

DIGITS, FEW = 4, 3
"""Significant digits, and those where there is little room; fewer still where the power of ten takes it."""
WIDEST = {DIGITS: "−0.000×10⁻⁰", FEW: "−0.00×10⁻⁰"}
TITLE = 8
"""So many letters of a title should have room beside two wide columns: else the numbers give way."""
SHORTEST = 6
"""A title of which no more characters than this are left is left out: its symbol says more."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Row(NamedTuple):
    """A line of the table: what, its symbol, its x and y, the colour of its arrow."""

    title: str
    symbol: str
    values: tuple[float, float]
    color: QColor | None
    bold: bool

    @property
    def texts(self) -> tuple[str, str]:
        """x and y, written out."""
        return self.written(DIGITS)

    def written(self, digits: int) -> tuple[str, str]:
        """x and y with so many digits, or as many as there is room for."""
        x, y = (_written(value, digits) for value in self.values)
        return x, y


def row(title: str, symbol: str, values: Array, color: QColor | None = None, bold: bool = False) -> Row:
    return Row(title, symbol, (float(values[0]), float(values[1])), color, bold)


def _written(value: float, digits: int) -> str:
    texts = [number_text(value, count) for count in range(digits, 0, -1)]
    return next((text for text in texts if len(text) <= len(WIDEST[digits])), texts[-1])


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
        height, side, gap = metrics.height() + SPACE // 2, metrics.ascent(), round(self._look.scale * SPACE / 2)
        digits, width = self._fitting(QFontMetrics(bold))
        columns = [QRect(self.width() - width * (2 - k) - SPACE * (1 - k), 0, width, height) for k in range(2)]
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
            if not row.symbol:  # nothing else says what it is: it takes what its x leaves free
                free = columns[0].right() - side - gap - painter.fontMetrics().horizontalAdvance(row.written(digits)[0])
            title = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideRight, free)
            if row.symbol and title != row.title and len(title) <= SHORTEST:
                title = ""
            painter.drawText(room if row.symbol else room.adjusted(0, 0, width, 0), LEFT, title)
            for area, text in zip(columns, row.written(digits), strict=True):
                painter.drawText(area.translated(0, top), RIGHT, text)
            left = painter.fontMetrics().horizontalAdvance(title) + gap if title else 0
            painter.setFont(italic)
            painter.setPen(row.color or QColor(theme.muted))
            space = room.adjusted(left, 0, 0, 0)
            needed = painter.fontMetrics().horizontalAdvance(row.symbol)
            if needed > space.width() > 0:
                small = self._look.font(space.width() / needed)
                small.setItalic(True)
                painter.setFont(small)
            painter.drawText(space, LEFT, row.symbol)

    def _fitting(self, bold: QFontMetrics) -> tuple[int, int]:
        """With how many digits the numbers are written, and how wide their columns are then."""
        wide = bold.horizontalAdvance(WIDEST[DIGITS])
        roomy = self.width() - 2 * wide > TITLE * bold.averageCharWidth()
        return (DIGITS, wide) if roomy else (FEW, bold.horizontalAdvance(WIDEST[FEW]))
