"""Arrows and words in the picture, each on a casing that sets it off from whatever it lies on."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from momentum_gui.gui.style import Look

HEAD = 11.0
SHORT = 1.5
"""Pixels: an arrow shorter than this has no direction to be seen."""
NAMED = 4.0
"""… and one shorter than this is not named."""
STRIDE, TRIES = 4.0, 30
"""In such strides of pixels, and at most so many, words get off what they would lie on."""
GAP, CLEAR = 8.0, 20.0
"""Pixels from an arrow's tip to its words, and from its tail at least: there may be a racer's marker."""


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


def _nearest_clear(area: QRectF, along: QPointF, taken: list[QRectF]) -> QRectF:
    """``area``, or the nearest to it ``along`` or to either side that keeps off what is ``taken``."""
    across = QPointF(-along.y(), along.x())
    moved = (area.translated(way * (STRIDE * k)) for k in range(TRIES) for way in (along, across, -across))
    return next((each for each in moved if not any(each.intersects(other) for other in taken)), area)


def draw_words(
    painter: QPainter, look: Look, place: QPointF, words: Words, color: QColor, along: QPointF, taken: list[QRectF]
) -> None:
    """``words`` in the painter's font, on the side of ``place`` that is ``along``.

    They stand a little off, if they must, to keep clear of what is ``taken``; then their own place is, too.
    """
    font = painter.font()
    metrics = QFontMetricsF(font)
    path, width = QPainterPath(), 0.0
    for text, subscript in words:
        sized = _sized(font, subscript)
        path.addText(QPointF(width, 0.25 * metrics.ascent() if subscript else 0.0), sized, text)
        width += QFontMetricsF(sized).horizontalAdvance(text)
    area = QRectF(0, 0, width, metrics.height())
    area.moveCenter(place + QPointF(along.x() * width / 2, along.y() * metrics.height() / 2))
    area = _nearest_clear(area, along, taken)
    taken.append(area)
    path.translate(area.left(), area.top() + metrics.ascent())
    pen = QPen(QColor(look.theme.panel), 4.0)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, pen)
    painter.fillPath(path, color)


def name_arrow(
    painter: QPainter, look: Look, tail: QPointF, tip: QPointF, color: QColor, name: str, taken: list[QRectF]
) -> None:
    """Write ``name`` beyond the tip of an arrow, clear of what is ``taken``, unless it is too short to be seen."""
    way = tip - tail
    length = math.hypot(way.x(), way.y())
    if name and length >= NAMED:
        along = way / length
        place = tail + along * max(length + GAP * look.scale, CLEAR * look.scale)
        draw_words(painter, look, place, [(name, False)], color, along, taken)


def draw_arrow(painter: QPainter, look: Look, tail: QPointF, tip: QPointF, color: QColor, thin: bool = False) -> None:
    """An arrow; a ``thin`` one is dashed."""
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
