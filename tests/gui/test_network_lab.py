"""The network lab in the real window."""

import threading

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from momentum_gui.core.datasets import Csv, Digits, Moons, Peaks, Spirals
from momentum_gui.core.optimizers import SGD, Adam, Momentum
from momentum_gui.core.weight_change import WeightChange
from momentum_gui.gui import network_controls
from momentum_gui.gui.class_map import class_map
from momentum_gui.gui.curve_axes import Unit
from momentum_gui.gui.network_view import CHOSEN
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.window import Window


@pytest.fixture
def window(qtbot, tmp_path):
    look = Look("light")
    look.apply()
    window = Window(look, Settings(tmp_path / "settings.ini"))
    with qtbot.waitSignal(window.furnished, timeout=20000):
        window.show()
    window.tabs.button(1).click()
    settle(qtbot, window)
    yield window
    window.close()
    window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def lab(window):
    return window.lab


def settle(qtbot, window):
    qtbot.waitUntil(lambda: window.lab.settled, timeout=20000)


def learn(qtbot, window, data, *racers, steps=60):
    """Train on ``data`` to the end."""
    lab = window.lab
    network = structs.replace(lab.experiment.objective, data=data, hidden=(8,))
    racers = racers or (SGD(lr=0.05), Momentum(lr=0.05))
    lab.edit(structs.replace(lab.experiment, objective=network, optimizers=racers, steps=steps), "test")
    qtbot.waitUntil(lambda: lab.simulation is not None and lab.simulation.experiment is lab.experiment, timeout=20000)
    lab.go(steps)
    settle(qtbot, window)


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    lines = ["height,girth,age,kind"]
    for k in range(90):
        height, girth, age = rng.normal([k % 3, 2 * (k % 3 == 1), 5], 0.3)
        lines.append(f"{height:.3f},{girth:.3f},{age:.3f},{('oak', 'pine', 'birch')[k % 3]}")
    path = tmp_path / "trees.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_all_racers_are_seen_side_by_side(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=200), SGD(lr=0.05), Momentum(lr=0.05, enabled=False), Adam(lr=0.01))
    lab.picture.extent.button(1).click()
    settle(qtbot, window)
    tiles = lab.picture.all.tiles
    assert list(tiles) == [0, 2]
    for index, tile in tiles.items():
        run = lab.simulation.runs[index]
        shown = tile.map
        assert shown.probabilities == pytest.approx(class_map(run.mlp, run.weights, shown.grid).probabilities)
        assert tile.result == f"right: {100 * run.test_accuracy[run.evaluations - 1]:.1f} %"
    assert [tile.name for tile in tiles.values()] == ["SGD", "Adam"]
    qtbot.mouseClick(tiles[2], Qt.MouseButton.LeftButton)
    assert lab.chosen == 2
    assert tiles[2].chosen
    window.grab()
    lab.picture.extent.button(0).click()
    settle(qtbot, window)
    assert lab.picture.boundary.plot.isVisible()


def test_at_most_six_are_seen_at_once_and_that_is_said(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=100), *[SGD(lr=0.01 * (k + 1)) for k in range(8)])
    lab.picture.extent.button(1).click()
    settle(qtbot, window)
    assert list(lab.picture.all.tiles) == list(range(6))
    assert lab.picture.note.text == "2 more racers are not shown"


def test_side_by_side_the_worker_does_no_more_than_for_one(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=100), *[SGD(lr=0.01 * (k + 1)) for k in range(6)])
    (one,) = lab.picture._wanted() or [lab.picture._answered[CHOSEN]]
    lab.picture.extent.button(1).click()
    settle(qtbot, window)
    tiles = [question for place, question in lab.picture._answered.items() if place != CHOSEN]
    cells = [question.grid.rows * question.grid.columns for question in tiles]
    assert len(cells) == 6
    assert sum(cells) <= 1.1 * one.grid.rows * one.grid.columns


