"""A few words over a picture, where they hide nothing that counts."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QWidget

from momentum_gui.gui.style import SPACE, Theme


def corners(area: QRect, size: QSize, chip: int) -> list[QRect]:
    """Where something of ``size`` can stand in ``area``: upper left, lower right, lower left, upper right.

    In the last two corners there are chips, ``chip`` pixels high: it stands above and below them.
    """
    left, top = area.left(), area.top()
    right, bottom = area.right() - size.width(), area.bottom() - size.height()
    places = ((left, top), (right, bottom), (left, bottom - chip), (right, top + chip))
    return [QRect(QPoint(*place), size) for place in places]


def first_clear(places: Sequence[QRect], things: Iterable[QRect]) -> QRect | None:
    """The first of ``places`` at which none of ``things`` is; None if there is something at each."""
    taken = list(things)
    return next((place for place in places if not any(place.intersects(thing) for thing in taken)), None)


class Note(QFrame):
    """A few words over the picture, on a translucent ground; the mouse goes through it."""

    def __init__(self, parent: QWidget, names: Iterable[str], layout: QBoxLayout) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setLayout(layout)
        layout.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        layout.setSpacing(0)
        self.labels = {name: QLabel() for name in names}
        for label in self.labels.values():
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)

    def restyle(self, theme: Theme, font: QFont) -> None:
        ground = QColor(theme.panel)
        ground.setAlpha(215)
        self.setStyleSheet(f"Note {{ background: {ground.name(QColor.NameFormat.HexArgb)}; border-radius: 6px; }}")
        for label in self.labels.values():
            label.setFont(font)
