"""How data and what a network makes of their plane are painted: the classes' colours and markers, ground, lines."""

import math
from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from momentum_gui.core.datasets import Dataset, Labels
from momentum_gui.core.params import Array
from momentum_gui.gui.class_map import ClassMap, Cut
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.polylines import packed
from momentum_gui.gui.signs import Shades, image, packed_colors, rgb, shaded, signed_pixels
from momentum_gui.gui.style import Look, Theme, visible

CLASS_COLORS = ("#6A3D9A", "#D9A400", "#12908E", "#C2477F", "#4C78C8", "#7A8B00", "#A0522D", "#6B7280")
"""Not the racers' colours; told apart by colour-blind eyes in this order."""
CLASS_MARKERS = (("o", 1.0), ("t1", 1.2), ("s", 0.95), ("d", 1.3), ("t", 1.2), ("t2", 1.2), ("p", 1.1), ("t3", 1.2))
"""pyqtgraph's names of the classes' markers, and how much larger they are drawn to look equally large."""
STRENGTH = 0.42
STRENGTH_IN_THE_DARK = 0.3
"""How much of a class's colour its ground has where the network is sure."""
NUMBER_STRENGTH = 0.6
"""How much of its colour the ground of a regression's largest number has."""
SHADES = 17
"""So many colours have a regression's points."""


@lru_cache(maxsize=256)
def class_color(index: int, theme: Theme) -> QColor:
    """The colour of class ``index``, made to stand out in ``theme``."""
    color, panel = QColor(CLASS_COLORS[index % len(CLASS_COLORS)]), QColor(theme.panel)
    return visible(color, panel, 4.5 if theme.dark else 2.6)


def reach(data: Dataset) -> float:
    """The size of a regression's numbers that has all of a sign's colour."""
    return float(np.abs(data.y_train).max()) or 1.0


def stamp(index: int, color: QColor, ground: QColor, size: float, ratio: float, filled: bool) -> QPixmap:
    """The marker of class ``index``, about ``size`` pixels wide, in a square picture; hollow for the test set."""
    edge = math.ceil((1.3 * size + 4) * ratio)
    pixmap = QPixmap(edge, edge)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(edge / 2, edge / 2)
    # A second round of the palette has other markers.
    name, relative = CLASS_MARKERS[(index + index // len(CLASS_COLORS)) % len(CLASS_MARKERS)]
    painter.scale(relative * size * ratio, relative * size * ratio)
    pens = ((ground, 3.6, ground), (color, 1.6, ground)) if not filled else ((ground, 1.6, color),)
    for outline, width, inside in pens:
        pen = QPen(outline, width * ratio * min(1.0, size / 8))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(inside)
        painter.drawPath(Symbols[name])
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def number_stamp(color: QColor, outline: QColor, size: float, ratio: float, filled: bool) -> QPixmap:
    """A regression's point: a disc of its number's colour, outlined; a square for the test set."""
    edge = math.ceil((1.3 * size + 4) * ratio)
    pixmap = QPixmap(edge, edge)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(outline, ratio * min(1.0, size / 9)))
    painter.setBrush(color)
    side = (1.0 if filled else 0.9) * size * ratio
    area = QRectF((edge - side) / 2, (edge - side) / 2, side, side)
    if filled:
        painter.drawEllipse(area)
    else:
        painter.drawRect(area)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _stamps(data: Dataset, theme: Theme, size: float, ratio: float, filled: bool) -> list[QPixmap]:
    """The pictures of the data's points: one a class, or one a shade of a regression's numbers."""
    panel = QColor(theme.panel)
    if data.classes:
        return [
            stamp(index, class_color(index, theme), panel, size, ratio, filled) for index in range(len(data.classes))
        ]
    shades = signed_pixels(np.linspace(-1, 1, SHADES), 1.0, theme)
    return [
        number_stamp(QColor(*shade.round().astype(int).tolist()), QColor(theme.muted), size, ratio, filled)
        for shade in shades
    ]


def _places(data: Dataset, y: Array) -> Labels:
    """The places of the samples' stamps."""
    if data.classes:
        return np.asarray(y, dtype=np.int64)
    share = np.clip(y / reach(data), -1.0, 1.0)
    return np.asarray(np.rint((share + 1) / 2 * (SHADES - 1)), dtype=np.int64)


def draw_points(painter: QPainter, frame: Frame, data: Dataset, cut: Cut, look: Look, relative: float = 1.0) -> None:
    """Paint the data as they are seen in ``cut``: training points filled, test points hollow and on top."""
    count = len(data.y_train) + len(data.y_test)
    size = min(10.0, max(3.0, 9.0 * (500 / count) ** 0.25)) * look.scale * relative
    for x, y, filled in ((data.x_train, data.y_train, True), (data.x_test, data.y_test, False)):
        atlas = _stamps(data, look.theme, size, frame.ratio, filled)
        edge = atlas[0].width()
        sheet = QPixmap(edge * len(atlas), edge)
        sheet.fill(Qt.GlobalColor.transparent)
        printer = QPainter(sheet)
        for index, pixmap in enumerate(atlas):
            printer.drawPixmap(QRect(index * edge, 0, edge, edge), pixmap)
        printer.end()
        fragments = np.empty((len(y), 10))
        fragments[:, 0:2] = np.round(frame.pixels(cut.points(x)) * frame.ratio)
        fragments[:, 2], fragments[:, 3] = _places(data, y) * edge, 0
        fragments[:, 4:] = edge, edge, 1, 1, 0, 1
        painter.save()
        painter.scale(1 / frame.ratio, 1 / frame.ratio)
        first, number = packed(QPainter.PixmapFragment, fragments)
        painter.drawPixmapFragments(first, number, sheet)
        painter.restore()


def draw_ground(painter: QPainter, frame: Frame, result: ClassMap, data: Dataset, theme: Theme) -> None:
    """Paint the plane in the soft colours of what a network sees there."""
    grid = result.grid
    corner, opposite = frame.pixel(grid.left, grid.top), frame.pixel(grid.right, grid.bottom)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(corner, opposite), tinted(result.probabilities, data, theme))


