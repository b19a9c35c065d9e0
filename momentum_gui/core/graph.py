"""A computational graph: of a formula, with symbolic derivatives, or of traced arithmetic; and its text in Python.

Arithmetic is traced by calling it with nodes in place of numbers: operators, and the functions of ``elementary`` by
way of NumPy's ``__array_ufunc__``, add to the graph. Every node is an operation on earlier nodes, and no node stands in
the graph twice, so what value, gradient and Hessian share is calculated once, and no derivative is larger than a fixed
multiple of the formula.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from momentum_gui.core import elementary
from momentum_gui.core.formula import CONSTANTS, FUNCTIONS, Term
from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.params import Value

Code = Callable[[Value, Value], tuple[Value, ...]]

LARGEST_PRODUCT = 1024
"""A power up to this whole number is calculated by multiplications alone, a higher one by ``power``."""

DEEPEST = 20
"""Expressions are nested so deep; Python's own limit is a hundred."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a graph; the arithmetic of nodes adds to the graph."""

    graph: "Graph"
    index: int

    def __add__(self, other: Any) -> "Node":
        return self.graph.apply("+", self, other)

    def __sub__(self, other: Any) -> "Node":
        return self.graph.apply("-", self, other)

    def __mul__(self, other: Any) -> "Node":
        return self.graph.apply("*", self, other)

    def __truediv__(self, other: Any) -> "Node":
        return self.graph.apply("/", self, other)

    def __pow__(self, other: Any) -> "Node":
        return self.graph.apply("**", self, other)

    def __neg__(self) -> "Node":
        return self.graph.apply("neg", self)

    def __abs__(self) -> "Node":
        return self.graph.apply("abs", self)

    def __lt__(self, other: Any) -> "Node":
        return self.graph.apply("<", self, other)

    def __gt__(self, other: Any) -> "Node":
        return self.graph.node(other) < self

    def __le__(self, other: Any) -> "Node":
        return self.graph.node(other) >= self

    def __ge__(self, other: Any) -> "Node":
        return self.graph.apply(">=", self, other)

    def __and__(self, other: "Node") -> "Node":
        return self.graph.apply("&", self, other)

    def __bool__(self) -> bool:
        raise TypeError("what is traced can't branch: use arithmetic, as for arrays")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any) -> "Node":
        return self.graph.apply(TRACED[ufunc], *operands) if method == "__call__" else NotImplemented

    def __radd__(self, other: float) -> "Node":
        return self.graph.node(other) + self

    def __rsub__(self, other: float) -> "Node":
        return self.graph.node(other) - self

    def __rmul__(self, other: float) -> "Node":
        return self.graph.node(other) * self

    def __rtruediv__(self, other: float) -> "Node":
        return self.graph.node(other) / self

    def __rpow__(self, other: float) -> "Node":
        return self.graph.node(other) ** self

    @property
    def constant(self) -> float | None:
        """The number that this node is, if it is one."""
        kind, value, *_rest = self.graph.nodes[self.index]
        return value if kind == "number" else None


def function(name: str, argument: Node) -> Node:
    """The elementary function ``name`` of a node."""
    return argument.graph.apply(name, argument)


def _power_rule(u: Node, du: Node, v: Node, dv: Node, f: Node) -> Node:
    if v.constant is not None:
        return v * u ** (v.constant - 1) * du
    return f * (dv * function("log", u) + v * du / u)


# The derivative of f = function(u) by u.
OUTER: dict[str, Callable[[Node, Node], Node | float]] = {
    "sin": lambda u, f: function("cos", u),
    "cos": lambda u, f: -function("sin", u),
    "tan": lambda u, f: 1 + f * f,
    "asin": lambda u, f: 1 / function("sqrt", 1 - u * u),
    "acos": lambda u, f: -1 / function("sqrt", 1 - u * u),
    "atan": lambda u, f: 1 / (1 + u * u),
    "sinh": lambda u, f: function("cosh", u),
    "cosh": lambda u, f: function("sinh", u),
    "tanh": lambda u, f: 1 - f * f,
    "exp": lambda u, f: f,
    "log": lambda u, f: 1 / u,
    "sqrt": lambda u, f: 0.5 / f,
    "abs": lambda u, f: function("sign", u),
    "sign": lambda u, f: 0.0,
}

# The derivative of f = u (operator) v.
INNER: dict[str, Callable[[Node, Node, Node, Node, Node], Node]] = {
    "+": lambda u, du, v, dv, f: du + dv,
    "-": lambda u, du, v, dv, f: du - dv,
    "*": lambda u, du, v, dv, f: du * v + u * dv,
    "/": lambda u, du, v, dv, f: (du - f * dv) / v,
    "**": _power_rule,
}

