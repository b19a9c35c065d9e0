"""Curves painted by a pen of NumPy: as fast for a million points as for a hundred, at any width, with smooth edges."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from momentum_gui.core.params import Array
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.polylines import Discs, clip, draw_lines, inside, lengthened, turns
from momentum_gui.gui.style import SPACE

FAINT = 0.25
"""Opacity of what lies after the playhead."""
FAR = 1e6
"""Pixels beyond which a curve's height no longer matters."""
BLOCK = 32
"""Of so many values in a row, a long curve shows the extremes only …"""
FIRST = 8192
"""… but for so many first ones, which are far apart on a logarithmic axis, and …"""
MOST_BLOCKS = 4096
"""… where there are more blocks than this: several in every pixel."""
CHUNK = 64
"""Cells painted at once: Qt fills a few short polygons faster than a long one."""


@dataclass(frozen=True)
class Stroke:
    """How a curve is drawn: its width in pixels, its opacity, its dashes and the gaps between them in widths."""

    width: float = 2.5
    opacity: float = 1.0
    dashes: tuple[float, ...] = ()

    def pen(self, color: QColor, scale: float) -> QPen:
        """A pen of this ``color``, but for its opacity."""
        pen = QPen(color, self.width * scale)
        if self.dashes:
            pen.setDashPattern(self.dashes)
        return pen


DASHES = (3.0, 2.0)
SOLID = Stroke()
DASHED = Stroke(width=2.0, dashes=DASHES)
DOTTED = Stroke(width=3.0, dashes=(1.0, 1.0))
THIN = Stroke(width=1.2, opacity=0.45)
GHOST = Stroke(width=1.4, opacity=0.7, dashes=DASHES)
"""Of a pinned run."""
FEW = 100
"""So many points Qt strokes faster than we do."""
MOST_DASHED = 2000
"""A curve of more points is drawn without dashes."""


class Extremes:
    """The smallest and the largest of every BLOCK values of a history that grows, found once."""

    def __init__(self) -> None:
        self._pairs = np.empty((0, 2))
        self._count = 0

    def of(self, values: Array) -> Array:
        """Those of the whole blocks of ``values``, the history so far, (blocks, 2)."""
        count, known = len(values) // BLOCK, self._count
        if count > known:
            if count > len(self._pairs):
                more = np.empty((max(count, 2 * len(self._pairs)), 2))
                more[:known] = self._pairs[:known]
                self._pairs = more
            blocks = values[known * BLOCK : count * BLOCK].reshape(-1, BLOCK)
            self._pairs[known:count, 0], self._pairs[known:count, 1] = blocks.min(axis=1), blocks.max(axis=1)
            self._count = count
        return self._pairs[:count]


