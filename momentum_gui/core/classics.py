"""The classic test functions of optimization, as in the literature.

Domains and minima as in S. Surjanovic and D. Bingham, *Virtual Library of Simulation Experiments: Test Functions
and Datasets* (Simon Fraser University), and M. Jamil and X.-S. Yang, *A literature survey of benchmark functions
for global optimisation problems* (2013); the digits of minima that have no closed form are roots of the gradient,
calculated in 30 digits.

Gradients, which a run asks for at every step, say ``2.0 * x``: that takes plain Python less time than ``2 * x``.
"""

from itertools import product
from math import pi
from typing import Annotated

from msgspec import Meta

from momentum_gui.core.elementary import cos, sin
from momentum_gui.core.messages import N_
from momentum_gui.core.params import Value
from momentum_gui.core.surface import Domain, Point, Surface


class Rosenbrock(Surface, frozen=True, tag="rosenbrock"):
    """f = (a - x)^2 + b (y - x^2)^2

    A curved ravine (Rosenbrock 1960); its minimum (a, a^2) has the value 0.
    """

    title = "Rosenbrock"
    formula = "(a − x)² + b (y − x²)²"
    latex = r"\left(a - x\right)^{2} + b \left(y - x^{2}\right)^{2}"
    learning_rate = 0.001
    steps = 2000

    a: Annotated[
        float,
        Meta(
            ge=-10,
            le=10,
            title=N_("Minimum at"),
            description=N_("The minimum lies at (a, a²)."),
            extra={"symbol": "a", "slider": (-1.5, 1.5)},
        ),
    ] = 1.0
    b: Annotated[
        float,
        Meta(
            gt=0,
            le=1e4,
            title=N_("Steepness"),
            description=N_("How steep the walls of the curved ravine are."),
            extra={"symbol": "b", "scale": "log", "slider": (1.0, 1000.0)},
        ),
    ] = 100.0

    @property
    def domain(self) -> Domain:
        return Domain(-2.0, 2.0, -1.0, 3.0)

    @property
    def start(self) -> Point:
        return (-1.2, 1.0)

    @property
    def minima(self) -> tuple[Point, ...]:
        return ((self.a, self.a * self.a),)

    def value(self, x: Value, y: Value) -> Value:
        along, across = self.a - x, y - x * x
        return along * along + self.b * across * across

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        across = self.b * (y - x * x)
        return -2.0 * (self.a - x) - 4.0 * x * across, 2.0 * across

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        return 2 - 4 * self.b * (y - 3 * x * x), -4 * self.b * x, 2 * self.b + 0.0 * x


class Beale(Surface, frozen=True, tag="beale"):
    """f = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2

    Flat valleys between steep corners (Beale 1958); its minimum (3, 0.5) has the value 0.
    """

    title = "Beale"
    formula = "(1.5 − x + x y)² + (2.25 − x + x y²)² + (2.625 − x + x y³)²"
    latex = (
        r"\left(1.5 - x + x y\right)^{2} + \left(2.25 - x + x y^{2}\right)^{2} + \left(2.625 - x + x y^{3}\right)^{2}"
    )
    learning_rate = 0.005
    steps = 500

    @property
    def domain(self) -> Domain:
        return Domain(-4.5, 4.5, -4.5, 4.5)

    @property
    def start(self) -> Point:
        return (1.0, 1.5)

    @property
    def minima(self) -> tuple[Point, ...]:
        return ((3.0, 0.5),)

    def value(self, x: Value, y: Value) -> Value:
        yy = y * y
        a, b, c = 1.5 - x + x * y, 2.25 - x + x * yy, 2.625 - x + x * (yy * y)
        return a * a + b * b + c * c

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        yy = y * y
        yyy = yy * y
        a, b, c = 1.5 - x + x * y, 2.25 - x + x * yy, 2.625 - x + x * yyy
        return (
            2.0 * (a * (y - 1.0) + b * (yy - 1.0) + c * (yyy - 1.0)),
            2.0 * x * (a + 2.0 * y * b + 3.0 * yy * c),
        )

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        yy = y * y
        yyy = yy * y
        a, b, c = 1.5 - x + x * y, 2.25 - x + x * yy, 2.625 - x + x * yyy
        p, q, r = y - 1, yy - 1, yyy - 1
        return (
            2 * (p * p + q * q + r * r),
            2 * (a + 2 * y * b + 3 * yy * c) + 2 * x * (p + 2 * y * q + 3 * yy * r),
            2 * x * (x * (1 + 4 * yy + 9 * yy * yy) + 2 * b + 6 * y * c),
        )


