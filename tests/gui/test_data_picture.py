"""The colours of the ground."""

import numpy as np
import pytest

from momentum_gui.assets import read
from momentum_gui.core.datasets import Moons, Spirals
from momentum_gui.gui.data_picture import class_color, mixed, tinted
from momentum_gui.gui.signs import rgb
from momentum_gui.gui.style import DARK, LIGHT


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("declared", [Moons(samples=40), Spirals(samples=60, classes=3)])
def test_the_ground_has_the_mixed_colours_of_its_cells(theme, declared):
    data = declared.load(read)
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(data.classes)), size=(7, 5))
    picture, colors = tinted(probabilities, data, theme), mixed(probabilities, theme)
    assert (picture.width(), picture.height()) == (5, 7)
    for row in range(7):
        for column in range(5):
            painted = rgb(picture.pixelColor(column, 6 - row))  # a picture has its rows from the top
            assert painted == pytest.approx(colors[row, column], abs=1)


def test_the_surer_the_more_of_a_classs_colour():
    panel, first = rgb(LIGHT.panel), rgb(class_color(0, LIGHT))
    away = [np.abs(mixed(np.array([p, 1 - p]), LIGHT) - panel).sum() for p in (0.5, 0.7, 1.0)]
    assert away[0] < away[1] < away[2] < np.abs(first - panel).sum()
