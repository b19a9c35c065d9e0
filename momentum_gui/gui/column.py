"""A column of cards at a side of the window, which may be wider than there is room for."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from momentum_gui.gui.style import SPACE

TURNS = 8
"""After so many sizes, one within the other, the cards find none: then the bar that scrolls up and down stays."""


class Column(QScrollArea):
    """Cards below each other; it scrolls up and down where they need it, and is as wide as they need it.

    Only where that is more than it may take does it scroll sideways, too: with large text in a narrow window.
    """

    def __init__(self) -> None:
        super().__init__()
        self._most: int | None = None
        self._turns = 0
        self.cards = QVBoxLayout()
        self.cards.setContentsMargins(0, 0, 0, 0)
        self.cards.setSpacing(SPACE)
        body = QWidget()
        body.setObjectName("body")
        body.setLayout(self.cards)
        body.installEventFilter(self)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setWidget(body)

    def narrowest(self) -> int:
        """How wide it is at least, whatever is in it."""
        return 0

    def give_way(self, most: int) -> None:
        """Take no more than ``most`` pixels of the window's width for granted."""
        self._most = most
        self.free_bar()
        self.fit()

    def fit(self) -> None:
        """Ask for the width that the cards need."""
        bar = self.verticalScrollBar().sizeHint().width()
        needed = max(self.narrowest(), self.cards.minimumSize().width() + bar)
        self.setMinimumWidth(needed if self._most is None else min(self._most, needed))

    def free_bar(self) -> None:
        """Let the bar that scrolls up and down come and go again: what is in here, or its room, is another."""
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def make_room(self) -> None:
        """Be as high as the cards need at once, not when the event loop comes to it: nothing is painted squeezed."""
        for _turn in range(2):  # what is laid out in the first asks for more
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LayoutRequest))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        if event.type() != QEvent.Type.Resize:
            return super().eventFilter(watched, event)
        # WORKAROUND: where cards want to be the higher the wider they are, they may fit beside the bar and not without
        # it. QScrollArea then shows and hides the bar, each within the other, until the stack is full.
        self._turns += 1
        try:
            if self._turns == TURNS:
                self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
            return super().eventFilter(watched, event)
        finally:
            self._turns -= 1
