"""A label shows as much as there is room for."""

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from momentum_gui.gui.elided import ElidedLabel


@pytest.fixture
def label(qtbot):
    label = ElidedLabel("Two moons far away")
    qtbot.addWidget(label)
    label.show()
    return label


def test_it_shows_all_where_there_is_room_and_less_where_there_is_none(label):
    label.resize(label.sizeHint())
    assert label.fitting == label.text()
    label.resize(label.sizeHint().width() // 2, 20)
    assert label.fitting.endswith("…")
    assert label.text() == "Two moons far away"
    assert label.minimumSizeHint().width() < label.sizeHint().width() / 2
    assert not label.grab().isNull()


def test_what_is_left_out_is_its_tooltip(qtbot, label):
    def hover():
        QApplication.sendEvent(label, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), label.mapToGlobal(QPoint(5, 5))))

    label.resize(label.sizeHint())
    hover()
    assert not QToolTip.isVisible()
    label.resize(40, 20)
    hover()
    assert QToolTip.text() == label.text()
    QToolTip.hideText()
