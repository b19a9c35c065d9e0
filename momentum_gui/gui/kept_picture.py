"""Pictures that are painted once and kept until the view they belong to changes."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from momentum_gui.core.params import Array
from momentum_gui.gui.guarded import guarded


@dataclass(frozen=True)
class Frame:
    """What a view shows: its size in logical pixels and which point of the plane is where in it.

    Pixels are counted from the view's upper left corner, y downwards. One unit is ``x_scale`` by ``y_scale`` pixels;
    one logical pixel is ``ratio`` device pixels.
    """

    width: float
    height: float
    left: float
    top: float
    x_scale: float
    y_scale: float
    ratio: float = 1.0

    @classmethod
    def of(cls, view: pg.ViewBox, ratio: float = 1.0) -> "Frame":
        """The frame of ``view``, which is at least one pixel large."""
        (left, right), (bottom, top) = view.viewRange()
        width, height = max(1.0, view.width()), max(1.0, view.height())
        return cls(width, height, left, top, width / (right - left), height / (top - bottom), ratio)

    def pixels(self, points: Array) -> Array:
        """``points`` (n, 2) of the plane in pixels."""
        return (points - (self.left, self.top)) * (self.x_scale, -self.y_scale)

    def pixel(self, x: float, y: float) -> QPointF:
        """One point of the plane in pixels."""
        return QPointF((x - self.left) * self.x_scale, (self.top - y) * self.y_scale)

    def point(self, pixel: QPointF) -> tuple[float, float]:
        """The point (x, y) of the plane under ``pixel``."""
        return self.left + pixel.x() / self.x_scale, self.top - pixel.y() / self.y_scale

    def near(self, pixel: QPointF, margin: float = 100.0) -> QPointF:
        """``pixel``, or the nearest to it that is at most ``margin`` pixels off the view."""
        return QPointF(
            min(self.width + margin, max(-margin, pixel.x())), min(self.height + margin, max(-margin, pixel.y()))
        )

    def round(self, x: float, y: float) -> tuple[float, float]:
        """(x, y) with no more decimals than a pixel can resolve."""
        x_digits, y_digits = (math.ceil(math.log10(scale)) for scale in (self.x_scale, self.y_scale))
        return round(x, x_digits), round(y, y_digits)


class KeptPicture(QGraphicsObject):
    """An item that fills its view and keeps what it painted, in the pixels of the screen.

    ``draw`` paints the whole picture; it is called again only when the view's range or size, the screen's pixels
    or, by ``redraw``, the content changed. Between that, ``painters`` paint more onto what is there.
    """

    def __init__(self, view: pg.ViewBox, opacities: Sequence[float] = (1.0,)) -> None:
        """A picture of layers as opaque as this, the lowest first."""
        super().__init__(view)
        self._opacities = opacities
        self._layers = [QPixmap() for _opacity in opacities]
        self._frame: Frame | None = None
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        view.sigRangeChanged.connect(self._view_changed)
        view.sigResized.connect(self._view_changed)

    @property
    def view(self) -> pg.ViewBox:
        """The view that it fills.

        WORKAROUND: asked of Qt at every use. An attribute would make a cycle of references between a graphics item
        and its parent, and the process dies when Python's collector finds it after Qt has deleted the items.
        """
        return self.parentItem()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        """Paint the whole picture of one layer, in logical pixels."""
        raise NotImplementedError

    def draw_layers(self, painters: list[QPainter], frame: Frame) -> None:
        """Paint the whole picture with a painter for each layer."""
        self.draw(painters[0], frame)

    def redraw(self) -> None:
        """The content changed: paint anew when next shown."""
        self._frame = None
        self.update()

    @property
    def frame(self) -> Frame | None:
        """The frame the kept picture was painted for; None if it has to be painted anew."""
        if self._frame is not None and self._frame != Frame.of(self.view, self._frame.ratio):
            self._frame = None
        return self._frame

    @contextmanager
    def painters(self) -> Iterator[list[QPainter]]:
        """A painter for each layer of the kept picture, in logical pixels; call ``update`` with what changed."""
        painters = [QPainter(layer) for layer in self._layers]
        try:
            for painter in painters:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            yield painters
        finally:  # if drawing fails, too: Qt kills the process where a pixmap is destroyed under its painter
            for painter in painters:
                painter.end()

    def copied(self, area: QRectF) -> list[QPixmap]:
        """What is within ``area`` of each layer; nothing of an empty one."""
        place = self._device(area)
        copied = [] if place.isEmpty() else [layer.copy(place) for layer in self._layers]
        for part in copied:
            part.setDevicePixelRatio(1.0)
        return copied

    def replace(self, old: QRectF, area: QRectF, copied: list[QPixmap]) -> None:
        """Have nothing within ``old``, but within ``area`` what was ``copied`` there; call ``update``."""
        old_place, place = self._device(old), self._device(area)
        with self.painters() as painters:
            for painter, part in zip_longest(painters, copied):
                ratio = painter.device().devicePixelRatio()
                painter.scale(1 / ratio, 1 / ratio)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
                painter.fillRect(old_place, Qt.GlobalColor.transparent)
                if part is not None:
                    painter.drawPixmap(place, part)

    def _device(self, area: QRectF) -> QRect:
        """The pixels of the layers that ``area`` takes."""
        ratio = self._layers[0].devicePixelRatio()
        place = QRectF(area.topLeft() * ratio, area.size() * ratio).toAlignedRect()
        return place & self._layers[0].rect()

    def boundingRect(self) -> QRectF:
        return self.view.rect()

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        device = painter.deviceTransform()
        frame = Frame.of(self.view, device.m11())
        if frame != self._frame:
            self._frame = frame
            self._repaint(frame)
        # Whole device pixels, wherever the view begins: the kept pixels must not be blurred.
        corner = device.map(QPointF(0, 0))
        shift = QPointF(round(corner.x()) - corner.x(), round(corner.y()) - corner.y()) / frame.ratio
        whole = painter.opacity()
        for opacity, layer in zip(self._opacities, self._layers, strict=True):
            painter.setOpacity(opacity * whole)
            painter.drawPixmap(shift, layer)
        painter.setOpacity(whole)

    def _repaint(self, frame: Frame) -> None:
        width, height = math.ceil(frame.width * frame.ratio), math.ceil(frame.height * frame.ratio)
        for k, layer in enumerate(self._layers):
            if (layer.width(), layer.height()) != (width, height):
                layer = self._layers[k] = QPixmap(width, height)
            layer.setDevicePixelRatio(frame.ratio)
            layer.fill(Qt.GlobalColor.transparent)
        with self.painters() as painters:
            self.draw_layers(painters, frame)

    @Slot()
    def _view_changed(self, *_changed: Any) -> None:
        self.prepareGeometryChange()
        self.update()
