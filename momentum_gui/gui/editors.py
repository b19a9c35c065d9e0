"""One widget for each kind of value a field can hold: ``show_value`` shows it, ``changed`` brings a new one."""

import math
import re
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSlider,
    QStyle,
    QStyleOptionFrame,
    QStyleOptionSlider,
    QToolTip,
    QWidget,
)

from momentum_gui.gui.elided import ElidedBox
from momentum_gui.i18n import _

TICKS = 1000
CALM = 700
"""Milliseconds after the last key when a field says what is wrong: before, somebody may be typing still."""
INNER = 2
"""Pixels that Qt leaves free on either side of a field's text."""
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
MOVES = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


DIGITS, FEWEST_DIGITS = 6, 3
"""Significant digits of a number in a field: at most, and at least in one that is narrow."""


def number_text(value: float, digits: int = DIGITS) -> str:
    """A number as a field shows it: at most so many significant digits, a power of ten as people type it: 1e-8."""
    return re.sub(r"e(-?)\+?0*", r"e\1", f"{value:.{digits}g}")


class LineEdit(QLineEdit):
    """A line of text that stands for a value. What can't be taken turns red and says why, once one rests from typing.

    Enter takes the value and gives the keys back to the window; Escape and leaving the field bring back the one in
    force.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._value: Any = None
        self._fault_shown = False
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM)
        self._calm.timeout.connect(self._judge)
        self.textEdited.connect(self._judge_typing)
        self.editingFinished.connect(self._take)

    def show_value(self, value: Any) -> None:
        self._value = value
        text = self._text()
        if not (self.hasFocus() and self.isModified()) and self.text() != text:
            self.setText(text)
            self.setCursorPosition(0)  # the first digits are the ones to be seen
            self._judge()

    def format(self, value: Any) -> str:
        """The text that stands for ``value``."""
        return str(value)

    def abridged(self, value: Any) -> str:
        """The same as long as nobody edits it."""
        return self.format(value)

    def _text(self) -> str:
        return self.format(self._value) if self.hasFocus() else self.abridged(self._value)

    def parse(self, text: str) -> Any:
        """The value that ``text`` stands for. Raises ValueError with a sentence for people."""
        return text

    def begins(self, text: str) -> bool:
        """Whether ``text`` can become a value by typing on."""
        return True

    def _fault(self) -> str:
        """Why the text stands for no value; empty if it does."""
        try:
            self.parse(self.text())
        except ValueError as error:
            return str(error)
        return ""

    @Slot()
    def _judge_typing(self) -> None:
        """Take back what was said of an earlier text; of this one, it is said in a moment."""
        fault = self._fault()
        self._mark(fault if fault and not self.begins(self.text()) else "")
        self._hide_fault()
        if fault:
            self._calm.start()
        else:
            self._calm.stop()

    @Slot()
    def _judge(self) -> None:
        """Say what is wrong with the text, if anything is."""
        self._calm.stop()
        fault = self._fault()
        self._mark(fault)
        if fault and self.hasFocus():
            self._fault_shown = True
            QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), fault, self)
        else:
            self._hide_fault()

    def _mark(self, fault: str) -> None:
        if bool(fault) != bool(self.property("invalid")):
            self.setProperty("invalid", bool(fault))
            self.style().unpolish(self)
            self.style().polish(self)
        self.setToolTip(fault)

    def _hide_fault(self) -> None:
        if self._fault_shown:
            self._fault_shown = False
            QToolTip.hideText()

    @Slot()
    def _take(self) -> None:
        try:
            value = self.parse(self.text())
        except ValueError:
            return
        self.setModified(False)
        if self.text() != self.format(self._value):
            self._value = value
            self.changed.emit(value)

    def restore(self) -> None:
        """Show the value in force again."""
        self.setText(self._text())
        self.setCursorPosition(0)
        self.setModified(False)
        self._judge()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.restore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.restore()
            return
        super().keyPressEvent(event)
        if event.key() in ENTER:
            self._judge()
            if not self.property("invalid"):
                give_keys_back(self)


def give_keys_back(field: QWidget) -> None:
    """Leave ``field`` to the window, whose shortcuts work again."""
    if field.hasFocus():  # what came of the value may have led elsewhere
        field.window().setFocus(Qt.FocusReason.OtherFocusReason)


_WHOLE_BEGINS = re.compile(r"[+−-]?\d*")
_NUMBER_BEGINS = re.compile(r"[+−-]?(\d*|\d*[.,]\d*|(\d+[.,]?\d*|[.,]\d+)[eE][+−-]?\d*)")


class NumberEdit(LineEdit):
    """A number within limits; the up and down keys change its last digit."""

    def __init__(self, integer: bool, accepts: Any, allowed: str) -> None:
        super().__init__()
        self._integer = integer
        self._accepts = accepts
        self._allowed = allowed
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def format(self, value: Any) -> str:
        return str(value) if self._integer else number_text(value)

    def abridged(self, value: Any) -> str:
        """With as many digits as are seen whole: a number that is cut is another number."""
        if self._integer:
            return self.format(value)
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self).width() - 2 * INNER
        texts = [number_text(value, digits) for digits in range(DIGITS, FEWEST_DIGITS - 1, -1)]
        return next((text for text in texts if self.fontMetrics().horizontalAdvance(text) <= room), texts[-1])

    def _mark(self, fault: str) -> None:
        super()._mark(fault)
        if not fault and not self.isModified() and self.text() != self.format(self._value):
            self.setToolTip(self.format(self._value))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._value is not None:
            self.show_value(self._value)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if not self.isModified() and self._value is not None:
            self.setText(self.format(self._value))
        super().focusInEvent(event)

    def begins(self, text: str) -> bool:
        return bool((_WHOLE_BEGINS if self._integer else _NUMBER_BEGINS).fullmatch(text.strip()))

    def parse(self, text: str) -> float:
        plain = text.strip().replace("−", "-")
        if "." not in plain:  # a decimal comma, as many people write it
            plain = plain.replace(",", ".")
        try:
            value = int(plain) if self._integer else float(plain)
        except ValueError:
            value = math.nan
        if not self._accepts(value):
            raise ValueError(_("“{value}”: {allowed}").format(value=text, allowed=self._allowed))
        return value

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        ):
            event.ignore()  # no number holds a space: it plays
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)
            return
        mantissa, _e, exponent = self.text().strip().lower().partition("e")
        try:
            unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
            value = self.parse(self.text()) + (unit if event.key() == Qt.Key.Key_Up else -unit)
            text = self.format(int(value) if self._integer else value)
            self.parse(text)
        except (ValueError, OverflowError):
            return  # at the limit already, or no number
        self.setText(text)
        self._judge()
        self._take()


class RangeEdit(QWidget):
    """Two numbers, the second larger than the first: from … to …"""

    changed = Signal(object)

    def __init__(self, accepts: Any, allowed: str) -> None:
        super().__init__()
        self._value: tuple[float, float] = (0.0, 1.0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.ends = [
            NumberEdit(False, lambda low: low < self._value[1] and accepts((low, self._value[1])), allowed),
            NumberEdit(False, lambda high: high > self._value[0] and accepts((self._value[0], high)), allowed),
        ]
        for end, name in zip(self.ends, (_("from"), _("to")), strict=True):
            end.setAccessibleName(name)
            row.addWidget(QLabel(name))
            row.addWidget(end, 1)
        self.ends[0].changed.connect(lambda low: self._take((low, self._value[1])))
        self.ends[1].changed.connect(lambda high: self._take((self._value[0], high)))
        self.setFocusProxy(self.ends[0])

    def show_value(self, value: tuple[float, float]) -> None:
        self._value = value
        for end, number in zip(self.ends, value, strict=True):
            end.show_value(number)

    def setAccessibleName(self, name: str) -> None:
        for end, place in zip(self.ends, (_("from"), _("to")), strict=True):
            end.setAccessibleName(f"{name}, {place}")

    def _take(self, value: tuple[float, float]) -> None:
        self._value = value
        self.changed.emit(value)


class ListEdit(LineEdit):
    """Whole numbers separated by commas, such as the units of hidden layers: ``16, 16``."""

    def __init__(self, accepts: Any, allowed: str) -> None:
        super().__init__()
        self._accepts = accepts
        self._allowed = allowed

    def format(self, value: Any) -> str:
        return ", ".join(str(each) for each in value or ())

    def begins(self, text: str) -> bool:
        return not text.strip(" ,0123456789")

    def parse(self, text: str) -> tuple[int, ...]:
        parts = text.replace(",", " ").split()
        try:
            value = tuple(int(part) for part in parts)
        except ValueError:
            value = None
        if value is None or not self._accepts(value):
            raise ValueError(_("“{value}”: {allowed}").format(value=text, allowed=self._allowed))
        return value


class Choice(ElidedBox):
    """One of a few named values."""

    changed = Signal(object)

    def __init__(self, names: dict[Any, str]) -> None:
        super().__init__()
        self.show_names(names)
        self.setSizeAdjustPolicy(ElidedBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the space bar and the arrows to the transport
        self.currentIndexChanged.connect(self._take)

    def show_names(self, names: dict[Any, str], value: Any = None) -> None:
        """Offer other values, of which ``value`` is chosen."""
        with QSignalBlocker(self):
            self.clear()
            for each, name in names.items():
                self.addItem(name, each)
            self.setCurrentIndex(max(0, self.findData(value)))

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))

    @Slot(int)
    def _take(self, index: int) -> None:
        self.changed.emit(self.itemData(index))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the wheel scrolls the panel, it never changes a value by accident


class Switch(QCheckBox):
    """Yes or no."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._take)

    def show_value(self, value: bool) -> None:
        with QSignalBlocker(self):
            self.setChecked(value)

    @Slot(bool)
    def _take(self, value: bool) -> None:
        self.changed.emit(value)


