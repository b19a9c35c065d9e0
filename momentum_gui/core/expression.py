"""The user's own function of x and y as a surface: typed as a formula, differentiated symbolically."""

from functools import cached_property, lru_cache
from typing import Annotated

import numpy as np
from msgspec import Meta

from momentum_gui.core.formula import MAX_LENGTH, parse
from momentum_gui.core.graph import Code, Graph, Node
from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.notation import latex
from momentum_gui.core.params import ONE_LINE, Array, Value
from momentum_gui.core.surface import Domain, Point, Surface

GRID = 33
"""A domain is sampled at so many places a side, to see where the function is finite."""

FARTHEST = 1e6
SEARCHES = 21
"""The minima are looked for from so many places a side."""
MOST_MINIMA = 100
NEAR = 1e-3
"""The neighbours of a minimum, which lie higher, are looked at in this distance, as a share of the domain."""

Range = tuple[
    Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST)],
    Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST)],
]

RANGE = N_("two numbers, the second larger, of at most a million")


class Formula:
    """A formula and its derivatives as code; what is not asked for is not derived."""

    def __init__(self, text: str) -> None:
        self._graph = Graph()
        term = parse(text)
        self.latex = latex(term)
        self._f = self._graph.build(term)
        self.value = self._graph.code(self._f)

    @cached_property
    def _slopes(self) -> tuple[Node, Node]:
        graph = self._graph
        return graph.derivative(self._f, graph.variable("x")), graph.derivative(self._f, graph.variable("y"))

    @cached_property
    def _bends(self) -> tuple[Node, Node, Node]:
        graph, (fx, fy) = self._graph, self._slopes
        x, y = graph.variable("x"), graph.variable("y")
        return graph.derivative(fx, x), graph.derivative(fx, y), graph.derivative(fy, y)

    @cached_property
    def gradient(self) -> Code:
        return self._graph.code(*self._slopes)

    @cached_property
    def hessian(self) -> Code:
        return self._graph.code(*self._bends)

    @cached_property
    def curvatures(self) -> tuple[float, float] | None:
        """Of a quadratic: one whose Hessian has no variable in it."""
        xx, xy, yy = (bend.constant for bend in self._bends)
        if xx is None or xy is None or yy is None:
            return None
        low, high = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
        return float(low), float(high)


@lru_cache(maxsize=64)
def formula(text: str) -> Formula:
    """The formula that ``text`` is, made once. Raises InputError: see ``formula.parse`` and ``Graph.build``."""
    return Formula(text)


class Expression(Surface, frozen=True, tag="expression"):
    """f = a formula in x and y: + - * / **, sin cos tan asin acos atan sinh cosh tanh exp log sqrt abs, pi and e.

    ``log`` is the natural logarithm. Where the formula is not real, f is nan, and where it divides by zero,
    infinite; a run that comes there has diverged. ``minima`` are those that were found in the domain, not
    necessarily all of them. Raises InputError for what is no formula, and for one that has no finite value anywhere
    in the domain.
    """

    title = N_("Your own function")
    learning_rate = 0.05
    steps = 100

    formula: Annotated[  # type: ignore[misc]  # shown, in the form and as f, as the others show theirs
        str,
        Meta(
            max_length=MAX_LENGTH,
            pattern=ONE_LINE,
            title=N_("Formula"),
            description=N_(
                "In x and y: + - * / **, sin cos tan asin acos atan sinh cosh tanh exp log sqrt abs, pi, e."
            ),
            extra={"symbol": "f", "editor": "formula", "allowed": N_("one line of at most 400 characters")},
        ),
    ] = "x**2 + 10*y**2 + sin(3*x)"
    x_range: Annotated[
        Range,
        Meta(
            title=N_("Range"),
            description=N_("What part of the x axis is shown."),
            extra={"symbol": "x", "allowed": RANGE},
        ),
    ] = (-3.0, 3.0)
    y_range: Annotated[
        Range,
        Meta(
            title=N_("Range"),
            description=N_("What part of the y axis is shown."),
            extra={"symbol": "y", "allowed": RANGE},
        ),
    ] = (-2.0, 2.0)

    def __post_init__(self) -> None:
        for name, (low, high) in (("x_range", self.x_range), ("y_range", self.y_range)):
            if not high - low >= 1e-6:
                raise InputError(
                    N_("{name} goes from {low} to {high}; the second must be larger, by 0.000001 at least"),
                    name=name,
                    low=low,
                    high=high,
                )
        try:
            formula(self.formula)  # made here, kept for all that have the same text
        except InputError as error:
            raise InputError(N_("formula: {fault}"), fault=error.message) from None
        if not np.isfinite(self._sampled[2]).any():
            raise InputError(N_("formula: it has no finite real value anywhere in the part of the plane that is shown"))

    @property
    def latex(self) -> str:  # type: ignore[override]
        return self._made.latex

    @property
    def domain(self) -> Domain:
        return Domain(*self.x_range, *self.y_range)

    @cached_property
    def start(self) -> Point:
        """In the upper left part of the domain, as near to it as the function and its neighbourhood are finite."""
        x, y, height = self._sampled
        with np.errstate(all="ignore"):
            good = np.isfinite(np.add(*np.abs(np.gradient(height)))) & (np.abs(height) < 1e12)
        if not good.any():
            good = np.isfinite(height)
        left, right, bottom, top = self.domain
        u, v = (x - left) / (right - left), (y - bottom) / (top - bottom)
        nearest = np.argmin(np.where(good, np.hypot(u - 0.15, v - 0.8), np.inf))
        return (float(f"{x.flat[nearest]:.4g}"), float(f"{y.flat[nearest]:.4g}"))

    @cached_property
    def minima(self) -> tuple[Point, ...]:
        return found_minima(self)

    @property
    def curvatures(self) -> tuple[float, float] | None:
        found = self._made.curvatures
        return found if found is not None and found[0] > 0 else None

    def value(self, x: Value, y: Value) -> Value:
        return _evaluate(self._made.value, x, y)[0]

    def gradient(self, x: Value, y: Value) -> tuple[Value, Value]:
        return _evaluate(self._made.gradient, x, y)

    def hessian(self, x: Value, y: Value) -> tuple[Value, Value, Value]:
        return _evaluate(self._made.hessian, x, y)

    @cached_property
    def _made(self) -> Formula:
        return formula(self.formula)

    @cached_property
    def _sampled(self) -> tuple[Array, Array, Array]:
        """x, y and f on a grid over the domain."""
        x, y = np.meshgrid(np.linspace(*self.x_range, GRID), np.linspace(*self.y_range, GRID))
        return x, y, self.value(x, y)


