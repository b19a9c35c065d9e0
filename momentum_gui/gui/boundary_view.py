"""Data in the plane of two features, over what a network makes of it."""

import math
from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Dataset, Scale, Target
from momentum_gui.gui.class_map import ClassMap, Cut, Grid
from momentum_gui.gui.curve_axes import make_room_below
from momentum_gui.gui.data_picture import class_color, draw_ground, draw_lines, draw_points, number_stamp, reach, stamp
from momentum_gui.gui.editors import Choice
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.notes import Note
from momentum_gui.gui.signs import sign_color
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.surface_view import Plane
from momentum_gui.gui.ticks import number_text, round_step, whole_text
from momentum_gui.i18n import _

MARGIN = 0.06
"""What is shown around the data, as a share of it."""


def extent(data: Dataset, cut: Cut) -> QRectF:
    """The smallest part of the plane with all data in it; ``top`` is the lowest number."""
    points = cut.points(np.concatenate([data.x_train, data.x_test]))
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    return QRectF(left, bottom, (right - left) or 1.0, (top - bottom) or 1.0)


class Points(KeptPicture):
    """The data: training points filled, test points hollow and on top."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self._content: tuple[Dataset, Cut] | None = None

    def show_data(self, data: Dataset, cut: Cut) -> None:
        self._content = data, cut
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        if self._content is not None:
            draw_points(painter, frame, *self._content, self._look)


class Ground(KeptPicture):
    """The plane in the soft colours of what a network sees there."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self._data: Dataset | None = None
        self.map: ClassMap | None = None

    def show_map(self, result: ClassMap | None, data: Dataset | None = None) -> None:
        self.map, self._data = result, data
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        if self.map is not None and self._data is not None:
            draw_ground(painter, frame, self.map, self._data, self._look.theme)


class Borders(Ground):
    """The lines between the classes that a network sees, or the level lines of its numbers."""

    def draw(self, painter: QPainter, frame: Frame) -> None:
        if self.map is not None and self._data is not None:
            draw_lines(painter, frame, self.map, self._data, self._look)


