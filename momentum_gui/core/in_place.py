"""An optimizer's rule for a network's weights, recorded from its text so that a step makes no array.

The rule is traced, once, as ``tracing`` does for floats. Every operation on vectors is then a call of NumPy that writes
where something stood that no later one asks for: the same operations in the same order, so the same bits. What the
rule makes of its hyper-parameters and of the step's number alone is worked out before.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from momentum_gui.core.elementary import UFUNCS
from momentum_gui.core.graph import APPLIED, Graph, Node
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import Array, numbers
from momentum_gui.core.recording import Recorder, compiled, room
from momentum_gui.core.tracing import options

CALLED = {name: ufunc.__name__ for name, ufunc in UFUNCS.items()} | {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "**": "float_power",
    "power": "float_power",
    "neg": "negative",
    "abs": "absolute",
    "sign": "sign",
    "larger": "maximum",
    "<": "less",
    ">=": "greater_equal",
    "&": "logical_and",
}
"""What NumPy calls the operations of a graph."""


class InPlace:
    """The rule of ``optimizer``, and of all that differ from it in numbers alone, for vectors (n,).

    ``state`` is the weights followed by the memories; every step writes over them. ``look`` are the calls that write
    the point at which the rule wants its gradient to ``point`` (n,), and ``move`` those that take the step, given the
    gradient there in ``gradient`` (n,), which they may use as room, with the numbers that ``use`` and ``use_at`` give
    them. One thread at a time may do so.
    """

    def __init__(self, optimizer: Optimizer, point: Array, gradient: Array) -> None:
        graph, rule = Graph(simplify=False), type(optimizer)
        self._hyper = list(numbers(rule))
        hyper: dict[str, Any] = {name: graph.variable(name) for name in self._hyper}
        traced = rule(**dict(options(optimizer)), **hyper)
        before = [graph.variable(f"state {place}") for place in range(1 + len(rule.memories))]
        g, t = graph.variable("g"), graph.variable("t")
        looked = graph.node(traced.look(*before))
        after = [graph.node(each) for each in traced.move(g, cast(int, t), *before)]

        self.state = [room(point.shape) for _ in before]
        if looked == before[0]:
            self.state[0] = point
        given = {node.index: vector for node, vector in zip(before, self.state, strict=True)}
        scalars: dict[int, Array] = {}
        self.look = _calls(graph, [looked], [point], given, scalars, keep=self.state)
        self.move = _calls(graph, after, self.state, {**given, g.index: gradient}, scalars)
        of_step = {index for index in scalars if t.index in graph.needed([Node(graph, index)])}
        self._set = _numbers(graph, {index: scalars[index] for index in scalars.keys() - of_step}, self._hyper)
        self._set_at = _numbers(graph, {index: scalars[index] for index in of_step}, ["t", *self._hyper])
        self._values: list[float] = []
        self.timely = bool(of_step)
        self.use(optimizer)

    def use(self, optimizer: Optimizer) -> None:
        """Go on with the hyper-parameters of ``optimizer``."""
        self._values = [getattr(optimizer, name) for name in self._hyper]
        self._set(*self._values)

    def use_at(self, t: int) -> None:
        """Step ``t``, from 1, is the next; asked for if the rule is ``timely``."""
        self._set_at(t, *self._values)


def _calls(
    graph: Graph,
    results: Sequence[Node],
    homes: Sequence[Array],
    given: Mapping[int, Array],
    scalars: dict[int, Array],
    keep: Sequence[Array] = (),
) -> Recorder:
    """The operations on vectors that make ``results``, each written to its home, of the ``given`` vectors.

    They write over these, but for what is to ``keep``. Numbers are read from arrays without axes, which are added to
    ``scalars``: NumPy takes longer for a float.
    """
    recorder, vectors = Recorder(), dict(given)
    operands = {
        index: rest
        for index in graph.needed(results)
        for kind, *rest in [graph.nodes[index]]
        if kind not in ("variable", "number")
    }
    last: dict[int, float] = {used: index for index, rest in operands.items() for used in rest}
    last.update((result.index, math.inf) for result in results)
    home_of = {result.index: home for result, home in zip(results, homes, strict=True)}
    free = [home for home in homes if not any(home is vector for vector in vectors.values())]

    def taken(vector: Array | None) -> bool:
        """Whether ``vector`` was free; it no longer is."""
        found = [place for place, each in enumerate(free) if each is vector]
        return bool(found) and free.pop(found[0]) is vector

    def value(index: int) -> Array:
        return vectors[index] if index in vectors else scalars.setdefault(index, np.empty(()))

    for index, rest in operands.items():
        if not any(used in vectors for used in rest):
            continue
        done = [vectors[used] for used in dict.fromkeys(rest) if used in vectors and last[used] == index]
        free += [vector for vector in done if not any(vector is each for each in keep)]
        home = home_of.get(index)
        if home is not None:
            out = home if taken(home) else room(home.shape)
        else:
            out = free.pop() if free else room(homes[0].shape)
        getattr(recorder, CALLED[graph.nodes[index][0]])(*map(value, rest), out=out)
        vectors[index] = out
    elsewhere = [(home, value(each.index)) for home, each in zip(homes, results, strict=True)]
    elsewhere = [(home, found) for home, found in elsewhere if found is not home]
    for place, (home, found) in enumerate(elsewhere):
        if any(found is each for each in homes):  # and may be written over
            elsewhere[place] = home, room(home.shape)
            recorder.copyto(elsewhere[place][1], found)
    for home, found in elsewhere:
        recorder.copyto(home, found)
    return recorder


def _numbers(graph: Graph, rooms: Mapping[int, Array], given: Sequence[str]) -> Callable[..., None]:
    """Writes the numbers that these nodes are to their rooms, for what is ``given``."""
    _steady, lines, results = graph.written([Node(graph, index) for index in rooms])
    names = [f"room{place}" for place in range(len(rooms))]
    writes = [f"{name}[()] = {result}" for name, result in zip(names, results, strict=True)]
    text = "\n    ".join([f"def work({', '.join(given)}):", *lines, *writes, "return"])
    space: dict[str, Any] = {"__builtins__": {}, **APPLIED, **dict(zip(names, rooms.values(), strict=True))}
    exec(compiled(text), space)
    return space.pop("work")