def _evaluate(code: Code, x: Value, y: Value) -> tuple[Value, ...]:
    """The results of ``code``: floats at floats, arrays at arrays, nan and infinite where they are not finite.

    Those of nodes are traced.
    """
    if type(x) is float and type(y) is float:
        try:
            return code(x, y)
        except ZeroDivisionError:  # IEEE 754 has a result for it, which Python has not
            pass
    if isinstance(x, Node):
        return code(x, y)
    shape = np.broadcast_shapes(np.shape(x), np.shape(y))
    with np.errstate(all="ignore"):
        results = code(np.asarray(x, float)[()], np.asarray(y, float)[()])
    if not shape:
        return tuple(float(result) for result in results)
    return tuple(result if np.shape(result) == shape else np.full(shape, result) for result in results)


def found_minima(surface: Surface) -> tuple[Point, ...]:
    """The local minima that Newton's method finds in the domain from a grid of places, the lowest first.

    The Hessian's eigenvalues are taken by their size, so that every step leads down (Nocedal and Wright, *Numerical
    Optimization*, section 3.4). Only isolated minima count: the floor of a valley has none.
    """
    left, right, bottom, top = surface.domain
    size = np.array([right - left, top - bottom])
    x, y = (
        each.ravel() for each in np.meshgrid(np.linspace(left, right, SEARCHES), np.linspace(bottom, top, SEARCHES))
    )
    with np.errstate(all="ignore"):
        for _ in range(60):
            dx, dy = _newton_step(surface, x, y)
            shorter = np.minimum(1.0, 0.1 / np.maximum(np.abs(dx) / size[0], np.abs(dy) / size[1]))
            x, y = x + shorter * dx, y + shorter * dy
            last = np.maximum(np.abs(dx) / size[0], np.abs(dy) / size[1])
            inside = (left <= x) & (x <= right) & (bottom <= y) & (y <= top)
            if not (inside & (last > 1e-15)).any():
                break
        found_some = inside & (last < 1e-8)
        x, y = x[found_some], y[found_some]
        height, (gx, gy) = surface.value(x, y), surface.gradient(x, y)
        rise = np.full(len(x), np.inf)
        for u, v in np.round([(np.cos(angle), np.sin(angle)) for angle in np.arange(16) * np.pi / 8], 12):
            rise = np.minimum(rise, surface.value(x + NEAR * size[0] * u, y + NEAR * size[1] * v) - height)
        slope = np.abs(gx) * size[0] + np.abs(gy) * size[1]
        lowest = (rise > 0) & (NEAR * slope <= 1e-3 * rise)  # a pole rises, too, but its slope is no minimum's
    found: list[tuple[float, Point]] = []
    for k in np.flatnonzero(lowest)[np.argsort(height[lowest])]:
        near = [abs(x[k] - a) < 1e-4 * size[0] and abs(y[k] - b) < 1e-4 * size[1] for _height, (a, b) in found]
        if not any(near) and len(found) < MOST_MINIMA:
            found.append((float(height[k]), _rounded(surface, float(x[k]), float(y[k]))))
    return tuple(point for _height, point in found)


def _newton_step(surface: Surface, x: Array, y: Array) -> tuple[Array, Array]:
    """-|H|^-1 g, where |H| has the eigenvectors of the Hessian H and the absolute values of its eigenvalues."""
    gx, gy = surface.gradient(x, y)
    xx, xy, yy = surface.hessian(x, y)
    middle, half = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    low, high = np.abs(middle - half), np.abs(middle + half)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)  # of the eigenvector of the larger eigenvalue
    cos, sin = np.cos(angle), np.sin(angle)
    along, across = (cos * gx + sin * gy) / high, (cos * gy - sin * gx) / low
    along, across = np.where(gx * cos + gy * sin == 0, 0.0, along), np.where(cos * gy - sin * gx == 0, 0.0, across)
    return sin * across - cos * along, -sin * along - cos * across


def _rounded(surface: Surface, x: float, y: float) -> Point:
    """A minimum with round coordinates where the slope is no larger there: 1 instead of 0.9999999999999998."""
    for point in ((round(x, 9) + 0.0, y), (x, round(y, 9) + 0.0), (round(x, 9) + 0.0, round(y, 9) + 0.0)):
        if np.hypot(*surface.gradient(*point)) <= np.hypot(*surface.gradient(x, y)):
            x, y = point
    return x, y
