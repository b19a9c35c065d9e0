"""Functions of two variables to descend on: value, gradient, Hessian, domain, start and minima.

Every method takes ``x`` and ``y`` as floats or as arrays of one shape, and uses only the four operations where
it can, so that a single run on plain floats and a batch on arrays give the same bits.
"""

import math
from functools import cached_property
from typing import Annotated, ClassVar, NamedTuple

from msgspec import Meta

from momentum_gui.core.messages import N_
from momentum_gui.core.params import Declared, Value

Point = tuple[float, float]


class Domain(NamedTuple):
    """The rectangle that is shown at first; runs may leave it."""

    left: float
    right: float
    bottom: float
    top: float


class Surface(Declared, frozen=True, tag_field="kind", dict=True):
    """A function f(x, y) with what a program needs to draw it and to descend on it."""

    title: ClassVar[str]
    formula: ClassVar[str]
    learning_rate: ClassVar[float]
    """A learning rate that suits plain gradient descent from the start."""
    steps: ClassVar[int]
    """How many steps show what there is to see."""

    @property
    def domain(self) -> Domain:
        """The part of the plane worth looking at."""
        raise NotImplementedError

    @property
    def start(self) -> Point:
        """Where runs start if nobody says otherwise."""
        raise NotImplementedError

    @property
    def minima(self) -> tuple[Point, ...]:
        """All local minima."""
        raise NotImplementedError

    def value(self, x: Value, y: Value) -> Value:
        """f(x, y)."""
        raise NotImplementedError

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        """(df/dx, df/dy)."""
        raise NotImplementedError

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        """(d2f/dx2, d2f/dxdy, d2f/dy2)."""
        raise NotImplementedError

    @property
    def curvatures(self) -> tuple[float, float] | None:
        """Smallest and largest curvature where they are the same everywhere (a quadratic), else None."""
        return None


class Ravine(Surface, frozen=True, tag="ravine"):
    """f = 1/2 curvature (u^2 + kappa v^2),  u = x cos a + y sin a,  v = -x sin a + y cos a

    A quadratic whose floor lies along u and whose walls are kappa times steeper. With curvature 0.2 and
    kappa 20 it is 0.1 x^2 + 2 y^2, the example of *Dive into Deep Learning* (chapter on momentum).
    """

    title = N_("Ravine")
    formula = "½ c (u² + κ v²)"
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


class Rosenbrock(Surface, frozen=True, tag="rosenbrock"):
    """f = (a - x)^2 + b (y - x^2)^2

    A curved ravine (Rosenbrock 1960); its minimum (a, a^2) has the value 0.
    """

    title = "Rosenbrock"
    formula = "(a − x)² + b (y − x²)²"
    learning_rate = 0.001
    steps = 2000

    a: Annotated[
        float,
        Meta(
            ge=-10,
            le=10,
            title=N_("Place of the minimum"),
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
        return -2 * (self.a - x) - 4 * x * across, 2 * across

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        return 2 - 4 * self.b * (y - 3 * x * x), -4 * self.b * x, 2 * self.b + 0.0 * x


class Beale(Surface, frozen=True, tag="beale"):
    """f = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2

    Flat valleys between steep corners (Beale 1958); its minimum (3, 0.5) has the value 0.
    """

    title = "Beale"
    formula = "(1.5 − x + x y)² + (2.25 − x + x y²)² + (2.625 − x + x y³)²"
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
            2 * (a * (y - 1) + b * (yy - 1) + c * (yyy - 1)),
            2 * x * (a + 2 * y * b + 3 * yy * c),
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
        a, b = x * x + y - 11, x + y * y - 7
        return 4 * x * a + 2 * b, 2 * a + 4 * y * b

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        return 12 * x * x + 4 * y - 42, 4 * (x + y), 12 * y * y + 4 * x - 26


class Saddle(Surface, frozen=True, tag="saddle"):
    """f = 1/2 x^2 + 1/4 (y^2 - 1)^2

    A saddle at the origin, where the curvature is 1 along x and -1 along y, between two minima (0, 1) and
    (0, -1) of the value 0. Gradient descent slows down on it; momentum leaves it sooner.
    """

    title = N_("Saddle")
    formula = "½ x² + ¼ (y² − 1)²"
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


SURFACES: tuple[type[Surface], ...] = (Ravine, Rosenbrock, Beale, Himmelblau, Saddle)
AnySurface = Ravine | Rosenbrock | Beale | Himmelblau | Saddle
