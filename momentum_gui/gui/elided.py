"""A label that gives way: as much of its text as there is room for, all of it as its tooltip."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QToolTip

from momentum_gui.gui.style import SPACE


class ElidedLabel(QLabel):
    """One line of plain text."""

    def minimumSizeHint(self) -> QSize:
        return QSize(4 * SPACE, super().minimumSizeHint().height())

    @property
    def fitting(self) -> str:
        """What of the text is seen."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and not self.toolTip():
            QToolTip.showText(event.globalPos(), self.text() if self.fitting != self.text() else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        alignment, role = self.alignment().value, self.foregroundRole()
        self.style().drawItemText(
            painter, self.contentsRect(), alignment, self.palette(), self.isEnabled(), self.fitting, role
        )