def test_a_regression_is_drawn_with_its_numbers(qtbot, window, lab):
    learn(qtbot, window, Peaks(samples=200))
    assert lab.picture.boundary.plot.isVisible()
    assert lab.picture.boundary.plot.ground.map.probabilities.shape[-1] == 1
    assert not lab.curves.accuracy.isVisible()
    loss = lab.network_section._form.editors["loss"]
    assert (loss.currentData(), loss.isEnabled()) == ("squared_error", False)
    *losses, train, test = map(float, lab.curves.readout.table.rows[0].values)
    assert (train, test) == pytest.approx([(2 * loss) ** 0.5 for loss in losses], rel=1e-2)
    lab.picture.extent.button(1).click()
    settle(qtbot, window)
    assert lab.picture.all.tiles[0].result == f"typical error {test:.3f}"
    window.grab()
    learn(qtbot, window, Spirals(samples=100))
    assert lab.curves.accuracy.isVisible()
    assert (loss.currentData(), loss.isEnabled()) == ("cross_entropy", True)


def test_the_units_follow_the_playhead_and_the_racer(qtbot, window, lab):
    lab.panels.open("units")
    learn(qtbot, window, Moons(samples=200))
    assert lab.units._drawn.run is lab.simulation.runs[lab.chosen]
    assert lab.units._drawn.step == 60
    lab.choose(0)
    lab.go(0)
    settle(qtbot, window)
    qtbot.waitUntil(lambda: lab.units._drawn.step == 0)
    assert lab.units._drawn.run is lab.simulation.runs[0]


def test_a_dropped_table_is_previewed_then_learned_and_undone(qtbot, window, lab, table):
    before = lab.experiment
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(table))])
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(QPointF(100, 100), Qt.DropAction.CopyAction, mime, left, none))
    assert lab.data_section.dialog is None, "a large one takes long: the window does not wait"
    qtbot.waitUntil(lambda: lab.data_section.dialog is not None, timeout=20000)
    dialog = lab.data_section.dialog
    assert dialog.isVisible()
    assert lab.experiment is before
    dialog._accept()
    assert lab.experiment.objective.data == Csv(path=str(table), label="kind")
    qtbot.waitUntil(lambda: lab.simulation.experiment is lab.experiment, timeout=20000)
    settle(qtbot, window)
    assert lab.picture.heading.text() == "trees.csv"
    assert lab.picture.confusion.isVisible()
    lab.undo_stack.undo()
    assert lab.experiment == before


def test_a_table_is_seen_in_the_plane_of_two_chosen_features(qtbot, window, lab, table):
    learn(qtbot, window, Csv(path=str(table), label="kind"))
    lab.picture.pages.button(1).click()
    settle(qtbot, window)
    page, run = lab.picture.boundary, lab.simulation.runs[lab.chosen]
    page.axes[1].setCurrentIndex(2)
    settle(qtbot, window)
    assert (page.cut.across, page.cut.up) == (0, 2)
    shown = page.plot.ground.map
    x = np.tile(run.data.x_train.mean(axis=0), (shown.grid.rows * shown.grid.columns, 1))
    x[:, [0, 2]] = shown.grid.points
    assert shown.probabilities.reshape(-1, 3) == pytest.approx(run.mlp.probabilities(run.weights, x))
    page.axes[0].setCurrentIndex(2)  # the two change places
    settle(qtbot, window)
    assert (page.cut.across, page.cut.up) == (2, 0)
    assert [axis.currentData() for axis in page.axes] == [2, 0]
    lab.picture.extent.button(1).click()
    settle(qtbot, window)
    window.grab()


def test_of_two_tables_in_quick_succession_the_last_is_asked_about(qtbot, window, lab, table, tmp_path):
    other = tmp_path / "other.csv"
    other.write_bytes(table.read_bytes())
    window.open_file(other)
    window.open_file(table)
    qtbot.waitUntil(lambda: lab.data_section.dialog is not None, timeout=20000)
    assert "trees.csv" in lab.data_section.dialog.windowTitle()
    lab.data_section.dialog.reject()


def test_a_table_that_takes_long_is_said_to(qtbot, window, lab, table, monkeypatch):
    go_on = threading.Event()
    read = lab.data_section._read
    monkeypatch.setattr(lab.data_section, "_read", lambda path: (go_on.wait(20), read(path))[1])
    monkeypatch.setattr(network_controls, "SOON", 0.0)
    window.open_file(table)
    qtbot.waitUntil(lab.banner.isVisible, timeout=20000)
    assert "trees.csv" in lab.banner.label.text()
    go_on.set()
    qtbot.waitUntil(lambda: lab.data_section.dialog is not None, timeout=20000)
    assert not lab.banner.isVisible()
    lab.data_section.dialog.reject()