class FeatureAxis(pg.AxisItem):
    """An axis with a feature's name, marked at round numbers in the feature's own units."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)
        self._scale = Scale()
        self._largest = 1.0
        """The size of the numbers that are seen: all are written alike."""

    def restyle(self, look: Look, name: str, scale: Scale, low: float, high: float) -> None:
        """Show the feature ``name`` of the ``scale``; in the plane its data go from ``low`` to ``high``."""
        font = look.font(0.95)
        metrics = QFontMetricsF(font)
        self._scale = scale
        self.setPen(look.theme.line)
        self.setTextPen(look.theme.muted)
        self.setTickFont(font)
        self.setStyle(tickLength=4, tickTextOffset=4)
        self.label.setFont(font)
        self.setLabel(name, color=look.theme.muted)
        if self.orientation == "left":
            # wide enough for the numbers of all data and for those between, so that nothing jumps on zoom
            first, last = scale.own(low), scale.own(high)
            finer = round_step((last - first) / 20) if last > first else 1.0
            self._largest = max(abs(first), abs(last))
            texts = ["−0.00", *self._texts([first, last], finer)]
            self.setWidth(max(metrics.horizontalAdvance(text) for text in texts) + metrics.height() + SPACE)
        else:
            make_room_below(self, metrics)
        self.resizeEvent()

    @property
    def fitting(self) -> str:
        """What of the feature's name is seen."""
        room = self.height() if self.orientation == "left" else self.width()
        return QFontMetricsF(self.label.font()).elidedText(self.labelText, Qt.TextElideMode.ElideRight, room - SPACE)

    def labelString(self) -> str:  # noqa: N802
        return f"<span style='color: {self.labelStyle.get('color')}'>{escape(self.fitting)}</span>"

    def resizeEvent(self, event: Any = None) -> None:
        if self.label is not None:
            self.label.setHtml(self.labelString())
            self.setToolTip(self.labelText if self.fitting != self.labelText else "")
        super().resizeEvent(event)
        if self.orientation == "left" and self.label is not None:
            upright = len(self.labelText) == 1
            self.label.setRotation(0 if upright else -90)
            area = self.label.boundingRect()
            self.label.setPos(0, (self.height() + (-area.height() if upright else area.width())) / 2)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        own, standard = self._scale.own, self._scale.standard
        self._largest = max(abs(own(minVal)), abs(own(maxVal)))
        found = super().tickValues(own(minVal), own(maxVal), size)
        return [(spacing / self._scale.deviation, [standard(value) for value in values]) for spacing, values in found]

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        return self._texts([self._scale.own(value) for value in values], spacing * self._scale.deviation)

    def _texts(self, values: list[float], spacing: float) -> list[str]:
        """Numbers so far apart, in the feature's own units."""
        values = [round(value / spacing) * spacing + 0.0 for value in values]  # −0 is 0
        if spacing < 1e-4 or self._largest >= 1e7:
            return [number_text(value, 4) for value in values]
        if self._largest >= 1e4 and spacing >= 1:
            return [whole_text(round(value)) for value in values]
        decimals = max(0, -math.floor(math.log10(spacing) + 1e-9))
        return [f"{value:.{decimals}f}".replace("-", "−") for value in values]


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
        self.cut = Cut(0, 1, (0.0, 0.0))
        self._cursor: QPointF | None = None
        self.getPlotItem().hideButtons()
        self.getPlotItem().layout.setContentsMargins(0, SPACE, 0, 0)
        self.ground, self.points = Ground(self.plane, look), Points(self.plane, look)
        self.borders = Borders(self.plane, look)
        for z, item in enumerate((self.ground, self.points, self.borders)):
            item.setZValue(z)
        self._note = Note(self.viewport(), ("text",), QHBoxLayout())
        self.plane.double_clicked.connect(self.fit)
        self.plane.sigResized.connect(self._read)
        self.scene().sigMouseMoved.connect(self._hover)
        self.restyle()

    def show_data(self, data: Dataset, cut: Cut) -> None:
        """Other data, or the same in another plane; all of it is brought into view."""
        self._data, self.cut = data, cut
        self.points.show_data(data, cut)
        self.ground.show_map(None)
        self.borders.show_map(None)
        self.fit()
        self.restyle()

    def show_map(self, result: ClassMap) -> None:
        self.ground.show_map(result, self._data)
        self.borders.show_map(result, self._data)
        self._read()

    def grid(self, points: int) -> Grid:
        """A grid of about so many points over what is seen."""
        (left, right), (bottom, top) = self.plane.viewRange()
        return Grid.over(left, right, bottom, top, points)

    @Slot()
    def fit(self) -> None:
        if self._data is not None:
            self.plane.setRange(extent(self._data, self.cut), padding=MARGIN)

    @Slot()
    def restyle(self) -> None:
        look, theme = self._look, self._look.theme
        self.setBackground(theme.panel)
        self.plane.setBorder(pg.mkPen(theme.line))
        if self._data is not None:
            data, area = self._data, extent(self._data, self.cut)
            ends = {"bottom": (area.left(), area.right()), "left": (area.top(), area.bottom())}
            for side, feature in (("bottom", self.cut.across), ("left", self.cut.up)):
                self._axes[side].restyle(look, data.features[feature], data.scale(feature), *ends[side])
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
        """Say which class is seen under the mouse, and how surely; or which number."""
        result, data = self.ground.map, self._data
        self._note.setVisible(self._cursor is not None and result is not None)
        if self._cursor is None or result is None or data is None:
            return
        grid = result.grid
        x, y = Frame.of(self.plane).point(self.plane.mapFromScene(self._cursor))
        column = min(max(0, int((x - grid.left) / (grid.right - grid.left) * grid.columns)), grid.columns - 1)
        row = min(max(0, int((y - grid.bottom) / (grid.top - grid.bottom) * grid.rows)), grid.rows - 1)
        own = data.scale(self.cut.across).own(x), data.scale(self.cut.up).own(y)
        place = f"({number_text(own[0], 3)}, {number_text(own[1], 3)})"
        if data.target is not None:
            value = in_units(data.target, float(result.probabilities[row, column, 0]))
            text = _("{place}: {name} = {value}").format(place=place, name=data.target.name, value=value)
        else:
            likely = int(result.probabilities[row, column].argmax())
            share = f"{100 * result.probabilities[row, column, likely]:.0f} %"
            text = _("{place}: class {name}, {share}").format(place=place, name=data.classes[likely], share=share)
        self._note.labels["text"].setText(text)
        self._note.adjustSize()
        corner = self.plane.sceneBoundingRect().toRect().bottomRight()
        self._note.move(corner.x() - self._note.width() - SPACE, corner.y() - self._note.height() - SPACE)


def in_units(target: Target, value: float) -> str:
    """A regression's number in the units of its source."""
    return number_text(target.scale.own(value), 3)


SETS = 0.7
"""The share of the key's width that training and test set may take."""


