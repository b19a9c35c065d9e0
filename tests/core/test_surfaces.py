"""Every surface: derivatives against central differences, minima, start, domain."""

import math

import numpy as np
import pytest

from momentum_gui.core.surfaces import (
    SURFACES,
    AnySurface,
    Beale,
    Expression,
    Himmelblau,
    Rastrigin,
    Ravine,
    Rosenbrock,
    Saddle,
)

CASES = [
    *(cls() for cls in SURFACES),
    Ravine(curvature=3.0, kappa=7.0, angle=30.0),
    Ravine(kappa=1.0, angle=-120.0),
    Rosenbrock(a=0.5, b=10.0),
    Rosenbrock(a=-1.5, b=3.0),
]
named = pytest.mark.parametrize("surface", CASES, ids=repr)


def points(surface, count=200):
    """Points all over the surface's domain, (count,) and (count,)."""
    left, right, bottom, top = surface.domain
    rng = np.random.default_rng(1)
    return rng.uniform(left, right, count), rng.uniform(bottom, top, count)


def differences(f, x, y, h=1e-5):
    """Central differences of ``f`` by x and by y."""
    return (f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)


def assert_close(ours, theirs, size):
    """Equal to 1e-6 of the size of what was differenced, whose rounding error is divided by the step."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6 * (1 + np.max(np.abs(size))))


@named
def test_the_gradient_is_that_of_the_value(surface):
    x, y = points(surface)
    for ours, theirs in zip(surface.gradient(x, y), differences(surface.value, x, y), strict=True):
        assert_close(ours, theirs, surface.value(x, y))


@named
def test_the_hessian_is_that_of_the_gradient(surface):
    x, y = points(surface)
    xx, xy, yy = surface.hessian(x, y)
    (by_x, by_y), (also_by_x, also_by_y) = (
        differences(lambda x, y, i=i: surface.gradient(x, y)[i], x, y) for i in (0, 1)
    )
    size = surface.gradient(x, y)
    for ours, theirs in ((xx, by_x), (xy, by_y), (xy, also_by_x), (yy, also_by_y)):
        assert np.shape(ours) == x.shape
        assert_close(ours, theirs, size)


@named
def test_floats_and_arrays_agree(surface):
    x, y = points(surface)
    for method in (surface.value, surface.gradient, surface.hessian):
        rows = [method(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        together = np.transpose(method(x, y))
        if isinstance(surface, Rastrigin | Expression):  # whose functions round differently
            np.testing.assert_allclose(together, rows, rtol=1e-12, atol=1e-12)
        else:
            assert np.array_equal(together, rows)
    assert isinstance(surface.value(0.5, 0.25), float)
    assert all(isinstance(each, float) for each in surface.gradient(0.5, 0.25))


@named
def test_the_start_and_the_minima_can_be_seen(surface):
    left, right, bottom, top = surface.domain
    assert left < right
    assert bottom < top
    for x, y in (surface.start, *surface.minima):
        assert left <= x <= right
        assert bottom <= y <= top
    assert math.hypot(*surface.gradient(*surface.start)) > 1e-4, "a run from the start would never leave it"


@named
def test_minima_are_minima(surface):
    turn = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    for x, y in surface.minima:
        xx, xy, yy = surface.hessian(x, y)
        assert xx > 0
        assert xx * yy - xy * xy > 0, "the Hessian is not positive definite"
        assert math.hypot(*surface.gradient(x, y)) < 1e-9 * (xx + yy)
        around = surface.value(x + 1e-3 * np.cos(turn), y + 1e-3 * np.sin(turn))
        assert np.all(around > surface.value(x, y))


@named
def test_no_minimum_in_sight_is_left_out(surface):
    """Newton's method from a grid of points: where it comes to rest in a hollow, a minimum must be listed."""
    if not surface.minima:
        return
    left, right, bottom, top = surface.domain
    x, y = (each.ravel() for each in np.meshgrid(np.linspace(left, right, 61), np.linspace(bottom, top, 61)))
    with np.errstate(all="ignore"):
        for _ in range(60):
            (gx, gy), (xx, xy, yy) = surface.gradient(x, y), surface.hessian(x, y)
            det = xx * yy - xy * xy
            x, y = x - (yy * gx - xy * gy) / det, y - (xx * gy - xy * gx) / det
        (gx, gy), (xx, xy, yy) = surface.gradient(x, y), surface.hessian(x, y)
        scale = xx + yy
        hollow = (xx > 1e-6) & (xx * yy - xy * xy > 1e-9 * scale * scale) & (np.hypot(gx, gy) < 1e-9 * scale)
    seen = hollow & (x > left) & (x < right) & (y > bottom) & (y < top)
    assert seen.any()
    distance = np.min([np.hypot(x[seen] - a, y[seen] - b) for a, b in surface.minima], axis=0)
    assert distance.max() < 1e-5