class ValueSlider(QSlider):
    """A slider over ``low … high``, evenly or by ratio; its values have three significant digits."""

    changed = Signal(object)

    def __init__(self, low: float, high: float, logarithmic: bool, integer: bool) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._low, self._high = low, high
        self._logarithmic = logarithmic
        self._integer = integer
        self._limit: float | None = None
        self._limit_color = QColor()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setRange(0, TICKS)
        self.setSingleStep(TICKS // 100)
        self.setPageStep(TICKS // 20)
        self.valueChanged.connect(self._take)

    def show_value(self, value: float) -> None:
        if self.value_at(self.value()) != value:
            with QSignalBlocker(self):
                self.setValue(self.tick_of(value))

    def value_at(self, tick: int) -> float:
        share = tick / TICKS
        if self._logarithmic:
            value = self._low * (self._high / self._low) ** share
        else:
            value = self._low + (self._high - self._low) * share
        value = float(f"{value:.3g}")
        return round(value) if self._integer else value

    def tick_of(self, value: float) -> int:
        value = min(self._high, max(self._low, value))
        if self._logarithmic:
            share = math.log(value / self._low) / math.log(self._high / self._low)
        else:
            share = (value - self._low) / (self._high - self._low)
        return round(share * TICKS)

    def show_limit(self, limit: float | None, color: QColor) -> None:
        """Mark with ``color`` what lies beyond ``limit``, which may lie off the slider; None for no mark."""
        if (limit, color) != (self._limit, self._limit_color):
            self._limit, self._limit_color = limit, color
            self.update()

    @property
    def limit_place(self) -> float | None:
        """Where the limit is, in pixels from the left; None if no part of the slider lies beyond one."""
        if self._limit is None or self._limit >= self._high:
            return None
        groove, handle = self._places()
        room = groove.width() - handle.width()
        return groove.left() + handle.width() / 2 + room * self.tick_of(self._limit) / TICKS

    def _places(self) -> tuple[QRectF, QRectF]:
        """The rectangles of the groove and of the handle."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        controls = QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle
        groove, handle = (
            self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, control, self) for control in controls
        )
        return QRectF(groove), QRectF(handle)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        place = self.limit_place
        if place is None:
            return
        groove, handle = self._places()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        round_handle = QRegion(handle.toAlignedRect(), QRegion.RegionType.Ellipse)
        painter.setClipRegion(QRegion(self.rect()) - round_handle)  # the handle stays in front
        painter.setPen(Qt.PenStyle.NoPen)
        enabled = self.isEnabled()
        painter.setBrush(self._limit_color if enabled else self.palette().color(QPalette.ColorRole.Mid))
        middle = groove.center().y()
        painter.drawRoundedRect(QRectF(place, middle - 2, groove.right() - place, 4), 2, 2)
        painter.drawRect(QRectF(round(place) - 1, middle - handle.height() / 2, 2, handle.height()))

    @Slot(int)
    def _take(self, tick: int) -> None:
        self.changed.emit(self.value_at(tick))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in MOVES:
            event.accept()  # a slider reached with Tab keeps its keys
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
