"""Two bars are the learning rates of x and y: on one scale, where there is room."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter

from momentum_gui.gui.rate_bars import AWAY, CAP, LEAST, LONGER, THICK, draw_rates, free_side, lengths, turned
from momentum_gui.gui.style import Look


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([0.4, 0.1], (LONGER, LONGER / 4)),
        ([0.002, 0.004], (LONGER / 2, LONGER)),
        ([1.0, 1e-9], (LONGER, LEAST)),
    ],
)
def test_the_bars_compare_as_the_rates_do(rates, expected):
    assert lengths(np.array(rates)) == pytest.approx(expected)


def test_they_stand_where_no_arrow_goes():
    assert free_side([QPointF(30, -20), QPointF(10, -2)]) == QPointF(-1, 1)
    assert free_side([QPointF(-30, 5), QPointF(10, -2)]) == QPointF(1, -1)


def test_a_way_is_turned_into_a_length():
    assert turned(QPointF(3, 4), 10) == QPointF(6, 8)
    assert turned(QPointF(), 10) == QPointF()


@pytest.fixture
def drawn(qapp):
    """Where ink is after the bars of some rates are drawn at a point of a picture of 400 x 300, without numbers."""
    look = Look("light")

    def draw(rates, point, free):
        image = QImage(400, 300, QImage.Format.Format_RGB32)
        image.fill(QColor("#ff0000"))
        painter = QPainter(image)
        painter.setFont(look.font(0.95, bold=True))
        draw_rates(painter, look, QPointF(*point), np.array(rates), QPointF(*free), QSizeF(400, 300), "", [])
        painter.end()
        pixels = np.array(image.constBits()).reshape(300, 400, 4)[..., :3]  # blue, green, red
        return np.any(pixels != (0, 0, 255), axis=2)

    return draw


def test_the_longer_rate_has_the_longer_bar(drawn):
    inked = drawn([0.4, 0.1], (200, 100), (-1, 1))
    corner_x, corner_y = 200 - int(AWAY), 100 + int(AWAY)
    assert inked[corner_y, corner_x - int(LONGER) : corner_x].all()  # across, to the left
    assert inked[corner_y : corner_y + int(LONGER / 4), corner_x].all()  # down
    beyond = int(LONGER / 4 + CAP)
    assert not inked[corner_y + beyond + 20 :, corner_x].any()  # but for its number, that was all
    assert not inked[: 100 - int(THICK), 200:].any()  # where the arrows go there is nothing


@pytest.mark.parametrize(("point", "free"), [((5, 5), (-1, -1)), ((395, 295), (1, 1)), ((5, 295), (-1, 1))])
def test_at_the_edge_all_of_it_is_still_in_the_picture(drawn, point, free):
    """As much ink as in the middle, none at the border: neither a bar nor a number is cut off."""
    middle = drawn([0.4, 0.1], (200, 150), free)
    edge = drawn([0.4, 0.1], point, free)
    assert edge.sum() == pytest.approx(middle.sum(), rel=0.05)
    assert not edge[[0, -1]].any()
    assert not edge[:, [0, -1]].any()


@pytest.mark.parametrize("rates", [[0.0, 0.1], [np.inf, 0.1], [np.nan, 0.1]])
def test_what_is_no_rate_has_no_bars(drawn, rates):
    inked = drawn(rates, (200, 150), (1, 1))
    assert not inked.any()


def test_at_the_side_the_bar_of_x_goes_the_other_way(drawn):
    inked = drawn([0.4, 0.1], (40, 100), (-1, 1))
    assert inked[100 + int(AWAY), 40 + int(AWAY) : 40 + int(AWAY + LONGER)].all()