def test_a_table_that_can_not_be_read_changes_nothing(qtbot, window, lab, tmp_path):
    before = lab.experiment
    path = tmp_path / "one.csv"
    path.write_text("a,b\n1,2\n")
    window.open_file(path)
    qtbot.waitUntil(lab.banner.isVisible, timeout=20000)
    assert "one.csv" in lab.banner.label.text()
    assert "number of rows: 1" in lab.banner.label.text()
    window.open_file(tmp_path / "none.csv")
    qtbot.waitUntil(lambda: "none.csv" in lab.banner.label.text(), timeout=20000)
    assert lab.banner.label.text().count("none.csv") == 1
    assert lab.experiment is before


def test_curves_run_against_epochs_too(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=200))  # 150 for training, 50 at once: 3 steps an epoch
    lab.curves.unit.setCurrentIndex(lab.curves.unit.findData(Unit.EPOCHS))
    axis = lab.curves.accuracy._bottom
    (_spacing, places), *_more = axis.tickValues(0, 60, 600)
    assert axis.tickStrings(places, 1, 1)[-1] == "20"
    assert places[-1] == 60
    assert lab.simulation.runs[0].epoch[60] == pytest.approx(20)
    lab.curves.unit.setCurrentIndex(0)
    assert axis.tickStrings([30.0], 1, 1) == ["30"]


def test_a_click_on_a_name_hides_its_curves(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=200))
    table = lab.curves.readout.table
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(10, 2))
    assert {series.racer for series in lab.curves.loss._series} == {1}
    assert table.rows[0].hidden
    qtbot.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(10, table.height() - 2))
    assert not lab.curves.loss._series
    window.grab()
    table.clicked.emit(0)
    assert {series.racer for series in lab.curves.loss._series} == {0}


def test_layers_and_units_by_steps(lab):
    steps = lab.network_section.layers
    assert lab.experiment.objective.hidden == (32,)
    steps.layers.more.click()
    assert lab.experiment.objective.hidden == (32, 32)
    steps.units[1].fewer.click()
    assert lab.experiment.objective.hidden == (32, 29)
    steps.units[0].more.click()
    assert lab.experiment.objective.hidden == (35, 29)
    steps.layers.fewer.click()
    steps.layers.fewer.click()
    assert lab.experiment.objective.hidden == ()
    assert not steps.layers.fewer.isEnabled()
    steps.layers.more.click()
    assert lab.experiment.objective.hidden == (8,)
    steps.units[0].fewer.click()
    assert lab.experiment.objective.hidden == (7,)


def test_steps_end_where_the_declaration_does(lab):
    network = structs.replace(lab.experiment.objective, hidden=(512, *[1] * 7))
    lab.edit(structs.replace(lab.experiment, objective=network), "test")
    steps = lab.network_section.layers
    assert not steps.layers.more.isEnabled()
    assert not steps.units[0].more.isEnabled()
    assert not steps.units[7].fewer.isEnabled()
    steps.units[0].fewer.click()
    assert lab.experiment.objective.hidden[0] == 461
    steps.units[0].more.click()
    steps.units[0].more.click()
    assert lab.experiment.objective.hidden[0] == 512


def test_new_data_a_new_seed_and_the_same_weights_again(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=100))
    start = lab.simulation.runs[0].kept[0][1]
    lab.data_section.renew.click()
    assert lab.experiment.objective.data == Moons(samples=100, seed=1)
    qtbot.waitUntil(lambda: lab.simulation.experiment is lab.experiment, timeout=20000)
    assert np.array_equal(lab.simulation.runs[0].kept[0][1], start)
    lab.restart.other.click()
    assert lab.experiment.seed == 1
    qtbot.waitUntil(lambda: lab.simulation.experiment is lab.experiment, timeout=20000)
    other = lab.simulation.runs[0].kept[0][1]
    assert not np.array_equal(other, start)
    lab.go(20)
    settle(qtbot, window)
    lab.restart.same.click()
    settle(qtbot, window)
    assert lab.playhead.step == 0
    assert np.array_equal(lab.simulation.runs[0].kept[0][1], other)


