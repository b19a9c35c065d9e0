"""The middle of a lab: what is said above its picture, in strips that leave the picture its room."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from momentum_gui.gui.style import SPACE
from momentum_gui.i18n import _

MOST = 0.3
"""The share of the middle's height that a strip takes at most: then its text scrolls."""
BORDER = 1
"""Pixels of the frame around a strip, and around a text, where it has the keyboard."""


class Words(QScrollArea):
    """A text as high as it needs, as far as there is room; then wheel, ↑, ↓, Page Up and Page Down scroll it."""

    def __init__(self, label: QLabel) -> None:
        super().__init__()
        self.setObjectName("words")
        self._label = label
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(label)
        label.setAutoFillBackground(False)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.verticalScrollBar().rangeChanged.connect(self._take_keys)

    @Slot(int, int)
    def _take_keys(self, _first: int, last: int) -> None:
        """The Tab key comes here only where there is something to scroll."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if last > 0 else Qt.FocusPolicy.NoFocus)

    def show_text(self, text: str) -> None:
        """Show ``text`` from its beginning."""
        self._label.setText(text)
        self.verticalScrollBar().setValue(0)
        self.updateGeometry()

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._label.heightForWidth(width - 2 * BORDER) + 2 * BORDER

    def sizeHint(self) -> QSize:
        return self._label.sizeHint() + QSize(2 * BORDER, 2 * BORDER)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())


class Strip(QFrame):
    """A text above the picture until it is put away, which a button at its end does, called ``away``."""

    def __init__(self, away: str) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.label = QLabel()
        self.words = Words(self.label)
        close = QToolButton()
        close.setObjectName("flat")
        close.setText("×")
        close.setToolTip(away)
        close.setAccessibleName(away)
        close.clicked.connect(self._put_away)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 3 // 2 - BORDER, SPACE // 2 - BORDER, SPACE // 2, SPACE // 2 - BORDER)
        row.addWidget(self.words, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def give_way(self, most: int) -> None:
        """Be no more than ``most`` pixels high."""
        margins = self._row.contentsMargins()
        around = margins.top() + margins.bottom() + 2 * BORDER
        self.words.setMaximumHeight(max(self.fontMetrics().height(), most - around))

    @Slot()
    def _put_away(self) -> None:
        self.hide()


class Banner(Strip):
    """What is wrong, or was done, until it is put away or no longer true."""

    def __init__(self) -> None:
        super().__init__(_("Put this message away"))

    def show_text(self, text: str) -> None:
        """Say what is wrong; nothing is wrong with an empty text."""
        self._show(text, "error", "strip_error")

    def show_note(self, text: str) -> None:
        """Say what was done."""
        self._show(text, "muted", "strip")

    def _show(self, text: str, words: str, frame: str) -> None:
        self.words.show_text(text)
        for widget, style in ((self.label, words), (self, frame)):
            if widget.objectName() != style:
                widget.setObjectName(style)
                widget.style().unpolish(widget)
                widget.style().polish(widget)
        self.setVisible(bool(text))


class LessonStrip(Strip):
    """What there is to see in a lesson, until it is put away."""

    def __init__(self) -> None:
        super().__init__(_("Put this text away"))
        self.put_away = ""
        """The text that somebody has put away."""

    def show_text(self, text: str) -> None:
        """Show ``text``, unless it was put away."""
        self.words.show_text(text)
        self.setVisible(text not in ("", self.put_away))

    def bring_back(self) -> None:
        """Show the text, also if it was put away."""
        self.put_away = ""
        self.show_text(self.label.text())

    @Slot()
    def _put_away(self) -> None:
        self.put_away = self.label.text()
        super()._put_away()


class Middle(QWidget):
    """The strips, and below them in ``column`` the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.banner, self.lesson = Banner(), LessonStrip()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE // 2)
        for strip in (self.banner, self.lesson):
            self.column.addWidget(strip)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for strip in (self.banner, self.lesson):
            strip.give_way(round(MOST * self.height()))
