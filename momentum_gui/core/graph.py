"""A formula's computational graph: symbolic derivatives, and code that evaluates it on floats and on arrays.

Every node is an operation on earlier nodes, and no node stands in the graph twice, so what value, gradient and
Hessian share is calculated once, and no derivative is larger than a fixed multiple of the formula.
"""

import math
from collections.abc import Callable, Sequence
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
        kind, *rest = self.graph.nodes[self.index]
        return float(rest[0]) if kind == "number" else None


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
    **{name: getattr(elementary, name) for name in FUNCTIONS if name != "abs"},
}
"""The names that the code of a graph may use, and all of them."""


class Graph:
    """``nodes[k]`` is ("x",), ("y",), ("number", value) or (operation, index, …) of earlier nodes."""

    def __init__(self) -> None:
        self.nodes: list[tuple[Any, ...]] = []
        self._known: dict[tuple[Any, ...], int] = {}
        self.x, self.y = self._add("x"), self._add("y")

    def build(self, term: Term) -> Node:
        """Add a formula. Raises InputError, with a place, where a constant part of it is no finite real number."""
        if term.kind == "number":
            return self.node(float(term.text))
        if term.kind == "name":
            return self.node(CONSTANTS[term.text]) if term.text in CONSTANTS else getattr(self, term.text)
        parts = [self.build(part) for part in term.parts]
        if term.kind == "/" and parts[1].constant == 0:
            raise InputError(N_("column {column}: a division by zero"), column=term.column, length=1)
        result = self.apply(term.kind, *parts)
        if result.constant is not None and not math.isfinite(result.constant):
            raise _not_finite(term, result.constant)
        return result

    def node(self, value: "Node | float") -> Node:
        """``value`` as a node."""
        return value if isinstance(value, Node) else self._add("number", float(value))

    def apply(self, kind: str, *operands: Node | float) -> Node:
        """The operation ``kind`` on nodes, in its simplest form."""
        nodes = [self.node(operand) for operand in operands]
        constants = [node.constant for node in nodes]
        if all(constant is not None for constant in constants):
            return self.node(_calculate(kind, *constants))
        simpler = _simplify(kind, nodes, constants)
        return simpler if simpler is not None else self._add(kind, *(node.index for node in nodes))

    def derivative(self, target: Node, variable: Node) -> Node:
        """The derivative of ``target`` by ``variable``: the chain rule along the graph, from its first node on."""
        zero, one = self.node(0.0), self.node(1.0)
        slopes: dict[int, Node] = {}
        for index in self._needed([target]):
            kind, *operands = self.nodes[index]
            f = Node(self, index)
            if index == variable.index:
                slopes[index] = one
                continue
            if kind in ("x", "y", "number"):
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

        Its text is written from the graph: numbers, operators and the names in ``APPLIED``, nothing of what was typed.
        """
        lines: list[str] = []
        names: dict[Any, str] = {self.x.index: "x", self.y.index: "y"}

        def assign(key: Any, value: str) -> str:
            if key not in names:
                names[key] = f"t{len(names)}"
                lines.append(f"    {names[key]} = {value}")
            return names[key]

        def multiplied(base: str, exponent: int) -> str:
            """``base`` to the power of ``exponent``, by squaring."""
            if exponent == 1:
                return base
            half = multiplied(base, exponent // 2)
            square = assign((base, exponent // 2 * 2), f"{half} * {half}")
            return square if exponent % 2 == 0 else assign((base, exponent), f"{square} * {base}")

        for index in self._needed(results):
            kind, *operands = self.nodes[index]
            if kind in ("x", "y"):
                continue
            if kind == "number":
                names[index] = _literal(operands[0])
                continue
            u, *rest = (names[operand] for operand in operands)
            if kind == "neg":
                assign(index, f"-{u}")
            elif kind == "**":
                exponent = Node(self, operands[1]).constant
                if exponent is not None and exponent == int(exponent) and 2 <= abs(exponent) <= LARGEST_PRODUCT:
                    product = multiplied(u, int(abs(exponent)))
                    names[index] = product if exponent > 0 else assign(index, f"1.0 / {product}")
                else:
                    assign(index, f"power({u}, {rest[0]})")
            elif rest:
                assign(index, f"{u} {kind} {rest[0]}")
            else:
                assign(index, f"{kind}({u})")
        outputs = ", ".join(names[result.index] for result in results)
        text = "\n".join(["def calculate(x, y):", *lines, f"    return ({outputs},)"])
        space: dict[str, Any] = {"__builtins__": {}, **APPLIED}
        exec(compile(text, "<formula>", "exec"), space)
        return space["calculate"]

    def _add(self, *node: Any) -> Node:
        key = (*node, math.copysign(1.0, node[1])) if node[0] == "number" else node  # 0 and -0 are two numbers
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
        return Node(self, self._known[key])

    def _needed(self, targets: Sequence[Node]) -> list[int]:
        """The nodes that ``targets`` are made of, in the order in which they can be calculated."""
        needed, waiting = set(), [target.index for target in targets]
        while waiting:
            index = waiting.pop()
            if index not in needed:
                needed.add(index)
                kind, *operands = self.nodes[index]
                if kind != "number":
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
    with np.errstate(all="ignore"):
        return float(u / values[1])


def _literal(number: float) -> str:
    return repr(number) if number >= 0 and math.copysign(1.0, number) > 0 else f"({number!r})"


def _not_finite(term: Term, value: float) -> InputError:
    place = {"column": term.column, "length": len(term.text)}
    if math.isnan(value):
        return InputError(N_("column {column}: no real number results here"), **place)
    return InputError(N_("column {column}: the number that results here is too large"), **place)
