"""The real view in the real lab: what is computed when, and what is said about it."""

import pytest
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from momentum_gui.assets import read
from momentum_gui.core.datasets import Moons
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.gui import landscape
from momentum_gui.gui.network_lab import NetworkLab
from momentum_gui.gui.style import Look
from momentum_gui.gui.weights_view import PATHS, SLICE, WeightsView

NETWORK = Network(hidden=(6,), bias=True, init="he", data=Moons(samples=80))
RACE = Experiment(objective=NETWORK, optimizers=(SGD(lr=0.1), Momentum(lr=0.1)), steps=30)


@pytest.fixture
def lab(qtbot, monkeypatch):
    monkeypatch.setattr(landscape, "SIDE", 9)
    look = Look("light")
    look.apply()
    lab = NetworkLab(look, read)
    qtbot.addWidget(lab)
    lab.resize(1280, 760)
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(RACE)
    lab.show()
    lab.panels.open("weights")
    yield lab
    lab.close_thread()


@pytest.fixture
def view(lab):
    return lab.panels.view("weights")


def train(qtbot, lab, step):
    lab.go(step)
    qtbot.waitUntil(lambda: lab.settled, timeout=10000)


def compute(qtbot, view):
    view.row.button.click()
    qtbot.waitUntil(lambda: not view.row.running, timeout=20000)
    view.row.look()


def test_before_training_it_says_what_to_do(qtbot, view):
    assert "computed in the background" in view.plot.why.text()
    seen_in_the_plot(view)
    compute(qtbot, view)
    assert view.row.text.text().startswith("Train first")
    seen_in_the_plot(view)
    view.modes.button(SLICE).click()
    assert "two random directions" in view.plot.why.text()
    seen_in_the_plot(view)


def seen_in_the_plot(view):
    """All of what it says is within the plot, and not scrolled away."""
    QApplication.processEvents()
    why, plot = view.plot.why, view.plot
    assert why.isVisible()
    words = why.fontMetrics().boundingRect(why.contentsRect(), Qt.TextFlag.TextWordWrap.value, why.text())
    assert why.contentsRect().contains(words)
    assert plot.rect().contains(why.geometry())
    assert why.visibleRegion().contains(words)


def test_the_words_give_way_to_the_picture(qtbot, lab, view):
    train(qtbot, lab, 30)
    compute(qtbot, view)
    assert not view.plot.why.isVisible()


def test_the_paths_with_the_share_of_their_plane(qtbot, lab, view):
    train(qtbot, lab, 30)
    compute(qtbot, view)
    share = view.landscape.plane.share
    assert view.landscape.done
    assert f"Of the paths’ variance this plane holds {100 * sum(share):.0f} %;" in view.note.text()
    assert view.plot._titles[0] == f"component 1 ({100 * share[0]:.0f} %)"
    assert "the loss grows by" in view.note.text()
    assert view.row.text.text() == "up to step 30"
    view.grab()


def test_the_slice_is_the_chosen_racer_s(qtbot, lab, view):
    train(qtbot, lab, 30)
    lab.choose(1)
    view.modes.button(SLICE).click()
    compute(qtbot, view)
    assert view.landscape.racer == 1
    assert "Around Momentum" in view.note.text()
    assert not view.stale
    lab.choose(0)
    assert view.stale
    view.modes.button(PATHS).click()
    assert view.landscape is None
    view.modes.button(SLICE).click()
    assert view.landscape.racer == 1


def test_what_was_trained_since_is_told(qtbot, lab, view):
    train(qtbot, lab, 10)
    compute(qtbot, view)
    assert view.row.text.text() == "up to step 10"
    train(qtbot, lab, 20)
    assert view.row.text.text() == "up to step 10; start again for all"
    assert not view.stale


def test_another_experiment_makes_it_stale(qtbot, lab, view):
    train(qtbot, lab, 30)
    compute(qtbot, view)
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(structs.replace(RACE, seed=5))
    assert view.stale
    assert view.note.text().startswith("Of another experiment.")
    assert view.plot._picture.opacity() < 1


def test_it_is_cancelled_and_keeps_what_it_has(qtbot, lab, view, monkeypatch):
    monkeypatch.setattr(landscape, "SIDE", 1000)
    train(qtbot, lab, 30)
    view.row.button.click()
    qtbot.waitUntil(lambda: view.landscape is not None and view.landscape.grid.count > 2100, timeout=20000)
    view.row.look()
    assert view.row.bar.share > 0
    view.row.button.click()
    assert not view.row.running
    assert not view.landscape.done
    assert view.row.button.text() == "Start"
    view.grab()


def test_who_diverged_is_named(qtbot, lab, view):
    wild = structs.replace(RACE, optimizers=(SGD(lr=0.1), SGD(lr=1000.0)))
    with qtbot.waitSignal(lab.player.loaded, timeout=10000):
        lab.set_experiment(wild)
    train(qtbot, lab, 30)
    compute(qtbot, view)
    assert "Diverged and left out: SGD 2." in view.note.text()


@pytest.mark.parametrize("width", [330, 150])
def test_start_stands_beside_the_choice_of_what_it_starts_if_there_is_room(qtbot, look, width):
    view = WeightsView(look)
    qtbot.addWidget(view)
    view.setMinimumWidth(1)
    view.resize(width, 400)
    view.show()
    QApplication.processEvents()
    chip, button = view.modes.button(SLICE), view.row.button
    middle = {widget: widget.mapTo(view, widget.rect().center()).y() for widget in (chip, button)}
    beside = abs(middle[chip] - middle[button]) <= 2
    assert beside == (width == 330)
    view.resize(480 - width, 400)
    QApplication.processEvents()
    above = button.mapTo(view, button.rect().topLeft()).y() < chip.mapTo(view, chip.rect().bottomLeft()).y()
    assert above == (width == 150)
