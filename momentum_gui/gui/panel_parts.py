"""What the views in the panels are made of: words, and parts one below the other."""

from PySide6.QtWidgets import QLabel, QLayout, QVBoxLayout, QWidget

from momentum_gui.gui.style import SPACE


def note() -> QLabel:
    """A sentence or two, muted, on as many lines as they take."""
    label = QLabel()
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label


def stack(view: QWidget, *parts: QWidget | QLayout) -> None:
    """Lay out ``parts`` in a panel's ``view``, one below the other."""
    column = QVBoxLayout(view)
    column.setContentsMargins(0, 0, 0, SPACE // 2)
    column.setSpacing(SPACE // 2)
    for part in parts:
        if isinstance(part, QLayout):
            column.addLayout(part)
        else:
            column.addWidget(part)
