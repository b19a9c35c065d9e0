"""What both labs share, in the real window: change from here on, ghosts, lessons."""

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.schedules import Change
from momentum_gui.core.surfaces import Ravine, Rosenbrock
from momentum_gui.gui.curves import GHOST
from momentum_gui.gui.elided import ElidedLabel
from momentum_gui.gui.header import LABS
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.window import Window
from momentum_gui.lessons import lessons


@pytest.fixture
def window(qtbot, tmp_path):
    look = Look("light")
    look.apply()
    window = Window(look, Settings(tmp_path / "settings.ini"))
    with qtbot.waitSignal(window.furnished, timeout=20000):
        window.show()
    settle(qtbot, window)
    yield window
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def settle(qtbot, window):
    qtbot.waitUntil(lambda: window.lab.settled, timeout=30000)


def go(qtbot, window, step):
    window.lab.go(step)
    settle(qtbot, window)


def press(qtbot, window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, key, modifiers)


def slide(window, racer, field, value):
    """Move a slider in a few steps to ``value``."""
    slider = window.lab.controls.racers.cards[racer].form.sliders[field]
    goal = slider.tick_of(value)
    for tick in np.linspace(slider.value(), goal, 4).round()[1:]:
        slider.setValue(int(tick))
    return slider.value_at(goal)


# -- from here on


def test_a_change_from_here_keeps_the_run_so_far(qtbot, window):
    lab = window.lab
    before, path = lab.experiment, lab.simulation.runs[1].path.copy()
    go(qtbot, window, 20)
    lab.controls.racers.since.button(1).click()
    value = slide(window, 1, "lr", 0.02)
    settle(qtbot, window)
    assert lab.experiment.optimizers[1].lr == before.optimizers[1].lr
    assert lab.experiment.optimizers[1].changes == (Change(21, "lr", value),)
    assert lab.playhead.step == 20
    now = lab.simulation.runs[1].path
    assert (now[:21] == path[:21]).all()
    assert not (now[21] == path[21]).any()
    card = lab.controls.racers.cards[1]
    assert card.changes.isVisible()
    assert card.changes.texts == [f"from step 20 on: <i>η</i> = {value:.6g}"]
    lab.undo_stack.undo()  # one drag, one undo
    assert lab.experiment == before


def test_the_slider_shows_the_number_in_force_at_the_playhead(qtbot, window):
    lab, card = window.lab, window.lab.controls.racers.cards[1]
    go(qtbot, window, 20)
    lab.controls.racers.since.button(1).click()
    value = slide(window, 1, "lr", 0.02)
    settle(qtbot, window)
    base = lab.experiment.optimizers[1].lr
    go(qtbot, window, 19)
    assert card.form.editors["lr"].text() == f"{base:.6g}"
    go(qtbot, window, 20)
    assert card.form.editors["lr"].text() == f"{value:.6g}"
    lab.controls.racers.since.button(0).click()
    assert card.form.editors["lr"].text() == f"{base:.6g}"


def test_the_switch_says_which_step(qtbot, window):
    go(qtbot, window, 7)
    since = window.lab.controls.racers.since
    assert since.checkedId() == 0
    assert since.button(1).text() == "from step 7 on"


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_the_switch_shows_its_step_whole_however_large_the_text(qtbot, window, scale):
    window.look.choose(scale=scale)
    button = window.lab.controls.racers.since.button(1)
    qtbot.waitUntil(lambda: button.width() >= button.sizeHint().width())
    window.look.choose(scale=1.0)


def test_from_step_0_is_from_the_start(qtbot, window):
    lab = window.lab
    go(qtbot, window, 0)
    lab.controls.racers.since.button(1).click()
    value = slide(window, 1, "mu", 0.5)
    settle(qtbot, window)
    assert lab.experiment.optimizers[1].mu == value
    assert lab.experiment.optimizers[1].changes == ()


def test_nothing_follows_the_last_step(qtbot, window):
    lab, card = window.lab, window.lab.controls.racers.cards[1]
    before = lab.experiment
    lab.controls.racers.since.button(1).click()
    slide(window, 1, "mu", 0.5)
    assert lab.experiment == before
    assert "last step" in card.form._fault.text()
    assert card.form.editors["mu"].text() == "0.8"


def test_what_is_no_number_changes_from_the_start(qtbot, window):
    lab = window.lab
    go(qtbot, window, 20)
    lab.controls.racers.since.button(1).click()
    form = lab.controls.racers.cards[1].form
    form.editors["convention"].setCurrentIndex(1)
    settle(qtbot, window)
    assert lab.experiment.optimizers[1].convention == "outside"
    assert lab.experiment.optimizers[1].changes == ()


