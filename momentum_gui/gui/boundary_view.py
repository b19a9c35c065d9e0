"""Data of two features in the plane, over what a network makes of it."""

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.params import Array
from momentum_gui.gui.class_map import ClassMap, Grid
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.style import SPACE, Look, Theme, visible
from momentum_gui.gui.surface_view import Note, Plane
from momentum_gui.gui.trails import packed
from momentum_gui.i18n import _

CLASS_COLORS = ("#6A3D9A", "#D9A400", "#12908E", "#C2477F", "#4C78C8", "#7A8B00", "#A0522D", "#6B7280")
"""Not the racers' colours; told apart by colour-blind eyes in this order."""
CLASS_MARKERS = (("o", 1.0), ("t1", 1.2), ("s", 0.95), ("d", 1.3), ("t", 1.2), ("t2", 1.2), ("p", 1.1), ("t3", 1.2))
"""pyqtgraph's names of the classes' markers, and how much larger they are drawn to look equally large."""
STRENGTH = 0.42
STRENGTH_IN_THE_DARK = 0.3
"""How much of a class's colour its ground has where the network is sure."""
MARGIN = 0.06
"""What is shown around the data, as a share of it."""


def class_color(index: int, theme: Theme) -> QColor:
    """The colour of class ``index``, made to stand out in ``theme``."""
    color, panel = QColor(CLASS_COLORS[index % len(CLASS_COLORS)]), QColor(theme.panel)
    return visible(color, panel, 4.5 if theme.dark else 2.6)


def rgb(color: QColor | str) -> Array:
    """Red, green and blue, 0 to 255."""
    color = QColor(color)
    return np.array([color.red(), color.green(), color.blue()], dtype=np.float64)


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


class Points(KeptPicture):
    """The data: training points filled, test points hollow and on top."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self._data: Dataset | None = None

    def show_data(self, data: Dataset) -> None:
        self._data = data
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        data, theme = self._data, self._look.theme
        if data is None:
            return
        count = len(data.y_train) + len(data.y_test)
        size = min(10.0, max(3.0, 9.0 * (500 / count) ** 0.25)) * self._look.scale
        for x, y, filled in ((data.x_train, data.y_train, True), (data.x_test, data.y_test, False)):
            if data.target is not None:  # a regression: below and above 0, as two classes
                y = (y > 0).astype(np.int64)
            colors = [class_color(index, theme) for index in range(len(data.classes) or 2)]
            panel = QColor(theme.panel)
            atlas = [stamp(index, color, panel, size, frame.ratio, filled) for index, color in enumerate(colors)]
            edge = atlas[0].width()
            sheet = QPixmap(edge * len(atlas), edge)
            sheet.fill(Qt.GlobalColor.transparent)
            printer = QPainter(sheet)
            for index, pixmap in enumerate(atlas):
                printer.drawPixmap(QRect(index * edge, 0, edge, edge), pixmap)
            printer.end()
            fragments = np.empty((len(y), 10))
            fragments[:, 0:2] = np.round(frame.pixels(x) * frame.ratio)
            fragments[:, 2], fragments[:, 3] = y * edge, 0
            fragments[:, 4:] = edge, edge, 1, 1, 0, 1
            painter.save()
            painter.scale(1 / frame.ratio, 1 / frame.ratio)
            array = packed(QPainter.PixmapFragment, fragments)
            first, number = array.drawargs()
            painter.drawPixmapFragments(first, number, sheet)
            painter.restore()


class Ground(KeptPicture):
    """The plane in the soft colours of the classes a network sees there."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self.map: ClassMap | None = None

    def show_map(self, result: ClassMap | None) -> None:
        self.map = result
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        if self.map is None:
            return
        theme, grid = self._look.theme, self.map.grid
        image = tinted(self.map.probabilities, theme)
        corner, opposite = frame.pixel(grid.left, grid.top), frame.pixel(grid.right, grid.bottom)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(corner, opposite), image)


