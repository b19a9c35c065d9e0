"""A typed formula as a surface. SymPy's numbers are the reference for the derivatives."""

import json
import math
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.experiment_text import parse, to_json
from momentum_gui.core.expression import Expression, Formula
from momentum_gui.core.formula import FUNCTIONS, MAX_LENGTH
from momentum_gui.core.messages import InputError
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.run import Outcome
from momentum_gui.core.surfaces import Himmelblau, Rosenbrock

SYMPY = json.loads((Path(__file__).parent / "reference" / "sympy_derivatives.json").read_text())
EVERYWHERE = {"x_range": (-3.0, 3.0), "y_range": (-3.0, 3.0)}


@pytest.mark.parametrize("case", SYMPY, ids=lambda case: f"{case['formula']} at {case['point']}")
def test_value_gradient_and_hessian_are_sympys(case):
    surface = Expression(formula=case["formula"], **EVERYWHERE)
    point = case["point"]
    found = [surface.value(*point), *surface.gradient(*point), *surface.hessian(*point)]
    assert found == pytest.approx(case["value, gradient, Hessian"], rel=1e-12, abs=1e-12)


def test_typed_rosenbrock_is_rosenbrock():
    typed = Expression(formula="(1 - x)**2 + 100*(y - x**2)**2", x_range=(-2.0, 2.0), y_range=(-1.0, 3.0))
    x, y = np.random.default_rng(0).uniform(-2, 2, (2, 500))
    np.testing.assert_allclose(typed.value(x, y), Rosenbrock().value(x, y), rtol=1e-12, atol=1e-12)
    for mine, known in zip(typed.gradient(x, y), Rosenbrock().gradient(x, y), strict=True):
        np.testing.assert_allclose(mine, known, rtol=1e-12, atol=1e-10)
    for mine, known in zip(typed.hessian(x, y), Rosenbrock().hessian(x, y), strict=True):
        np.testing.assert_allclose(mine, known, rtol=1e-12, atol=1e-10)
    assert typed.minima == ((1.0, 1.0),)
    # Rosenbrock from (-1.2, 1) with momentum 0.9 and learning rate 0.001 is below 1e-6 at step 1 386.
    run = SurfaceRun(Momentum(lr=0.001, mu=0.9), typed, (-1.2, 1.0), 1500, noise=0.0, seed=0)
    run.advance(1500)
    assert np.argmax(run.loss < 1e-6) == 1386


@pytest.mark.parametrize(
    "text", sorted({case["formula"] for case in SYMPY} | {"1/x", "log(x)", "x**y", "5", "exp(9*x*y)"})
)
def test_floats_and_arrays_agree(text):
    surface = Expression(formula=text, **EVERYWHERE)
    x, y = (each.ravel() for each in np.meshgrid(np.linspace(-3, 3, 13), np.linspace(-2, 2, 9)))
    for method in ("value", "gradient", "hessian"):
        together = np.atleast_2d(getattr(surface, method)(x, y))
        for k in range(len(x)):
            alone = np.atleast_1d(getattr(surface, method)(float(x[k]), float(y[k])))
            np.testing.assert_allclose(alone, together[:, k], rtol=1e-13, atol=1e-13)


def test_results_have_the_shape_of_their_points():
    surface = Expression(formula="5", **EVERYWHERE)
    grid = np.zeros((3, 4))
    assert surface.value(grid, grid).shape == (3, 4)
    assert [each.shape for each in (*surface.gradient(grid, grid), *surface.hessian(grid, grid))] == [(3, 4)] * 5
    assert type(surface.value(1.0, 2.0)) is float
    assert surface.value(1, 2) == 5.0


def test_where_it_is_not_real_or_not_finite_nothing_is_raised():
    surface = Expression(formula="log(x) + 1/y", **EVERYWHERE)
    assert math.isnan(surface.value(-1.0, 1.0))
    assert surface.value(1.0, 0.0) == math.inf
    assert surface.value(1.0, -0.0) == -math.inf
    assert surface.gradient(0.0, 1.0) == (math.inf, -1.0)
    steep = Expression(formula="exp(x)*x**40", **EVERYWHERE)
    assert steep.value(1e300, 0.0) == math.inf


