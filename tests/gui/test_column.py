"""A column is as wide as its cards need it, until that is more than it may take: then it scrolls sideways."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from momentum_gui.gui.column import Column


@pytest.fixture
def column(qtbot):
    column = Column()
    qtbot.addWidget(column)
    card = QWidget()
    card.setMinimumSize(500, 100)
    column.cards.addWidget(card)
    column.show()
    QApplication.processEvents()
    return column


def test_it_is_as_wide_as_its_cards(column):
    assert column.minimumWidth() >= 500
    column.resize(column.minimumWidth(), 200)
    QApplication.processEvents()
    assert not column.horizontalScrollBar().isVisible()


def test_with_less_room_all_of_it_can_be_reached(column):
    column.give_way(300)
    assert column.minimumWidth() == 300
    column.resize(300, 200)
    QApplication.processEvents()
    bar = column.horizontalScrollBar()
    assert bar.isVisible()
    assert bar.maximum() + column.viewport().width() >= 500


def test_a_card_that_grows_is_given_its_width(column):
    column.give_way(900)
    column.cards.itemAt(0).widget().setMinimumWidth(700)
    QApplication.processEvents()
    assert 700 <= column.minimumWidth() <= 900


class Tall(QWidget):
    """Would like to be twice as high as it is wide, as plots in panels would be a share of their width."""

    def sizeHint(self):
        return QSize(100, 2 * self.width())

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self.updateGeometry()


def test_cards_that_fit_only_beside_the_bar_find_a_size(qtbot, look):
    """Without the bar they are wider and so too high for the room; beside it they fit, and need no bar."""
    column = Column()
    qtbot.addWidget(column)
    text = QLabel("word " * 30)
    text.setWordWrap(True)
    tall = Tall()
    column.cards.addWidget(tall)
    column.cards.addWidget(text)
    column.resize(300, 800)
    column.show()
    stays = Qt.ScrollBarPolicy.ScrollBarAlwaysOn
    kept = 0
    for height in range(760, 560, -1):
        column.resize(300, height)
        QApplication.processEvents()
        kept += column.verticalScrollBarPolicy() == stays
        column.give_way(300)
    assert kept > 0
    column.resize(300, 900)
    column.give_way(300)
    QApplication.processEvents()
    assert column.verticalScrollBarPolicy() != stays
    assert not column.verticalScrollBar().isVisible()