class Borders(KeptPicture):
    """The lines between the classes that a network sees."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self._lines: list[Array] = []

    def show_lines(self, lines: list[Array]) -> None:
        self._lines = lines
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        theme = self._look.theme
        for color, width in ((theme.panel, 4.5), (theme.text, 2.0)):
            painter.setPen(QPen(QColor(color), width * self._look.scale))
            for line in self._lines:
                painter.drawPath(pg.arrayToQPath(*frame.pixels(line).T))


def tinted(probabilities: Array, theme: Theme) -> QImage:
    """A picture of ``probabilities`` (rows, columns, classes), rows from the bottom: the surer, the more colour."""
    classes = probabilities.shape[-1]
    panel = rgb(theme.panel)
    colors = np.stack([rgb(class_color(index, theme)) for index in range(classes)])
    sure = (probabilities.max(axis=-1, keepdims=True) * classes - 1) / (classes - 1)
    strength = (STRENGTH_IN_THE_DARK if theme.dark else STRENGTH) * (0.25 + 0.75 * sure)
    mixed = panel + strength * (probabilities @ colors - panel)
    pixels = np.full((*probabilities.shape[:2], 4), 255, dtype=np.uint8)
    pixels[..., 2::-1] = np.nan_to_num(mixed[::-1]).round().astype(np.uint8)
    rows, columns = probabilities.shape[:2]
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


class FeatureAxis(pg.AxisItem):
    """An axis with a feature's name."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)

    def restyle(self, look: Look, name: str) -> None:
        font = look.font(0.95)
        metrics = QFontMetricsF(font)
        self.setPen(look.theme.line)
        self.setTextPen(look.theme.muted)
        self.setTickFont(font)
        self.setStyle(tickLength=4, tickTextOffset=4)
        self.label.setFont(font)
        self.setLabel(name, color=look.theme.muted)
        if self.orientation == "left":
            self.setWidth(metrics.horizontalAdvance("−0.00") + metrics.height() + SPACE)
        else:
            self.setHeight(2 * metrics.height() + SPACE)
        self.resizeEvent()

    def resizeEvent(self, event: Any = None) -> None:
        super().resizeEvent(event)
        if self.orientation == "left" and self.label is not None and len(self.labelText) == 1:
            self.label.setRotation(0)
            self.label.setPos(0, (self.height() - self.label.boundingRect().height()) / 2)

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        return [text.replace("-", "−") for text in super().tickStrings(values, scale, spacing)]