def test_a_run_that_leaves_the_real_part_has_diverged():
    surface = Expression(formula="log(x) + y**2", x_range=(0.0, 3.0), y_range=(-1.0, 1.0))
    run = SurfaceRun(SGD(lr=0.5), surface, (1.0, 1.0), 50, noise=0.0, seed=0)
    run.advance(50)
    assert run.outcome is Outcome.DIVERGED
    # x goes from 1 to 1 - 0.5 / 1, then to 0.5 - 0.5 / 0.5.
    assert str(run.message) == "diverged at step 2: the function has no real value there"
    assert np.isfinite(run.loss[: run.count]).all()


def test_a_typed_quadratic_knows_its_curvatures():
    surface = Expression(formula="x**2/2 + 4*(y - 1)**2 + x*y - 3*x")
    low, high = surface.curvatures
    # Of the matrix ((1, 1), (1, 8)).
    assert (low, high) == pytest.approx(((9 - math.sqrt(53)) / 2, (9 + math.sqrt(53)) / 2))
    run = SurfaceRun(SGD(lr=0.3), surface, (1.0, 1.5), 2000, noise=0.0, seed=0)
    run.advance(2000)
    assert "η λ₂" in str(run.message)
    assert Expression(formula="x**2 - y**2").curvatures is None
    assert Expression(formula="x**3 + y**2").curvatures is None


def test_the_minima_are_found():
    found = Expression(
        formula="(x**2 + y - 11)**2 + (x + y**2 - 7)**2", x_range=(-6.0, 6.0), y_range=(-6.0, 6.0)
    ).minima
    assert sorted(found) == [pytest.approx(each, abs=1e-12) for each in sorted(Himmelblau().minima)]
    degenerate = Expression(formula="(x - 1)**4 + y**4", **EVERYWHERE)
    assert degenerate.minima == ((1.0, 0.0),)


@pytest.mark.parametrize("text", ["x**2", "x", "5", "x**2*y", "1/x + y**2", "log(x) + y", "x*y", "-x**2 - y**2"])
def test_where_there_is_no_isolated_minimum_none_is_found(text):
    assert Expression(formula=text, **EVERYWHERE).minima == ()


def test_the_start_lies_where_the_function_is_finite():
    for text in ("x**2 + y**2", "log(x) + y", "sqrt(x - 2.5)*y", "1/(x*y)", "log(y - 2.9)"):
        surface = Expression(formula=text, **EVERYWHERE)
        assert math.isfinite(surface.value(*surface.start))
        left, right, bottom, top = surface.domain
        assert left <= surface.start[0] <= right
        assert bottom <= surface.start[1] <= top


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"formula": "x +"}, "formula: column 4: the formula ends"),
        ({"formula": "x/(2 - 2)"}, "formula: column 2: a division by zero"),
        ({"formula": "x*sqrt(-1)"}, "formula: column 3: no real number"),
        ({"formula": "log(1 - 1) + x"}, "formula: column 1: the number that results here is too large"),
        ({"formula": "9**9**9 + x"}, "formula: column 2: the number that results here is too large"),
        ({"formula": "x*(-8)**(1/3)"}, "formula: column 7: no real number"),
        ({"formula": "sqrt(-1 - x**2)"}, "formula: it has no finite real value anywhere"),
        ({"formula": "x**9**9"}, "anywhere"),
        ({"x_range": (1.0, 1.0)}, "x_range goes from 1.0 to 1.0"),
        ({"y_range": (2.0, -1.0)}, "y_range goes from 2.0 to -1.0"),
    ],
)
def test_what_cannot_be_shown_is_one_sentence(fields, said):
    if fields == {"formula": "x**9**9"}:
        fields = {**fields, "x_range": (2.0, 3.0)}
    with pytest.raises(InputError) as error:
        Expression(**fields)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_edit_is_checked_too():
    with pytest.raises(InputError):
        msgspec.structs.replace(Expression(), formula="2x")