def test_the_ravine_of_dive_into_deep_learning():
    """f = 0.1 x^2 + 2 y^2."""
    ravine = Ravine(curvature=0.2, kappa=20.0)
    assert ravine.value(-5.0, -2.0) == pytest.approx(0.1 * 25 + 2 * 4, rel=1e-15)
    assert ravine.gradient(-5.0, -2.0) == pytest.approx((0.2 * -5, 4.0 * -2), rel=1e-15)
    assert ravine.hessian(1.0, 1.0) == pytest.approx((0.2, 0.0, 4.0), rel=1e-15)
    assert ravine.curvatures == (0.2, 4.0)


@pytest.mark.parametrize("angle", [0.0, 17.0, 90.0, -135.0])
def test_a_turned_ravine_is_the_same_ravine_in_turned_coordinates(angle):
    turned, straight = Ravine(curvature=0.3, kappa=12.0, angle=angle), Ravine(curvature=0.3, kappa=12.0)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    x, y = points(turned)
    u, v = x * cos + y * sin, -x * sin + y * cos
    np.testing.assert_allclose(turned.value(x, y), straight.value(u, v), rtol=1e-12)
    xx, xy, yy = turned.hessian(0.0, 0.0)
    assert np.linalg.eigvalsh([[xx, xy], [xy, yy]]) == pytest.approx(turned.curvatures, rel=1e-12)


@pytest.mark.parametrize(
    ("surface", "place", "value"),
    [
        (Rosenbrock(), (1.0, 1.0), 0.0),
        (Rosenbrock(), (-1.2, 1.0), 24.2),  # Rosenbrock 1960
        (Beale(), (3.0, 0.5), 0.0),
        (Beale(), (0.0, 0.0), 1.5**2 + 2.25**2 + 2.625**2),
        (Himmelblau(), (3.0, 2.0), 0.0),
        (Himmelblau(), (0.0, 0.0), 11.0**2 + 7.0**2),
        (Saddle(), (0.0, 0.0), 0.25),
        (Saddle(), (0.0, -1.0), 0.0),
    ],
    ids=repr,
)
def test_known_values(surface, place, value):
    assert surface.value(*place) == pytest.approx(value, abs=1e-14)


@pytest.mark.parametrize("surface", [Rosenbrock(), Beale(), Himmelblau(), Saddle()], ids=repr)
def test_the_known_minima_have_the_value_nought(surface):
    assert all(surface.value(*place) < 1e-24 for place in surface.minima)


def test_the_saddle_is_one():
    assert Saddle().gradient(0.0, 0.0) == (0.0, 0.0)
    assert Saddle().hessian(0.0, 0.0) == (1.0, 0.0, -1.0)


@named
def test_only_quadratics_say_that_their_curvature_is_the_same_everywhere(surface):
    if surface.curvatures is None:
        return
    smallest, largest = surface.curvatures
    assert smallest <= largest
    for x, y in zip(*points(surface, 5), strict=True):
        xx, xy, yy = surface.hessian(x, y)
        assert np.linalg.eigvalsh([[xx, xy], [xy, yy]]) == pytest.approx([smallest, largest], rel=1e-12, abs=1e-12)


def test_the_table_and_the_union_list_the_same():
    assert AnySurface.__args__ == SURFACES
    kinds = [cls.__struct_config__.tag for cls in SURFACES]
    assert len(set(kinds)) == len(kinds)
    assert {"ravine", "rosenbrock", "beale", "himmelblau", "saddle"} <= set(kinds)
    assert all(cls.title and cls.formula and cls.learning_rate > 0 and cls.steps > 0 for cls in SURFACES)
