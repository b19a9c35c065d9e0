"""The panel of theory in the real lab: its numbers are those of the theory, and its button tunes."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.expression import Expression
from momentum_gui.core.measurement import Estimate, measured_rate, measured_variance
from momentum_gui.core.optimizers import QHM, SGD, Adam, Momentum, Nesterov
from momentum_gui.core.schedules import Exponential
from momentum_gui.core.surfaces import Ravine, Saddle
from momentum_gui.core.theory import best, loss_envelope, quadratic_model, rate, stationary_variance
from momentum_gui.gui.theory_parts import NOTHING, estimate_text, rate_text
from momentum_gui.gui.theory_view import rounded_value, tuning

RAVINE = Ravine(curvature=0.1, kappa=40.0, angle=20.0)


def experiment(*racers, objective=RAVINE, steps=100, **fields):
    return Experiment(objective=objective, optimizers=racers, steps=steps, **fields)


def opened(lab, racer=0):
    lab.choose(racer)
    lab.panels.open("theory")
    return lab.panels.view("theory")


def rows(view):
    return [[cell.text() for cell in cells] for cells in view.comparison.cells if not cells[0].isHidden()]


def settle(qtbot, lab):
    qtbot.waitUntil(lambda: lab.settled, timeout=20000)


def test_momentum_on_a_ravine(ravine_lab):
    racer = Momentum(lr=0.15, mu=0.8)
    lab = ravine_lab(experiment(racer))
    view = opened(lab)
    assert view.kind.text().startswith("Exact: the surface is a quadratic. Bowl:")
    assert not view._places.isVisible()
    texts = {name: label.text() for name, label in view.facts.values.items()}
    assert texts == {"condition": "40", "lr": "0.15", "limit": "0.9", "product": "0.6 < 3.6"}
    floor, across = view.axes
    assert floor.curvature.text() == "λ₁ = 0.1  along the floor"
    assert across.curvature.text() == "λ₂ = 4  across the ravine"
    # both swing, so that both have the modulus sqrt(mu)
    assert floor.rate.text() == across.rate.text() == "× 0.8944"
    assert across.story.text().startswith("Ripples: it swings")
    assert "Under-damped" in across.story.text()
    assert view.roots.radius == pytest.approx(0.8**0.5)
    (row,) = rows(view)
    run = lab.simulation.runs[0]
    assert row == ["Rate", "0.8944", rate_text(measured_rate(run.loss[: run.count]).rate)]
    assert rate_text(rate(racer, (0.1, 4.0))) == "0.8944"


def test_sgd_has_one_eigenvalue_an_axis(ravine_lab):
    view = opened(ravine_lab(experiment(SGD(lr=0.45))))
    floor, across = view.axes
    assert (floor.rate.text(), across.rate.text()) == ("× 0.9550", "× 0.8000")  # |1 - lr l|
    assert floor.story.text() == "Monotone: it shrinks from one side."
    assert across.story.text().startswith("Oscillating")
    assert [roots[0] for roots in view.roots.roots] == pytest.approx([0.955, -0.8])
    assert view.roots.radius is None


def test_what_is_beyond_the_limit_is_said(ravine_lab):
    view = opened(ravine_lab(experiment(SGD(lr=0.52))))
    assert view.facts.values["product"].text() == "2.08 ≥ 2"
    assert view.facts.values["product"].objectName() == "error"
    assert view.axes[1].story.text().startswith("Divergent")


def test_of_adam_nothing_is_claimed(ravine_lab):
    view = opened(ravine_lab(experiment(Adam(lr=0.1))))
    assert view.roots.isHidden()
    assert view.axes[0].story.isHidden()
    assert view.facts.values["limit"].isHidden()
    assert not view.best.isEnabled()
    assert "not a linear function" in view.promise.text()
    assert view.best.toolTip() == view.promise.text()
    assert rows(view)[0][1] == NOTHING


def test_best_tunes_and_can_be_undone(ravine_lab, qtbot):
    before = experiment(SGD(lr=0.1), Momentum(lr=0.05, mu=0.9))
    lab = ravine_lab(before)
    view = opened(lab, 1)
    promised = view.promise.text()
    qtbot.mouseClick(view.best, Qt.MouseButton.LeftButton)
    settle(qtbot, lab)
    tuned = lab.experiment.optimizers[1]
    ideal = best(Momentum(), (0.1, 4.0))
    assert tuned.lr == pytest.approx(ideal.lr, rel=5e-4)
    assert tuned.lr <= ideal.lr
    assert tuned.mu == pytest.approx(ideal.mu, rel=1e-4)
    assert lab.experiment.optimizers[0] == before.optimizers[0]
    assert f"η = {tuned.lr:g}" in promised
    assert not view.best.isEnabled()
    assert "already" in view.best.toolTip()
    lab.undo_stack.undo()
    settle(qtbot, lab)
    assert lab.experiment == before
    assert view.best.isEnabled()


@pytest.mark.parametrize("kappa", [10.0, 1e4, 1e6])
@pytest.mark.parametrize("racer", [SGD(), Momentum(), Momentum(convention="average"), Nesterov(), QHM()])
def test_rounding_costs_no_stability_and_hardly_any_speed(racer, kappa):
    model = quadratic_model(Ravine(curvature=1e-3, kappa=kappa), (1.0, 1.0))
    tuned, reason = tuning(racer, model)
    assert not reason
    fastest = rate(best(racer, model.curvatures), model.curvatures)
    reached = rate(tuned, model.curvatures)
    assert reached < 1
    assert (1 - fastest) / (1 - reached) < 1.05


def test_values_are_rounded_to_four_digits():
    assert rounded_value("lr", 0.74526) == 0.7452
    assert rounded_value("lr", 0.7452) == 0.7452
    assert rounded_value("mu", 0.99987654) == 0.9998765
    assert rounded_value("mu", 0.0) == 0.0


def test_no_best_where_none_is_known():
    bowl = quadratic_model(RAVINE, (1.0, 1.0))
    saddle = quadratic_model(Saddle(), (0.0, 0.0))
    assert tuning(Momentum(), saddle)[0] is None
    assert "both curvatures" in tuning(Momentum(), saddle)[1]
    assert "changes during the run" in tuning(SGD(schedule=Exponential()), bowl)[1]


def test_on_another_surface_it_looks_at_the_minimum_or_at_the_racer(ravine_lab, qtbot):
    lab = ravine_lab(experiment(Momentum(lr=0.1, mu=0.5), objective=Saddle(), start=(-2.0, 0.001)))
    view = opened(lab)
    assert view.kind.text().startswith("Local:")
    assert view.axes[0].curvature.text().startswith("λ₁ = 1 ")
    lab.go(0)
    settle(qtbot, lab)
    qtbot.mouseClick(view.place.button(0), Qt.MouseButton.LeftButton)
    assert view.axes[0].curvature.text().startswith("λ₁ = −1 ")
    assert "negative curvature" in view.axes[0].story.text().lower()
    assert view.facts.values["condition"].text() == NOTHING
    assert not view.best.isEnabled()
    lab.go(100)
    qtbot.waitUntil(lambda: view.axes[0].curvature.text().startswith("λ₁ = 1 "), timeout=5000)
    assert view.best.isEnabled()


def test_a_formula_without_a_minimum_is_looked_at_where_the_racer_is(ravine_lab):
    view = opened(ravine_lab(experiment(Nesterov(lr=0.02), objective=Expression(formula="x**2 - 3*y**2"), steps=20)))
    assert view.axes[0].curvature.text().startswith("λ₁ = −6 ")
    assert not view.place.button(1).isEnabled()
    assert view.place.button(0).isChecked()


def test_under_noise_variances_stand_side_by_side(ravine_lab):
    racer = Momentum(lr=0.05, mu=0.8)
    lab = ravine_lab(experiment(racer, steps=4000, noise=0.5))
    view = opened(lab)
    run = lab.simulation.runs[0]
    measured = measured_variance(run.states[: run.count], quadratic_model(RAVINE, (0.0, 0.0)))
    for axis, (row, curvature) in enumerate(zip(rows(view), (0.1, 4.0), strict=True)):
        predicted = stationary_variance(racer, curvature, 0.5)
        assert float(row[1]) == pytest.approx(predicted, rel=5e-3)
        assert row[2] == estimate_text(measured[axis])
        # lr s^2 (1 + mu) / (l (1 - mu) (2 (1 + mu) - lr l))
        assert predicted == pytest.approx(0.05 * 0.25 * 1.8 / (curvature * 0.2 * (3.6 - 0.05 * curvature)))


def test_estimates_have_the_digits_that_their_error_leaves():
    assert estimate_text(Estimate(0.4031, 0.0612, 40)) == "0.40 ± 0.06"
    assert estimate_text(Estimate(12.31, 2.4, 40)) == "12 ± 2"
    assert estimate_text(Estimate(4.031e-6, 6.1e-7, 40)) == "(4.0 ± 0.6)×10⁻⁶"
    assert estimate_text(Estimate(0.25, 0.0, 1)) == "0.25"
    assert estimate_text(None) == NOTHING


def test_rates_near_one_keep_the_digits_that_tell():
    assert rate_text(0.519494) == "0.5195"
    assert rate_text(0.9998) == "0.999800"
    assert rate_text(None) == NOTHING


def test_the_guides_are_the_envelope_and_the_fit_while_the_panel_is_open(ravine_lab):
    racer = Momentum(lr=0.15, mu=0.8)
    lab = ravine_lab(experiment(SGD(lr=0.2), racer))
    plot = lab.curves.loss
    assert plot._guide_series == []
    span = plot.getPlotItem().getViewBox().viewRange()
    view = opened(lab, 1)
    predicted, fitted = plot._guide_series
    run = lab.simulation.runs[1]
    envelope = loss_envelope(racer, quadratic_model(RAVINE, (0.0, 0.0)), run.states[0], 100)
    assert predicted.stroke.dashes
    assert predicted.values == pytest.approx(envelope[predicted.steps])
    assert (predicted.values >= run.loss[predicted.steps] * (1 - 1e-9)).all()
    found = measured_rate(run.loss[: run.count])
    assert (fitted.steps[0], fitted.steps[-1]) == (found.first, found.last)
    assert fitted.values[-1] / fitted.values[0] == pytest.approx(found.rate ** (2 * (found.last - found.first)))
    assert plot.getPlotItem().getViewBox().viewRange()[0] == span[0]
    lab.panels.open("theory", False)
    assert plot._guide_series == []
    assert view.guides == [predicted, fitted]


def test_a_prediction_that_runs_away_ends_where_numbers_do(ravine_lab):
    lab = ravine_lab(experiment(SGD(lr=5.0), steps=400))
    opened(lab)
    (predicted, *_fitted) = lab.curves.loss._guide_series
    assert np.isfinite(predicted.values).all()


def test_a_schedule_shows_what_is_in_force_at_the_playhead(ravine_lab, qtbot):
    lab = ravine_lab(experiment(SGD(lr=0.4, schedule=Exponential())))
    view = opened(lab)
    factor = lab.simulation.runs[0].optimizer.at(100, 100).lr
    assert float(view.facts.values["lr"].text()) == pytest.approx(factor, rel=1e-3)
    lab.go(1)
    qtbot.waitUntil(lambda: view.facts.values["lr"].text() == "0.4", timeout=5000)


def test_a_closed_panel_is_never_asked(ravine_lab, qtbot, monkeypatch):
    lab = ravine_lab(experiment(Momentum(lr=0.1)))
    view = lab.panels.view("theory")

    def asked(*_args):
        raise AssertionError

    for name in ("_show_theory", "_measure", "_show_guides"):
        monkeypatch.setattr(view, name, asked)
    lab.edit(replace(lab.experiment, optimizers=(SGD(lr=0.1),)), "optimizers")
    settle(qtbot, lab)
    lab.go(3)
    settle(qtbot, lab)
    assert view._run is None


def test_without_racers_it_says_so(ravine_lab):
    lab = ravine_lab(experiment(SGD(enabled=False)))
    lab.panels.open("theory")
    view = lab.panels.view("theory")
    assert view.kind.text() == "No racer is switched on."
    assert view.best.isHidden()


def test_a_slope_whose_square_is_too_large_has_no_rate(ravine_lab):
    steep = experiment(SGD(lr=1e-6), objective=Expression(formula="1e200*sin(x)"), steps=20)
    view = opened(ravine_lab(steep))
    assert view._measured.rate is None
