"""A row of buttons of which one is pressed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from momentum_gui.gui.style import SPACE, Look


class Segments(QWidget):
    """A choice of a few: each with its word and what it does."""

    picked = Signal(int)
    """Somebody pressed another button, by its place."""

    def __init__(self, look: Look, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._look = look
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 4)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for place, (text, tip) in enumerate(entries):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setCheckable(True)
            button.setObjectName("segment")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, place)
            row.addWidget(button)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self.picked)
        look.changed.connect(self.restyle)
        self.restyle()

    @property
    def chosen(self) -> int:
        """The place of the pressed button."""
        return self._group.checkedId()

    def choose(self, place: int) -> None:
        """Press a button; nobody is told."""
        self._group.button(place).setChecked(True)

    def button(self, place: int) -> QToolButton:
        """The button at ``place``."""
        button = self._group.button(place)
        assert isinstance(button, QToolButton)
        return button

    @Slot()
    def restyle(self) -> None:
        theme = self._look.theme
        self.setStyleSheet(
            "QToolButton#segment { padding: 2px 8px; }"
            f"QToolButton#segment:checked {{ background: {theme.ground}; border-color: {theme.line}; }}"
            f"QToolButton#segment:focus {{ border-color: {theme.accent}; }}"
        )
