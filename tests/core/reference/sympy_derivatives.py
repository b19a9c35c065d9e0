"""Writes sympy_derivatives.json: gradients and Hessians of typed formulas by SymPy, in 30 digits.

SymPy is no dependency of the program; to run this:

    pip install sympy && python tests/core/reference/sympy_derivatives.py
"""

import json
from pathlib import Path

import sympy

FORMULAS = [
    "x**2 + 10*y**2 + sin(3*x)",
    "(1 - x)**2 + 100*(y - x**2)**2",
    "-x**2*-y + 2**3**2/x",
    "x**7/y**3 - 1/(x*y)",
    "exp(-x**2 - y**2)*cos(x - 2*y)",
    "log(x)**2 + sqrt(x*y) + x**y",
    "tan(x*y/9)*atan(y/x)",
    "asin(x/9)*acos(y/9)",
    "sinh(x/3)*cosh(y/4) - tanh(x*y)",
    "abs(x - 3*y)*e**(x/2) + pi*y",
    "2**x - y**0.5 + x**-1.5",
    "x*y/(x + y)/(x - 5)**2",
    "sin(cos(sin(x*y)))",
]
POINTS = [(0.7, 1.9), (2.4, 0.3)]

x, y = sympy.symbols("x y", positive=True)
names = {"x": x, "y": y, "e": sympy.E, "pi": sympy.pi, "abs": sympy.Abs}
cases = []
for text in FORMULAS:
    f = sympy.sympify(text, locals=names)
    wanted = [f, f.diff(x), f.diff(y), f.diff(x, x), f.diff(x, y), f.diff(y, y)]
    for point in POINTS:
        place = {x: sympy.Float(repr(point[0]), 30), y: sympy.Float(repr(point[1]), 30)}
        numbers = [
            float(each.subs({sympy.sign(x - 3 * y): sympy.sign(point[0] - 3 * point[1])}).subs(place).evalf(30))
            for each in wanted
        ]
        cases.append({"formula": text, "point": point, "value, gradient, Hessian": numbers})
Path(__file__).with_suffix(".json").write_text(json.dumps(cases, indent=1) + "\n")
