"""What a network takes the test set for: the confusion matrix and, where the data are images, the images."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Dataset, Labels
from momentum_gui.gui.signs import rgb
from momentum_gui.gui.style import SPACE, Look, blend, contrast
from momentum_gui.gui.ticks import whole_text
from momentum_gui.i18n import _

CENTER = Qt.AlignmentFlag.AlignCenter
SHADES = 32
TILE = 52
"""Pixels of an image of the test set at normal text size."""


class Matrix(QWidget):
    """Counts of the test set by true class (rows) and predicted class (columns); each row's shares as colour."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._classes: tuple[str, ...] = ()
        self.counts: NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self.setAccessibleName(_("Confusion matrix of the test set"))
        self.setMinimumSize(20 * SPACE, 20 * SPACE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_counts(self, classes: tuple[str, ...], counts: NDArray[np.int64]) -> None:
        self._classes, self.counts = classes, counts
        self.update()

    def _places(self) -> tuple[int, int, float]:
        """Left and top edge of the cells, and their size."""
        metrics, count = self.fontMetrics(), max(1, len(self._classes))
        names = max((metrics.horizontalAdvance(name) for name in self._classes), default=0)
        left = min(names, self.width() // 4) + metrics.height() + 2 * SPACE
        top = 2 * metrics.height() + 2 * SPACE
        cell = min(self.width() - left, self.height() - top, 80 * self._look.scale * count) / count
        return left + round(self.width() - left - cell * count) // 2, top, max(1.0, cell)

    def _cell(self, row: int, column: int) -> QRect:
        left, top, cell = self._places()
        x, y = left + round(column * cell), top + round(row * cell)
        return QRect(x, y, left + round((column + 1) * cell) - x - 1, top + round((row + 1) * cell) - y - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, metrics = self._look.theme, self.fontMetrics()
        height = metrics.height()
        left, top, size = self._places()
        whole = round(size * len(self._classes))
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRect(left, 0, whole, height), CENTER, _("predicted"))
        painter.save()
        names = max((metrics.horizontalAdvance(name) for name in self._classes), default=0)
        painter.translate(left - min(names, self.width() // 4) - height - 2 * SPACE, top + whole)
        painter.rotate(-90)
        painter.drawText(QRect(0, 0, whole, height), CENTER, _("true"))
        painter.restore()
        painter.setPen(QColor(theme.text))
        every = max(1, math.ceil(height / size))
        for k, name in enumerate(self._classes):
            if k % every == 0:
                beside = QRect(0, self._cell(k, 0).top(), left - SPACE, round(size) * every)
                beside.setHeight(max(height, round(size)))
                painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
                above = QRect(
                    self._cell(0, k).left() - SPACE, top - height - SPACE // 2, round(size) + 2 * SPACE, height
                )
                fitting = metrics.elidedText(name, Qt.TextElideMode.ElideRight, round(size) * every)
                painter.drawText(above, CENTER, fitting)
        self._paint_cells(painter, size)

    def _paint_cells(self, painter: QPainter, size: float) -> None:
        theme = self._look.theme
        right = blend((theme.ground, theme.accent), SHADES)
        wrong = blend((theme.ground, theme.error), SHADES)
        shares = self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True))
        widest = self.fontMetrics().horizontalAdvance(whole_text(int(self.counts.max(initial=0))))
        written = widest <= size - 2 and self.fontMetrics().height() <= size
        for row, column in np.ndindex(self.counts.shape):
            # The root lets single mistakes be seen beside hundreds of hits.
            shade = round(math.sqrt(shares[row, column]) * (SHADES - 1))
            color = (right if row == column else wrong)[shade]
            cell = self._cell(row, column)
            painter.fillRect(cell, color)
            if written and self.counts[row, column]:
                inks = (QColor(theme.text), QColor(theme.on_accent))
                painter.setPen(max(inks, key=lambda ink: contrast(ink, color)))
                painter.drawText(cell, CENTER, whole_text(int(self.counts[row, column])))

    def tip(self, place: QPoint) -> str:
        """What is to be said about the cell at ``place``."""
        left, top, size = self._places()
        column, row = math.floor((place.x() - left) / size), math.floor((place.y() - top) / size)
        if not (0 <= row < len(self._classes) and 0 <= column < len(self._classes)):
            return ""
        return _("{count} of {all} samples of class {true} are taken for {predicted}").format(
            count=self.counts[row, column],
            all=self.counts[row].sum(),
            true=self._classes[row],
            predicted=self._classes[column],
        )

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(event.pos()), self)
            return True
        return super().event(event)


class Samples(QWidget):
    """Images of the test set, those taken for another class first and framed: true class → predicted class."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._data: Dataset | None = None
        self._pictures: dict[int, QImage] = {}
        self.order: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """The test set's samples in the order in which they are shown."""
        self._predicted: Labels = np.zeros(0, dtype=np.int64)
        self.setAccessibleName(_("Images of the test set"))
        self.setMinimumSize(20 * SPACE, 10 * SPACE)

    def show_data(self, data: Dataset) -> None:
        self._data = data
        self._pictures = {}
        self.show_predictions(np.zeros(0, dtype=np.int64))

    def show_predictions(self, predicted: Labels) -> None:
        """The classes the first samples of the test set are taken for."""
        assert self._data is not None
        self._predicted = predicted
        right = predicted == self._data.y_test[: len(predicted)]
        self.order = np.argsort(right, kind="stable")
        self.update()

    def restyle(self) -> None:
        self._pictures = {}
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._data is None:
            return
        painter = QPainter(self)
        theme, data, height = self._look.theme, self._data, self.fontMetrics().height()
        tile = round(TILE * self._look.scale)
        across, down = tile + SPACE, tile + height + SPACE
        columns = max(1, (self.width() + SPACE) // across)
        spread = (self.width() - columns * across + SPACE) / max(1, columns - 1) if columns > 1 else 0.0
        for place, sample in enumerate(self.order[: columns * max(1, self.height() // down)].tolist()):
            row, column = divmod(place, columns)
            area = QRect(round(column * (across + spread)), row * down, tile, tile)
            true, predicted = data.y_test[sample], self._predicted[sample]
            wrong = true != predicted
            painter.drawImage(area, self._picture(sample))
            painter.setPen(QPen(QColor(theme.error if wrong else theme.line), 2 if wrong else 1))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
            painter.setPen(QColor(theme.error if wrong else theme.muted))
            text = f"{data.classes[true]} → {data.classes[predicted]}" if wrong else data.classes[true]
            painter.drawText(QRect(area.left() - SPACE // 2, area.bottom() + 1, across, height), CENTER, text)

    def _picture(self, sample: int) -> QImage:
        """The image of a sample of the test set: ink on the panel."""
        if sample not in self._pictures:
            assert self._data is not None
            assert self._data.image_shape is not None
            rows, columns = self._data.image_shape
            theme = self._look.theme
            paper, ink = rgb(theme.panel), rgb(theme.text)
            gray = self._data.x_test[sample].reshape(rows, columns, 1)
            low, high = gray.min(), gray.max()
            pixels = np.full((rows, columns, 4), 255, dtype=np.uint8)
            pixels[..., 2::-1] = paper + (gray - low) / ((high - low) or 1.0) * (ink - paper)
            image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
            self._pictures[sample] = image.copy()
        return self._pictures[sample]


class ConfusionPage(QWidget):
    """The accuracy in words, the matrix, the images."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._data: Dataset | None = None
        self.accuracy = QLabel()
        self.wrong = QLabel()
        self.wrong.setObjectName("muted")
        self.matrix, self.samples = Matrix(look), Samples(look)
        self._right = QWidget()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self.wrong)
        right.addWidget(self.samples, 1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(3 * SPACE)
        self._row.addWidget(self.matrix, 3)
        self._row.addWidget(self._right, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.accuracy)
        column.addLayout(self._row, 1)

    def show_data(self, data: Dataset) -> None:
        self._data = data
        self._right.setVisible(data.image_shape is not None)
        if data.image_shape is not None:
            self.samples.show_data(data)
            self.wrong.setText("")

    def show_counts(self, counts: NDArray[np.int64], step: int) -> None:
        """The confusion matrix of the evaluation at ``step``."""
        assert self._data is not None
        right, count = int(np.trace(counts)), int(counts.sum())
        text = _("Test accuracy {share} %: {right} of {count} right, at step {step}")
        share = f"{100 * right / max(1, count):.1f}"
        self.accuracy.setText(
            text.format(share=share, right=whole_text(right), count=whole_text(count), step=whole_text(step))
        )
        self.matrix.show_counts(self._data.classes, counts)

    def show_predictions(self, predicted: Labels) -> None:
        """What the network takes the first images for."""
        assert self._data is not None
        wrong = int((predicted != self._data.y_test[: len(predicted)]).sum())
        text = _("{wrong} of {count} images wrong: true → predicted")
        self.wrong.setText(text.format(wrong=whole_text(wrong), count=whole_text(len(predicted))))
        self.samples.show_predictions(predicted)

    def restyle(self) -> None:
        self.accuracy.setFont(self._look.font(1.05))
        self.samples.restyle()
        self.matrix.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() > 0.9 * self.height()
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
