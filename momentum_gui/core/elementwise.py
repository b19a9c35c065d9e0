"""The functions that plain floats and arrays do not share: each gives the same bits for both, and never raises.

The four operations need none of this. A power does: ``x ** 0.5`` rounds differently for a float (C's ``pow``) and
for an array (``sqrt``), is complex below 0 for the one and not a number for the other, and ``x ** 2`` of a large
float raises OverflowError.
"""

from math import nan, sqrt

import numpy as np

from momentum_gui.core.params import Value


def root(x: Value) -> Value:
    """The square root, correctly rounded; not a number below 0."""
    if type(x) is float:
        return sqrt(x) if x >= 0.0 else nan
    return np.sqrt(x)


def sign(x: Value) -> Value:
    """-1, 0 or 1; not a number stays so."""
    if type(x) is float:
        return 1.0 if x > 0 else -1.0 if x < 0 else 0.0 if x == 0 else nan
    return np.sign(x)


def larger(a: Value, b: Value) -> Value:
    """The larger of the two; not a number if one of them is."""
    if type(a) is float:
        return a if a > b or a != a else b
    return np.maximum(a, b)
