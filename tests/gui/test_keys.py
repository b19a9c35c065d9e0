"""Keys: which go to the window and which to the button that has the focus; the list of all of them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QMainWindow, QPushButton, QVBoxLayout, QWidget

from momentum_gui.gui.keys import OwnKeys, Shortcuts


@pytest.fixture
def window(qtbot):
    """A window with a button, a list and a shortcut on the space bar and on Home."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.button, window.box, window.plain = QPushButton("press"), QComboBox(), QWidget()
    window.box.addItems(["one", "two"])
    window.plain.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    middle = QWidget()
    column = QVBoxLayout(middle)
    for widget in (window.button, window.box, window.plain):
        column.addWidget(widget)
    window.setCentralWidget(middle)
    window.played, window.clicked = [], []
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Home):
        action = window.addAction("Play")
        action.setShortcut(key)
        action.triggered.connect(lambda _checked, key=key: window.played.append(key))
    window.button.clicked.connect(lambda: window.clicked.append(True))
    OwnKeys(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def test_a_button_with_the_focus_keeps_the_space_bar(qtbot, window):
    window.button.setFocus()
    qtbot.keyClick(window.button, Qt.Key.Key_Space)
    assert (window.played, window.clicked) == ([], [True])
    qtbot.keyClick(window.button, Qt.Key.Key_Home)  # which it has no use for
    assert window.played == [Qt.Key.Key_Home]


def test_a_list_with_the_focus_keeps_its_keys(qtbot, window):
    window.box.setFocus()
    window.box.setCurrentIndex(1)
    qtbot.keyClick(window.box, Qt.Key.Key_Home)
    assert window.box.currentIndex() == 0
    assert window.played == []


def test_elsewhere_the_window_has_them(qtbot, window):
    for before in (window.button, window.box):
        before.setFocus()
        window.plain.setFocus()
        qtbot.keyClick(window.plain, Qt.Key.Key_Space)
    assert window.played == [Qt.Key.Key_Space] * 2
    assert window.clicked == []


def test_the_list_names_every_key_there_is(qtbot, window):
    dialog = Shortcuts(window, [*window.actions(), window.addAction("without a key")])
    qtbot.addWidget(dialog)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert texts.count("Play") == 2
    assert {"Space", "Home", "Ctrl+1, Ctrl+2"} <= set(texts)
    assert "without a key" not in texts
