"""The surfaces that show what gradient descent and momentum do, and the table of all surfaces.

``surface`` says what a surface is; ``classics`` has the literature's test functions, ``expression`` the user's own.
"""

import math
from functools import cached_property
from typing import Annotated

from msgspec import Meta

from momentum_gui.core.classics import Beale, Booth, Himmelblau, Matyas, Rastrigin, Rosenbrock, StyblinskiTang
from momentum_gui.core.expression import Expression
from momentum_gui.core.messages import N_
from momentum_gui.core.params import Value
from momentum_gui.core.surface import Domain, Point, Surface

__all__ = [
    "SURFACES",
    "AnySurface",
    "Beale",
    "Booth",
    "Domain",
    "Expression",
    "Hills",
    "Himmelblau",
    "Matyas",
    "Plateau",
    "Point",
    "Rastrigin",
    "Ravine",
    "Rosenbrock",
    "Saddle",
    "StyblinskiTang",
    "Surface",
    "ThreeCycle",
    "TwoWells",
]


class Ravine(Surface, frozen=True, tag="ravine"):
    """f = 1/2 curvature (u^2 + kappa v^2),  u = x cos a + y sin a,  v = -x sin a + y cos a

    A quadratic whose floor lies along u and whose walls are kappa times steeper. With curvature 0.2 and
    kappa 20 it is 0.1 x^2 + 2 y^2, the example of *Dive into Deep Learning* (chapter on momentum).
    """

    title = N_("Ravine")
    formula = "½ c (u² + κ v²)"
    latex = r"\frac{1}{2} c \left(u^{2} + \kappa v^{2}\right)"
    letters = N_("u, v: x, y turned by α")
    learning_rate = 0.4
    steps = 60

    curvature: Annotated[
        float,
        Meta(
            gt=0,
            le=1000,
            title=N_("Curvature"),
            description=N_("Curvature along the floor of the ravine, its smaller one."),
            extra={"symbol": "c", "scale": "log", "slider": (0.01, 10.0)},
        ),
    ] = 0.2
    kappa: Annotated[
        float,
        Meta(
            ge=1,
            le=1e6,
            title=N_("Condition number"),
            description=N_("How many times steeper the walls are than the floor."),
            extra={"symbol": "κ", "scale": "log", "slider": (1.0, 1000.0)},
        ),
    ] = 20.0
    angle: Annotated[
        float,
        Meta(
            ge=-180,
            le=180,
            title=N_("Angle"),
            description=N_("Turns the floor from the x axis towards the y axis."),
            extra={"symbol": "α", "unit": "°", "slider": (-90.0, 90.0)},
        ),
    ] = 0.0

    @cached_property
    def _hessian(self) -> tuple[float, float, float]:
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        return (
            self.curvature * (cos * cos + self.kappa * sin * sin),
            self.curvature * (1 - self.kappa) * sin * cos,
            self.curvature * (sin * sin + self.kappa * cos * cos),
        )

    @property
    def domain(self) -> Domain:
        return Domain(-6.0, 6.0, -4.0, 4.0)

    @property
    def start(self) -> Point:
        return (-5.0, -2.0)

    @property
    def minima(self) -> tuple[Point, ...]:
        return ((0.0, 0.0),)

    def value(self, x: Value, y: Value) -> Value:
        xx, xy, yy = self._hessian
        return 0.5 * (xx * x * x + yy * y * y) + xy * x * y

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        xx, xy, yy = self._hessian
        return xx * x + xy * y, xy * x + yy * y

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        xx, xy, yy = self._hessian
        zero = 0.0 * x
        return xx + zero, xy + zero, yy + zero

    @property
    def curvatures(self) -> tuple[float, float]:
        return self.curvature, self.curvature * self.kappa


