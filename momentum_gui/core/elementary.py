"""Elementary functions of a float or of an array, of the same bits for both.

NumPy's own loops and the C library behind Python's ``math`` differ in the last bit on some processors, so a float
goes through NumPy, too (half a microsecond a call, where ``math`` takes a tenth). Outside a function's domain the
result is nan or infinite, as IEEE 754 has it; there is never an exception or a warning.
"""

import math
from collections.abc import Callable

import numpy as np

from momentum_gui.core.params import Value

Function = Callable[[Value], Value]


def _function(ufunc: np.ufunc, low: float = -math.inf, high: float = math.inf) -> Function:
    """``ufunc``, of which NumPy never complains for numbers between ``low`` and ``high``."""

    def function(v: Value) -> Value:
        if type(v) is float and low < v < high:
            return float(ufunc(v))
        with np.errstate(all="ignore"):  # switching complaints off takes longer than most functions
            result = ufunc(v)
        return float(result) if type(v) is float else result

    function.__name__ = function.__qualname__ = ufunc.__name__
    return function


LARGE = 709.0
"""exp of it is still finite."""

sin, cos, tan = _function(np.sin), _function(np.cos), _function(np.tan)
asin, acos, atan = _function(np.arcsin, -1, 1), _function(np.arccos, -1, 1), _function(np.arctan)
sinh, cosh, tanh = _function(np.sinh, -LARGE, LARGE), _function(np.cosh, -LARGE, LARGE), _function(np.tanh)
exp, log = _function(np.exp, -math.inf, LARGE), _function(np.log, 0)


# Those that every processor rounds alike need no detour: an optimizer calls them at every step.


def sqrt(v: Value) -> Value:
    """The square root, correctly rounded. (``v ** 0.5`` is not, for a float, and is complex below 0.)"""
    if type(v) is float:
        return math.sqrt(v) if v >= 0.0 else math.nan
    with np.errstate(all="ignore"):
        return np.sqrt(v)


def sign(v: Value) -> Value:
    """-1, 0 or 1."""
    if type(v) is float:
        return 1.0 if v > 0 else -1.0 if v < 0 else 0.0 if v == 0 else math.nan
    with np.errstate(all="ignore"):
        return np.sign(v)


def larger(a: Value, b: Value) -> Value:
    """The larger of the two; nan if one of them is."""
    if type(a) is float:
        return a if a > b or a != a else b
    with np.errstate(all="ignore"):
        return np.maximum(a, b)


def power(base: Value, exponent: Value) -> Value:
    """``base ** exponent``; nan where that is not real."""
    # float_power, because power takes short cuts for some scalar exponents, with other last bits than for arrays.
    floats = type(base) is float and type(exponent) is float
    if floats and 1e-15 < base < 1e15 and -20 < exponent < 20:
        return float(np.float_power(base, exponent))
    with np.errstate(all="ignore"):
        result = np.float_power(base, exponent)
    return float(result) if floats else result
