"""Signs as colours: a table of 256 gives what is calculated colour by colour."""

import numpy as np
import pytest

from momentum_gui.gui.signs import image, rgb, shaded, shades, signed_pixels, signed_shades
from momentum_gui.gui.style import DARK, LIGHT


def pixels(picture):
    return np.array(
        [[rgb(picture.pixelColor(x, y)) for x in range(picture.width())] for y in range(picture.height())]
    )  # fmt: skip


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_look_into_the_table_is_the_colour_that_is_calculated(theme):
    values = np.random.default_rng(0).uniform(-1, 1, (5, 7))
    exact = pixels(image(signed_pixels(values, 1.0, theme)))
    assert np.abs(pixels(shaded(0.5 + 0.5 * values, signed_shades(theme))) - exact).max() <= 3


def test_the_ends_of_a_scale_are_its_two_colours_and_rows_count_from_the_top():
    picture = shaded(np.array([[0.0, 1.0], [1.0, 0.0], [np.nan, 0.5]]), shades("#102030", "#F0E0D0"))
    assert pixels(picture).tolist() == [
        [[16, 32, 48], [240, 224, 208]],
        [[240, 224, 208], [16, 32, 48]],
        [[16, 32, 48], [128, 128, 128]],
    ]


def test_a_part_of_a_larger_array_and_rows_upside_down_are_drawn_as_they_are():
    whole = np.linspace(0, 1, 24).reshape(4, 6)
    part = whole[::-1, 1:4]
    colors = shades("#000000", "#FFFFFF")
    found = pixels(shaded(part, colors))[..., 0]
    assert np.abs(found - np.floor(255 * part)).max() == 0
