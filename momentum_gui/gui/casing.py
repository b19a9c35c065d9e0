"""Arrows and words in the picture, each on a casing that sets it off from whatever it lies on."""

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from momentum_gui.gui.style import Look

HEAD = 11.0
SHORT = 1.5
"""Pixels: an arrow shorter than this has no direction to be seen."""
GAP, CLEAR = 8.0, 20.0
"""Pixels from an arrow's tip to its words, and from its tail at least: there may be a racer's marker."""


def draw_arrow(
    painter: QPainter, look: Look, tail: QPointF, tip: QPointF, color: QColor, text: str = "", thin: bool = False
) -> None:
    """An arrow with ``text`` beyond its tip; a ``thin`` one is dashed."""
    way = tip - tail
    length = math.hypot(way.x(), way.y())
    if length < SHORT:
        return
    scale = look.scale
    head = min(HEAD * scale, 0.6 * length)
    along, across = way / length, QPointF(-way.y(), way.x()) / length
    neck = tip - along * head
    triangle = QPainterPath(tip)
    triangle.lineTo(neck + across * (0.45 * head))
    triangle.lineTo(neck - across * (0.45 * head))
    triangle.closeSubpath()
    casing = QColor(look.theme.panel)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((casing, 6.0), (color, 1.6 if thin else 3.0)):
        pen = QPen(ink, width * scale)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if thin and ink is not casing:
            pen.setDashPattern([3.0, 2.5])
        painter.setPen(pen)
        painter.drawLine(tail, neck)
        if ink is casing:
            painter.drawPath(triangle)
    painter.fillPath(triangle, color)
    if text:
        place = tail + along * (max(length + GAP * scale, CLEAR * scale))
        draw_words(painter, look, place, [(text, False)], color, along)


Words = list[tuple[str, bool]]
"""Pieces of text, each with whether it is a subscript."""


def words_width(font: QFont, words: Words) -> float:
    """How many pixels ``words`` take in ``font``."""
    return sum(QFontMetricsF(_sized(font, subscript)).horizontalAdvance(text) for text, subscript in words)


def _sized(font: QFont, subscript: bool) -> QFont:
    sized = QFont(font)
    if subscript:
        sized.setPointSizeF(0.75 * font.pointSizeF())
    return sized


def draw_words(painter: QPainter, look: Look, place: QPointF, words: Words, color: QColor, along: QPointF) -> None:
    """``words`` in the painter's font, on the side of ``place`` that is ``along``."""
    font = painter.font()
    metrics = QFontMetricsF(font)
    path, width = QPainterPath(), 0.0
    for text, subscript in words:
        sized = _sized(font, subscript)
        path.addText(QPointF(width, 0.25 * metrics.ascent() if subscript else 0.0), sized, text)
        width += QFontMetricsF(sized).horizontalAdvance(text)
    left = place.x() - width * (1 - along.x()) / 2
    path.translate(left, place.y() + metrics.ascent() - metrics.height() * (1 - along.y()) / 2)
    pen = QPen(QColor(look.theme.panel), 4.0)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, pen)
    painter.fillPath(path, color)
