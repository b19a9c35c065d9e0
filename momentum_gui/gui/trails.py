"""The racers' paths, drawn step by step onto kept pictures, and their markers."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QObject, QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsPathItem, QStyleOptionGraphicsItem, QWidget

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.params import Array
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.style import Look, racer_color, racer_marker

WIDTH = 3.0
CASING = 1.5
"""How much wider the casing is than what it lies under, in pixels on either side."""
DOT = 6.5
"""Diameter of the dot at a step; drawn where a step is at least as long as ``SEEN``."""
SEEN = 7.0
GRAIN = 1.5
"""A step that stays within one square of this size, in pixels, is not drawn."""
BENT = math.cos(math.radians(12))
"""Two steps that turn by more than this angle get a round joint."""
CHUNK = 1024
"""Rows that are painted at once …"""
IDLE_CHUNK = 64 * CHUNK
"""… or passed over, where the path stays put."""
PATIENCE = 0.005
"""Seconds after which a picture that has much to paint lets the window breathe; all layers together have twice that."""
PHASES = 4
"""A disc's centre is right to this part of a device pixel."""
MARKER = 14.0
LAYERS = 8
"""At most so many pictures for the played paths, however many racers there are."""

ARROW = np.array([[0.5, -0.4, -0.15, -0.4, 0.5], [0, 0.45, 0, -0.45, 0]])
"""Outline of the arrow, x and y, in sizes of a marker; it points to the right."""

T = TypeVar("T")


class Walk(Protocol):
    """What has a path."""

    @property
    def path(self) -> Array:
        """The points so far, (count, 2); those that are there never change."""


class Piece(NamedTuple):
    """Some rows of a path in pixels: its lines (n, 4), its joints and its dots, (n, 2) each."""

    lines: Array
    joints: Array
    dots: Array
    area: QRectF
    """What the lines cover."""
    ends: tuple[int, int]
    """The last two rows that there is a line between: where the next piece goes on."""


class Course:
    """The path of ``run`` in pieces. It keeps the last one: what is drawn in two pictures is laid out once."""

    def __init__(self, run: Walk) -> None:
        self._run = run
        self._asked: tuple[Any, ...] = ()
        self._piece: Piece | None = None

    def piece(self, frame: Frame, first: int, rows: int, ends: tuple[int, int]) -> Piece | None:
        """The path from row ``first`` to ``rows - 1``, behind a piece with these ``ends``; None if it stays put."""
        if (frame, first, rows, ends) != self._asked:
            self._asked = frame, first, rows, ends
            self._piece = self._lay_out(frame, first, rows, ends)
        return self._piece

    def _lay_out(self, frame: Frame, first: int, rows: int, ends: tuple[int, int]) -> Piece | None:
        path = self._run.path
        new = frame.pixels(path[first:rows])
        cells = np.floor(new / GRAIN)
        across, down = cells.T
        moved = 1 + np.flatnonzero((across[1:] != across[:-1]) | (down[1:] != down[:-1]))
        if not len(moved):
            return None
        before, last = ends
        ends = (first + int(moved[-2]) if len(moved) > 1 else last, first + int(moved[-1]))
        corners = np.concatenate([frame.pixels(path[[before, last]]), new[moved]])
        lines = clip(corners[1:-1], corners[2:], frame, margin=4 * WIDTH)
        if not len(lines):
            none = np.empty((0, 2))
            return Piece(lines, none, none, QRectF(), ends)
        points = lines.reshape(-1, 2)
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        lengths = np.hypot(*(new[moved] - new[moved - 1]).T)
        return Piece(
            lengthened(distinct(lines)),
            inside(frame, bends(corners), DOT),
            inside(frame, new[moved][lengths >= SEEN], DOT),
            QRectF(left, top, right - left, bottom - top),
            ends,
        )


@dataclass
class Trail:
    """One path on a picture: rows ``0 … rows - 1`` of its course are to be seen, ``drawn`` of them are there.

    ``ends`` are the last two rows that a line was drawn between: where the next one goes on.
    """

    course: Course
    color: QColor
    rows: int = 1
    drawn: int = 1
    ends: tuple[int, int] = (0, 0)
    chunk: int = CHUNK


