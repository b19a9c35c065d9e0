"""What a surface is: a function of two variables with its derivatives, and what a program needs to show it.

Every method takes ``x`` and ``y`` as floats or as arrays of one shape, and uses only the four operations, ``<``,
``<=``, ``>``, ``>=``, ``&``, ``abs`` and the functions of ``elementary``: so a single run on plain floats and a batch
on arrays agree to a few units in the last place, to the bit where no function is called, and a gradient can be traced
(see ``tracing``).
"""

from typing import ClassVar, NamedTuple

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
    """f in one line of plain text."""
    latex: ClassVar[str]
    """f in LaTeX, for ``f(x, y) =`` to stand before it."""
    letters: ClassVar[str] = ""
    """What letters of the formula stand for that are neither x, y nor a field's symbol."""
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
        """All local minima within the domain."""
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
