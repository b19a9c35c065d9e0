"""A racer's steps as one loop of straight Python, written from its rule and its gradient.

Most of the time of a step in plain Python goes to calls and look-ups. So rule and gradient are traced, once, with the
nodes of a graph in place of numbers, and the arithmetic that they do is written out as the body of a loop: the same
operations in the same order, so the same bits, but without a call, and what the two coordinates share (such as Adam's
corrections) done once. (JAX's ``jit`` works so.) They can be traced because they do arithmetic only, as they must to
work on arrays. The numbers in them are arguments of the loop, so a loop serves all learning rates and all ravines.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

import numpy as np

from momentum_gui.core.elementary import UFUNCS
from momentum_gui.core.graph import APPLIED, Graph, Node
from momentum_gui.core.optimizer import CONSTANT, Optimizer
from momentum_gui.core.params import Value, numbers

Gradient = Callable[[Value, Value], tuple[Value, Value]]
Options = tuple[tuple[str, Any], ...]
"""The fields of a rule that are no numbers, and their values."""

FAST = {**APPLIED, **{name: getattr(math, name) for name in UFUNCS}, "power": math.pow}
"""The functions for floats alone; where IEEE 754 has nan or infinity, they raise."""

LOOP = """
def loop({arguments}, rows, states):
    {steady}
    for {row} in rows:
        {lines}
        {state} = row = {after}
        states += row
"""


class Shape(NamedTuple):
    """A traced gradient but for its numbers: its graph's nodes, those of them that are the two results."""

    nodes: tuple[tuple[Any, ...], ...]
    results: tuple[int, int]

    def replayed(self, x: Node, y: Node) -> tuple[Node, Node]:
        """The gradient at (x, y), its numbers the variables c0, c1 and so on."""
        graph, made, constants = x.graph, list[Node](), 0
        for kind, *rest in self.nodes:
            if kind == "variable":
                made.append(x if rest[0] == "x" else y)
            elif kind == "number":
                made.append(graph.variable(f"c{constants}"))
                constants += 1
            else:
                made.append(graph.apply(kind, *(made[index] for index in rest)))
        return made[self.results[0]], made[self.results[1]]


@lru_cache(maxsize=64)
def _traced(gradient: Gradient) -> tuple[Shape, tuple[float, ...]]:
    """A gradient's shape and its numbers."""
    graph = Graph(simplify=False)
    gx, gy = (graph.node(slope) for slope in gradient(graph.variable("x"), graph.variable("y")))
    nodes = tuple(node[:1] if node[0] == "number" else node for node in graph.nodes)
    return Shape(nodes, (gx.index, gy.index)), tuple(node[1] for node in graph.nodes if node[0] == "number")


def options(optimizer: Optimizer) -> Options:
    """What ``optimizer`` has to say on its rule in fields that are no numbers."""
    rule = type(optimizer)
    others = {*numbers(rule), *Optimizer.__struct_fields__}
    return tuple((name, getattr(optimizer, name)) for name in rule.__struct_fields__ if name not in others)


class Loop:
    """The steps of a rule down gradients of one shape; ``scheduled`` if its learning rate is another at every step."""

    def __init__(self, rule: type[Optimizer], chosen: Options, shape: Shape, scheduled: bool, noisy: bool):
        graph = Graph(simplify=False)
        hyper: dict[str, Any] = {name: graph.variable(name) for name in numbers(rule)}
        optimizer = rule(**dict(chosen), **hyper)
        width = 1 + len(rule.memories)
        names = [f"{axis}{place}" for axis in "xy" for place in range(width)]
        state = [graph.variable(name) for name in names]
        x, y, t = state[:width], state[width:], cast(int, graph.variable("t"))
        gx, gy = shape.replayed(optimizer.look(*x), optimizer.look(*y))
        if noisy:
            gx, gy = gx + graph.variable("noise_x"), gy + graph.variable("noise_y")
        after = [*optimizer.move(gx, t, *x), *optimizer.move(gy, t, *y)]
        varying = [*["lr"] * scheduled, *["noise_x", "noise_y"] * noisy]
        self._hyper = [name for name in hyper if name not in varying]
        given = [*(f"c{place}" for place in range(shape.nodes.count(("number",)))), *self._hyper]
        steady, lines, results = graph.written([graph.node(each) for each in after], given)
        text = LOOP.format(
            arguments=", ".join([*given, *names]),
            steady="\n    ".join(steady),
            row=", ".join(["t", *varying]),
            lines="\n        ".join(lines),
            state=", ".join(names),
            after=", ".join(results),
        )
        code = compile(text, "<steps>", "exec")
        self._of_floats, self._of_all = (_defined(code, functions) for functions in (FAST, APPLIED))

    def steps(
        self,
        optimizer: Optimizer,
        constants: tuple[float, ...],
        state: Sequence[Value],
        first: int,
        last: int,
        varying: Sequence[Sequence[Value]],
    ) -> list[Value]:
        """The states after the steps ``first`` to ``last - 1`` from ``state``, one flat list: see ``descent.walk``.

        ``constants`` are the gradient's numbers. ``varying`` has for every step the learning rate, if scheduled, then
        the noise on x and on y, if noisy.
        """

        def rows(begin: int, end: int) -> Any:
            columns = [column[begin - first : end - first] for column in varying]
            return zip(range(begin, end), *columns, strict=True) if columns else range(begin, end)

        given = [*constants, *[getattr(optimizer, name) for name in self._hyper]]
        states: list[Value] = []
        if type(state[0]) is not float:
            self._of_all(*given, *state, rows(first, last), states)
            return states
        t = first
        while t < last:
            try:
                self._of_floats(*given, *state, rows(t, last), states)
                break
            except (ArithmeticError, ValueError):  # what math has no result for, NumPy takes one step through
                t = first + len(states) // len(state)
                state = states[-len(state) :] or state
                step: list[Value] = []
                with np.errstate(all="ignore"):
                    self._of_all(*(np.float64(each) for each in (*given, *state)), rows(t, t + 1), step)
                state = [float(each) for each in step]
                states += state
                t += 1
        return states


def _defined(code: Any, functions: dict[str, Any]) -> Callable[..., None]:
    space: dict[str, Any] = {"__builtins__": {"range": range, "enumerate": enumerate}, **functions}
    exec(code, space)
    return space["loop"]


_loop = lru_cache(maxsize=256)(Loop)


def traced(optimizer: Optimizer, gradient: Gradient, noisy: bool) -> tuple[Loop, tuple[float, ...]]:
    """The loop for ``optimizer`` and all that differ from it in numbers alone, and the gradient's numbers for it."""
    shape, constants = _traced(gradient)
    return _loop(type(optimizer), options(optimizer), shape, optimizer.schedule != CONSTANT, noisy), constants
