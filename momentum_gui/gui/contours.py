"""The surface as coloured bands between level lines, wherever one looks."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import contourpy
import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from momentum_gui.core.params import Array
from momentum_gui.core.surfaces import Surface
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.style import Theme, blend

CELL, FINE_CELL = 3, 1
"""Pixels between two samples of the surface: on the screen, and where it may take its time."""

RINGS = 14
"""How many level lines the surface's domain shows."""

SHADES = 256
HUGE = 1e300


class Levels(NamedTuple):
    """The heights of a surface's level lines: ``floor + (place x step) ** (1 / power)`` at every whole place.

    The power puts the domain's median height half-way between its floor and its top, so a quadratic gets evenly
    spaced rings and a surface with steep corners still shows its floor. Places go on beyond the domain.
    """

    floor: float
    step: float
    power: float

    @classmethod
    def of(cls, surface: Surface) -> "Levels":
        left, right, bottom, top = surface.domain
        x, y = np.meshgrid(np.linspace(left, right, 49), np.linspace(bottom, top, 49))
        heights = finite(sample(surface, x, y))
        if not heights.size:
            return cls(0.0, 1.0, 1.0)
        floor = min([float(heights.min()), *(surface.value(*minimum) for minimum in surface.minima)])
        middle, highest = float(np.median(heights)) - floor, float(heights.max()) - floor
        if not 0 < middle < highest:
            return cls(floor, 1.0, 1.0)
        power = min(2.0, max(0.1, math.log(0.5) / math.log(middle / highest)))
        exponent = min(600.0, max(-600.0, power * math.log(highest)))  # no power of a height is infinite, or 0
        return cls(floor, math.exp(exponent) / RINGS, power)

    def place(self, height: float) -> float:
        """The (broken) number of the ring at ``height``."""
        try:
            return min(HUGE, max(0.0, height - self.floor) ** self.power / self.step)
        except OverflowError:
            return HUGE

    def height(self, place: float) -> float:
        """The height of ring ``place``."""
        exponent = math.log(place * self.step) / self.power
        return min(HUGE, self.floor + math.exp(exponent)) if exponent < 690 else HUGE

    def between(self, low: float, high: float) -> list[float]:
        """The places of the rings between two heights, by halves or doubles so that they are neither few nor many."""
        first, last = self.place(low), self.place(high)
        span = max(last - first, 1e-9, 1e-12 * last)  # less is rounding, and a stride of nothing
        stride = 2.0 ** min(0, math.ceil(math.log2(span / 6)))
        if span > 2 * RINGS:
            stride = 2.0 ** math.ceil(math.log2(span / (2 * RINGS)))
        begin, end = math.floor(first / stride) + 1, math.ceil(last / stride)
        return [k * stride for k in range(begin, end)]

    def bands(self, low: float, high: float) -> tuple[list[float], list[float]]:
        """The heights of the rings between two heights, and the places on the ramp, 0 to 1, of the bands between them:
        one more."""
        places = self.between(low, high)
        stride = places[1] - places[0] if len(places) > 1 else 1.0
        last = self.place(high)
        # The shades belong to the domain's heights; far out or close by, to the heights that are seen.
        top = min(max(RINGS, last / 1.5), 2 * last) or 1.0
        first = (places[0] if places else last) - stride / 2
        shares = [first / top, *((place + stride / 2) / top for place in places)]
        return [self.height(place) for place in places], [min(1.0, max(0.0, share)) for share in shares]


class Contours(KeptPicture):
    """The contours of a surface over the whole view."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view)
        self._surface: Surface | None = None
        self._levels = Levels(0.0, 1.0, 1.0)
        self._shades: list[QBrush] = [QBrush(QColor("white"))]
        self._line = QPen()
        self._lined = True
        self._cell = CELL

    @contextmanager
    def finely(self) -> Iterator[None]:
        """While this lasts it is painted from more samples, which takes longer than a person who zooms would wait."""
        self._cell = FINE_CELL
        self.redraw()
        try:
            yield
        finally:
            self._cell = CELL
            self.redraw()

    def show_lines(self, shown: bool) -> None:
        """Whether there are lines between the bands."""
        self._lined = shown
        self.redraw()

    def show_surface(self, surface: Surface) -> None:
        if surface != self._surface:
            self._surface, self._levels = surface, Levels.of(surface)
            self.redraw()

    def restyle(self, theme: Theme) -> None:
        self._shades = [QBrush(color) for color in blend(theme.ramp, SHADES)]
        self._line = QPen(QColor(theme.level_line), 1.0)
        self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        if self._surface is None:
            return
        # One cell more on every side, so that the outlines of the bands along the border are never seen.
        cell = self._cell
        across = np.arange(-cell, frame.width + 2 * cell, cell)
        down = np.arange(-cell, frame.height + 2 * cell, cell)
        x, y = np.meshgrid(frame.left + across / frame.x_scale, frame.top - down / frame.y_scale)
        heights = sample(self._surface, x, y)
        seen = finite(heights)
        low, high = (float(seen.min()), float(seen.max())) if seen.size else (HUGE, HUGE)
        rings, shares = self._levels.bands(low, high)
        painter.fillRect(painter.window(), self._shade(shares[0]))
        painter.setPen(self._line)
        generator: Any = contourpy.contour_generator(
            across, down, heights, name="serial", fill_type="ChunkCombinedOffset"
        )
        # From low to high, each over the one below: no seams between bands.
        for ring, share in zip(rings, shares[1:], strict=True):
            points, offsets = (chunks[0] for chunks in generator.filled(ring, 2 * HUGE))
            if points is not None:
                band = outlines(points, offsets.astype(np.intp), across[-1], down[-1], cell)
                # A line hides the rough edge; a smooth one takes three times as long.
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, not self._lined)
                painter.fillPath(band, self._shade(share))
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                if self._lined:
                    painter.drawPath(band)

    def _shade(self, share: float) -> QBrush:
        return self._shades[min(SHADES - 1, max(0, int(share * SHADES)))]


def outlines(points: Array, offsets: NDArray[np.intp], right: float, bottom: float, cell: int = CELL) -> QPainterPath:
    """Closed outlines as one path: outline k has the ``points`` (n, 2) from ``offsets[k]`` to ``offsets[k + 1]``.

    Left out are outlines of a few cells: what is left of a valley that is too narrow for the samples. Those in a
    corner of the samples, which go from ``-cell`` to ``right`` and ``bottom``, stay: they are parts of larger ones.
    """
    low = np.minimum.reduceat(points, offsets[:-1])
    high = np.maximum.reduceat(points, offsets[:-1])
    corner = ((low == -cell) | (high == (right, bottom))).all(axis=1)
    kept = np.repeat(corner | (high - low > 6 * cell).any(axis=1), np.diff(offsets))
    joined = np.ones(len(points), np.int32)
    joined[offsets[1:-1] - 1] = 0
    return pg.arrayToQPath(*points[kept].T, joined[kept], finiteCheck=False)


def sample(surface: Surface, x: Array, y: Array) -> Array:
    """Heights of ``surface``, of the shape of ``x`` and ``y``; finite whatever it does out there."""
    with np.errstate(all="ignore"):
        heights = np.asarray(surface.value(x, y), float)
    return np.nan_to_num(heights, nan=HUGE, posinf=HUGE, neginf=-HUGE).clip(-HUGE, HUGE)


def finite(heights: Array) -> Array:
    """Those of the sampled ``heights`` where the surface is real and finite; elsewhere there is no ring to draw."""
    return heights[np.abs(heights) < HUGE]
