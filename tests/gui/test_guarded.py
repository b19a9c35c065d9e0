"""A picture that can't be painted is an error that is told, and the program goes on."""

import sys

import pytest
from PySide6.QtWidgets import QApplication

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui.contours import Contours
from momentum_gui.gui.curves import Curves
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.step_arrows import StepArrows
from momentum_gui.gui.trails import Strokes


def fail(*_arguments, **_named):
    raise NameError("planted")


def test_what_is_guarded_paints_and_tells_of_its_failures(monkeypatch):
    told, painted = [], []
    monkeypatch.setattr(sys, "excepthook", lambda *failure: told.append(failure))
    guarded(painted.append)("picture")
    assert painted == ["picture"]
    assert told == []
    guarded(fail)()
    (kind, error, _trace), *others = told
    assert (kind, str(error), others) == (NameError, "planted", [])


@pytest.mark.parametrize(
    ("kind", "method"), [(Contours, "draw"), (Strokes, "draw_layers"), (StepArrows, "_displacements"), (Curves, "draw")]
)
def test_the_window_outlives_a_picture_that_fails(ravine_lab, monkeypatch, kind, method):
    lab = ravine_lab(Experiment(objective=Ravine(), steps=20))
    lab.panels.open("step")
    lab.go(5)
    QApplication.processEvents()
    told = []
    monkeypatch.setattr(sys, "excepthook", lambda *failure: told.append(failure[0]))
    monkeypatch.setattr(kind, method, fail)
    lab.picture.plane.setRange(xRange=(-1, 1), yRange=(-1, 1))
    lab.curves.loss.resize(200, 200)
    lab.go(3)
    QApplication.processEvents()
    lab.grab()
    assert NameError in told
    monkeypatch.undo()
    lab.fit()
    QApplication.processEvents()
    assert not lab.grab().isNull()
