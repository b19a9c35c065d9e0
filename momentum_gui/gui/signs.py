"""Numbers below and above 0 as colours: of a regression, of a network's weights, of its units' outputs."""

from functools import lru_cache

import numpy as np
from PySide6.QtGui import QColor, QImage

from momentum_gui.core.params import Array
from momentum_gui.gui.style import Theme, visible

NEGATIVE, POSITIVE = "#A6611A", "#018571"
"""Brown and teal, the ends of ColorBrewer's BrBG (Harrower & Brewer 2003): colour-blind eyes tell them apart."""


def rgb(color: QColor | str) -> Array:
    """Red, green and blue, 0 to 255."""
    color = QColor(color)
    return np.array([color.red(), color.green(), color.blue()], dtype=np.float64)


@lru_cache(maxsize=64)
def sign_color(value: float, theme: Theme) -> QColor:
    """The colour of numbers with the sign of ``value``, made to stand out in ``theme``."""
    return visible(QColor(NEGATIVE if value < 0 else POSITIVE), QColor(theme.panel), 4.5 if theme.dark else 3.0)


def signed_pixels(values: Array, reach: float, theme: Theme, strength: float = 1.0) -> Array:
    """Colours (…, 3) of ``values``: the ground's at 0, all of a sign's, times ``strength``, at ``reach`` and beyond."""
    share = np.clip(np.nan_to_num(values / (reach or 1.0)), -1.0, 1.0)[..., None]
    panel = rgb(theme.panel)
    ends = np.where(share < 0, rgb(sign_color(-1, theme)), rgb(sign_color(1, theme)))
    return np.asarray(panel + strength * np.abs(share) * (ends - panel))


def image(pixels: Array) -> QImage:
    """A picture of ``pixels`` (rows, columns, 3), 0 to 255, rows from the top."""
    rows, columns = pixels.shape[:2]
    bytes_ = np.full((rows, columns, 4), 255, dtype=np.uint8)
    bytes_[..., 2::-1] = np.nan_to_num(pixels).round().astype(np.uint8)
    return QImage(bytes_.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


Shades = tuple[int, ...]
"""256 colours from one end of a scale to the other."""


@lru_cache(maxsize=64)
def signed_shades(theme: Theme) -> Shades:
    """The colours of ``signed_pixels`` from -1 to 1."""
    return packed_colors(signed_pixels(np.linspace(-1, 1, 256), 1.0, theme))


@lru_cache(maxsize=64)
def shades(first: str, last: str) -> Shades:
    """The colours between two."""
    return packed_colors(rgb(first) + np.linspace(0, 1, 256)[:, None] * (rgb(last) - rgb(first)))


def packed_colors(colors: Array) -> Shades:
    """Colours (256, 3), 0 to 255, as Qt's color tables have them."""
    return tuple(QColor(*each).rgb() for each in colors.round().astype(int).tolist())


def shaded(shares: Array, colors: Shades) -> QImage:
    """A picture of ``shares`` (rows, columns), 0 to 1, rows from the top: one look into a table a cell.

    What is not a number is 0.
    """
    rows, columns = shares.shape
    places = np.fmax(shares * 255.0, 0.0).astype(np.uint8, order="C")
    picture = QImage(places.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    picture.setColorTable(colors)
    return picture.convertToFormat(QImage.Format.Format_RGB32)
