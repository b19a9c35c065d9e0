"""Editors take what is allowed, keep what is in force, and say why they refuse."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QToolTip

from momentum_gui.core.optimizers import Momentum
from momentum_gui.core.surfaces import Expression, Ravine
from momentum_gui.gui.editors import CALM, ListEdit, NumberEdit, ValueSlider
from momentum_gui.gui.forms import Form


@pytest.fixture
def form(qtbot):
    form = Form(Momentum)
    qtbot.addWidget(form)
    form.show_value(Momentum(lr=0.1, mu=0.9))
    form.show()
    return form


def typed(qtbot, form, name, text):
    """Type ``text`` and Enter into a field; what the form told."""
    told = []
    form.edited.connect(lambda field, value: told.append((field, value)))
    editor = form.editors[name]
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    return told


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), (".25", 0.25), ("1e-3", 0.001), ("0,75", 0.75)])
def test_a_number_is_taken(qtbot, form, text, value):
    assert typed(qtbot, form, "lr", text) == [("lr", value)]


@pytest.mark.parametrize("text", ["", "abc", "1", "-0.1", "nan", "inf", "1e999", "0.5.5"])
def test_what_is_not_allowed_is_refused_with_a_sentence(qtbot, form, text):
    assert typed(qtbot, form, "mu", text) == []
    editor = form.editors["mu"]
    assert editor.property("invalid") is True
    assert "at least 0, less than 1" in editor.toolTip()
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.text() == "0.9"


def test_a_refused_number_gives_way_when_the_field_is_left(qtbot, form):
    typed(qtbot, form, "mu", "7")
    QApplication.sendEvent(form.editors["mu"], QFocusEvent(QEvent.Type.FocusOut))
    assert form.editors["mu"].text() == "0.9"
    assert form.editors["mu"].property("invalid") is False


def test_up_and_down_change_the_last_digit_within_the_limits(qtbot, form):
    editor = form.editors["mu"]
    editor.setFocus()
    told = []
    form.edited.connect(lambda field, value: told.append(value))
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    qtbot.keyClick(editor, Qt.Key.Key_Up)  # 1 is not allowed
    assert told == pytest.approx([0.8, 0.9])


@pytest.mark.parametrize("text", ["1e400", "1e", "", "e5"])
def test_up_and_down_leave_what_is_no_number_alone(qtbot, form, text):
    editor = form.editors["mu"]
    editor.setFocus()
    editor.setText(text)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(editor, key)
    assert editor.text() == text


def test_a_slider_tells_while_it_moves_and_the_number_follows(qtbot, form):
    told = []
    form.edited.connect(lambda field, value: told.append((field, value)))
    form.sliders["mu"].setValue(500)
    assert told == [("mu", pytest.approx(0.495))]
    assert form.editors["mu"].text() == "0.495"


def test_showing_a_value_tells_nobody(qtbot, form):
    told = []
    form.edited.connect(lambda *edit: told.append(edit))
    form.show_value(Momentum(lr=0.3, mu=0.2))
    assert told == []
    assert form.editors["lr"].text() == "0.3"
    assert form.sliders["mu"].value_at(form.sliders["mu"].value()) == pytest.approx(0.2, abs=1e-3)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_slider_reaches_both_ends_and_never_leaves_them(qtbot, logarithmic):
    slider = ValueSlider(0.001, 10.0, logarithmic, integer=False)
    qtbot.addWidget(slider)
    assert slider.value_at(0) == 0.001
    assert slider.value_at(slider.maximum()) == 10.0
    assert slider.tick_of(1e9) == slider.maximum()
    assert slider.tick_of(1e-9) == 0


def test_a_form_has_a_row_for_every_titled_field(qtbot):
    form = Form(Ravine)
    qtbot.addWidget(form)
    assert list(form.editors) == ["curvature", "kappa", "angle"]
    assert all(editor.accessibleName() for editor in form.editors.values())


def test_a_range_is_taken_end_by_end_and_never_upside_down(qtbot):
    form = Form(Expression)
    qtbot.addWidget(form)
    form.show_value(Expression())
    form.show()
    told = []
    form.edited.connect(lambda field, value: told.append((field, value)))
    low, high = form.editors["x_range"].ends
    for end, text in ((low, "-5"), (high, "4.5"), (low, "7"), (high, "1e9"), (high, "nan")):
        end.setFocus()
        end.selectAll()
        qtbot.keyClicks(end, text)
        qtbot.keyClick(end, Qt.Key.Key_Return)
    assert told == [("x_range", (-5.0, 3.0)), ("x_range", (-5.0, 4.5))]
    assert low.accessibleName() != high.accessibleName()


def test_a_form_says_why_an_edit_was_not_taken_until_the_next(qtbot):
    form = Form(Expression)
    qtbot.addWidget(form)
    form.show()
    form.show_fault("formula: it has no value")
    assert form._fault.text() == "Formula: it has no value"
    assert form._fault.isVisible()
    form.show_value(Expression())
    assert not form._fault.isVisible()


@pytest.mark.parametrize(
    ("name", "text", "hopeless"),
    [("lr", "0.", False), ("lr", "-", False), ("lr", "1e-", False), ("lr", "0.1x", True), ("lr", "1e-3.", True)],
)
def test_nothing_is_said_of_what_may_become_a_number_until_typing_rests(qtbot, form, name, text, hopeless):
    editor = form.editors[name]
    with qtbot.waitActive(form):
        form.activateWindow()
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    assert bool(editor.property("invalid")) is hopeless
    assert not QToolTip.isVisible()
    qtbot.waitUntil(QToolTip.isVisible, timeout=10 * CALM)
    assert editor.property("invalid") is True
    assert "more than 0" in QToolTip.text()
    editor.selectAll()
    qtbot.keyClicks(editor, "0.15")
    assert editor.property("invalid") is False
    qtbot.waitUntil(lambda: not QToolTip.isVisible(), timeout=10 * CALM)


def test_a_whole_number_and_a_list_begin_as_such(qtbot):
    whole = NumberEdit(True, lambda value: value > 0, "")
    units = ListEdit(lambda value: True, "")
    for each in (whole, units):
        qtbot.addWidget(each)
    assert [whole.begins(text) for text in ("", "1", "-2", "1.", "x")] == [True, True, True, False, False]
    assert [units.begins(text) for text in ("", "16, ", "16 8", "a")] == [True, True, True, False]


def test_a_number_that_is_taken_gives_the_keys_back_and_one_that_is_not_keeps_them(qtbot, form):
    with qtbot.waitActive(form):
        form.activateWindow()
    typed(qtbot, form, "mu", "7")
    assert form.editors["mu"].hasFocus()
    assert QToolTip.isVisible()  # at once, for it was meant
    typed(qtbot, form, "mu", "0.7")
    assert not form.editors["mu"].hasFocus()
    assert form.hasFocus()


def test_a_number_that_does_not_fit_loses_digits_but_not_in_the_middle_of_one(qtbot):
    abridged = "0.033058", "0.03306", "0.0331"
    field, told = NumberEdit(False, lambda value: True, ""), []
    field.changed.connect(told.append)
    qtbot.addWidget(field)
    field.resize(300, 30)
    field.show()
    field.show_value(0.0330579)
    assert field.text() == "0.0330579"
    assert field.toolTip() == ""
    field.resize(8 * field.fontMetrics().horizontalAdvance("0"), 30)
    assert field.text() in abridged
    assert field.toolTip() == "0.0330579"
    with qtbot.waitActive(field):
        field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert field.text() == "0.0330579", "whoever edits it sees all"
    field.clearFocus()
    assert field.text() in abridged
    assert told == [], "nobody has changed it"
    field.resize(300, 30)
    assert field.text() == "0.0330579"
