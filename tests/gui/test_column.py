"""A column is as wide as its cards need it, until that is more than it may take: then it scrolls sideways."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

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
