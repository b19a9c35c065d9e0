"""The real window, driven as a person drives it."""

import json
import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QToolButton

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.experiment_text import parse, to_json
from momentum_gui.core.optimizers import SGD, Momentum, Nesterov
from momentum_gui.core.surfaces import Ravine, Rosenbrock
from momentum_gui.gui.keys import Shortcuts
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.window import Window


@pytest.fixture
def open_window(qtbot, tmp_path):
    """Opens windows that share one settings file; closes what is left."""
    windows = []

    def opened(path=None):
        look = Look("light")
        look.apply()
        window = Window(look, Settings(tmp_path / "settings.ini"), path)
        windows.append(window)
        with qtbot.waitSignal(window.furnished, timeout=20000):
            window.show()
        settle(qtbot, window)
        return window

    yield opened
    for window in windows:
        window.close()
        window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def window(open_window):
    return open_window()


def settle(qtbot, window):
    qtbot.waitUntil(lambda: window.lab.settled, timeout=20000)


def press(qtbot, window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, key, modifiers)


def test_the_list_of_keys_has_those_of_the_lab(open_window):
    window = open_window()
    window._show_shortcuts()
    dialog = window.findChild(Shortcuts)
    shown = [label.text() for label in dialog.findChildren(QLabel)]
    assert {"Space", "S", "G", "Shift+G", "D", "E", "L", "H", "O", "F11", "Ctrl+Z"} <= set(shown)
    keys = [each for each in shown[::2] if each]
    assert len(keys) == len(set(keys))
    dialog.close()


def test_it_opens_on_a_race_that_momentum_wins(window):
    runs = window.lab.simulation.runs
    sgd, momentum = runs[0], runs[1]
    assert type(sgd.optimizer) is SGD
    assert type(momentum.optimizer) is Momentum
    assert momentum.loss[-1] < sgd.loss[-1] / 10
    assert window.lab.playhead.at_end


def test_the_keys_play_pause_step_and_jump(qtbot, window):
    playhead = window.lab.playhead
    press(qtbot, window, Qt.Key.Key_Home)
    assert playhead.step == 0
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_Right)
    assert playhead.step == 2
    press(qtbot, window, Qt.Key.Key_Left)
    assert playhead.step == 1
    press(qtbot, window, Qt.Key.Key_Space)
    assert playhead.playing
    qtbot.waitUntil(lambda: playhead.step > 3, timeout=5000)
    press(qtbot, window, Qt.Key.Key_Space)
    assert not playhead.playing
    press(qtbot, window, Qt.Key.Key_End)
    assert playhead.at_end