class Himmelblau(Surface, frozen=True, tag="himmelblau"):
    """f = (x^2 + y - 11)^2 + (x + y^2 - 7)^2

    Four minima, all of value 0 (Himmelblau 1972).
    """

    title = "Himmelblau"
    formula = "(x² + y − 11)² + (x + y² − 7)²"
    latex = r"\left(x^{2} + y - 11\right)^{2} + \left(x + y^{2} - 7\right)^{2}"
    learning_rate = 0.01
    steps = 100

    @property
    def domain(self) -> Domain:
        return Domain(-6.0, 6.0, -6.0, 6.0)

    @property
    def start(self) -> Point:
        return (-0.5, -4.5)

    @property
    def minima(self) -> tuple[Point, ...]:
        return (
            (3.0, 2.0),
            (-2.8051180869527448, 3.1313125182505730),
            (-3.7793102533777469, -3.2831859912861694),
            (3.5844283403304917, -1.8481265269644034),
        )

    def value(self, x: Value, y: Value) -> Value:
        a, b = x * x + y - 11, x + y * y - 7
        return a * a + b * b

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        a, b = x * x + y - 11.0, x + y * y - 7.0
        return 4.0 * x * a + 2.0 * b, 2.0 * a + 4.0 * y * b

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        return 12 * x * x + 4 * y - 42, 4 * (x + y), 12 * y * y + 4 * x - 26


class Booth(Surface, frozen=True, tag="booth"):
    """f = (x + 2 y - 7)^2 + (2 x + y - 5)^2

    A quadratic whose axes are the diagonals, with the curvatures 2 and 18 along them; its minimum (1, 3) has the
    value 0.
    """

    title = "Booth"
    formula = "(x + 2y − 7)² + (2x + y − 5)²"
    latex = r"\left(x + 2 y - 7\right)^{2} + \left(2 x + y - 5\right)^{2}"
    learning_rate = 0.09
    steps = 100

    @property
    def domain(self) -> Domain:
        return Domain(-10.0, 10.0, -10.0, 10.0)

    @property
    def start(self) -> Point:
        return (-8.0, 5.0)

    @property
    def minima(self) -> tuple[Point, ...]:
        return ((1.0, 3.0),)

    @property
    def curvatures(self) -> tuple[float, float]:
        return 2.0, 18.0

    def value(self, x: Value, y: Value) -> Value:
        a, b = x + 2 * y - 7, 2 * x + y - 5
        return a * a + b * b

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        a, b = x + 2.0 * y - 7.0, 2.0 * x + y - 5.0
        return 2.0 * a + 4.0 * b, 4.0 * a + 2.0 * b

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        zero = 0.0 * x
        return 10 + zero, 8 + zero, 10 + zero


