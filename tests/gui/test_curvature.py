"""Which quadratic the views of theory look at."""

import pytest

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.expression import Expression
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.surfaces import Ravine, Saddle, TwoWells
from momentum_gui.core.theory import quadratic_model
from momentum_gui.gui.curvature import axis_names, curvature_text, model_at_minimum, model_at_step


def run_of(optimizer, surface, start, steps=50):
    run = SurfaceRun(optimizer, surface, start, steps, 0.0, 0)
    run.advance(steps)
    return run


def test_a_quadratic_is_looked_at_around_its_minimum_from_everywhere():
    run = run_of(SGD(lr=0.1), Ravine(curvature=1.0, kappa=10.0), (3.0, 1.0))
    for model in (model_at_step(run, 7), model_at_minimum(run)):
        assert model.exact
        assert model.center == (0.0, 0.0)
        assert model.curvatures.tolist() == [1.0, 10.0]


def test_a_quadratic_has_its_centre_though_its_minimum_lies_outside_of_the_domain():
    surface = Expression(formula="(x - 70)**2 + 4*y**2 + x*y")
    assert surface.curvatures is not None
    assert surface.minima == ()
    run = run_of(SGD(lr=0.01), surface, (1.0, 1.0), steps=3)
    model = model_at_minimum(run)
    # the gradient (2 x - 140 + y, 8 y + x) vanishes where 15 y = -140
    assert model.center == pytest.approx((8 * 140 / 15, -140 / 15))


def test_another_surface_is_looked_at_where_the_racer_is_or_at_the_minimum_it_comes_to():
    run = run_of(Momentum(lr=0.1, mu=0.5), Saddle(), (-2.0, -0.3), steps=200)
    there = model_at_step(run, 0)
    assert there.center == (-2.0, -0.3)
    assert there.curvatures == pytest.approx([3 * 0.09 - 1, 1.0])
    assert model_at_step(run, 10_000).center == pytest.approx((0.0, -1.0), abs=1e-6)
    floor = model_at_minimum(run)
    assert floor.center == (0.0, -1.0)
    assert floor.curvatures.tolist() == [1.0, 2.0]
    assert not floor.exact


def test_a_run_that_diverged_is_seen_from_the_minimum_near_its_start():
    surface = TwoWells()
    x, y = surface.minima[1]
    run = run_of(SGD(lr=5.0), surface, (x + 0.3, y))
    assert model_at_minimum(run).center == (x, y)


def test_without_a_row_or_a_minimum_there_is_no_model():
    too_high = run_of(SGD(), Ravine(curvature=100.0), (1e6, 1e6))
    assert too_high.count == 0
    assert model_at_step(too_high, 0) is None
    assert model_at_minimum(too_high) is None
    slope = run_of(SGD(), Expression(formula="x + y**2"), (0.0, 1.0))
    assert slope.surface.curvatures is None
    assert model_at_minimum(slope) is None


def test_axes_are_called_by_what_they_are():
    assert axis_names(quadratic_model(Ravine(kappa=10.0), (0, 0))) == ("along the floor", "across the ravine")
    assert axis_names(quadratic_model(Ravine(kappa=1.0), (0, 0))) == ("first axis", "second axis")
    assert axis_names(quadratic_model(Saddle(), (0, 0))) == ("first axis", "second axis")
    assert curvature_text(1, -0.25) == "λ₂ = −0.25"
