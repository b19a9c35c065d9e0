"""Published and worked-out facts of single surfaces; what all surfaces share is in test_surfaces.py."""

import math
from fractions import Fraction

import numpy as np
import pytest

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.surfaces import (
    SURFACES,
    Booth,
    Hills,
    Matyas,
    Plateau,
    Rastrigin,
    StyblinskiTang,
    ThreeCycle,
    TwoWells,
)


def ended(optimizer, surface, steps=None, start=None):
    """A run from the surface's start, or another, at its end."""
    steps = steps or surface.steps
    run = SurfaceRun(optimizer, surface, start or surface.start, steps, noise=0.0, seed=0)
    run.advance(steps)
    return run


def nearest(surface, point):
    """Which of its minima lies nearest to ``point``."""
    return int(np.argmin([math.dist(point, minimum) for minimum in surface.minima]))


def test_values_from_the_literature():
    assert Booth().value(1.0, 3.0) == 0.0
    assert Booth().value(0.0, 0.0) == 74.0  # 49 + 25
    assert Matyas().value(0.0, 0.0) == 0.0
    assert Matyas().value(10.0, -10.0) == pytest.approx(100.0)
    assert Rastrigin().value(0.0, 0.0) == 0.0
    assert Rastrigin().value(0.5, 0.5) == pytest.approx(40.5)  # 20 + 2 (0.25 + 10)
    assert Rastrigin().value(4.52299366, 4.52299366) == pytest.approx(80.70658039, abs=1e-6)  # its maximum
    assert StyblinskiTang().value(-2.903534, -2.903534) == pytest.approx(2 * -39.16616570377142, abs=1e-9)
    assert StyblinskiTang().value(1.0, 1.0) == -10.0


@pytest.mark.parametrize("surface", [Booth(), Matyas()], ids=lambda surface: type(surface).__name__)
def test_curvatures_of_a_quadratic_are_its_hessians_eigenvalues(surface):
    xx, xy, yy = surface.hessian(0.3, -0.7)
    assert np.linalg.eigvalsh([[xx, xy], [xy, yy]]) == pytest.approx(surface.curvatures, rel=1e-12)


@pytest.mark.parametrize(
    "surface", [StyblinskiTang(), Rastrigin(), TwoWells(), Hills()], ids=lambda s: type(s).__name__
)
def test_newtons_method_finds_the_same_minima(surface):
    """An independent search over the domain: as many minima, at the same places."""
    from momentum_gui.core.expression import found_minima

    found = found_minima(surface)
    if isinstance(surface, Rastrigin):  # more than the search looks for
        found = found[:9]
        assert all(min(math.dist(each, known) for known in surface.minima) < 1e-12 for each in found)
        assert len(surface.minima) == 121
        return
    assert sorted(found) == [pytest.approx(each, abs=1e-14) for each in sorted(surface.minima)]


@pytest.mark.parametrize("kind", SURFACES, ids=lambda kind: kind.__name__)
def test_everything_to_show_a_surface_is_there(kind):
    surface = kind()
    assert surface.title
    assert surface.formula
    assert surface.latex.count("{") == surface.latex.count("}")
    assert 10 <= surface.steps <= 5000
    run = ended(SGD(lr=surface.learning_rate), surface)
    assert run.loss[run.count - 1] < run.loss[0]
    assert run.count == surface.steps + 1


def test_gradient_descent_starves_on_the_plateau_where_momentum_arrives():
    surface = Plateau()
    assert surface.value(0.0, 0.0) == 0.0
    assert surface.value(30.0, 40.0) == pytest.approx(1 - 1 / 2501**2)
    assert ended(SGD(lr=surface.learning_rate), surface).loss[-1] > 0.99
    assert ended(Momentum(lr=surface.learning_rate, mu=0.9), surface).loss[-1] < 1e-4


@pytest.mark.parametrize("surface", [TwoWells(), Hills(), Rastrigin()], ids=lambda surface: type(surface).__name__)
def test_momentum_rolls_through_the_minimum_where_gradient_descent_ends(surface):
    plain = ended(SGD(lr=surface.learning_rate), surface, 1000)
    heavy = ended(Momentum(lr=surface.learning_rate, mu=0.9), surface, 1000)
    assert nearest(surface, plain.path[-1]) != nearest(surface, heavy.path[-1])
    assert heavy.loss[-1] < plain.loss[-1] - 0.1


def test_two_wells_are_a_deep_and_a_shallow_one():
    surface = TwoWells()
    deep, shallow = surface.minima
    assert surface.value(*deep) < -0.3 < 0.2 < surface.value(*shallow)


def test_heavy_ball_cycles_on_a_strongly_convex_function():
    """Lessard, Recht and Packard 2016: lr 1/9, mu 4/9, from 3.3, ends in a cycle of three points."""
    run = ended(Momentum(lr=1 / 9, mu=4 / 9), ThreeCycle(), 600, (3.3, 2.0))
    cycle = [792 / 1225, -2208 / 1225, 2592 / 1225]
    for start in (501, 540, 598):
        last = run.path[start : start + 3, 0]
        first = int(np.argmin(np.abs(last - cycle[0])))
        assert np.roll(last, -first) == pytest.approx(cycle, abs=1e-9)
    assert run.path[-1, 1] == pytest.approx(0.0, abs=1e-9)
    assert not run.message.text.startswith("diverged")


def test_the_cycle_solves_the_rule_exactly():
    """By hand, in fractions: x <- x + mu (x - before) - lr f'(x) goes round through the three points."""
    points = [Fraction(792, 1225), Fraction(-2208, 1225), Fraction(2592, 1225)]
    for k in range(3):
        before, x, after = points[k - 1], points[k], points[(k + 1) % 3]
        slope = 25 * x if x < 1 else 25 * x - 24
        assert x + Fraction(4, 9) * (x - before) - slope / 9 == after
        assert ThreeCycle().gradient(float(x), 0.0)[0] == pytest.approx(float(slope), rel=1e-15)


def test_the_three_cycles_function_is_continuous_and_as_published():
    surface = ThreeCycle()
    for x, slope in ((-2.0, -50.0), (0.5, 12.5), (1.0, 25.0), (1.5, 25.5), (2.0, 26.0), (3.0, 51.0)):
        assert surface.gradient(x, 0.0) == (slope, 0.0)
    for x in (1.0, 2.0):
        below = math.nextafter(x, 0)
        assert surface.value(below, 0.3) == pytest.approx(surface.value(x, 0.3), rel=1e-14)
    curvatures = {surface.hessian(x, 1.0)[0] for x in (-3.0, 0.0, 1.2, 1.9, 2.5)}
    assert curvatures == {25.0, 1.0}
    x = np.linspace(-3, 4, 57)
    assert np.array_equal(surface.gradient(x, x)[0], [surface.gradient(each, each)[0] for each in x.tolist()])
