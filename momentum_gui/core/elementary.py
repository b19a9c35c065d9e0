"""Elementary functions of a float or of an array.

A float goes through Python's ``math``, an array through NumPy, which would take ten times as long for a float. The two
round differently on some processors: what comes of a float and of an array agrees to a few units in the last place.
Outside a function's domain the result is nan or infinite, as IEEE 754 has it; there is never an exception or a warning.
"""

import math
from collections.abc import Callable

import numpy as np

from momentum_gui.core.params import Value

Function = Callable[[Value], Value]

UFUNCS: dict[str, np.ufunc] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
}
"""NumPy's functions by the names they have in ``math`` and here."""


def _function(name: str) -> Function:
    of_float, of_array = getattr(math, name), UFUNCS[name]

    def function(v: Value) -> Value:
        if type(v) is float:
            try:
                return of_float(v)
            except (ValueError, OverflowError):  # where IEEE 754 has nan or infinity
                pass
        with np.errstate(all="ignore"):
            result = of_array(v)
        return float(result) if type(v) is float else result

    function.__name__ = function.__qualname__ = name
    return function


sin, cos, tan = _function("sin"), _function("cos"), _function("tan")
asin, acos, atan = _function("asin"), _function("acos"), _function("atan")
sinh, cosh, tanh = _function("sinh"), _function("cosh"), _function("tanh")
exp, log = _function("exp"), _function("log")


# Those that every processor rounds alike: a rule gives the same bits for floats and arrays.


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
    floats = type(base) is float and type(exponent) in (float, int)
    if floats:
        try:
            return math.pow(base, exponent)
        except (ValueError, OverflowError):
            pass
    with np.errstate(all="ignore"):
        result = np.float_power(base, exponent)
    return float(result) if floats else result
