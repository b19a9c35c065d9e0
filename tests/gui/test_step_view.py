"""The step panel on the real window: it says what the numbers say, and its arrows go with it."""

import math

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from momentum_gui.core.opened_step import open_step
from momentum_gui.core.optimizers import OPTIMIZERS, Adam, AdamW, Lion, NAdam, RMSprop
from momentum_gui.gui.formula_view import Formula, typeset
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.step_arrows import MOST, SHORTEST
from momentum_gui.gui.step_table import DIGITS, FEW, WIDEST, StepTable, row
from momentum_gui.gui.step_view import RULE, rule_height
from momentum_gui.gui.style import Look
from momentum_gui.gui.window import Window


@pytest.fixture
def lab(qtbot, tmp_path):
    look = Look("light")
    look.apply()
    window = Window(look, Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.furnished, timeout=20000):
        window.show()
    qtbot.waitUntil(lambda: window.lab.settled, timeout=20000)
    yield window.lab
    window.close()
    QApplication.processEvents()


@pytest.fixture
def view(lab):
    lab.panels.open("step")
    return lab.panels.view("step")


def test_at_rest_there_are_no_arrows(lab):
    assert lab.panels.opened == []
    assert lab.picture.arrows.boundingRect().isEmpty()


def test_it_shows_the_step_just_taken(lab, view):
    lab.go(7)
    opened = open_step(lab.simulation.runs[1], 7)
    assert view.title.text() == "Step 7"
    step = next(row for row in view.table.rows if row.bold)
    assert float(step.texts[0].replace("−", "-")) == pytest.approx(opened.step[0], rel=1e-3)
    assert "Across the ravine" in view.story.text()
    assert not lab.picture.arrows.boundingRect().isEmpty()


def test_at_the_start_it_says_what_to_do(lab, view):
    lab.go(0)
    assert "first step" in view.story.text()
    assert view.table.rows == []
    assert not view.slow.isEnabled()


def test_another_racer_is_looked_at(lab, view):
    lab.go(3)
    lab.choose(0)
    assert "No memory" in view.story.text()


def take(qtbot, lab, kind):
    method = lab.controls.racers.cards[1].method
    method.setCurrentIndex(method.findData(kind))
    qtbot.waitUntil(lambda: lab.settled, timeout=20000)


def test_adam_has_learning_rates(qtbot, lab, view):
    take(qtbot, lab, Adam)
    lab.go(5)
    assert "learning rates" in [row.title for row in view.table.rows]


def test_the_whole_rule_is_shown(qtbot, lab, view):
    take(qtbot, lab, NAdam)
    lab.go(5)
    assert sum(not line.isHidden() for line in view.rule) == len(NAdam.latex)


def test_slow_motion_goes_through_the_parts_and_ends(lab, view):
    lab.go(7)
    view.slow.click()
    told = [view.story.text()]
    while view.slow.isChecked():
        view._next_stage()
        told.append(view.story.text())
    assert "velocity" in told[0]
    assert "gradient pushes" in told[1]
    assert told[2] == "Together they are the step."
    assert "Across the ravine" in told[3]


def slow_motion(view):
    view.slow.click()
    told = []
    while view.slow.isChecked():
        told.append(view.story.text())
        view._next_stage()
    return told


def test_slow_motion_of_a_scaled_gradient(qtbot, lab, view):
    take(qtbot, lab, RMSprop)
    lab.go(5)
    slope, scale, step = slow_motion(view)
    assert "plain gradient descent" in slope
    assert "a learning rate of its own" in scale
    assert "bent away from the slope" in step


def test_slow_motion_of_a_scaled_mean(qtbot, lab, view):
    take(qtbot, lab, AdamW)
    lab.go(5)
    scale, mean, gradient, decay, together = slow_motion(view)
    assert "a learning rate of its own" in scale
    assert "mean of the last gradients" in mean
    assert "new gradient adds" in gradient
    assert "origin" in decay
    assert together == "Together they are the step."


def test_an_adaptive_methods_parts_are_in_the_table(qtbot, lab, view):
    take(qtbot, lab, Adam)
    lab.go(5)
    opened = open_step(lab.simulation.runs[1], 5)
    rows = {row.title: row for row in view.table.rows}
    assert rows["kept mean"].symbol == opened.optimizer.part_symbols()["momentum"]
    assert float(rows["push"].texts[1].replace("−", "-")) == pytest.approx(opened.parts["gradient"][1], rel=1e-3)
    assert "In y the gradient" in view.story.text()


def test_moving_on_ends_slow_motion(lab, view):
    lab.go(7)
    view.slow.click()
    lab.go(8)
    assert not view.slow.isChecked()


def test_closing_the_panel_takes_the_arrows_away(qtbot, lab, view):
    lab.go(7)
    lab.panels.open("step", False)
    assert lab.picture.arrows.boundingRect().isEmpty()