@dataclass(frozen=True)
class Series:
    """One curve of a racer: ``values`` (n,) at increasing ``steps`` (n,), a long one with its ``extremes``."""

    racer: int
    color: QColor
    steps: NDArray[Any]
    values: Array
    stroke: Stroke = SOLID
    extremes: Extremes | None = None

    def seen(self, left: float, right: float) -> "Series":
        """The part from ``left`` to ``right``, with the next point on either side.

        Of a long part, only the extremes of its blocks: many in every pixel, so nothing else would be seen.
        """
        whole = len(self.steps) > 0 and left <= self.steps[0] and self.steps[-1] <= right
        if whole and len(self.steps) < MOST_BLOCKS * BLOCK:
            return self
        first, last = found(self.steps, np.array([left, right]))
        begin, end = max(0, int(first) - 1), min(len(self.steps), int(last) + 1)
        steps, values = self.steps[begin:end], self.values[begin:end]
        if self.extremes is not None and end - begin >= MOST_BLOCKS * BLOCK:
            low, high = max(begin, FIRST) // BLOCK + 1, (end - 1) // BLOCK  # the last point itself is there
            pairs = self.extremes.of(self.values)[low:high].ravel()
            places = self.steps[low * BLOCK : high * BLOCK : BLOCK // 2]
            head, tail = slice(begin, low * BLOCK), slice(high * BLOCK, end)
            steps = np.concatenate([self.steps[head], places, self.steps[tail]])
            values = np.concatenate([self.values[head], pairs, self.values[tail]])
        return Series(self.racer, self.color, steps, values, self.stroke)


def found(steps: NDArray[Any], wanted: Array) -> NDArray[np.intp]:
    """Where ``wanted`` belong among the increasing ``steps``.

    Whole steps are looked for as whole numbers: NumPy would turn all of them into floats, a million at a time.
    """
    return np.searchsorted(steps, np.ceil(wanted).astype(steps.dtype) if steps.dtype.kind == "i" else wanted)


def heights(values: Array, frame: Frame, log: bool) -> Array:
    """Pixels from the top of the view down to ``values``; on a logarithmic axis 0 and less lie far below."""
    if log:
        with np.errstate(divide="ignore"):
            values = np.log10(np.maximum(values, 0.0))
    return np.clip((frame.top - values) * frame.y_scale, -FAR, FAR)


def outline(series: Series, frame: Frame, log: bool, width: float) -> tuple[Array, Array, Array]:
    """The trace of a round pen of ``width`` pixels along a curve: positions x, upper and lower edge, in pixels.

    The view is cut into cells of half a device pixel, of a whole one where there is more than one point in each.
    In every cell the curve covers all between its smallest and its largest value there: whatever the number of
    points, none of them is lost. Then the pen's disc widens it.
    """
    fine = 2 if len(series.steps) < 2 * frame.width * frame.ratio else 1
    cell = 1 / (fine * frame.ratio)
    first, last = (np.asarray(series.steps)[[0, -1]] - frame.left) * frame.x_scale / cell
    begin = fine * max(0, math.ceil(first / fine - 1e-9))
    end = min(math.ceil(frame.width / cell), math.floor(last + 1e-9))
    if end <= begin:
        return np.empty(0), np.empty(0), np.empty(0)
    x = np.arange(begin, end + 1) * cell
    steps = np.clip(frame.left + x / frame.x_scale, series.steps[0], series.steps[-1])

    # where the curve crosses from cell to cell
    starts = found(series.steps, steps)
    after = np.clip(starts, 1, len(series.steps) - 1)
    before = after - 1
    left, right = heights(series.values[before], frame, log), heights(series.values[after], frame, log)
    share = (steps - series.steps[before]) / (series.steps[after] - series.steps[before])
    crossing = left + (right - left) * share
    top, bottom = np.minimum(crossing[1:], crossing[:-1]), np.maximum(crossing[1:], crossing[:-1])

    # the points inside of the cells
    filled = np.flatnonzero(starts[1:] > starts[:-1])
    if len(filled):
        values, places = series.values[: starts[-1]], starts[filled]
        top[filled] = np.minimum(top[filled], heights(np.maximum.reduceat(values, places), frame, log))
        bottom[filled] = np.maximum(bottom[filled], heights(np.minimum.reduceat(values, places), frame, log))

    # the pen: a cell whose middle is at a distance d reaches sqrt(r^2 - d^2) higher and lower
    radius = width / 2
    upper, lower = np.full(len(x), FAR), np.full(len(x), -FAR)
    for k in range(min(len(top), math.ceil(radius / cell))):
        reach = math.sqrt(max(0.0, radius**2 - ((k + 0.5) * cell) ** 2))
        for edges, cells in ((slice(1 + k, None), slice(0, len(top) - k)), (slice(0, len(top) - k), slice(k, None))):
            np.minimum(upper[edges], top[cells] - reach, out=upper[edges])
            np.maximum(lower[edges], bottom[cells] + reach, out=lower[edges])
    margin = width + 2
    return x, np.clip(upper, -margin, frame.height + margin), np.clip(lower, -margin, frame.height + margin)


class Curves(KeptPicture):
    """All curves of a plot, painted when they or the range change; faint after the playhead."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view)
        self._series: Sequence[Series] = ()
        self._log = False
        self._scale = 1.0
        self._playhead = 0.0
        self._discs = Discs()
        self.cost = 0.0
        """Seconds that the last painting of the whole took."""

    def show_series(self, series: Sequence[Series], log: bool, scale: float) -> None:
        """Other curves, the first below; their strokes ``scale`` times as wide as they say."""
        self._series, self._log, self._scale = series, log, scale
        self.redraw()

    def show_playhead(self, x: float) -> None:
        """The playhead is at pixel ``x``."""
        if x != self._playhead:
            before, self._playhead = self._playhead, x
            area = self.boundingRect()
            self.update(QRectF(min(before, x) - 1, area.top(), abs(x - before) + 2, area.height()) & area)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        area = self.boundingRect()
        split = min(max(area.left(), self._playhead), area.right())
        played, ahead = QRectF(area), QRectF(area)
        played.setRight(split)
        ahead.setLeft(split)
        for part, opacity in ((played, 1.0), (ahead, FAINT)):
            if part.width() > 0:
                painter.save()
                painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
                painter.setOpacity(opacity)
                super().paint(painter, option, widget)
                painter.restore()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        begin = time.perf_counter()
        for series in self._series:
            series = series.seen(frame.left, frame.left + frame.width / frame.x_scale)
            if len(series.steps) > 1:
                color = QColor(series.color)
                color.setAlphaF(series.stroke.opacity)
                if len(series.steps) <= (MOST_DASHED if series.stroke.dashes else FEW):
                    self._draw_path(painter, frame, series, color)
                elif series.stroke.opacity == 1.0 and len(series.steps) < 2 * frame.width * frame.ratio:
                    self._draw_line(painter, frame, series, color)
                else:
                    self._draw_trace(painter, frame, series, color)
        self.cost = time.perf_counter() - begin

    def _draw_trace(self, painter: QPainter, frame: Frame, series: Series, color: QColor) -> None:
        x, upper, lower = outline(series, frame, self._log, series.stroke.width * self._scale)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for k in range(0, len(x) - 1, CHUNK):
            part = slice(k, k + CHUNK + 1)
            there, back = (x[part], upper[part]), (x[part][::-1], lower[part][::-1])
            painter.drawPath(pg.arrayToQPath(*np.concatenate([there, back], axis=1)))

    def _draw_line(self, painter: QPainter, frame: Frame, series: Series, color: QColor) -> None:
        """For opaque curves of few points, piece by piece: twice as fast, but each piece lies upon the one before."""
        width = series.stroke.width * self._scale
        x = (series.steps - frame.left) * frame.x_scale
        corners = np.column_stack([x, heights(series.values, frame, self._log)])
        ways = np.diff(corners, axis=0).T
        joints = corners[1:-1][turns(ways, np.hypot(*ways))]
        draw_lines(painter, lengthened(clip(corners[:-1], corners[1:], frame, margin=width)), color, width)
        joints = joints[inside(frame, joints, width)]
        self._discs.draw(painter, joints, color, width, frame.ratio)

    def _draw_path(self, painter: QPainter, frame: Frame, series: Series, color: QColor) -> None:
        """For curves of few points: Qt strokes them, and measures its dashes along the way."""
        pen = series.stroke.pen(color, self._scale)
        if not series.stroke.dashes:
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        x = (series.steps - frame.left) * frame.x_scale
        y = np.clip(heights(series.values, frame, self._log), -2 * frame.height, 3 * frame.height)
        painter.drawPath(pg.arrayToQPath(x, y))


@dataclass(frozen=True)
class GridStyle:
    """What the ground of a plot looks like."""

    major: QColor
    minor: QColor
    text: QColor
    font: QFont


class Grid(KeptPicture):
    """The ground of a plot: level lines, and a sentence where there is something to say."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view)
        self.style: GridStyle | None = None
        self._content: tuple[Any, ...] = ((), (), "")

    def show_lines(self, major: Sequence[float], minor: Sequence[float], title: str) -> None:
        """Lines at these heights of the plane; a ``title`` in the middle."""
        content = tuple(major), tuple(minor), title
        if content != self._content:
            self._content = content
            self.redraw()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        if self.style is None:
            return
        major, minor, title = self._content
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for values, color in ((minor, self.style.minor), (major, self.style.major)):
            painter.setPen(QPen(color, 1))
            for value in values:
                y = round((frame.top - value) * frame.y_scale * frame.ratio) / frame.ratio
                painter.drawLine(QLineF(0, y, frame.width, y))
        painter.setPen(self.style.text)
        painter.setFont(self.style.font)
        area = QRectF(SPACE, SPACE, frame.width - 2 * SPACE, frame.height - 2 * SPACE)
        wrap = Qt.TextFlag.TextWordWrap
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | wrap, title)