class Saddle(Surface, frozen=True, tag="saddle"):
    """f = 1/2 x^2 + 1/4 (y^2 - 1)^2

    A saddle at the origin, where the curvature is 1 along x and -1 along y, between two minima (0, 1) and
    (0, -1) of the value 0. Gradient descent slows down on it; momentum leaves it sooner.
    """

    title = N_("Saddle")
    formula = "½ x² + ¼ (y² − 1)²"
    latex = r"\frac{1}{2} x^{2} + \frac{1}{4} \left(y^{2} - 1\right)^{2}"
    learning_rate = 0.2
    steps = 100

    @property
    def domain(self) -> Domain:
        return Domain(-2.5, 2.5, -1.8, 1.8)

    @property
    def start(self) -> Point:
        return (-2.0, 0.001)

    @property
    def minima(self) -> tuple[Point, ...]:
        return ((0.0, 1.0), (0.0, -1.0))

    def value(self, x: Value, y: Value) -> Value:
        bend = y * y - 1
        return 0.5 * x * x + 0.25 * bend * bend

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        return x, y * (y * y - 1)

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        zero = 0.0 * x
        return 1 + zero, zero, 3 * y * y - 1


class Plateau(Surface, frozen=True, tag="plateau"):
    """f = 1 - 1 / (1 + x^2 + y^2)^2

    A flat with a hole. Far from the hole the slope falls with the fifth power of the distance, so gradient descent
    hardly moves, while momentum gathers speed; near the minimum (0, 0), of the value 0, the curvature is 4.
    """

    title = N_("Plateau")
    formula = "1 − 1 / (1 + x² + y²)²"
    latex = r"1 - \frac{1}{\left(1 + x^{2} + y^{2}\right)^{2}}"
    learning_rate = 0.4
    steps = 200

    @property
    def domain(self) -> Domain:
        return Domain(-4.0, 4.0, -3.0, 3.0)

    @property
    def start(self) -> Point:
        return (-3.2, 2.0)

    @property
    def minima(self) -> tuple[Point, ...]:
        return ((0.0, 0.0),)

    def value(self, x: Value, y: Value) -> Value:
        q = 1 + x * x + y * y
        return 1 - 1 / (q * q)

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        q = 1 + x * x + y * y
        slope = 4 / (q * q * q)
        return slope * x, slope * y

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        q = 1 + x * x + y * y
        slope = 4 / (q * q * q)
        bend = 6 * slope / q
        return slope - bend * x * x, -bend * x * y, slope - bend * y * y


class TwoWells(Surface, frozen=True, tag="two_wells"):
    """f = (x^2 - 1)^2 + 0.3 x + 2 y^2

    A deep well near (-1, 0) and a shallow one near (1, 0). From the right, gradient descent ends in the shallow
    one; momentum rolls through it into the deep one.
    """

    title = N_("Two wells")
    formula = "(x² − 1)² + 0.3 x + 2 y²"
    latex = r"\left(x^{2} - 1\right)^{2} + 0.3 \, x + 2 y^{2}"
    learning_rate = 0.02
    steps = 200

    @property
    def domain(self) -> Domain:
        return Domain(-2.0, 2.0, -1.5, 1.5)

    @property
    def start(self) -> Point:
        return (1.7, 1.2)

    @property
    def minima(self) -> tuple[Point, ...]:
        # Two of the roots of 4 x^3 - 4 x + 0.3, the deep one first.
        return ((-1.0355787140888537, 0.0), (0.96014955551910552, 0.0))

    def value(self, x: Value, y: Value) -> Value:
        bend = x * x - 1
        return bend * bend + 0.3 * x + 2 * y * y

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        return 4 * x * (x * x - 1) + 0.3, 4 * y

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        zero = 0.0 * x
        return 12 * x * x - 4, zero, 4 + zero