def test_short_arrows_are_enlarged_by_a_round_number(lab, view):
    scale = Frame.of(lab.picture.plane).x_scale  # pixels a unit
    for step in (1, 30, 60):
        lab.go(step)
        opened, enlarged = open_step(lab.simulation.runs[1], step), lab.picture.arrows.magnification
        longest = scale * max(math.hypot(*part) for part in (opened.step, *opened.parts.values()))
        assert enlarged == 1.0 if longest >= SHORTEST else SHORTEST <= longest * enlarged <= 2.5 * SHORTEST
        assert f"{enlarged:.0e}"[0] in "125"


def test_the_shortest_step_there_is_has_arrows_too(qtbot, lab, view):
    """After some ten thousand steps what is left is below 1e-308; a quotient by it is infinite."""
    lab.edit(structs.replace(lab.experiment, start=(1e-310, 1e-310)), "start")
    qtbot.waitUntil(lambda: lab.simulation.experiment is lab.experiment and lab.settled, timeout=20000)
    lab.go(1)
    assert 0 < abs(open_step(lab.simulation.runs[1], 1).step[0]) < 1e-308
    assert lab.picture.arrows.magnification == MOST
    lab.grab()


def test_the_key_opens_and_closes_it(qtbot, lab):
    window = lab.window()
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_S)
    assert lab.panels.opened == ["step"]
    qtbot.keyClick(window, Qt.Key.Key_S)
    assert lab.panels.opened == []


def test_another_methods_rule_never_stands_beside_its_numbers(qtbot, lab, view):
    take(qtbot, lab, Adam)
    lab.choose(1)
    lab.go(5)
    qtbot.waitUntil(lambda: all(formula.settled for formula in view.rule), timeout=20000)
    assert all(formula._svg for formula in view.rule if formula.isVisible())
    take(qtbot, lab, Lion)
    assert isinstance(view._run.optimizer, Lion)
    drawn = {formula._latex: formula._svg for formula in view.rule if formula._svg}
    assert all(svg == typeset(latex) for latex, svg in drawn.items())


def test_all_of_it_has_room_as_soon_as_it_is_open_and_nothing_jumps_later(qtbot, lab):
    take(qtbot, lab, NAdam)
    lab.choose(1)
    lab.go(5)
    lab.panels.open("step")
    view = lab.panels.view("step")
    assert view.table.height() == view.table.sizeHint().height()
    assert view.height() >= view.minimumSizeHint().height()
    heights = [line.height() for line in view.rule]
    assert view.rule[0].accessibleName() == "m ← β₁ m + (1 − β₁) g"
    before = view.geometry()
    qtbot.waitUntil(lambda: all(line.settled for line in view.rule), timeout=20000)
    QApplication.processEvents()
    assert all(line._svg for line in view.rule)
    assert [line.height() for line in view.rule] == heights
    assert view.geometry() == before


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)
def test_every_rule_has_the_room_that_it_takes(qtbot, kind):
    look = Look("light")
    line_high = QFontMetrics(look.font()).height()
    for line in kind.latex:
        formula = Formula(look, RULE)
        qtbot.addWidget(formula)
        formula.show_latex(line)
        formula._take(typeset(line))
        needed = formula.sizeHint().height() / line_high
        assert 0.85 * needed <= rule_height(line) <= 2 * needed, line


@pytest.mark.parametrize("digits", [DIGITS, FEW])
@pytest.mark.parametrize("value", [-1.23456e150, 9.87654e-211, -0.00123456, -99999.9, 1e9, -9.9999e-99])
def test_a_number_of_any_size_has_room_in_the_table(digits, value):
    text, _other = row("step", "", (value, 0.0)).written(digits)
    assert len(text) <= len(WIDEST[digits])
    assert read(text) == pytest.approx(value, rel=0.06)


def read(text):
    """The number that is written ``a×10ᵇ``, or plainly."""
    digits, _times, power = text.replace("−", "-").partition("×10")
    plain = power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return float(digits) * 10 ** int(plain or 0)


def gap(look, scale):
    """The pixels between a title and its symbol."""
    look.choose(scale=scale)
    table = StepTable(look)
    table.show_rows([row("HHH", "H", (1.0, 2.0))])
    table.resize(1000, table.sizeHint().height())
    picture = table.grab().toImage()
    ground = picture.pixel(0, 0)
    rows = range(picture.height() // 2, picture.height())
    inked = [x for x in range(500) if any(picture.pixel(x, y) != ground for y in rows)]
    return int(np.diff(inked).max()) - 1


def test_a_symbol_keeps_its_distance_from_its_title_however_large_the_text(qtbot, look):
    assert gap(look, 2.0) >= 1.7 * gap(look, 1.0)


def test_without_a_racer_there_is_no_slow_motion(qtbot, lab, view):
    assert view.slow.isVisible()
    lab.edit(structs.replace(lab.experiment, optimizers=()), "optimizers")
    qtbot.waitUntil(lambda: lab.settled and not lab.simulation.runs, timeout=10000)
    assert not view.slow.isVisible()
    assert view.story.text() == "No racer is switched on."
    lab.undo_stack.undo()
    qtbot.waitUntil(lambda: lab.settled and len(lab.simulation.runs) == 2, timeout=10000)
    assert view.slow.isVisible()
