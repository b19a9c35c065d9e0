"""Words beside arrows keep off each other."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from momentum_gui.gui.casing import draw_arrow, draw_words, name_arrow
from momentum_gui.gui.style import Look


@pytest.fixture
def canvas(qapp):
    """A painter on a picture of 300 x 300, and a look."""
    image = QImage(300, 300, QImage.Format.Format_RGB32)
    image.fill(QColor("#808080"))
    painter = QPainter(image)
    look = Look("light")
    painter.setFont(look.font(0.95, bold=True))
    yield painter, look, image
    painter.end()


def test_words_stand_beyond_their_place(canvas):
    painter, look, _image = canvas
    for along in (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)):
        taken = []
        draw_words(painter, look, QPointF(150, 150), [("η", False), ("x", True)], QColor("black"), along, taken)
        (area,) = taken
        away = area.center() - QPointF(150, 150)
        assert away.x() * along.x() + away.y() * along.y() > 0
        assert abs(away.x() * along.y() + away.y() * along.x()) < 1e-9
        assert not area.adjusted(1, 1, -1, -1).contains(QPointF(150, 150))


def test_words_that_would_lie_on_others_stand_off(canvas):
    painter, look, _image = canvas
    taken = [QRectF(150, 100, 60, 100)]
    for text in ("first", "second", "third"):
        draw_words(painter, look, QPointF(150, 150), [(text, False)], QColor("black"), QPointF(1, 0), taken)
    assert not any(one.intersects(other) for one in taken for other in taken if one is not other)
    assert all(abs(area.center().y() - 150) < 150 for area in taken)


@pytest.mark.parametrize(("length", "drawn", "named"), [(1.0, False, False), (3.0, True, False), (30.0, True, True)])
def test_an_arrow_too_short_to_be_seen_has_no_name(canvas, length, drawn, named):
    painter, look, image = canvas
    taken = []
    tail, tip = QPointF(100, 100), QPointF(100 + length, 100)
    draw_arrow(painter, look, tail, tip, QColor("#ff0000"))
    pixels = np.array(image.constBits()).reshape(300, 300, 4)[..., :3]
    assert bool(np.any(pixels != 128)) is drawn
    name_arrow(painter, look, tail, tip, QColor("#ff0000"), "−g", taken)
    assert bool(taken) is named