def test_the_title_follows_the_data_unless_it_was_chosen(lab):
    lab.data_section.proposed.emit(Digits(), "data")
    assert lab.experiment.title == Digits.title
    lab.edit(structs.replace(lab.experiment, title="Mine"), "title")
    lab.data_section.proposed.emit(Spirals(), "data")
    assert lab.experiment.title == "Mine"


def test_the_transport_tells_how_far_training_is(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=100), steps=80)
    assert lab.transport.training.text() == "trained to 80"
    window.tabs.button(0).click()
    assert not window.lab.transport.training.isVisible()


def test_a_run_that_stops_early_keeps_its_last_values_and_says_why(qtbot, window, lab):
    network = structs.replace(lab.experiment.objective, stop_epoch=3)
    lab.edit(structs.replace(lab.experiment, objective=network), "test")
    learn(qtbot, window, Moons(samples=200))
    run = lab.simulation.runs[0]
    assert run.count == 10  # 3 epochs of 3 steps
    row = lab.curves.readout.table.rows[0]
    assert float(row.values[0]) == pytest.approx(run.train_loss[run.evaluations - 1], rel=1e-3)
    assert row.note == "stopped at step 9: so many passes over the training set were asked for: 3"
    assert lab.picture.note.text == row.note


def test_a_weight_set_by_hand_changes_the_picture_at_once_and_is_taken_back(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=200))
    lab.panels.open("units")
    lab.choose(1)
    lab.go(37)
    settle(qtbot, window)
    before = lab.experiment
    change = WeightChange(37, 2, 3, 1, 4.0)
    with qtbot.waitSignal(lab.player.loaded, timeout=20000):
        lab.units.proposed.emit(1, change)
    settle(qtbot, window)
    assert lab.experiment.optimizers[1].weight_changes == (change,)
    assert lab.playhead.step == 37, "the run so far stays"
    run = lab.simulation.runs[1]
    assert run.count == 38
    (edge,) = [each for each in lab.units.edges if each.weight == 4.0]
    assert (edge.source.unit, edge.target.unit) == (2, 0)
    shown = lab.picture.boundary.plot.ground.map
    assert shown.probabilities == pytest.approx(class_map(run.mlp, run.weights, shown.grid).probabilities)
    card = lab.controls.racers.cards[1]
    assert card.changes.texts == ["from step 37 on: <i>w</i><sub>2</sub>(3 → 1) = 4"]
    assert card.changes.isVisible()
    with qtbot.waitSignal(lab.player.loaded, timeout=20000):
        lab.undo_stack.undo()
    settle(qtbot, window)
    assert lab.experiment == before
    assert lab.playhead.step == 37
    lab.undo_stack.redo()
    settle(qtbot, window)
    card.changes.crosses[0].click()
    assert lab.experiment.optimizers[1].weight_changes == ()


def test_weights_set_by_hand_go_with_the_network_that_had_them(qtbot, window, lab):
    learn(qtbot, window, Moons(samples=100))
    lab.units.proposed.emit(0, WeightChange(5, 1, 1, 8, 4.0))
    settle(qtbot, window)
    changed = lab.experiment
    lab.network_section.proposed.emit(structs.replace(changed.objective, activation="tanh"), "activation")
    assert lab.experiment.optimizers[0].weight_changes, "the same weights, another function"
    lab.network_section.proposed.emit(structs.replace(changed.objective, hidden=(4,)), "hidden")
    settle(qtbot, window)
    assert lab.experiment.optimizers[0].weight_changes == ()
    assert "Undo brings them back" in lab.banner.label.text()
    lab.undo_stack.undo()
    settle(qtbot, window)
    assert lab.experiment.optimizers[0].weight_changes


def test_other_data_drop_weights_set_by_hand_and_a_misfit_is_told_in_a_sentence(qtbot, window, lab):
    learn(qtbot, window, Spirals(samples=200, classes=3))
    lab.units.proposed.emit(0, WeightChange(5, 2, 1, 3, 4.0))
    settle(qtbot, window)
    changed = lab.experiment
    lab.data_section.proposed.emit(Moons(samples=100), "data")
    settle(qtbot, window)
    assert lab.experiment.optimizers[0].weight_changes == ()
    assert "Undo brings them back" in lab.banner.label.text()
    misfit = structs.replace(changed, objective=structs.replace(changed.objective, data=Moons(samples=100)))
    lab.edit(misfit, "file")
    qtbot.waitUntil(lambda: "weight_changes" in lab.banner.label.text(), timeout=20000)
    told = "optimizers[0]: weight_changes[0]: layer 2 has no weight from 1 to 3; it has 8 inputs and 2 units"
    assert lab.banner.label.text() == told
    lab.controls.racers.cards[0].changes.crosses[0].click()
    settle(qtbot, window)
    assert not lab.banner.isVisible()