class Matyas(Surface, frozen=True, tag="matyas"):
    """f = 0.26 (x^2 + y^2) - 0.48 x y

    A flat valley along the diagonal: the curvature is 0.04 along it and 1 across; its minimum (0, 0) has the value 0.
    """

    title = "Matyas"
    formula = "0.26 (x² + y²) − 0.48 x y"
    latex = r"0.26 \left(x^{2} + y^{2}\right) - 0.48 \, x y"
    learning_rate = 1.8
    steps = 100

    @property
    def domain(self) -> Domain:
        return Domain(-10.0, 10.0, -10.0, 10.0)

    @property
    def start(self) -> Point:
        return (-9.0, -3.0)

    @property
    def minima(self) -> tuple[Point, ...]:
        return ((0.0, 0.0),)

    @property
    def curvatures(self) -> tuple[float, float]:
        return 0.04, 1.0

    def value(self, x: Value, y: Value) -> Value:
        return 0.26 * (x * x + y * y) - 0.48 * x * y

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        return 0.52 * x - 0.48 * y, 0.52 * y - 0.48 * x

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        zero = 0.0 * x
        return 0.52 + zero, -0.48 + zero, 0.52 + zero


class Rastrigin(Surface, frozen=True, tag="rastrigin"):
    """f = 20 + x^2 - 10 cos(2 pi x) + y^2 - 10 cos(2 pi y)

    A bowl with a pit in every unit square (Rastrigin 1974): 121 minima in the domain, of which (0, 0) has the
    value 0. Gradient descent ends in the pit where it begins; momentum jumps out of the outer ones.
    """

    title = "Rastrigin"
    formula = "20 + x² − 10 cos 2πx + y² − 10 cos 2πy"
    latex = r"20 + x^{2} - 10 \cos 2 \pi x + y^{2} - 10 \cos 2 \pi y"
    learning_rate = 0.004
    steps = 150

    @property
    def domain(self) -> Domain:
        return Domain(-5.12, 5.12, -5.12, 5.12)

    @property
    def start(self) -> Point:
        return (-4.4, 4.4)

    @property
    def minima(self) -> tuple[Point, ...]:
        # The roots of x + 10 pi sin(2 pi x) where 1 + 20 pi^2 cos(2 pi x) > 0, the global minimum first.
        right = (
            0.9949586376523348,
            1.9899122337085496,
            2.9848557010394812,
            3.9797838603007538,
            4.9746913908950513,
        )
        line = (0.0, *right, *(-x for x in right))
        return tuple(product(line, line))

    def value(self, x: Value, y: Value) -> Value:
        return 20 + x * x - 10 * cos(2 * pi * x) + y * y - 10 * cos(2 * pi * y)

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        return 2 * x + 20 * pi * sin(2 * pi * x), 2 * y + 20 * pi * sin(2 * pi * y)

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        most = 40 * pi * pi
        return 2 + most * cos(2 * pi * x), 0.0 * x, 2 + most * cos(2 * pi * y)


class StyblinskiTang(Surface, frozen=True, tag="styblinski_tang"):
    """f = 1/2 (x^4 - 16 x^2 + 5 x + y^4 - 16 y^2 + 5 y)

    Four minima of different depth (Styblinski and Tang 1990); the deepest, near (-2.9035, -2.9035), has the value
    -78.3323.
    """

    title = "Styblinski–Tang"
    formula = "½ (x⁴ − 16x² + 5x + y⁴ − 16y² + 5y)"
    latex = r"\frac{1}{2} \left(x^{4} - 16 x^{2} + 5 x + y^{4} - 16 y^{2} + 5 y\right)"
    learning_rate = 0.01
    steps = 100

    @property
    def domain(self) -> Domain:
        return Domain(-5.0, 5.0, -5.0, 5.0)

    @property
    def start(self) -> Point:
        return (4.5, 0.6)

    @property
    def minima(self) -> tuple[Point, ...]:
        # Two of the roots of 4 x^3 - 32 x + 5.
        line = (-2.9035340277711771, 2.7468027709908370)
        return tuple(product(line, line))

    def value(self, x: Value, y: Value) -> Value:
        xx, yy = x * x, y * y
        return 0.5 * (xx * (xx - 16) + 5 * x + yy * (yy - 16) + 5 * y)

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        return x * (2.0 * x * x - 16.0) + 2.5, y * (2.0 * y * y - 16.0) + 2.5

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        return 6 * x * x - 16, 0.0 * x, 6 * y * y - 16