class Hills(Surface, frozen=True, tag="hills"):
    """f = (x^2 + y^2) / 10 + sum h / (1 + (x - a)^2 + (y - b)^2)^2

    Bumps on a bowl: three hills of height h at (a, b), and three minima between them. From the start, gradient
    descent ends in the highest of these; momentum rolls on into the lowest.
    """

    title = N_("Hills")
    formula = "(x² + y²)/10 + Σ h / (1 + (x − a)² + (y − b)²)²"
    latex = (
        r"\frac{x^{2} + y^{2}}{10}"
        r" + \sum \frac{h}{\left(1 + \left(x - a\right)^{2} + \left(y - b\right)^{2}\right)^{2}}"
    )
    letters = N_("h: a hill's height, (a, b): its place")
    learning_rate = 0.1
    steps = 200

    @property
    def domain(self) -> Domain:
        return Domain(-4.5, 4.5, -3.5, 3.5)

    @property
    def start(self) -> Point:
        return (2.7, -2.8)

    @property
    def minima(self) -> tuple[Point, ...]:
        # Roots of the gradient.
        return (
            (-0.045572069174415484, 0.43703740936722942),
            (1.5382808962437192, 0.09631484169736514),
            (-1.0760432605354729, -1.1411067274800358),
        )

    def value(self, x: Value, y: Value) -> Value:
        height = (x * x + y * y) / 10
        for h, a, b in HILLTOPS:
            q = 1 + (x - a) * (x - a) + (y - b) * (y - b)
            height = height + h / (q * q)
        return height

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        gx, gy = x / 5, y / 5
        for h, a, b in HILLTOPS:
            u, v = x - a, y - b
            q = 1 + u * u + v * v
            slope = -4 * h / (q * q * q)
            gx, gy = gx + slope * u, gy + slope * v
        return gx, gy

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        xx, xy, yy = 0.2 + 0.0 * x, 0.0 * x, 0.2 + 0.0 * x
        for h, a, b in HILLTOPS:
            u, v = x - a, y - b
            q = 1 + u * u + v * v
            slope = -4 * h / (q * q * q)
            bend = 6 * slope / q
            xx, xy, yy = xx + slope - bend * u * u, xy - bend * u * v, yy + slope - bend * v * v
        return xx, xy, yy


HILLTOPS = ((2.0, -1.7, 0.4), (1.5, 1.1, 1.5), (2.5, 0.6, -1.2))
"""Height, x and y of the hills."""


class ThreeCycle(Surface, frozen=True, tag="three_cycle"):
    """df/dx = 25 x (x < 1),  x + 24 (1 <= x < 2),  25 x - 24 (x >= 2);  f + 2 y^2

    Strongly convex, and yet heavy ball need not converge on it: with the learning rate 1/9 and momentum 4/9, the
    best for a quadratic of curvatures 1 to 25, x goes from 3.3 into a cycle through 792/1225, -2208/1225 and
    2592/1225 (Lessard, Recht and Packard, *Analysis and design of optimization algorithms via integral quadratic
    constraints*, SIAM Journal on Optimization 26, 2016). y, which they do not have, has the curvature 4.
    """

    title = N_("Three-cycle")
    formula = "½·25 x² (x < 1),  ½ x² + 24 x − 12 (x < 2),  ½·25 x² − 24 x + 36 (else), + 2 y²"
    latex = (
        r"2 y^{2} + \begin{cases} \frac{25}{2} x^{2} & x < 1 \\ \frac{1}{2} x^{2} + 24 x - 12 & 1 \le x < 2 \\"
        r" \frac{25}{2} x^{2} - 24 x + 36 & x \ge 2 \end{cases}"
    )
    learning_rate = 0.07
    steps = 60

    @property
    def domain(self) -> Domain:
        return Domain(-3.5, 4.0, -2.5, 2.5)

    @property
    def start(self) -> Point:
        return (3.3, 2.0)

    @property
    def minima(self) -> tuple[Point, ...]:
        return ((0.0, 0.0),)

    def value(self, x: Value, y: Value) -> Value:
        middle, right = (x >= 1) & (x < 2), x >= 2
        return 12.5 * x * x - 12 * middle * ((x - 1) * (x - 1)) - right * (24 * x - 36) + 2 * y * y

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        middle, right = (x >= 1) & (x < 2), x >= 2
        return 25 * x - 24 * middle * (x - 1) - 24 * right, 4 * y

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        zero = 0.0 * x
        return 25 - 24 * ((x >= 1) & (x < 2)) + zero, zero, 4 + zero


SURFACES: tuple[type[Surface], ...] = (
    Ravine,
    Rosenbrock,
    Beale,
    Himmelblau,
    Booth,
    Matyas,
    Rastrigin,
    StyblinskiTang,
    Saddle,
    Plateau,
    TwoWells,
    Hills,
    ThreeCycle,
    Expression,
)
AnySurface = (
    Ravine
    | Rosenbrock
    | Beale
    | Himmelblau
    | Booth
    | Matyas
    | Rastrigin
    | StyblinskiTang
    | Saddle
    | Plateau
    | TwoWells
    | Hills
    | ThreeCycle
    | Expression
)
