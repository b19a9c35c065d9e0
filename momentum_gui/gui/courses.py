"""The racers' paths laid out in pixels, block by block, to be painted in pieces."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from momentum_gui.core.params import Array
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.polylines import cell_size, clipped, copies, distinct, inside, lengthened, turns

WIDTH = 3.0
CASING = 1.5
"""How much wider the casing is than what it lies under, in pixels on either side."""
DOT = 6.5
"""Diameter of the dot at a step; drawn where a step is at least as long as ``SEEN``."""
SEEN = 7.0
GRAIN = 1.5
"""A step that stays within one square of this size, in pixels, is not drawn."""
CHUNK = 256
"""So many rows are laid out at once;"""
BLOCKS = 64
"""so many of such blocks of a path are kept."""
INK = 12.0
"""A line of so many pixels takes twice as long to paint as a point: its ink is 2."""

Rows = NDArray[np.intp]
"""Numbers of rows, increasing."""


class Walk(Protocol):
    """What has a path."""

    @property
    def path(self) -> Array:
        """The points so far, (count, 2); those that are there never change."""


class Piece(NamedTuple):
    """Some rows of a path in pixels: its lines (n, 4), and its joints and dots as ``copies`` of discs."""

    lines: Array
    discs: Array
    ink: float
    """What it takes to paint the lines, in points."""
    ends: tuple[int, int]
    """The last two rows that there is a line between: where the next piece goes on."""

    @property
    def area(self) -> QRectF:
        """What the lines cover."""
        points = self.lines.reshape(-1, 2)
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return QRectF(QPointF(left, top), QPointF(right, bottom))


class Block(NamedTuple):
    """A path from row ``first`` to ``stop - 1`` in pixels, laid out at once to be painted in pieces: its lines and
    discs, each with the row that it comes with, and the rows where it moved, behind the two that it began with."""

    first: int
    stop: int
    moved: Rows
    lines: Array
    lines_at: Rows
    ink: Array
    discs: Array
    discs_at: Rows

    def piece(self, first: int, rows: int) -> Piece | None:
        """The path from row ``first`` to ``rows - 1``; None if it stays put."""
        span = np.array([first, rows - 1])
        begin, end = self.moved[2:].searchsorted(span, "right").tolist()
        if begin == end:
            return None
        line, disc = (slice(*at.searchsorted(span, "right").tolist()) for at in (self.lines_at, self.discs_at))
        before, last = self.moved[end : end + 2].tolist()
        return Piece(self.lines[line], self.discs[disc], float(self.ink[line].sum()), (before, last))


class Course:
    """The path of ``run`` in pieces. It keeps blocks: what is drawn in small pieces, or again, is laid out once."""

    def __init__(self, run: Walk) -> None:
        self._run = run
        self._frame: Frame | None = None
        self._blocks: dict[int, Block] = {}

    def piece(self, frame: Frame, first: int, rows: int, ends: tuple[int, int]) -> Piece | None:
        """The path from row ``first`` to ``rows - 1``, behind a piece with these ``ends``; None if it stays put."""
        if frame != self._frame:
            self._frame, self._blocks = frame, {}
        place = first // CHUNK
        block = self._blocks.get(place)
        if block is None or first < block.first or rows > block.stop:
            if len(self._blocks) == BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            stop = max(rows, min(len(self._run.path), (place + 1) * CHUNK + 1))
            block = self._blocks[place] = self._lay_out(frame, first, stop, ends)
        return block.piece(first, rows)

    def _lay_out(self, frame: Frame, first: int, stop: int, ends: tuple[int, int]) -> Block:
        path = self._run.path
        x, y = frame.pixels(path[first:stop]).T.copy()  # two rows: NumPy is faster along them
        across, down = np.floor(x / GRAIN), np.floor(y / GRAIN)
        moved = 1 + ((across[1:] != across[:-1]) | (down[1:] != down[:-1])).nonzero()[0]
        rows = first + moved
        corners = np.empty((2, len(moved) + 2))
        corners[:, :2] = frame.pixels(path[list(ends)]).T
        corners[0, 2:], corners[1, 2:] = x[moved], y[moved]
        ways = corners[:, 1:] - corners[:, :-1]
        turned = turns(ways, np.hypot(*ways))
        long = np.hypot(x[moved] - x[moved - 1], y[moved] - y[moved - 1]) >= SEEN
        begin, end = corners[:, 1:-1].T, corners[:, 2:].T
        (left, top), (right, bottom) = corners.min(axis=1).tolist(), corners.max(axis=1).tolist()
        if left >= 0 and right <= frame.width and top >= 0 and bottom <= frame.height:  # the most common case by far
            lines, lines_at = np.hstack([begin, end]), rows
        else:
            lines, seen = clipped(begin, end, frame, margin=4 * WIDTH)
            lines_at = rows[seen]
            turned, long = turned & inside(frame, begin, DOT), long & inside(frame, end, DOT)
        turned[1:] &= ~long[:-1]  # a joint where a dot is
        fresh = distinct(lines)
        lines, lines_at = lengthened(lines[fresh]), lines_at[fresh]
        ink = 1 + np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) / INK
        centers = np.stack([begin, end], axis=1)[drawn := np.stack([turned, long], axis=1)]
        kinds = np.broadcast_to([False, True], drawn.shape)[drawn]
        discs = copies(centers, kinds, cell_size(frame.ratio * (DOT + 2 * CASING)), frame.ratio)
        moved = np.concatenate([ends, rows])
        return Block(first, stop, moved, lines, lines_at, ink, discs, rows[drawn.nonzero()[0]])
