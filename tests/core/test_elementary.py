"""Floats and arrays agree, and nothing is ever raised or warned of."""

import math

import numpy as np
import pytest

from momentum_gui.core import elementary

NAMES = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "sqrt", "sign")
AWKWARD = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 709.5, 711.0, -711.0, 1e-320, 1e300, math.inf, -math.inf, math.nan]


def agree(one, other):
    """Equal to 4 units in the last place; zeros of one sign, infinities and nan only with their like."""
    if math.isfinite(one) and one and other:
        return abs(one - other) <= 4 * math.ulp(one)
    return np.float64(one).tobytes() == np.float64(other).tobytes() or (math.isnan(one) and math.isnan(other))


@pytest.mark.parametrize("name", NAMES)
def test_a_float_and_an_array_agree(name):
    function = getattr(elementary, name)
    numbers = np.concatenate([np.random.default_rng(1).uniform(-3, 3, 997), AWKWARD])
    whole, strided = function(numbers), function(np.repeat(numbers, 3)[::3])
    for k, number in enumerate(numbers.tolist()):
        single = function(number)
        assert type(single) is float
        assert agree(single, whole[k])
        assert agree(single, strided[k])


def test_powers_agree():
    base, exponent = np.meshgrid([*np.linspace(-3, 3, 41), *AWKWARD], [*np.linspace(-25, 25, 41), *AWKWARD])
    whole = elementary.power(base, exponent)
    for (i, j), result in np.ndenumerate(whole):
        assert agree(elementary.power(float(base[i, j]), float(exponent[i, j])), result)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_what_they_are_called(name):
    if name != "sign":
        assert getattr(elementary, name)(0.3) == pytest.approx(getattr(math, name)(0.3), rel=1e-15)


def test_outside_their_domains_they_are_nan_or_infinite():
    assert elementary.log(0.0) == -math.inf
    assert elementary.exp(1e4) == math.inf
    assert elementary.power(0.0, -1.0) == math.inf
    for result in (elementary.log(-1.0), elementary.sqrt(-1.0), elementary.asin(1.5), elementary.sin(math.inf)):
        assert math.isnan(result)
    assert math.isnan(elementary.power(-8.0, 1 / 3))
