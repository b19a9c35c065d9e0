"""A line to type a formula in: it is checked while one types, and what is wrong is marked where it stands."""

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QColor, QInputMethodEvent, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from momentum_gui.core.formula import parse
from momentum_gui.core.messages import InputError
from momentum_gui.gui.editors import give_keys_back
from momentum_gui.gui.style import SPACE
from momentum_gui.i18n import say


class FormulaEdit(QWidget):
    """A formula in x and y. A good one applies at once; of a bad one, the fault is said beneath and underlined.

    What is typed stays, good or bad, until Escape brings back the formula in force. There is one sentence at most: that
    of the text as it now is.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._value = ""
        self.field = _Line()
        self.fault = QLabel()
        self.fault.setObjectName("error")
        self.fault.setWordWrap(True)
        self.fault.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self.field)
        column.addWidget(self.fault)
        self.setFocusProxy(self.field)
        self.field.textEdited.connect(self._take)
        self.field.returnPressed.connect(self._take_and_leave)
        self.field.given_up.connect(self.restore)

    def show_value(self, value: Any) -> None:
        """Show another formula; what is being typed stays where the one in force has not changed."""
        if value != self._value:
            self._value = value
            self.restore()

    @Slot()
    def restore(self) -> None:
        """Show the formula in force again."""
        if self.field.text() != self._value:
            self.field.setText(self._value)
        self._judge()

    def show_fault(self, sentence: str) -> None:
        """Say why the formula typed was not taken, until it is another."""
        self._say(sentence)

    def setAccessibleName(self, name: str) -> None:
        self.field.setAccessibleName(name)

    def setAccessibleDescription(self, description: str) -> None:
        self.field.setAccessibleDescription(description)

    @Slot()
    def _take(self) -> None:
        if self._judge() and self.field.text() != self._value:
            self.changed.emit(self.field.text())

    @Slot()
    def _take_and_leave(self) -> None:
        self._take()
        if not self.fault.text():
            give_keys_back(self.field)

    def _judge(self) -> bool:
        """Whether the text is a formula; if not, say and show why."""
        try:
            parse(self.field.text())
        except InputError as error:
            values = error.message.values
            self.field.mark(values["column"] - 1, values["length"])
            self._say(say(error))
            return False
        self.field.mark(0, 0)
        self._say("")
        return True

    def _say(self, fault: str) -> None:
        self.fault.setText(fault[:1].upper() + fault[1:])
        self.fault.setVisible(bool(fault))
        self.field.setAccessibleDescription(fault)


class _Line(QLineEdit):
    """A line of text, a part of which can be underlined as wrong."""

    given_up = Signal()

    def mark(self, start: int, length: int) -> None:
        """Underline ``length`` characters from ``start``; at the end of the text, its last one; 0 at 0: none."""
        marks = []
        if start or length:
            last = len(self.text().rstrip())
            start = max(0, min(start, last - 1))
            wrong = QTextCharFormat()
            wrong.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wrong.setUnderlineColor(QColor("#d0342c"))
            place = start - self.cursorPosition()  # an attribute's place counts from the cursor
            kind = QInputMethodEvent.AttributeType.TextFormat
            marks.append(QInputMethodEvent.Attribute(kind, place, max(1, length), wrong))
        # The only way to format a part of a QLineEdit: as an input method does.
        QCoreApplication.sendEvent(self, QInputMethodEvent("", marks))
        if bool(marks) != bool(self.property("invalid")):
            self.setProperty("invalid", bool(marks))
            self.style().unpolish(self)
            self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
