"""Where the parts of a drawn network are: units, the weights between them, tiles."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF

from momentum_gui.gui.style import SPACE


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