def test_images_have_every_racers_confusion_matrix_side_by_side_live(qtbot, window, lab):
    learn(qtbot, window, Digits(), SGD(lr=0.05), Momentum(lr=0.05, enabled=False), Adam(lr=0.01), steps=300)
    assert lab.picture.extent.isVisible()
    lab.picture.extent.button(1).click()
    settle(qtbot, window)
    tiles = lab.picture.matrices.tiles
    assert list(tiles) == [0, 2]
    for step in (300, 30):
        lab.go(step)
        settle(qtbot, window)
        for index, tile in tiles.items():
            run = lab.simulation.runs[index]
            at = run.evaluated_at(step)
            assert tile.matrix.isVisible()
            assert (tile.matrix.counts == run.confusion[at]).all()
            assert tile.result == f"right: {100 * run.test_accuracy[at]:.1f} %"
            assert tile.matrix.counts.sum() == len(run.data.y_test)
            assert tile.area.toRect().contains(tile.matrix.geometry())
    assert [tile.name for tile in tiles.values()] == ["SGD", "Adam"]
    qtbot.mouseClick(tiles[2].matrix, Qt.MouseButton.LeftButton)
    assert lab.chosen == 2
    assert tiles[2].chosen
    window.grab()
    lab.picture.extent.button(0).click()
    settle(qtbot, window)
    assert lab.picture.confusion.isVisible()
    assert (lab.picture.confusion.matrix.counts == tiles[2].matrix.counts).all()
    assert lab.picture.confusion.samples.isVisible()


def test_a_tables_matrices_and_planes_are_both_seen_side_by_side(qtbot, window, lab, table):
    learn(qtbot, window, Csv(path=str(table), label="kind"))
    lab.picture.extent.button(1).click()
    settle(qtbot, window)
    assert lab.picture.matrices.isVisible()
    lab.picture.pages.button(1).click()
    settle(qtbot, window)
    assert lab.picture.all.isVisible()
    assert all(tile.map is not None for tile in lab.picture.all.tiles.values())


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_after_a_weight_is_typed_the_space_bar_plays(qtbot, window, lab, key):
    learn(qtbot, window, Moons(samples=200), steps=2000)
    lab.panels.open("units")
    lab.go(0)
    settle(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    edge = max(lab.units.edges, key=lambda edge: edge.share)
    qtbot.mouseClick(lab.units, Qt.MouseButton.LeftButton, pos=edge.line.pointAt(0.5).toPoint())
    qtbot.keyClicks(lab.units.edit, "3")
    qtbot.keyClick(lab.units.edit, key)
    settle(qtbot, window)
    assert not lab.units.edit.isVisible()
    focused = QApplication.focusWidget()
    qtbot.keyClick(focused if focused is not None else window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: lab.playhead.playing or lab.playhead.step > 0)
    assert lab.units.isVisible()


@pytest.mark.parametrize("start", ["play", "go"])
def test_nothing_ticks_on_when_a_training_is_replaced_by_what_can_t_be_run(qtbot, lab, start):
    long = structs.replace(lab.experiment, steps=1_000_000)
    lab.edit(long, "steps")
    qtbot.waitUntil(lambda: lab.simulation.experiment is long, timeout=20000)
    lab.play(True) if start == "play" else lab.go(long.steps)
    qtbot.waitUntil(lambda: lab.simulation.step > 0, timeout=20000)
    missing = structs.replace(long.objective, data=Csv(path="none.csv"))
    lab.edit(structs.replace(long, objective=missing), "data")
    qtbot.waitUntil(lambda: "none.csv" in lab.banner.label.text(), timeout=20000)
    assert not lab.playhead.playing
    qtbot.waitUntil(lambda: not lab.playhead._timer.isActive(), timeout=2000)
