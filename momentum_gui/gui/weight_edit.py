"""Where a weight of the drawn network is typed, at its place in the picture."""

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QToolTip, QWidget

from momentum_gui.core.params import allowed, numbers, within
from momentum_gui.core.weight_change import WeightChange
from momentum_gui.gui.editors import ENTER, NumberEdit
from momentum_gui.gui.style import SPACE
from momentum_gui.i18n import say

VALUE = numbers(WeightChange)["value"]

Weight = tuple[int, int, int]
"""A layer, a unit of the layer before it, or 0 for the bias, and a unit of the layer, all from 1."""


class WeightEdit(NumberEdit):
    """A small editor over the picture: Enter takes the number, Escape or a click elsewhere leaves it as it is."""

    taken = Signal(object, float)
    """The weight, and what it should be."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(False, partial(within, VALUE), say(allowed(VALUE)))
        self.setParent(parent)
        self._picture = parent
        self.weight: Weight | None = None
        """The weight that is edited."""
        self.changed.connect(self._tell)
        self.hide()

    def begin(self, weight: Weight, value: float, name: str, place: QPoint) -> None:
        """Edit ``weight``, which is ``value`` and called ``name``, near ``place`` of the picture."""
        self.weight = weight
        self.setModified(False)
        self.show_value(value)
        self.setAccessibleName(name)
        self.resize(self.fontMetrics().horizontalAdvance("−0.0000000") + 2 * SPACE, self.sizeHint().height())
        right, bottom = self._picture.width() - self.width(), self._picture.height() - self.height()
        self.move(min(max(0, place.x() - self.width() // 2), right), min(max(0, place.y() - self.height()), bottom))
        self.show()
        self.raise_()
        self.setFocus()
        self.selectAll()

    def leave(self) -> None:
        """Edit nothing."""
        if self.weight is not None:
            self.weight = None
            self.restore()
            self.clearFocus()  # or else Qt hands it on to the next button, whose the space bar would be then
            self.hide()

    @Slot(object)
    def _tell(self, value: float) -> None:
        if self.weight is not None:
            self.taken.emit(self.weight, value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            QToolTip.hideText()
            self.leave()
            return
        super().keyPressEvent(event)
        if event.key() in ENTER and not self.property("invalid"):
            self.leave()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.leave()  # first: a field that is left takes what is typed
        super().focusOutEvent(event)
