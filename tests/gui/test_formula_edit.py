"""Typing a formula: a good one applies at once, a bad one stays, with its fault marked and said."""

import pytest
from PySide6.QtCore import Qt

from momentum_gui.gui.formula_edit import FormulaEdit


@pytest.fixture
def edit(qtbot):
    edit = FormulaEdit()
    qtbot.addWidget(edit)
    edit.taken = []
    edit.changed.connect(edit.taken.append)
    edit.changed.connect(edit.show_value)
    edit.show_value("x**2")
    edit.resize(300, 60)
    with qtbot.waitExposed(edit):
        edit.show()
    edit.field.setFocus()
    edit.field.end(False)
    return edit


def test_a_good_formula_applies_with_every_key(qtbot, edit):
    qtbot.keyClicks(edit.field, " + y")
    assert edit.taken == ["x**2 ", "x**2 + y"]
    assert not edit.fault.isVisible()


def test_a_bad_formula_stays_and_its_fault_is_said(qtbot, edit):
    qtbot.keyClicks(edit.field, " + foo")
    assert edit.field.text() == "x**2 + foo"
    assert edit.fault.isVisible()
    assert edit.fault.text().startswith("Column 8: foo is not known")
    assert edit.field.property("invalid") is True
    edit.field.clearFocus()
    assert edit.field.text() == "x**2 + foo"
    edit.show_value("x**2 ")  # what is in force has not changed
    assert edit.field.text() == "x**2 + foo"
    qtbot.keyClick(edit.field, Qt.Key.Key_Escape)
    assert edit.field.text() == "x**2 "
    assert not edit.fault.isVisible()
    assert edit.field.property("invalid") is False


def red_columns(edit):
    """The pixel columns of the field in which there is red below the letters."""
    image = edit.field.grab().toImage()
    bottom = range(edit.field.height() // 2, edit.field.height() - 1)
    colors = {x: [image.pixelColor(x, y) for y in bottom] for x in range(3, image.width() - 3)}
    return [x for x, each in colors.items() if any(c.red() > c.blue() + 60 for c in each)]


def test_the_place_of_the_fault_is_underlined(qtbot, edit):
    assert red_columns(edit) == []
    qtbot.keyClicks(edit.field, " + foo + y")
    marked = red_columns(edit)
    metrics = edit.field.fontMetrics()
    begin = metrics.horizontalAdvance("x**2 + ")
    assert marked
    assert marked[-1] - marked[0] <= metrics.horizontalAdvance("foo") + 4
    assert begin - 4 <= marked[0] <= begin + 12
    qtbot.keyClick(edit.field, Qt.Key.Key_Home)  # the mark stays where it is when the cursor moves
    assert red_columns(edit) == pytest.approx(marked, abs=2)


def test_a_formula_from_elsewhere_replaces_what_is_typed(qtbot, edit):
    qtbot.keyClicks(edit.field, " +")
    edit.show_value("y**4")
    assert edit.field.text() == "y**4"
    assert not edit.fault.isVisible()
    assert edit.taken == ["x**2 "]


def test_the_fault_at_the_end_of_the_text_is_marked_on_its_last_character(qtbot, edit):
    qtbot.keyClicks(edit.field, "+")
    assert red_columns(edit)