def test_it_is_read_from_a_file_and_written():
    data = b'[objective]\nkind = "expression"\nformula = "x**2 + y**4"\nx_range = [-1, 2]\n'
    experiment = parse(data, "f.toml")
    assert experiment.objective == Expression(formula="x**2 + y**4", x_range=(-1.0, 2.0))
    assert parse(to_json(experiment), "f.json") == experiment
    for fields, said in (
        (b'formula = "2x"', "f.toml: objective: formula: column 2"),
        (b"x_range = [1]", "objective.x_range"),
        (b"formula = 5", "objective.formula is 5"),
        (b'formula = "x\\ny"', "one line of at most 400 characters"),
        (b"x_range = [-1e9, 1]", "objective.x_range"),
    ):
        with pytest.raises(InputError) as error:
            parse(b'[objective]\nkind = "expression"\n' + fields, "f.toml")
        assert said in str(error.value)


def test_what_is_typed_never_reaches_the_code():
    source = Formula("x**3 + sin(x)*2.5 - y/x")
    names = set(source.hessian.__code__.co_names) | set(source.value.__code__.co_names)
    assert names <= {*FUNCTIONS, "power", "sign", "nan", "inf"}
    assert source.value.__globals__["__builtins__"] == {}


LARGEST = [
    "*".join(["x"] * (MAX_LENGTH // 2)),
    "/".join(["x", "y"] * (MAX_LENGTH // 4)),
    "sin(" * 38 + "x" + ")" * 38,
    "x**" * 38 + "y",
    "+".join(f"sin({k}*x)*y**{k}" for k in range(1, 27)),
]


@pytest.mark.parametrize("text", LARGEST, ids=lambda text: text[:12])
def test_the_derivatives_of_the_largest_formulas_stay_small(text):
    source = Formula(text)
    source.hessian(0.5, 0.7)
    assert len(source._graph.nodes) < 12 * len(text)


PIECES = ["x", "y", "2", "0", "-1", "1e9", ".5", "9", "pi", "+", "-", "*", "/", "**"]
NESTED = st.recursive(
    st.sampled_from(["x", "y", "0", "1", "2", "0.5", "1e300", "pi"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        st.tuples(st.sampled_from(["-", *FUNCTIONS]), inner).map(lambda t: f"{t[0]}({t[1]})"),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(st.one_of(NESTED, st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
def test_whatever_is_typed_is_a_surface_or_an_input_error(text):
    try:
        surface = Expression(formula=text)
    except InputError:
        return
    grid = np.meshgrid(np.linspace(-3, 3, 7), np.linspace(-2, 2, 5))
    for method in ("value", "gradient", "hessian"):
        getattr(surface, method)(*grid)
        getattr(surface, method)(0.0, 0.0)
    for minimum in surface.minima:
        assert math.isfinite(surface.value(*minimum))
    assert surface.latex
    run = SurfaceRun(Momentum(lr=0.1), surface, surface.start, 20, noise=0.0, seed=0)
    run.advance(20)
    assert run.done


def test_derivatives_agree_with_finite_differences():
    surface = Expression(formula="exp(-x**2)*atan(x*y) + cosh(y/2)/(2 + sin(x)) - tanh(x - y)**3", **EVERYWHERE)
    x, y = np.random.default_rng(3).uniform(-2, 2, (2, 200))
    h = 1e-6
    gx, gy = surface.gradient(x, y)
    np.testing.assert_allclose(gx, (surface.value(x + h, y) - surface.value(x - h, y)) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(gy, (surface.value(x, y + h) - surface.value(x, y - h)) / (2 * h), atol=1e-8)
    xx, xy, yy = surface.hessian(x, y)
    np.testing.assert_allclose(xx, (surface.gradient(x + h, y)[0] - surface.gradient(x - h, y)[0]) / (2 * h), atol=1e-7)
    np.testing.assert_allclose(xy, (surface.gradient(x, y + h)[0] - surface.gradient(x, y - h)[0]) / (2 * h), atol=1e-7)
    np.testing.assert_allclose(yy, (surface.gradient(x, y + h)[1] - surface.gradient(x, y - h)[1]) / (2 * h), atol=1e-7)


def test_surfaces_need_no_symbolic_library():
    code = (
        "import sys, momentum_gui.core.surfaces as s; s.Expression().hessian(1.0, 2.0); print('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
