"""What is said above the picture: how high it may be, how it scrolls, how it looks."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from momentum_gui.gui.strips import MOST, Middle

TEXT = "Momentum adds up the past steps: across the ravine they cancel, along the floor they grow. " * 3
WIDTH, HEIGHT = 410, 660


@pytest.fixture
def middle(qtbot, look):
    middle = Middle()
    qtbot.addWidget(middle)
    middle.column.addWidget(QLabel(), 1)
    middle.resize(WIDTH, HEIGHT)
    middle.show()
    middle.lesson.show_text(TEXT)
    QApplication.processEvents()
    return middle


def enlarge(look, qtbot, middle, scale=2.0):
    look.choose(scale=scale)
    bar, most = middle.lesson.words.verticalScrollBar(), round(MOST * HEIGHT)
    large = scale > 1
    qtbot.waitUntil(lambda: (bar.maximum() > 0) == (middle.lesson.height() == most) == large)
    return bar


def needed(strip):
    """How high a strip's text is."""
    return strip.label.heightForWidth(strip.label.width())


def test_a_text_of_normal_size_is_seen_whole_and_takes_no_tab_key(middle):
    words = middle.lesson.words
    assert words.viewport().height() == needed(middle.lesson)
    assert words.verticalScrollBar().maximum() == 0
    assert words.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_a_large_text_leaves_the_picture_its_room(qtbot, look, middle):
    bar = enlarge(look, qtbot, middle)
    assert middle.lesson.height() == round(MOST * HEIGHT)
    assert middle.lesson.height() < needed(middle.lesson)
    enlarge(look, qtbot, middle, 1.0)
    assert middle.lesson.words.viewport().height() == needed(middle.lesson)
    assert bar.maximum() == 0


def test_the_room_is_shared_out_anew_in_another_window(qtbot, look, middle):
    enlarge(look, qtbot, middle)
    middle.resize(WIDTH, 900)
    qtbot.waitUntil(lambda: middle.lesson.height() == round(MOST * 900))


def test_the_wheel_scrolls_a_large_text(qtbot, look, middle):
    bar = enlarge(look, qtbot, middle)
    place = QPointF(20, 20)
    turned = QWheelEvent(
        place, middle.lesson.label.mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(middle.lesson.words.viewport(), turned)
    assert bar.value() > 0


def test_keys_scroll_a_large_text_once_it_has_been_tabbed_to_or_clicked(qtbot, look, middle):
    bar = enlarge(look, qtbot, middle)
    words = middle.lesson.words
    assert words.focusPolicy() == Qt.FocusPolicy.StrongFocus
    for widget in (words, middle.lesson.label):  # a click on the text, to select some of it, goes to the label
        for _turn in range(5):
            qtbot.keyClick(widget, Qt.Key.Key_PageDown)
        assert bar.value() == bar.maximum()
        for _turn in range(50):
            qtbot.keyClick(widget, Qt.Key.Key_Up)
        assert bar.value() == 0


def test_another_text_is_shown_from_its_beginning(qtbot, look, middle):
    bar = enlarge(look, qtbot, middle)
    bar.setValue(bar.maximum())
    middle.lesson.show_text("Another. " + TEXT)
    assert bar.value() == 0


def test_a_text_that_was_put_away_stays_away_until_it_is_brought_back(middle):
    middle.lesson.findChild(QToolButton).click()
    assert not middle.lesson.isVisible()
    middle.lesson.show_text(TEXT)
    assert not middle.lesson.isVisible()
    middle.lesson.bring_back()
    assert middle.lesson.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_error_stands_where_a_lesson_stands_in_a_frame_of_its_color(qtbot, look, middle, theme):
    look.choose(theme)
    middle.banner.show_text("none.toml: No such file or directory")
    QApplication.processEvents()
    banner, lesson = middle.banner, middle.lesson
    assert banner.label.mapTo(middle, QPoint()).x() == lesson.label.mapTo(middle, QPoint()).x()
    buttons = [strip.findChild(QToolButton) for strip in (banner, lesson)]
    assert len({button.mapTo(middle, QPoint()).x() for button in buttons}) == 1
    colors = look.theme

    def edge_and_ground(strip):
        picture = strip.grab().toImage()
        middle_row = picture.height() // 2
        return [picture.pixelColor(x, middle_row) for x in (0, 4)]

    assert edge_and_ground(banner) == [QColor(colors.error), QColor(colors.panel)]
    assert edge_and_ground(lesson) == [QColor(colors.line), QColor(colors.panel)]
    assert banner.label.palette().windowText().color() == QColor(colors.error)
    banner.show_note("Copied.")
    assert edge_and_ground(banner) == [QColor(colors.line), QColor(colors.panel)]
    assert banner.label.palette().windowText().color() == QColor(colors.muted)
    banner.show_text("")
    assert not banner.isVisible()


def test_angle_brackets_in_a_message_are_read_as_they_are(middle):
    middle.banner.show_text("<b>.toml: No such file or directory")
    assert middle.banner.label.textFormat() == Qt.TextFormat.PlainText