class ClassKey(QWidget):
    """Which marker is which class, or which colour which number; filled and hollow."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._classes: tuple[str, ...] = ()
        self._target: Target | None = None
        self._reach = 1.0
        self.setAccessibleName(_("Classes"))
        self.setToolTip(_("Filled: training set; hollow: test set"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_data(self, data: Dataset) -> None:
        self._classes, self._target = data.classes, data.target
        self._reach = reach(data) if data.target is not None else 1.0
        self.setAccessibleDescription(", ".join(data.classes) or (data.target.name if data.target is not None else ""))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(40 * SPACE, self.fontMetrics().height() + SPACE)

    def _sets_fit(self) -> bool:
        """Whether there is room for the two sets beside what matters more."""
        texts = _("test set"), _("training set")
        return sum(self.fontMetrics().horizontalAdvance(text) + 4 * SPACE for text in texts) < SETS * self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, metrics = self._look.theme, self.fontMetrics()
        muted = QColor(theme.muted)
        right = self.width()
        for text, filled in ((_("test set"), False), (_("training set"), True)) if self._sets_fit() else ():
            right -= metrics.horizontalAdvance(text)
            self._entry(painter, right, text, muted, stamp_index=0, marker_color=muted, filled=filled)
            right -= 4 * SPACE
        if self._target is not None:
            self._paint_scale(painter, self._target, right)
            return
        x = 0
        if all(name.isdigit() for name in self._classes):
            painter.setPen(muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, _("Class"))
            x = metrics.horizontalAdvance(_("Class")) + round(SPACE * self._look.scale)
        for index, name in enumerate(self._classes):
            width = metrics.horizontalAdvance(name) + 4 * SPACE
            if x + width > right:
                painter.setPen(muted)
                painter.drawText(QRect(x, 0, 2 * SPACE, self.height()), Qt.AlignmentFlag.AlignVCenter, "…")
                break
            color = class_color(index, theme)
            self._entry(painter, x + 2 * SPACE, name, QColor(theme.text), stamp_index=index, marker_color=color)
            x += width

    def _paint_scale(self, painter: QPainter, target: Target, right: int) -> None:
        """Draw the name of what is predicted, and a bar of its colours between its ends."""
        theme, metrics = self._look.theme, self.fontMetrics()
        middle = Qt.AlignmentFlag.AlignVCenter
        low, high = in_units(target, -self._reach), in_units(target, self._reach)
        ends = metrics.horizontalAdvance(low) + metrics.horizontalAdvance(high) + 6 * SPACE
        name = metrics.elidedText(target.name, Qt.TextElideMode.ElideRight, max(0, right - ends - 4 * SPACE))
        painter.setPen(QColor(theme.text))
        painter.drawText(self.rect(), middle, name)
        x = metrics.horizontalAdvance(name) + SPACE
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRect(x, 0, self.width(), self.height()), middle, low)
        x += metrics.horizontalAdvance(low) + SPACE // 2
        width = min(12 * SPACE, right - x - metrics.horizontalAdvance(high) - 2 * SPACE)
        ramp = QLinearGradient(x, 0, x + width, 0)
        for place, color in ((0.0, sign_color(-1, theme)), (0.5, QColor(theme.panel)), (1.0, sign_color(1, theme))):
            ramp.setColorAt(place, color)
        painter.fillRect(QRectF(x, (self.height() - SPACE) / 2, width, SPACE), ramp)
        painter.drawText(QRect(x + width + SPACE // 2, 0, self.width(), self.height()), middle, high)

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
        ratio = painter.deviceTransform().m11()
        if self._target is not None:
            picture = number_stamp(panel, marker_color, size, ratio, filled)
        else:
            picture = stamp(stamp_index, marker_color, panel, size, ratio, filled)
        edge = picture.deviceIndependentSize().height()
        painter.drawPixmap(QPointF(x - edge - 2, (self.height() - edge) / 2), picture)
        painter.setPen(color)
        painter.drawText(QRect(x, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, text)


class BoundaryPage(QWidget):
    """The plane over its key and, where there are more than two features, the choice of two of them."""

    cut_changed = Signal()
    """Another plane is shown."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._data: Dataset | None = None
        self.plot = BoundaryPlot(look)
        self.over = QStackedWidget()
        """The plane, or what its owner shows in its place."""
        self.over.addWidget(self.plot)
        self.key = ClassKey(look)
        self._row = QWidget()
        self._row.setToolTip(_("The plane of two features; all others stand at their mean over the training set."))
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        self.axes = (Choice({}), Choice({}))
        for axis, text in zip(self.axes, (_("across"), _("up")), strict=True):
            label = QLabel(text)
            label.setObjectName("muted")
            label.setBuddy(axis)
            axis.setAccessibleName(_("Feature {direction}").format(direction=text))
            axis.changed.connect(self._choose_axes)
            row.addWidget(label)
            row.addWidget(axis, 1)
        self._row.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self.over, 1)
        column.addWidget(self.key)
        column.addWidget(self._row)

    @property
    def cut(self) -> Cut:
        """The plane that is shown."""
        return self.plot.cut

    def show_data(self, data: Dataset) -> None:
        """Other data of at least two features."""
        self._data = data
        self.plot.show_data(data, Cut.through(data))  # first: another size of the plot asks for a map of this plane
        for place, axis in enumerate(self.axes):
            axis.show_names(dict(enumerate(data.features)), place)
        self._row.setVisible(len(data.features) > 2)
        self.key.show_data(data)

    @Slot(object)
    def _choose_axes(self, _feature: object) -> None:
        across, up = (int(axis.currentData()) for axis in self.axes)
        if across == up:  # the two change places
            across, up = (self.cut.up, up) if up == self.cut.across else (across, self.cut.across)
            for axis, feature in zip(self.axes, (across, up), strict=True):
                axis.show_value(feature)
        assert self._data is not None
        self.plot.show_data(self._data, Cut.through(self._data, across, up))
        self.cut_changed.emit()

    def restyle(self) -> None:
        self.plot.restyle()
        self.key.updateGeometry()
        self.key.update()