def test_a_schedule_is_chosen_and_a_change_taken_back(qtbot, window):
    lab, card = window.lab, window.lab.controls.racers.cards[1]
    card.form.fold.click()
    card.schedule.kind.setCurrentIndex(card.schedule.kind.findText("Cosine"))
    settle(qtbot, window)
    assert lab.experiment.optimizers[1].at(61, 60).lr == pytest.approx(0)
    go(qtbot, window, 20)
    lab.controls.racers.since.button(1).click()
    slide(window, 1, "mu", 0.5)
    card.changes.crosses[0].click()
    assert lab.experiment.optimizers[1].changes == ()
    assert not card.changes.isVisible()


def test_a_training_goes_on_from_where_it_is(qtbot, window):
    window.tabs.button(1).click()
    settle(qtbot, window)
    lab = window.lab
    go(qtbot, window, 40)
    losses = lab.simulation.runs[0].batch_loss[1:41].copy()
    lab.controls.racers.since.button(1).click()
    value = slide(window, 0, "lr", 0.5)
    settle(qtbot, window)
    assert lab.experiment.optimizers[0].changes == (Change(41, "lr", value),)
    assert lab.playhead.step == 40
    assert (lab.simulation.runs[0].batch_loss[1:41] == losses).all()
    lab.controls.racers.since.button(0).click()
    slide(window, 0, "lr", 0.2)
    settle(qtbot, window)
    assert lab.playhead.step == 0  # another training from the start


# -- ghosts


