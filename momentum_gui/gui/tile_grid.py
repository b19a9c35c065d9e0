"""One picture a racer, side by side, each under the racer's marker, name and result."""

import math
from typing import Generic, TypeVar

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QIcon, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.markers import marker_icon
from momentum_gui.gui.readout import figures
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.i18n import _

MOST = 6
"""So many racers are shown at once."""


class Tile(QWidget):
    """One racer's marker, name and result over its picture, which a subclass paints. A click chooses the racer."""

    picked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._icon = QIcon()
        self.name = self.result = ""
        self.chosen = self._entered = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_texts(self, name: str, result: str, chosen: bool) -> None:
        if (name, result, chosen) != (self.name, self.result, self.chosen):
            self.name, self.result, self.chosen = name, result, chosen
            self.setAccessibleName(name)
            self.setAccessibleDescription(result)
            self.setToolTip(f"{name} – {result}" if result else name)
            self.update()

    def restyle(self, icon: QIcon) -> None:
        self._icon = icon
        self.setFont(figures(self._look.font()))
        self.update()

    @property
    def area(self) -> QRectF:
        """Where the picture is."""
        head = self.fontMetrics().height() + SPACE
        return QRectF(1, head, max(1, self.width() - 2), max(1, self.height() - head - 1))

    def sizeHint(self) -> QSize:
        return QSize(30 * SPACE, 30 * SPACE)

    def paint_picture(self, painter: QPainter, area: QRectF) -> None:
        """Paint the picture into ``area``, to which the painter is clipped."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, area = QPainter(self), self.area
        if event.rect().top() < area.top():
            self._paint_head(painter, area)
        painter.save()
        painter.setClipRect(area)
        self.paint_picture(painter, area)
        painter.restore()
        strong = self.chosen or self._entered
        theme = self._look.theme
        painter.setPen(QPen(QColor(theme.accent if strong else theme.line), 2 if self.chosen else 1))
        painter.drawRect(area.adjusted(0, 0, -1, -1))

    def _paint_head(self, painter: QPainter, area: QRectF) -> None:
        theme = self._look.theme
        metrics, size = self.fontMetrics(), round(self._look.points() * 1.6)
        self._icon.paint(painter, 0, 0, size, round(area.top()) - SPACE // 2)
        line = QRectF(size + SPACE // 2, 0, self.width() - size - SPACE // 2, area.top() - SPACE // 2)
        room = line.width() - metrics.horizontalAdvance(self.result) - SPACE
        painter.setPen(QColor(theme.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        name = metrics.elidedText(self.name, Qt.TextElideMode.ElideRight, max(0, int(room)))
        painter.drawText(line, middle, name)
        painter.setPen(QColor(theme.muted))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, self.result)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._entered = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._entered = False
        self.update()


T = TypeVar("T", bound=Tile)


class TileGrid(QWidget, Generic[T]):
    """A tile of a kind for each of the first racers."""

    picked = Signal(int)
    """Somebody chose the racer to look at closely."""

    def __init__(self, look: Look, kind: type[T]) -> None:
        super().__init__()
        self._look = look
        self._kind = kind
        self._simulation: Simulation | None = None
        self.tiles: dict[int, T] = {}
        """Every shown racer's tile, by its place in the experiment's list."""
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE)

    def show_racers(self, simulation: Simulation) -> None:
        """Have a tile for each racer of another simulation."""
        self._simulation = simulation
        racers = list(simulation.runs)[:MOST]
        for index in [index for index in self.tiles if index not in racers]:
            tile = self.tiles.pop(index)
            tile.hide()
            tile.deleteLater()
        for index in racers:
            if index not in self.tiles:
                tile = self.tiles[index] = self._kind(self._look)
                tile.picked.connect(lambda index=index: self.picked.emit(index))
        self.tiles = {index: self.tiles[index] for index in racers}
        self._arrange()
        self.restyle()

    def show_results(self, results: dict[int, str], chosen: int) -> None:
        """What to say beside every racer's name, and who is looked at closely."""
        assert self._simulation is not None
        names = self._simulation.labels(_)
        for index, tile in self.tiles.items():
            tile.show_texts(names[index], results.get(index, ""), index == chosen)

    def restyle(self) -> None:
        if self._simulation is None:
            return
        theme, size = self._look.theme, round(self._look.points() * 1.6)
        for index, tile in self.tiles.items():
            color = racer_color(index, self._simulation.runs[index].optimizer.color, theme)
            tile.restyle(marker_icon(index, color, theme, size))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Lay the tiles out in the columns that make them the most like squares."""
        count = len(self.tiles)
        if not count:
            return

        def stretched(columns: int) -> float:
            width, height = self.width() / columns, max(1, self.height()) / math.ceil(count / columns)
            empty = math.ceil(count / columns) * columns - count
            return abs(math.log(width / height)) + 0.3 * empty

        columns = min(range(1, count + 1), key=stretched)
        for place, tile in enumerate(self.tiles.values()):
            at = self._layout.indexOf(tile)
            if at < 0 or self._layout.getItemPosition(at)[:2] != divmod(place, columns):  # type: ignore[index]
                self._layout.addWidget(tile, *divmod(place, columns))
        for column in range(MOST):
            self._layout.setColumnStretch(column, int(column < columns))
            self._layout.setRowStretch(column, int(column < math.ceil(count / columns)))
