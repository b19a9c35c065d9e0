"""Keys: the list of all shortcuts, and the keys that a widget with the focus keeps for itself."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QGridLayout, QLabel, QWidget
from shiboken6 import isValid

from momentum_gui.gui.style import SPACE
from momentum_gui.i18n import _


class OwnKeys(QObject):
    """A button or a list that was reached with Tab keeps the space bar and the arrows for itself.

    It watches the widget with the focus alone: a filter on the whole application would see every event there is.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._left: QWidget | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._watch)

    @Slot(QWidget, QWidget)
    def _watch(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and isValid(old):
            old.removeEventFilter(self)
            if new is self._window:
                self._left = old
        if isinstance(new, QAbstractButton | QComboBox):
            new.installEventFilter(self)

    def resume(self) -> None:
        """Give the keys to the widget that gave them back to the window last: Tab goes on from there."""
        left = self._left
        if self._window.focusWidget() not in (None, self._window) or left is None or not isValid(left):
            return
        if left.isVisible() and left.window() is self._window:
            left.setFocus(Qt.FocusReason.TabFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if plain and (isinstance(watched, QComboBox) or event.key() == Qt.Key.Key_Space):
                event.accept()
                return True
        return super().eventFilter(watched, event)


COLUMNS = 2
"""The list of keys stands in so many columns: it is too long for one on a low screen."""


class Shortcuts(QDialog):
    """All keys, and what each does."""

    def __init__(self, parent: QWidget, actions: Iterable[QAction]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Keyboard shortcuts"))
        rows = []
        for action in actions:
            native = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()]
            if native:
                rows.append((", ".join(dict.fromkeys(native)), action.text().rstrip("…")))
        rows.append(("Ctrl+1, Ctrl+2", _("The ravine lab, the network lab")))
        grid = QGridLayout(self)
        grid.setHorizontalSpacing(3 * SPACE)
        high = -(-len(rows) // COLUMNS)
        for place, row in enumerate(rows):
            for side, text in enumerate(row):
                grid.addWidget(QLabel(text), place % high, 2 * (place // high) + side)