def draw_lines(painter: QPainter, frame: Frame, result: ClassMap, data: Dataset, look: Look) -> None:
    """Paint the lines between the classes, or, finer, a regression's level lines."""
    theme = look.theme
    pens = ((theme.panel, 4.5), (theme.text, 2.0)) if data.classes else ((theme.muted, 1.0),)
    paths = [pg.arrayToQPath(*frame.pixels(line).T) for line in result.lines]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in pens:
        painter.setPen(QPen(QColor(color), width * look.scale))
        for path in paths:
            painter.drawPath(path)


def tinted(probabilities: Array, data: Dataset, theme: Theme) -> QImage:
    """A picture of a ClassMap's ``probabilities``, rows from the bottom: the surer (the larger), the more colour."""
    if not data.classes:
        return image(signed_pixels(probabilities[::-1, :, 0], reach(data), theme, NUMBER_STRENGTH))
    if probabilities.shape[-1] == 2:
        return shaded(probabilities[::-1, :, 1], shades_of_two(theme))
    return image(mixed(probabilities[::-1], theme))


@lru_cache(maxsize=16)
def shades_of_two(theme: Theme) -> Shades:
    """The colours of ``mixed`` for two classes, by the probability of the second."""
    second = np.linspace(0, 1, 256)
    return packed_colors(mixed(np.stack([1 - second, second], axis=-1), theme))


def mixed(probabilities: Array, theme: Theme) -> Array:
    """Colours (…, 3) of class ``probabilities`` (…, classes): the classes' colours mixed, the surer the stronger."""
    classes = probabilities.shape[-1]
    panel = rgb(theme.panel)
    colors = np.stack([rgb(class_color(index, theme)) for index in range(classes)])
    sure = (probabilities.max(axis=-1, keepdims=True) * classes - 1) / (classes - 1)
    strength = STRENGTH_IN_THE_DARK if theme.dark else STRENGTH
    return np.asarray(panel + strength * (0.25 + 0.75 * sure) * (probabilities @ colors - panel))
