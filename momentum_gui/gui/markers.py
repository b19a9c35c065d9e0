"""The shapes that mark places: the racers' markers as icons, the same as in the plots, and the star of a minimum."""

import math

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from momentum_gui.gui.style import Theme, racer_marker


def marker_icon(index: int, color: QColor, theme: Theme, size: int, filled: bool = True) -> QIcon:
    """The marker of racer ``index``, ``size`` pixels wide; hollow where the racer is switched off."""
    ratio = 3  # sharp on every screen
    pixmap = QPixmap(size * ratio, size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(QPointF(size / 2, size / 2))
    extent = size * 0.72
    painter.scale(extent, extent)
    pen = QPen(QColor(theme.panel) if filled else color, 1.5 if filled else 2.0)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(color if filled else Qt.BrushStyle.NoBrush)
    painter.drawPath(Symbols[racer_marker(index)])
    painter.end()
    return QIcon(pixmap)


def star(size: float) -> QPainterPath:
    """A star of four points, which reach ``size`` pixels from its middle: a minimum."""
    angles = np.arange(9) * math.pi / 4
    radii = np.where(np.arange(9) % 2, 0.34 * size, size)
    return pg.arrayToQPath(radii * np.cos(angles), radii * np.sin(angles))
