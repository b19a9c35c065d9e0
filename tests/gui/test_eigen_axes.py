"""The axes of the curvature over the real lab's picture."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.surfaces import Ravine, Saddle
from momentum_gui.gui.kept_picture import Frame


@pytest.fixture
def lab(ravine_lab):
    ravine = Ravine(curvature=0.1, kappa=40.0, angle=20.0)
    return ravine_lab(Experiment(objective=ravine, optimizers=(SGD(lr=0.1), Momentum(lr=0.1)), steps=30))


def test_they_are_off_at_rest_and_one_key_shows_them(lab, qtbot):
    axes = lab.axes.axes
    assert not axes.isVisible()
    assert axes.model is None
    with qtbot.waitActive(lab):
        lab.activateWindow()
    qtbot.keyClick(lab, Qt.Key.Key_E)
    assert axes.isVisible()
    assert lab.axes.button.isChecked()
    assert axes.model.curvatures.tolist() == [0.1, 4.0]
    lab.axes.button.click()
    assert not axes.isVisible()


def test_they_run_through_the_minimum_along_the_floor_and_across(lab):
    lab.axes.action.trigger()
    frame = Frame.of(lab.picture.plane)
    center = frame.pixels(np.array([[0.0, 0.0]]))[0]
    for line, degrees in zip(lab.axes.axes.lines(frame), (20.0, -70.0), strict=True):
        way = line[2:] - line[:2]
        assert np.degrees(np.arctan2(-way[1], way[0])) == pytest.approx(degrees, abs=1e-6)  # pixels go down
        off = center - line[:2]
        assert (way[0] * off[1] - way[1] * off[0]) / np.hypot(*way) == pytest.approx(0.0, abs=1e-6)


def test_they_are_drawn(lab):
    QApplication.processEvents()
    before = lab.picture.grab().toImage()
    lab.axes.action.trigger()
    QApplication.processEvents()
    assert lab.picture.grab().toImage() != before


def test_locally_they_follow_the_racer_if_that_is_asked_for(ravine_lab, qtbot):
    lab = ravine_lab(
        Experiment(objective=Saddle(), optimizers=(Momentum(lr=0.1, mu=0.5),), steps=100, start=(-2.0, 0.001))
    )
    lab.axes.action.trigger()
    assert lab.axes.axes.model.center == (0.0, 1.0)
    lab.panels.open("theory")
    lab.panels.view("theory").place.button(0).click()
    lab.go(0)
    qtbot.waitUntil(lambda: lab.settled, timeout=20000)
    assert lab.axes.axes.model.center == (-2.0, 0.001)