class BoundaryPlot(pg.PlotWidget):
    """The plane with data and ground. Drag to pan, wheel to zoom, double-click to see all."""

    def __init__(self, look: Look) -> None:
        self.plane = Plane()
        self._axes = {"left": FeatureAxis("left"), "bottom": FeatureAxis("bottom")}
        super().__init__(viewBox=self.plane, axisItems=self._axes, enableMenu=False)
        self.setAccessibleName(_("Data and decision boundary"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._look = look
        self._data: Dataset | None = None
        self._cursor: QPointF | None = None
        self.getPlotItem().hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, 0, 0, 0)
        self.ground, self.points = Ground(self.plane, look), Points(self.plane, look)
        self.borders = Borders(self.plane, look)
        for z, item in enumerate((self.ground, self.points, self.borders)):
            item.setZValue(z)
        self._note = Note(self.viewport(), ("text",), QHBoxLayout())
        self.plane.double_clicked.connect(self.fit)
        self.plane.sigResized.connect(self._read)
        self.scene().sigMouseMoved.connect(self._hover)
        self.restyle()

    def show_data(self, data: Dataset, fit: bool) -> None:
        """Other data; ``fit`` brings all of it into view."""
        self._data = data
        self.points.show_data(data)
        if fit:
            self.ground.show_map(None)
            self.borders.show_lines([])
            self.fit()
        self.restyle()

    def show_map(self, result: ClassMap) -> None:
        self.ground.show_map(result)
        self.borders.show_lines(result.lines)
        self._read()

    def grid(self, points: int) -> Grid:
        """A grid of about so many points over what is seen."""
        (left, right), (bottom, top) = self.plane.viewRange()
        return Grid.over(left, right, bottom, top, points)

    @Slot()
    def fit(self) -> None:
        if self._data is not None:
            x = np.concatenate([self._data.x_train, self._data.x_test])
            (left, bottom), (right, top) = x.min(axis=0), x.max(axis=0)
            self.plane.setRange(QRectF(left, bottom, (right - left) or 1.0, (top - bottom) or 1.0), padding=MARGIN)

    @Slot()
    def restyle(self) -> None:
        look, theme = self._look, self._look.theme
        self.setBackground(theme.panel)
        self.plane.setBorder(pg.mkPen(theme.line))
        names = self._data.features if self._data is not None else ("", "")
        self._axes["bottom"].restyle(look, names[0])
        self._axes["left"].restyle(look, names[1])
        for item in (self.ground, self.points, self.borders):
            item.redraw()
        self._note.restyle(theme, look.font(0.95))
        self._read()

    @Slot(QPointF)
    def _hover(self, place: QPointF) -> None:
        self._cursor = place if self.plane.sceneBoundingRect().contains(place) else None
        self._read()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._cursor = None
        self._read()

    @Slot()
    def _read(self, *_changed: Any) -> None:
        """Say which class is seen under the mouse, and how surely."""
        result, data = self.ground.map, self._data
        self._note.setVisible(self._cursor is not None and result is not None)
        if self._cursor is None or result is None or data is None:
            return
        grid = result.grid
        x, y = Frame.of(self.plane).point(self.plane.mapFromScene(self._cursor))
        column = min(max(0, int((x - grid.left) / (grid.right - grid.left) * grid.columns)), grid.columns - 1)
        row = min(max(0, int((y - grid.bottom) / (grid.top - grid.bottom) * grid.rows)), grid.rows - 1)
        likely = int(result.probabilities[row, column].argmax())
        share = f"{100 * result.probabilities[row, column, likely]:.0f} %"
        place = f"({x:.3g}, {y:.3g})".replace("-", "−")
        if data.target is not None:  # the map's two classes are the softmax of (-value, value)
            low, high = np.maximum(result.probabilities[row, column], np.finfo(float).tiny)
            value = data.target.mean + data.target.deviation * 0.5 * np.log(high / low)
            text = f"{place}: {data.target.name} = {value:.3g}".replace("-", "−")
        else:
            text = _("{place}: class {name}, {share}").format(place=place, name=data.classes[likely], share=share)
        self._note.labels["text"].setText(text)
        self._note.adjustSize()
        corner = self.plane.sceneBoundingRect().toRect().bottomRight()
        self._note.move(corner.x() - self._note.width() - SPACE, corner.y() - self._note.height() - SPACE)


class ClassKey(QWidget):
    """Which marker is which class; filled and hollow."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._classes: tuple[str, ...] = ()
        self.setAccessibleName(_("Classes"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_classes(self, classes: tuple[str, ...]) -> None:
        self._classes = classes
        self.setAccessibleDescription(", ".join(classes))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(40 * SPACE, self.fontMetrics().height() + SPACE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, metrics = self._look.theme, self.fontMetrics()
        muted = QColor(theme.muted)
        if not self._classes:
            return
        right = self.width()
        for text, filled in ((_("test set"), False), (_("training set"), True)):
            right -= metrics.horizontalAdvance(text)
            self._entry(painter, right, text, muted, stamp_index=0, marker_color=muted, filled=filled)
            right -= 4 * SPACE
        x = 0
        if all(name.isdigit() for name in self._classes):
            painter.setPen(muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, _("Class"))
            x = metrics.horizontalAdvance(_("Class")) + SPACE
        for index, name in enumerate(self._classes):
            width = metrics.horizontalAdvance(name) + 4 * SPACE
            if x + width > right:
                painter.setPen(muted)
                painter.drawText(QRect(x, 0, 2 * SPACE, self.height()), Qt.AlignmentFlag.AlignVCenter, "…")
                break
            color = class_color(index, theme)
            self._entry(painter, x + 2 * SPACE, name, QColor(theme.text), stamp_index=index, marker_color=color)
            x += width

    def _entry(
        self,
        painter: QPainter,
        x: int,
        text: str,
        color: QColor,
        stamp_index: int,
        marker_color: QColor,
        filled: bool = True,
    ) -> None:
        """Draw a text that begins at ``x``, and its marker before it."""
        size = 9.0 * self._look.scale
        panel = QColor(self._look.theme.panel)
        picture = stamp(stamp_index, marker_color, panel, size, self.devicePixelRatioF(), filled)
        edge = picture.deviceIndependentSize().height()
        painter.drawPixmap(QPointF(x - edge - 2, (self.height() - edge) / 2), picture)
        painter.setPen(color)
        painter.drawText(QRect(x, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, text)


class BoundaryPage(QWidget):
    """The plane over its key."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.plot = BoundaryPlot(look)
        self.key = ClassKey(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self.plot, 1)
        column.addWidget(self.key)

    def show_data(self, data: Dataset, fit: bool) -> None:
        self.plot.show_data(data, fit)
        self.key.show_classes(data.classes)

    def restyle(self) -> None:
        self.plot.restyle()
        self.key.updateGeometry()
        self.key.update()