class Strokes(KeptPicture):
    """Paths that grow. A step forward paints the new steps only, however long the path; all else paints anew."""

    def __init__(self, view: pg.ViewBox, widen: float = 0.0) -> None:
        super().__init__(view)
        self._widen = widen
        self.patience = PATIENCE
        self._trails: list[Trail] = []
        self._discs: dict[tuple[int, float], QPixmap] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)

    @property
    def settled(self) -> bool:
        """Whether all rows that are to be seen are painted, or no paint is to be seen."""
        return not self.isVisible() or all(trail.drawn >= trail.rows for trail in self._trails)

    def show_trails(self, trails: list[Trail]) -> None:
        used = {trail.color.rgba() for trail in trails}
        self._discs = {key: picture for key, picture in self._discs.items() if key[0] in used}
        self._trails = trails
        self.redraw()

    def grow(self, rows: Sequence[int], until: float | None = None) -> None:
        """Show so many rows of each trail; paint until then (``time.perf_counter``), or for as long as ``patience``."""
        back = False
        for trail, count in zip(self._trails, rows, strict=True):
            back |= count < trail.drawn
            trail.rows = count
        if back:
            self.redraw()
        else:
            self._paint_missing(time.perf_counter() + self.patience if until is None else until)

    def draw(self, painter: QPainter, frame: Frame) -> None:
        for trail in self._trails:
            trail.drawn, trail.ends = 1, (0, 0)
        self._catch_up(painter, frame, time.perf_counter() + self.patience)

    @Slot()
    def _go_on(self) -> None:
        self._paint_missing(time.perf_counter() + self.patience)

    def _paint_missing(self, until: float) -> None:
        """Paint what is missing; if the whole picture has to be painted anew, that is left to the next ``paint``."""
        frame = self.frame
        if frame is None:
            self.update()
        elif not self.settled:
            painter = self.painter()
            touched = self._catch_up(painter, frame, until)
            painter.end()
            self.update(touched)

    def _catch_up(self, painter: QPainter, frame: Frame, until: float) -> QRectF:
        """Paint missing rows until then, the others soon after; the rectangle that was touched."""
        touched = QRectF()
        for trail in self._trails:
            while trail.drawn < trail.rows:
                if time.perf_counter() > until:
                    self._timer.start()
                    return touched
                touched |= self._paint(painter, frame, trail, min(trail.drawn + trail.chunk, trail.rows))
        return touched

    def _paint(self, painter: QPainter, frame: Frame, trail: Trail, rows: int) -> QRectF:
        """Paint the next rows, up to ``rows`` in all; the rectangle that was touched."""
        piece = trail.course.piece(frame, trail.drawn - 1, rows, trail.ends)
        trail.drawn = rows
        trail.chunk = min(2 * trail.chunk, IDLE_CHUNK) if piece is None else CHUNK
        if piece is None:
            return QRectF()
        trail.ends = piece.ends
        if not len(piece.lines):
            return QRectF()
        self._draw_lines(painter, piece.lines, trail.color)
        self._draw_discs(painter, frame, piece.joints, trail.color, WIDTH)
        self._draw_discs(painter, frame, piece.dots, trail.color, DOT)
        edge = DOT / 2 + self._widen + 1
        return piece.area.adjusted(-edge, -edge, edge, edge)

    def _draw_lines(self, painter: QPainter, lines: Array, color: QColor) -> None:
        """Draw ``lines`` (n, 4). Qt draws them with flat ends many times faster than with round ones."""
        pen = QPen(color, WIDTH + 2 * self._widen)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        array = packed(QLineF, lines)
        painter.drawLines(*array.drawargs())

    def _draw_discs(self, painter: QPainter, frame: Frame, centers: Array, color: QColor, diameter: float) -> None:
        """Draw a disc around each of ``centers`` (n, 2): copies of a few painted ones, thirty times faster than new."""
        if not len(centers):
            return
        key = color.rgba(), (diameter + 2 * self._widen) * frame.ratio
        if key not in self._discs:
            self._discs[key] = discs(color, key[1])
        draw_discs(painter, self._discs[key], centers, frame.ratio)


def draw_discs(painter: QPainter, picture: QPixmap, centers: Array, ratio: float) -> None:
    """Draw a disc around each of ``centers`` (n, 2), of those ``discs`` made, onto a screen of this pixel ratio."""
    size = picture.height() // PHASES
    # The disc whose centre lies in the right part of a device pixel, put upon whole device pixels.
    parts = np.floor(centers * ratio * PHASES)
    whole, phase = np.floor(parts / PHASES), parts % PHASES
    fragments = np.empty((len(centers), 10))
    fragments[:, 0:2] = whole + size / 2 - size // 2
    fragments[:, 2:4] = phase * size
    fragments[:, 4:] = size, size, 1, 1, 0, 1
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    array = packed(QPainter.PixmapFragment, fragments)
    first, count = array.drawargs()
    painter.drawPixmapFragments(first, count, picture)
    painter.restore()


def packed(kind: type, rows: Array) -> PrimitiveArray:
    """``rows`` as Qt's own array of ``kind``: pyqtgraph's way past one Python object for each.

    Hold it until Qt is done with its ``drawargs``: they only point into it.
    """
    array = PrimitiveArray(kind, rows.shape[1])
    array.resize(len(rows))
    array.ndarray()[:] = rows
    return array


