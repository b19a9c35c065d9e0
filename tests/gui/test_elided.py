"""A label shows as much as there is room for."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QHelpEvent, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QComboBox, QToolTip

from momentum_gui.gui.elided import ElidedBox, ElidedLabel


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


def test_a_long_name_is_cut_with_an_ellipsis(qtbot):
    """It looks as a name does that was cut by hand."""

    def picture(name):
        choice = ElidedBox()
        choice.addItem(name)
        qtbot.addWidget(choice)
        choice.resize(110, 30)
        return choice.grab().toImage()

    name = "a feature with a rather long name"
    cut = picture(name)
    assert any(cut == picture(name[:letters].rstrip() + "…") for letters in range(3, 20))
    assert cut != picture(name[:3] + "…")


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_a_box_as_wide_as_it_wants_to_be_shows_all(qtbot, look, scale):
    look.choose("light", scale)
    whole, plain = ElidedBox(), QComboBox()
    marker = QPixmap(20, 20)
    marker.fill(Qt.GlobalColor.red)
    for box in (whole, plain):
        qtbot.addWidget(box)
        box.addItem(QIcon(marker), "Momentum")
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setIconSize(QSize(20, 20))
        box.ensurePolished()
        box.resize(box.sizeHint())
    assert whole.grab().toImage() == plain.grab().toImage()
