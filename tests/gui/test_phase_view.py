"""The phase portraits, in the real lab and of single runs."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QBoxLayout

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.expression import Expression
from momentum_gui.core.measurement import phase
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.surfaces import Ravine
from momentum_gui.core.theory import quadratic_model
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.phase_view import RUNAWAY, Orbits

RAVINE = Ravine(curvature=0.1, kappa=40.0, angle=20.0)
MODEL = quadratic_model(RAVINE, (0.0, 0.0))


def experiment(*racers, **fields):
    return Experiment(**{"objective": RAVINE, "optimizers": racers, "steps": 60, "start": (-5.0, 0.5)} | fields)


def opened(lab):
    lab.panels.open("phase")
    QApplication.processEvents()
    return lab.panels.view("phase")


def test_orbits_grow_with_the_run_and_are_the_phase():
    run = SurfaceRun(Momentum(lr=0.1, mu=0.9), RAVINE, (-5.0, 0.5), 50, 0.0, 0)
    orbits = Orbits(run, MODEL)
    assert orbits.count == 1
    for steps in (1, 7, 42):
        run.advance(steps)
        orbits.catch_up()
    assert not orbits.catch_up()
    whole = phase(run.states, MODEL)
    assert orbits.count == 51
    np.testing.assert_array_equal(orbits.rows, whole)
    np.testing.assert_array_equal(orbits.reach, np.abs(whole).max(axis=0))


def test_a_run_that_diverges_leaves_the_picture():
    run = SurfaceRun(SGD(lr=0.7), RAVINE, (-5.0, 0.5), 500, 0.0, 0)
    run.advance(500)
    orbits = Orbits(run, MODEL)
    assert np.abs(orbits.rows[: orbits.count]).max() > 1e5
    assert orbits.reach.max() <= RUNAWAY * np.abs(orbits.rows[0]).max() * (1 + 1e-12)


def test_both_plots_show_the_chosen_racer_with_its_marker_at_the_playhead(ravine_lab, qtbot):
    lab = ravine_lab(experiment(SGD(lr=0.2), Momentum(lr=0.15, mu=0.8)))
    view = opened(lab)
    assert [title.text() for title in view.titles] == ["Along the floor, λ₁ = 0.1", "Across the ravine, λ₂ = 4"]
    expected = phase(lab.simulation.runs[1].states, MODEL)  # momentum: it has a memory
    for step in (60, 20):
        lab.go(step)
        qtbot.waitUntil(lambda: lab.settled and view.settled, timeout=5000)
        for axis, plot in enumerate(view.plots):
            pixel = Frame.of(plot._box).pixels(expected[step : step + 1, axis])[0]
            assert (plot._marker.x(), plot._marker.y()) == pytest.approx(tuple(pixel))
            assert plot._ahead.isVisible() == (step < 60)
    lab.choose(0)
    assert view._run is lab.simulation.runs[0]


def test_a_frame_paints_only_what_is_new(ravine_lab, qtbot):
    lab = ravine_lab(experiment(Momentum(lr=0.01, mu=0.99), steps=10_000))
    view = opened(lab)
    lab.go(5000)
    qtbot.waitUntil(lambda: lab.settled and view.settled, timeout=20000)
    view.grab()
    trail = view.plots[0]._played._trails[0]
    painted = []
    paint = view.plots[0]._played._paint
    view.plots[0]._played._paint = lambda painter, frame, trail, rows: (
        painted.append(rows - trail.drawn) or paint(painter, frame, trail, rows)
    )
    for step in range(5001, 5011):
        view.show_step(step)
        view.grab()
    assert sum(painted) == 10
    assert trail.drawn == trail.rows == 5011


def test_without_a_minimum_or_a_racer_it_says_so(ravine_lab):
    lab = ravine_lab(experiment(SGD(), objective=Expression(formula="x + y**2"), steps=5))
    view = opened(lab)
    assert view.note.text() == "No minimum is known here to measure from."
    assert all(plot.isHidden() for plot in view.plots)
    lab = ravine_lab(experiment(SGD(enabled=False)))
    assert opened(lab).note.text() == "No racer is switched on."


def test_wide_panels_have_the_plots_side_by_side(ravine_lab):
    view = opened(ravine_lab(experiment(Momentum())))
    directions = QBoxLayout.Direction
    view.resize(300, 500)
    assert view._sides.direction() == directions.TopToBottom
    view.resize(700, 300)
    assert view._sides.direction() == directions.LeftToRight
