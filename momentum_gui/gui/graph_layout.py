"""Where the parts of a drawn network are: units, the weights between them, tiles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF

from momentum_gui.core.params import Array
from momentum_gui.gui.style import SPACE

MOST_LAYERS = 4
"""So many hidden layers are drawn, the first ones."""
MOST_UNITS = 8
"""So many units of a layer are drawn, the first ones."""
REACH = 6.0
"""Pixels around an edge in which the mouse finds it."""


@dataclass(frozen=True)
class Node:
    """A drawn unit: its column, its place in the layer, where it is."""

    column: int
    unit: int
    area: QRectF


@dataclass(frozen=True)
class Edge:
    """A drawn weight between two nodes; ``share`` of the size of the layer's heaviest drawn one."""

    source: Node
    target: Node
    weight: float
    share: float

    @property
    def line(self) -> QLineF:
        one, other = self.source.area, self.target.area
        return QLineF(one.right(), one.center().y(), other.left(), other.center().y())


def drawn_sizes(sizes: Sequence[int]) -> list[int]:
    """The units of every drawn column, of a network's ``sizes``: inputs, hidden layers, outputs."""
    first, *hidden, last = sizes
    return [first, *hidden[:MOST_LAYERS], last]


def skipped(sizes: Sequence[int]) -> int:
    """How many hidden layers are not drawn."""
    return max(0, len(sizes) - 2 - MOST_LAYERS)


def columns(sizes: Sequence[int], area: QRectF, label: float, widest: float) -> list[list[Node]]:
    """The nodes of every drawn column, at most ``widest`` wide; ``label`` is room for the names of the inputs."""
    drawn = drawn_sizes(sizes)
    most = max(min(MOST_UNITS, size) for size in drawn)
    pitch = (area.width() - label) / (len(drawn) - 0.35)
    side = max(6.0, min(0.6 * pitch, area.height() / most - SPACE / 2, widest))
    across = (area.width() - label - side) / max(1, len(drawn) - 1)
    nodes = []
    for column, size in enumerate(drawn):
        count = min(MOST_UNITS, size)
        down = min(area.height() / most, area.height() / count, side + 3 * SPACE)
        top = area.center().y() - down * (count - 1) / 2 - side / 2
        left = area.left() + label + column * across
        nodes.append([Node(column, k, QRectF(left, top + k * down, side, side)) for k in range(count)])
    return nodes


def edges_between(nodes: list[list[Node]], matrices: Sequence[Array]) -> list[Edge]:
    """The edges between the columns of ``nodes`` for the weights (inputs, outputs) of all layers.

    To the outputs there are none if the layer before them is not drawn.
    """
    edges = []
    last = len(nodes) - 2 + (len(matrices) == len(nodes) - 1)
    for weights, sources, targets in zip(matrices, nodes[:last], nodes[1:], strict=False):
        part = weights[:MOST_UNITS, :MOST_UNITS]
        heaviest = float(np.abs(part).max()) or 1.0
        for source in sources:
            for target in targets:
                weight = float(part[source.unit, target.unit])
                edges.append(Edge(source, target, weight, abs(weight) / heaviest))
    return edges


def found_at(place: QPointF, nodes: list[list[Node]], edges: list[Edge]) -> Node | Edge | None:
    """The node at ``place``, else the nearest edge within REACH; of edges equally near, the heavier one."""
    node = next((node for column in nodes for node in column if node.area.contains(place)), None)
    if node is not None or not edges:
        return node
    near = min(edges, key=lambda edge: (distance(edge.line, place), -edge.share))
    return near if distance(near.line, place) <= REACH else None


def tiles(units: int, width: float, height: float, side: float) -> list[Node]:
    """As many of the ``units`` as there is room for, side by side in tiles at least ``side`` wide."""
    columns = max(1, int((width + SPACE) // (side + SPACE)))
    side = (width - SPACE * (columns - 1)) / columns
    rows = max(1, int((height + SPACE) // (side + SPACE)))
    places = [(k % columns * (side + SPACE), k // columns * (side + SPACE)) for k in range(min(units, columns * rows))]
    return [Node(0, k, QRectF(x, y, side, side)) for k, (x, y) in enumerate(places)]


def distance(line: QLineF, place: QPointF) -> float:
    """Pixels from ``place`` to the nearest point of ``line``."""
    along, to = line.p2() - line.p1(), place - line.p1()
    length = along.x() ** 2 + along.y() ** 2
    share = min(1.0, max(0.0, QPointF.dotProduct(along, to) / length)) if length else 0.0
    rest = to - along * share
    return math.hypot(rest.x(), rest.y())