def discs(color: QColor, diameter: float) -> QPixmap:
    """A square of PHASES x PHASES discs, ``diameter`` device pixels wide. From one to the next the centre moves by
    1 / PHASES of a pixel, starting half of that from the corner of the pixel in the middle of its cell."""
    size = math.ceil(diameter) + 3
    pixmap = QPixmap(PHASES * size, PHASES * size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for row in range(PHASES):
        for column in range(PHASES):
            x, y = (k * size + size // 2 + (k + 0.5) / PHASES for k in (column, row))
            painter.drawEllipse(QPointF(x, y), diameter / 2, diameter / 2)
    painter.end()
    return pixmap


class Trails(QObject):
    """The paths and markers of a simulation's racers in a view: played up to a step, faint beyond it."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)  # where it also looks for the view: see KeptPicture.view
        self._look = look
        self._runs: Mapping[int, SurfaceRun] = {}
        self._step = 0
        self._ahead = Strokes(view)
        self._ahead.setOpacity(0.25)
        self._ahead.setZValue(10)
        self._casing = Strokes(view, widen=CASING)
        self._casing.setOpacity(0.8)
        self._casing.setZValue(11)
        self._layers: list[Strokes] = []
        self._markers: list[Marker] = []
        view.sigRangeChanged.connect(self._place_markers)
        view.sigResized.connect(self._place_markers)

    @property
    def settled(self) -> bool:
        """Whether all is painted; a long history takes more than one frame."""
        return all(strokes.settled for strokes in (self._ahead, self._casing, *self._layers))

    @property
    def shown_markers(self) -> "list[Marker]":
        """The racers' markers, where they are now."""
        return [marker for marker in self._markers if marker.isVisible()]

    def show_runs(self, runs: Mapping[int, SurfaceRun], step: int) -> None:
        """Other runs, by their racer's place in the list, at ``step``."""
        self._runs, self._step = runs, step
        self.restyle()

    def restyle(self) -> None:
        theme, scale = self._look.theme, self._look.scale
        runs = [(run, racer_color(index, run.optimizer.color, theme)) for index, run in self._runs.items()]
        while len(self._layers) < min(LAYERS, len(runs)):
            layer = Strokes(self.parent())
            layer.setZValue(12)
            self._layers.append(layer)
        while len(self._markers) < len(runs):
            self._markers.append(Marker(self.parent()))
        self._ahead.show_trails([Trail(Course(run), color) for run, color in runs])
        played = [(Course(run), color) for run, color in runs]
        self._casing.show_trails([Trail(course, QColor(theme.panel)) for course, _color in played])
        for layer, chosen in zip(self._layers, self._split(played), strict=True):
            layer.patience = 2 * PATIENCE / len(self._layers)
            layer.show_trails([Trail(course, color) for course, color in chosen])
        for marker, (index, (_run, color)) in zip(self._markers, zip(self._runs, runs, strict=True), strict=False):
            marker.dress(racer_marker(index), color, QColor(theme.panel), scale)
        self.show_step(self._step)

    def show_step(self, step: int) -> None:
        """Move the playhead to ``step``, and look how far the runs have come."""
        self._step = step
        counts = [run.count for run in self._runs.values()]
        rows = [min(step + 1, count) for count in counts]
        self._ahead.setVisible(rows != counts)  # what is played hides it: not painted where all is played
        until = time.perf_counter() + PATIENCE  # for all of them together
        for layer, chosen in zip(self._layers, self._split(rows), strict=True):
            layer.grow(chosen, until)
        self._casing.grow(rows, until)
        if rows != counts:
            self._ahead.grow(counts, until)
        self._place_markers()

    def _split(self, racers: Sequence[T]) -> list[Sequence[T]]:
        """``racers`` in neighbouring groups, one for each layer."""
        count = len(self._layers)
        bounds = [round(k * len(racers) / count) for k in range(count + 1)] if count else [0]
        return [racers[low:high] for low, high in pairwise(bounds)]

    @Slot()
    def _place_markers(self, *_changed: Any) -> None:
        frame = Frame.of(self.parent())
        runs = list(self._runs.values())
        for marker in self._markers[len(runs) :]:
            marker.hide()
        for marker, run in zip(self._markers, runs, strict=False):
            if not run.count:  # it could not even start
                marker.hide()
                continue
            row = min(self._step, run.count - 1)
            marker.place(frame, *frame.pixels(run.path[row]))


class Symbol(QGraphicsPathItem):
    """A small filled shape in a view, with smooth edges; the mouse goes through it."""

    def __init__(self, view: pg.ViewBox, depth: float) -> None:
        super().__init__(view)
        self.setZValue(depth)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def restyle(self, shape: QPainterPath, color: QColor, outline: QColor, width: float) -> None:
        self.setPath(shape)
        self.setBrush(color)
        self.setPen(QPen(outline, width))

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.pen())
        painter.setBrush(self.brush())
        painter.drawPath(self.path())


class Marker(Symbol):
    """A racer's marker; where the racer is outside of the view, an arrow at the border points to it."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, depth=20)
        self._size = MARKER
        self._here = self._arrow = QPainterPath()
        self._outside = False

    def dress(self, symbol: str, color: QColor, outline: QColor, scale: float) -> None:
        """Take pyqtgraph's ``symbol``, and a size that suits text ``scale`` times as large as normal."""
        self._size = MARKER * scale
        enlarge = QTransform.fromScale(self._size, self._size)
        self._here = enlarge.map(Symbols[symbol])
        self._arrow = enlarge.map(pg.arrayToQPath(*ARROW))
        self._outside = False
        self.restyle(self._here, color, outline, 1.5 * scale)

    def place(self, frame: Frame, x: float, y: float) -> None:
        """Show it at the pixel (x, y)."""
        edge = self._size * 0.75
        nearest_x, nearest_y = (min(max(v, edge), size - edge) for v, size in ((x, frame.width), (y, frame.height)))
        outside = not (0 <= x <= frame.width and 0 <= y <= frame.height)
        if outside:
            self.setPos(nearest_x, nearest_y)
            self.setRotation(math.degrees(math.atan2(y - nearest_y, x - nearest_x)))
        else:
            self.setPos(x, y)
            self.setRotation(0)
        if outside != self._outside:  # another path is another painting, were it the same
            self._outside = outside
            self.setPath(self._arrow if outside else self._here)
        self.show()


def inside(frame: Frame, pixels: Array, margin: float) -> Array:
    """Those of ``pixels`` (n, 2) that lie in the view or at most ``margin`` off it."""
    return pixels[np.all((pixels >= -margin) & (pixels <= (frame.width + margin, frame.height + margin)), axis=1)]


def clip(begin: Array, end: Array, frame: Frame, margin: float) -> Array:
    """The parts of the lines from ``begin`` to ``end`` (n, 2) that lie in the view or at most ``margin`` off it,
    (m, 4): x, y, x, y. The lines may be as long as they like (Liang & Barsky 1984)."""
    low, high = np.array((-margin, -margin)), np.array((frame.width + margin, frame.height + margin))
    if all(((points >= low) & (points <= high)).all() for points in (begin, end)):  # the most common case by far
        return np.hstack([begin, end])[(begin != end).any(axis=1)]
    way = end - begin
    with np.errstate(divide="ignore", invalid="ignore"):
        enter, leave = (low - begin) / way, (high - begin) / way
    enter, leave = np.minimum(enter, leave), np.maximum(enter, leave)
    still = way == 0
    out = (begin < low) | (begin > high)
    enter[still], leave[still] = np.where(out, np.inf, -np.inf)[still], np.where(out, -np.inf, np.inf)[still]
    first, last = np.maximum(enter.max(axis=1), 0), np.minimum(leave.min(axis=1), 1)
    seen = (first < last) & ~still.all(axis=1)
    begin, way, first, last = begin[seen], way[seen], first[seen, None], last[seen, None]
    return np.hstack([np.clip(begin + first * way, low, high), np.clip(begin + last * way, low, high)])


def distinct(lines: Array) -> Array:
    """``lines`` (n, 4) without those that fall upon another to half a pixel, as in a lasting oscillation."""
    halves = (2 * lines + 64).astype(np.uint64)
    one, other = (halves[:, 0] << 16) | halves[:, 1], (halves[:, 2] << 16) | halves[:, 3]
    keys = (np.minimum(one, other) << 32) | np.maximum(one, other)
    return lines[np.sort(np.unique(keys, return_index=True)[1])]


def lengthened(lines: Array) -> Array:
    """``lines`` (n, 4) half a pixel longer at both ends, so that no seam is seen between one and the next."""
    way = lines[:, 2:] - lines[:, :2]
    more = 0.5 * way / np.hypot(*way.T)[:, None]
    return lines + np.hstack([-more, more])


def bends(corners: Array) -> Array:
    """Those of the inner ``corners`` (n, 2) of a path at which it turns noticeably."""
    ways = np.diff(corners, axis=0)
    lengths = np.hypot(*ways.T)
    cosines = np.einsum("ij,ij->i", ways[1:], ways[:-1])
    return corners[1:-1][cosines < BENT * lengths[1:] * lengths[:-1]]