def test_a_race_is_pinned_and_unpinned_by_key(qtbot, window):
    lab = window.lab
    pinned = lab.simulation
    press(qtbot, window, Qt.Key.Key_G)
    slide(window, 1, "lr", 0.05)
    settle(qtbot, window)
    assert lab.pinned is pinned
    assert lab.simulation is not pinned
    assert list(lab.picture._ghosts.runs.values()) == list(pinned.runs.values())
    ghosts = [series for series in lab.curves.loss._series if series.stroke is GHOST]
    assert [series.values.tolist() for series in ghosts] == [run.loss.tolist() for run in pinned.runs.values()]
    assert lab.controls.racers.pin_buttons["unpin"].isVisible()
    press(qtbot, window, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert lab.pinned is None
    assert not lab.picture._ghosts.runs
    assert not [series for series in lab.curves.loss._series if series.stroke is GHOST]
    assert not lab.controls.racers.pin_buttons["unpin"].isVisible()


def test_ghosts_are_seen(qtbot, window):
    lab = window.lab
    for racer in (0, 1):
        lab.controls.racers.cards[racer].switch.click()
        settle(qtbot, window)
    bare = lab.picture.grab().toImage()
    lab.undo_stack.setIndex(0)
    settle(qtbot, window)
    lab.pin()
    for racer in (0, 1):
        lab.controls.racers.cards[racer].switch.click()
        settle(qtbot, window)
    assert lab.picture.grab().toImage() != bare


def test_pins_are_in_no_file(qtbot, window):
    lab = window.lab
    before = lab.experiment
    lab.pin()
    assert lab.experiment == before
    assert not lab.undo_stack.canUndo()


# -- lessons


def test_a_lesson_opens_with_its_text_and_is_undone(qtbot, window):
    lab = window.lab
    before = lab.experiment
    window.header.list_examples()
    actions = {action.text(): action for action in window.header.examples.menu().actions()}
    assert window.header.examples.menu().toolTipsVisible()
    assert "bent ravine" in actions["Rosenbrock's valley"].toolTip()
    actions["Rosenbrock's valley"].trigger()
    settle(qtbot, window)
    lesson = lessons()["ravine_08_rosenbrock"]
    assert lab.experiment == lesson
    assert lab.lesson.isVisible()
    assert lab.lesson.label.text() == lesson.text
    assert window.heading.text() == "Rosenbrock's valley"
    slide(window, 1, "mu", 0.5)
    assert lab.lesson.isVisible()
    lab.lesson.findChild(QToolButton).click()
    slide(window, 1, "mu", 0.9)
    assert not lab.lesson.isVisible()
    window.open_lesson("ravine_08_rosenbrock")
    assert lab.lesson.isVisible()
    lab.undo_stack.setIndex(0)
    assert lab.experiment == before


def test_the_first_start_says_what_there_is_to_see(window):
    lab = window.lab
    assert lab.experiment == lessons()["ravine_01_tilted"]
    assert lab.lesson.isVisible()
    assert "Momentum adds up" in lab.lesson.label.text()


def test_a_text_that_was_put_away_stays_away_at_the_next_start(qtbot, window, tmp_path):
    window.lab.lesson.findChild(QToolButton).click()
    window.close()
    again = Window(window.look, Settings(tmp_path / "settings.ini"))
    with qtbot.waitSignal(again.furnished, timeout=20000):
        again.show()
    assert again.lab.experiment.text
    assert not again.lab.lesson.isVisible()
    again.close()
    again.deleteLater()


def test_a_text_goes_with_what_it_is_about_and_comes_back_with_it(qtbot, window):
    lab = window.lab
    lab.edit(structs.replace(lab.experiment, objective=Ravine(kappa=5.0)), "kappa")
    assert lab.lesson.isVisible()
    lab.edit(structs.replace(lab.experiment, objective=Rosenbrock()), "surface")
    assert not lab.lesson.isVisible()
    assert (lab.experiment.title, lab.experiment.text) == ("", "")
    assert window.heading.text() == "Rosenbrock"
    lab.undo_stack.undo()
    assert lab.lesson.isVisible()
    assert window.heading.text() == "A tilted ravine"


def test_a_network_s_lesson_opens_in_its_lab(qtbot, window):
    window.open_lesson("network_02_moons")
    assert window.tabs.checkedId() == 1
    settle(qtbot, window)
    assert window.lab.experiment == lessons()["network_02_moons"]
    assert window.lab.playhead.step == 0


def test_the_menu_lists_every_lesson(window):
    window.header.list_examples()
    window.header.list_examples()
    actions = window.header.examples.menu().actions()
    texts = [action.text() for action in actions if action.isEnabled() and action.text()]
    assert texts == [lesson.title for lesson in sorted_by_lab(lessons())]


def sorted_by_lab(known):
    return [known[name] for name in sorted(known, key=lambda name: (name.startswith("network"), name))]


def test_racers_that_can_not_start_are_told_in_every_panel(ravine_lab, qtbot):
    with qtbot.captureExceptions() as errors:
        lab = ravine_lab(Experiment(objective=Ravine(), steps=5))
        lab.pictures.open_relief(True)
        for name in lab.panels.switches:
            lab.panels.open(name)
        lab.edit(Experiment(objective=Ravine(kappa=1e6), start=(1e6, 1e6), steps=5), "start")
        qtbot.waitUntil(lambda: lab.settled and lab.simulation.experiment == lab.experiment, timeout=20000)
        lab.grab()
        assert [run.count for run in lab.simulation.runs.values()] == [0, 0]
        lab.undo_stack.undo()
        qtbot.waitUntil(lambda: lab.settled and lab.simulation.experiment == lab.experiment, timeout=20000)
    assert errors == []


def test_a_playhead_beyond_a_shorter_run_comes_to_its_end(qtbot, window):
    lab = window.lab
    lab.go(30)
    settle(qtbot, window)
    lab.edit(structs.replace(lab.experiment, steps=1), "steps")
    qtbot.waitUntil(lambda: lab.simulation.experiment is lab.experiment, timeout=20000)
    settle(qtbot, window)
    assert lab.playhead.step == 1


# -- large text


@pytest.mark.parametrize("name", ["ravine", "network"])
@pytest.mark.parametrize("scale", [1.25, 2.0])
def test_with_large_text_nothing_lies_off_the_side(qtbot, window, name, scale):
    window.resize(1280, 800)
    window.tabs.button(LABS.index(name)).click()
    settle(qtbot, window)
    window.look.choose(scale=scale)
    QApplication.processEvents()
    lab = window.lab
    columns = lab.controls, lab.panels._column
    assert window.size().width() == 1280
    for panel in (None, *lab.panels.switches):
        if panel is not None:
            lab.panels.open(panel)
        QApplication.processEvents()
        assert [column.horizontalScrollBar().maximum() for column in columns] == [0, 0], panel

        def nothing_is_cut(panel=panel):
            cut = [label.text() for column in columns for label in column.findChildren(QLabel) if is_cut(label)]
            assert not cut, panel

        qtbot.waitUntil(nothing_is_cut)  # what an answer says is laid out with the next events
        key = lab.curves.key
        assert key.isHidden() or not key.isVisible() or key._places(key.fitting())[-1] <= key.width()
        if panel is not None:
            lab.panels.open(panel, False)


def is_cut(label):
    """Whether some of a label's words can't be seen."""
    if isinstance(label, ElidedLabel) or not label.isVisible() or not label.text():
        return False
    if label.wordWrap():
        return label.height() < label.heightForWidth(label.width()) - 1
    return label.width() < label.minimumSizeHint().width()