APPLIED: dict[str, Any] = {
    "abs": abs,
    "nan": math.nan,
    "inf": math.inf,
    "power": elementary.power,
    "sign": elementary.sign,
    "larger": elementary.larger,
    **{name: getattr(elementary, name) for name in FUNCTIONS if name != "abs"},
}
"""The names that the code of a graph may use, and all of them."""

TRACED: dict[np.ufunc, str] = {
    np.float_power: "**",
    np.sign: "sign",
    np.maximum: "larger",
    **{ufunc: name for name, ufunc in elementary.UFUNCS.items()},
}
"""What NumPy's functions are called in a graph."""


class Graph:
    """``nodes[k]`` is ("variable", name), ("number", value) or (operation, index, …) of earlier nodes.

    One that does not ``simplify`` has all operations as they were written (but those on numbers alone): the same bits.
    """

    def __init__(self, simplify: bool = True) -> None:
        self.nodes: list[tuple[Any, ...]] = []
        self._known: dict[tuple[Any, ...], int] = {}
        self._simplifies = simplify

    def build(self, term: Term) -> Node:
        """Add a formula. Raises InputError, with a place, where a constant part of it is no finite real number."""
        if term.kind == "number":
            return self.node(float(term.text))
        if term.kind == "name":
            return self.node(CONSTANTS[term.text]) if term.text in CONSTANTS else self.variable(term.text)
        parts = [self.build(part) for part in term.parts]
        if term.kind == "/" and parts[1].constant == 0:
            raise InputError(N_("column {column}: a division by zero"), column=term.column, length=1)
        result = self.apply(term.kind, *parts)
        if result.constant is not None and not math.isfinite(result.constant):
            raise _not_finite(term, result.constant)
        return result

    def variable(self, name: str) -> Node:
        return self._add("variable", name)

    def node(self, value: "Node | float") -> Node:
        """``value`` as a node."""
        return value if isinstance(value, Node) else self._add("number", float(value))

    def apply(self, kind: str, *operands: Node | float) -> Node:
        """The operation ``kind`` on nodes, in its simplest form if the graph simplifies."""
        nodes = [self.node(operand) for operand in operands]
        constants = [node.constant for node in nodes]
        if None not in constants:
            return self.node(_calculate(kind, *constants))
        simpler = _simplify(kind, nodes, constants) if self._simplifies else None
        return simpler if simpler is not None else self._add(kind, *(node.index for node in nodes))

    def derivative(self, target: Node, variable: Node) -> Node:
        """The derivative of ``target`` by ``variable``: the chain rule along the graph, from its first node on."""
        zero, one = self.node(0.0), self.node(1.0)
        slopes: dict[int, Node] = {}
        for index in self.needed([target]):
            kind, *operands = self.nodes[index]
            f = Node(self, index)
            if index == variable.index:
                slopes[index] = one
                continue
            if kind in ("variable", "number"):
                slopes[index] = zero
                continue
            u, du = Node(self, operands[0]), slopes[operands[0]]
            if kind == "neg":
                slopes[index] = -du
            elif len(operands) == 1:
                slopes[index] = OUTER[kind](u, f) * du if du.constant != 0 else zero
            else:
                v, dv = Node(self, operands[1]), slopes[operands[1]]
                constant = du.constant == dv.constant == 0
                slopes[index] = zero if constant else INNER[kind](u, du, v, dv, f)
        return slopes[target.index]

    def code(self, *results: Node) -> Code:
        """A function of x and y that calculates ``results``.

        Its text is written from the graph: nothing of what was typed is in it.
        """
        _steady, lines, outputs = self.written(results)
        text = "\n    ".join(["def calculate(x, y):", *lines, f"return ({', '.join(outputs)},)"])
        space: dict[str, Any] = {"__builtins__": {}, **APPLIED}
        exec(compile(text, "<formula>", "exec"), space)
        return space["calculate"]

    def written(self, results: Sequence[Node], steady: Collection[str] = ()) -> tuple[list[str], list[str], list[str]]:
        """Assignments of what depends on the ``steady`` variables alone, all other assignments, and the results.

        What is used once is no assignment but stands where it is used. The text has numbers, operators, the variables'
        names and those in ``APPLIED``, and no other.
        """
        needed = self.needed(results)
        uses = Counter(result.index for result in results)
        for index in needed:
            uses.update(self._operands(index))
        texts: dict[Any, str] = {}  # of nodes by their index, of powers by the base's text and the exponent
        depths: dict[str, int] = {}
        fixed: set[str] = set()
        before: list[str] = []
        lines: list[str] = []

        def write(key: Any, expression: str, *operands: str) -> str:
            if key in texts:
                return texts[key]
            still = fixed.issuperset(operands)
            depth = 1 + max([depths[operand] for operand in operands])
            if uses[key] == 1 and depth <= DEEPEST and not still:
                text = f"({expression})"
            else:
                text, depth = f"_{len(texts)}", 0
                (before if still else lines).append(f"{text} = {expression}")
            if still:
                fixed.add(text)
            texts[key], depths[text] = text, depth
            return text

        def multiplied(base: str, exponent: int) -> str:
            """``base`` to the power of ``exponent``, by squaring."""
            if exponent == 1:
                return base
            half = multiplied(base, exponent // 2)
            square = write((base, exponent // 2 * 2), f"{half} * {half}", half)
            return square if exponent % 2 == 0 else write((base, exponent), f"{square} * {base}", square, base)

        for index in needed:
            kind, *rest = self.nodes[index]
            if kind in ("variable", "number"):
                text = rest[0] if kind == "variable" else _literal(rest[0])
                texts[index], depths[text] = text, 0
                if kind == "number" or text in steady:
                    fixed.add(text)
                continue
            operands = [texts[operand] for operand in rest]
            exponent = self._whole_exponent(index)
            if exponent:
                product = multiplied(operands[0], abs(exponent))
                texts[index] = product if exponent > 0 else write(index, f"1.0 / {product}", product)
            elif kind in ("+", "-", "*", "/", "<", ">=", "&"):
                write(index, f"{operands[0]} {kind} {operands[1]}", *operands)
            else:
                name = {"neg": "-", "**": "power"}.get(kind, kind)
                write(index, f"{name}({', '.join(operands)})", *operands)
        return before, lines, [texts[result.index] for result in results]

    def _whole_exponent(self, index: int) -> int:
        """The exponent of a node that is a power to be multiplied out; else 0."""
        kind, *operands = self.nodes[index]
        exponent = Node(self, operands[1]).constant if kind == "**" else None
        if exponent is None or exponent != int(exponent) or not 2 <= abs(exponent) <= LARGEST_PRODUCT:
            return 0
        return int(exponent)

    def _operands(self, index: int) -> list[int]:
        """The nodes whose texts the text of a node has in it, as often as it has them."""
        kind, *operands = self.nodes[index]
        if kind in ("variable", "number"):
            return []
        return [operands[0], operands[0]] if self._whole_exponent(index) else operands

    def _add(self, *node: Any) -> Node:
        key = (*node, math.copysign(1.0, node[1])) if node[0] == "number" else node  # 0 and -0 are two numbers
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
        return Node(self, self._known[key])

    def needed(self, targets: Sequence[Node]) -> list[int]:
        """The nodes that ``targets`` are made of, in the order in which they can be calculated."""
        needed, waiting = set(), [target.index for target in targets]
        while waiting:
            index = waiting.pop()
            if index not in needed:
                needed.add(index)
                kind, *operands = self.nodes[index]
                if kind not in ("variable", "number"):
                    waiting.extend(operands)
        return sorted(needed)


def _simplify(kind: str, nodes: list[Node], constants: Sequence[float | None]) -> Node | None:
    """What ``kind`` of ``nodes`` is without neutral elements and double signs, or None."""
    u, left = nodes[0], constants[0]
    if len(nodes) == 1:
        operation, *operands = u.graph.nodes[u.index]
        return Node(u.graph, operands[0]) if kind == operation == "neg" else None
    v, right = nodes[1], constants[1]
    match kind:
        case "+":
            if left == 0 or right == 0:
                return v if left == 0 else u
            return 2.0 * u if u == v else None
        case "-":
            if right == 0 or left == 0:
                return u if right == 0 else -v
        case "*":
            if left == 0 or right == 0:
                return u.graph.node(0.0)
            if left == 1 or right == 1:
                return v if left == 1 else u
            if left == -1 or right == -1:
                return -v if left == -1 else -u
        case "/":
            if left == 0 or right == 1:
                return u
        case "**":
            if right == 0 or right == 1:
                return u if right == 1 else u.graph.node(1.0)
            if right == 0.5:
                return function("sqrt", u)
    return None


def _calculate(kind: str, *values: Any) -> float:
    """The operation ``kind`` on numbers: nan or infinite where it has no result."""
    if kind in APPLIED:
        return float(APPLIED[kind](*values))
    if kind == "**":
        return elementary.power(*values)
    u = np.float64(values[0])
    with np.errstate(all="ignore"):
        match kind:
            case "neg":
                return float(-u)
            case "+":
                return float(u + values[1])
            case "-":
                return float(u - values[1])
            case "*":
                return float(u * values[1])
            case "/":
                return float(u / values[1])
            case "<":
                return float(u < values[1])
            case ">=":
                return float(u >= values[1])
            case "&":
                return float(bool(u) and bool(values[1]))
    raise ValueError(f"no operation {kind}")


def _literal(number: float) -> str:
    return repr(number) if number >= 0 and math.copysign(1.0, number) > 0 else f"({number!r})"


def _not_finite(term: Term, value: float) -> InputError:
    place = {"column": term.column, "length": len(term.text)}
    if math.isnan(value):
        return InputError(N_("column {column}: no real number results here"), **place)
    return InputError(N_("column {column}: the number that results here is too large"), **place)
