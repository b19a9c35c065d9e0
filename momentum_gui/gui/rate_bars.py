"""The learning rates of x and y as two bars beside a point, one along each axis, as long as they compare."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from momentum_gui.core.params import Array
from momentum_gui.gui.casing import draw_words, words_width
from momentum_gui.gui.style import Look
from momentum_gui.gui.ticks import number_text

LONGER, LEAST = 72.0, 3.0
"""Pixels, at normal text size: the longer bar, and the shorter one at least, for a bar is never nothing."""
AWAY = 18.0
"""From the point to where the bars meet, across and down."""
THICK, CAP = 7.0, 14.0
"""How thick the bars are, and how long the caps at their ends."""
GAP = 6.0


def lengths(rates: Array) -> tuple[float, float]:
    """The lengths of the bars of ``rates`` (2,), in pixels at normal text size: on one scale, the longer is LONGER."""
    x, y = (max(LEAST, LONGER * rate / max(rates)) for rate in rates.tolist())
    return x, y


def free_side(ways: list[QPointF]) -> QPointF:
    """Where arrows that go these ``ways`` leave room: -1 or 1 across and down."""
    sides = []
    for reaches in ([way.x() for way in ways], [way.y() for way in ways]):
        sides.append(1.0 if max(reaches) < -min(reaches) else -1.0)
    return QPointF(*sides)


def turned(way: QPointF, length: float) -> QPointF:
    """``way`` made ``length`` long; nothing of nothing."""
    whole = math.hypot(way.x(), way.y())
    return way * (length / whole) if whole > 0 else QPointF()


def draw_rates(
    painter: QPainter,
    look: Look,
    point: QPointF,
    rates: Array,
    free: QPointF,
    room: QSizeF,
    note: str,
    taken: list[QRectF],
) -> None:
    """The bars of ``rates`` (2,) on the ``free`` side of ``point``, within ``room``, each with its number.

    That of x goes the other way where there is no room. Beyond that of y stands the ``note``, if there is one.
    What they take is ``taken`` from then on.
    """
    if not np.all(np.isfinite(rates)) or not np.all(rates > 0):
        return
    scale, ink, casing = look.scale, QColor(look.theme.text), QColor(look.theme.panel)
    texts = [
        [("η", False), (name, True), (f" = {number_text(rate, 2)}", False)]
        for name, rate in zip("xy", rates, strict=True)
    ]
    along, down = (length * scale for length in lengths(rates))
    gap, height = GAP * scale, painter.fontMetrics().height()
    wide, high = along + gap + words_width(painter.font(), texts[0]), down + gap + height * (2 if note else 1)
    if not 0 <= point.x() + free.x() * (AWAY * scale + wide) <= room.width():
        free = QPointF(-free.x(), free.y())
    corner = point + free * (AWAY * scale)
    half = gap + max(words_width(painter.font(), words) for words in (texts[1], [(note, False)])) / 2
    corner = QPointF(
        _within(corner.x(), free.x() * (wide + gap), half, room.width()),
        _within(corner.y(), free.y() * (high + gap), height, room.height()),
    )
    sides = (QPointF(free.x(), 0), QPointF(0, free.y()))
    ends = [corner + sides[0] * along, corner + sides[1] * down]
    for color, more in ((casing, 3.0), (ink, 0.0)):
        for end, side in zip(ends, sides, strict=True):
            cap = QPointF(side.y(), side.x()) * (CAP * scale / 2)
            for start, stop, width in ((corner, end, THICK), (end - cap, end + cap, 2.0)):
                painter.setPen(QPen(color, width * scale + more, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                painter.drawLine(start, stop)
    for words, end, side in zip(texts, ends, sides, strict=True):
        draw_words(painter, look, end + side * gap, words, ink, side, taken)
    if note:
        draw_words(painter, look, ends[1] + sides[1] * (gap + height), [(note, False)], ink, sides[1], taken)
    thick = THICK * scale
    taken += [QRectF(corner, end).normalized().adjusted(-thick, -thick, thick, thick) for end in ends]


def _within(place: float, reach: float, around: float, room: float) -> float:
    """``place`` moved as far as needed so that ``reach`` from it, and ``around`` it, all is within 0 to ``room``."""
    return min(max(place, around, -reach), room - max(around, reach))