def test_the_time_line_is_clicked_and_dragged(qtbot, window):
    line = window.lab.transport.line
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(line.width() // 2, line.height() // 2))
    assert window.lab.playhead.step == pytest.approx(window.lab.playhead.steps / 2, abs=2)


def test_a_slider_moves_the_whole_path_and_undo_brings_it_back(qtbot, window):
    lab = window.lab
    before, path = lab.experiment, lab.simulation.runs[1].path.copy()
    slider = lab.controls.racers.cards[1].form.sliders["mu"]
    for tick in range(slider.value(), slider.value() - 300, -50):
        slider.setValue(tick)
    settle(qtbot, window)
    assert lab.experiment.optimizers[1].mu < before.optimizers[1].mu
    assert lab.simulation.experiment == lab.experiment
    assert lab.playhead.at_end
    assert not (lab.simulation.runs[1].path == path).all()
    press(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # one drag, one undo
    settle(qtbot, window)
    assert lab.experiment == before
    assert (lab.simulation.runs[1].path == path).all()


def test_racers_are_added_switched_off_renamed_and_removed(qtbot, window):
    lab = window.lab
    racers = lab.controls.racers
    add = {action.text(): action for action in racers.add_button.menu().actions()}
    add["Nesterov"].trigger()
    settle(qtbot, window)
    assert [type(racer) for racer in lab.experiment.optimizers] == [SGD, Momentum, Nesterov]
    colors = [racer.color for racer in lab.experiment.optimizers]
    assert colors[2] not in ("", *colors[:2])
    racers.cards[0].switch.click()
    settle(qtbot, window)
    assert list(lab.simulation.runs) == [1, 2]
    racers.cards[1].rename_action.trigger()
    qtbot.keyClicks(racers.cards[1].name, "half")
    qtbot.keyClick(racers.cards[1].name, Qt.Key.Key_Return)
    assert lab.experiment.optimizers[1].label == "half"
    racers.cards[1].duplicate_wanted.emit()
    assert len(racers.cards) == 4
    for _ in range(4):
        racers.cards[0].remove_wanted.emit()
    settle(qtbot, window)
    assert lab.experiment.optimizers == ()
    window.grab()  # an empty race is drawn, too


def test_removing_a_racer_keeps_the_others_colours(qtbot, window):
    lab = window.lab
    icon_before = lab.controls.racers.cards[1]._racer
    lab.controls.racers.cards[0].remove_wanted.emit()
    from momentum_gui.gui.style import racer_color

    theme = window.look.theme
    after = lab.experiment.optimizers[0]
    assert racer_color(0, after.color, theme) == racer_color(1, icon_before.color, theme)


def test_another_method_keeps_the_learning_rate(qtbot, window):
    card = window.lab.controls.racers.cards[1]
    lr, mu = card._racer.lr, card._racer.mu
    card.method.setCurrentIndex(card.method.findText("Nesterov"))
    racer = window.lab.experiment.optimizers[1]
    assert (type(racer), racer.lr, racer.mu) == (Nesterov, lr, mu)


def test_every_surface_opens_with_racers_that_do_not_diverge(qtbot, window):
    section = window.lab.surface_section
    for index in range(section.kind.count()):
        section.kind.setCurrentIndex(index)
        settle(qtbot, window)
        outcomes = [run.outcome.name for run in window.lab.simulation.runs.values()]
        assert "DIVERGED" not in outcomes, section.kind.currentText()


def test_a_file_is_saved_opened_and_marked_when_edited(qtbot, window, tmp_path):
    path = tmp_path / "race.json"
    window.save_file(path)
    assert parse(path.read_bytes(), "race") == window.lab.experiment
    assert window.heading.text() == "race.json"
    window.lab.controls.racers.cards[0].form.sliders["lr"].setValue(100)
    assert window.heading.text() == "race.json *"
    window.open_file(path)
    settle(qtbot, window)
    assert window.heading.text() == "race.json"


def test_a_file_opens_in_the_lab_it_belongs_to(qtbot, open_window, tmp_path):
    path = tmp_path / "net.toml"
    path.write_text('steps = 5\n[objective]\nkind = "network"\nhidden = [4]\n')
    window = open_window(path)
    assert window.tabs.checkedId() == 1
    assert window.lab.experiment.objective.hidden == (4,)


def test_a_faulty_file_is_a_sentence_and_nothing_is_lost(qtbot, window, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text('[objective]\nkind = "ravine"\nkapa = 3\n')
    before = window.lab.experiment
    window.open_file(path)
    assert window.lab.banner.isVisible()
    assert "kapa" in window.lab.banner.label.text()
    assert window.lab.experiment == before
    window.open_file(tmp_path / "missing.toml")
    assert "missing.toml" in window.lab.banner.label.text()


def test_a_file_that_can_t_be_written_is_a_sentence(qtbot, window, tmp_path):
    window.save_file(tmp_path / "no" / "such" / "folder.json")
    assert window.lab.banner.isVisible()


def test_what_was_open_is_open_again(qtbot, open_window):
    first = open_window()
    first.lab.surface_section.kind.setCurrentIndex(1)
    settle(qtbot, first)
    experiment = first.lab.experiment
    assert isinstance(experiment.objective, Rosenbrock)
    first.resize(960, 701)  # not larger than the screen of a test: it would be fitted to it
    first.close()
    second = open_window()
    assert second.lab.experiment == experiment
    assert (second.width(), second.height()) == (960, 701)


def test_settings_of_another_time_are_no_obstacle(qtbot, open_window, tmp_path):
    settings = Settings(tmp_path / "settings.ini")
    for key, value in (("lab", "kitchen"), ("ravine/experiment", "{"), ("ravine/speed", "fast"), ("scale", "big")):
        settings.set(key, value)
    settings._store.sync()
    window = open_window()
    assert isinstance(window.lab.experiment.objective, Ravine)


def test_closing_while_running_never_hangs(qtbot, open_window):
    before = threading.active_count()
    window = open_window()
    long = Experiment(objective=Ravine(), optimizers=(SGD(lr=0.1), Momentum(lr=0.1)), steps=1_000_000)
    window.lab.edit(long, "long")
    qtbot.wait(50)
    worker = window.lab.player._worker
    window.close()
    assert worker._simulation is None or not worker._simulation.done  # it did not wait for the run to end
    assert threading.active_count() == before


def test_the_theme_switches_everywhere_at_once(qtbot, window):
    before = window.grab().toImage()
    window.header.look_button.menu().choose(theme="dark")
    after = window.grab().toImage()
    for left, top in ((5, 5), (600, 400), (1000, 300), (100, 700)):  # small squares: one pixel may be of a letter
        light, dark = (
            sum(picture.pixelColor(left + k % 12, top + k // 12).lightness() for k in range(144))
            for picture in (before, after)
        )
        assert light > dark


def test_the_smallest_window_holds_both_labs_side_by_side(qtbot, window):
    window.resize(window.minimumSize())
    for tab in window.tabs.buttons():
        tab.click()
        settle(qtbot, window)
        parts = [window.lab.splitter.widget(place).geometry() for place in range(3)]
        assert parts[0].right() < parts[1].left()
        assert parts[1].right() < parts[2].left()
        assert parts[2].right() < window.lab.splitter.width()


@pytest.mark.parametrize("panel", [None, 0, -1])
@pytest.mark.parametrize("place", [0, 1])
def test_text_twice_as_large_leaves_nothing_out_of_reach(qtbot, window, place, panel):
    """At 1280 x 800: nothing lies over another thing or outside of the window; what is wider than its place scrolls."""
    window.look.choose(scale=2.0)
    window.tabs.button(place).click()
    settle(qtbot, window)
    lab = window.lab
    if panel is not None:
        lab.panels.open(list(lab.panels.switches)[panel])
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: lab.panels.width() > 0, timeout=5000)
    QApplication.processEvents()
    parts = [lab.controls, lab.middle, lab.panels]
    areas = [part.geometry() for part in parts]
    assert all(lab.splitter.rect().contains(area) for area in areas)
    assert not any(one.intersects(other) for one in areas for other in areas if one is not other)
    assert all(part.width() >= part.minimumWidth() for part in parts)
    assert lab.middle.width() >= 240
    assert window.minimumSizeHint().width() <= 1280
    buttons = window.header.findChildren(QToolButton)
    assert all(window.header.rect().contains(button.geometry()) for button in buttons)
    for column in (lab.controls, lab.panels._column):
        missing = column.widget().minimumSizeHint().width() - column.viewport().width()
        assert column.horizontalScrollBar().maximum() >= missing
    window.look.choose(scale=1.0)


def test_every_button_says_what_it_is(window):
    for button in window.findChildren(QToolButton):
        assert button.accessibleName() or button.text(), button.objectName()


def test_the_network_trains_on_play_and_pauses(qtbot, window):
    window.tabs.button(1).click()
    lab = window.lab
    settle(qtbot, window)
    assert lab.playhead.step == 0
    assert lab.simulation.step == 0
    press(qtbot, window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: lab.playhead.step == 1, timeout=5000)
    press(qtbot, window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: lab.playhead.step > 5, timeout=10000)
    press(qtbot, window, Qt.Key.Key_Space)
    assert not lab.playhead.playing
    press(qtbot, window, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: lab.playhead.at_end, timeout=60000)
    momentum = lab.simulation.runs[1]
    assert momentum.test_accuracy[momentum.evaluated_at(lab.playhead.step)] > 0.9


def test_saved_experiments_spell_every_value_out(window):
    values = json.loads(to_json(window.lab.experiment))
    assert set(values["objective"]) == {"kind", "curvature", "kappa", "angle"}
    assert set(values["optimizers"][1]) >= {"kind", "lr", "mu", "label", "color", "enabled"}


def test_no_button_is_lit_before_a_key_leads_there(qtbot, window):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert not isinstance(QApplication.focusWidget(), QAbstractButton)
    qtbot.keyClick(window, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QAbstractButton))


def test_after_a_number_is_entered_the_keys_are_the_windows(qtbot, window):
    with qtbot.waitActive(window):
        window.activateWindow()
    lab = window.lab
    form = lab.controls.racers.cards[1].form
    field = form.editors["lr"]
    lab.go(10)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.12")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert lab.experiment.optimizers[1].lr == 0.12
    assert window.focusWidget() is window
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Right)
    assert lab.playhead.step == 11
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)  # goes on from the field
    following = field.nextInFocusChain()
    while not (following.isVisible() and following.focusPolicy() & Qt.FocusPolicy.TabFocus):
        following = following.nextInFocusChain()
    assert window.focusWidget() is following


def test_a_click_beside_the_fields_or_on_the_picture_gives_the_keys_back(qtbot, window):
    with qtbot.waitActive(window):
        window.activateWindow()
    lab = window.lab
    field = lab.controls.racers.cards[1].form.editors["lr"]
    for place in (window.header.heading, lab.controls.racers, lab.picture.viewport(), lab.transport.counter):
        field.setFocus()
        qtbot.mouseClick(place, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
        assert not field.hasFocus()
        step = lab.playhead.step
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Left)
        assert lab.playhead.step == step - 1


def test_one_key_leaves_only_the_picture_and_brings_all_back(qtbot, window):
    with qtbot.waitActive(window):
        window.activateWindow()
    lab = window.lab
    lab.splitter.setSizes([330, 500, 400])
    before = lab.splitter.sizes()
    lab.controls.racers.cards[0].form.editors["lr"].setFocus()
    press(qtbot, window, Qt.Key.Key_Escape)
    assert lab.controls.isVisible()
    for back in (Qt.Key.Key_O, Qt.Key.Key_Escape):
        window.setFocus()
        press(qtbot, window, Qt.Key.Key_O)
        assert not lab.controls.isVisible()
        assert not lab.panels.isVisible()
        assert lab.transport.isVisible()
        qtbot.waitUntil(lambda: lab.middle.width() == lab.splitter.width())
        step = lab.playhead.step
        press(qtbot, window, Qt.Key.Key_Left)
        assert lab.playhead.step == step - 1
        press(qtbot, window, back)
        assert lab.controls.isVisible()
        assert lab.panels.isVisible()
        qtbot.waitUntil(lambda: lab.splitter.sizes() == before)


def test_a_panel_opened_by_its_key_is_seen_though_only_the_picture_was(qtbot, window):
    with qtbot.waitActive(window):
        window.activateWindow()
    press(qtbot, window, Qt.Key.Key_O)
    assert not window.lab.panels.isVisible()
    press(qtbot, window, Qt.Key.Key_T)
    assert window.lab.panels.opened == ["theory"]
    assert window.lab.panels.view("theory").isVisible()
    assert not window.only_picture.isChecked()


def test_only_the_picture_holds_in_both_labs_and_for_today(qtbot, open_window):
    window = open_window()
    before = window.lab.splitter.saveState()
    window.only_picture.trigger()
    window.tabs.button(1).click()
    settle(qtbot, window)
    assert not window.lab.controls.isVisible()
    qtbot.waitUntil(lambda: window.lab.middle.width() == window.lab.splitter.width())
    window.remember()
    assert window.labs["ravine"].shares == before
    window.close()
    assert open_window().lab.controls.isVisible()


def test_the_list_of_keys_names_only_the_picture(qtbot, window):
    press(qtbot, window, Qt.Key.Key_F1)
    dialog = window.findChild(Shortcuts)
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert texts[texts.index("Only the picture") - 1] == "O"
