"""The racers' paths, drawn step by step onto kept pictures, and their markers."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsPathItem, QStyleOptionGraphicsItem, QWidget

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.params import Array
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.polylines import Discs, clip, distinct, draw_lines, inside, lengthened, turns
from momentum_gui.gui.style import Look, racer_color, racer_marker

WIDTH = 3.0
CASING = 1.5
"""How much wider the casing is than what it lies under, in pixels on either side."""
DOT = 6.5
"""Diameter of the dot at a step; drawn where a step is at least as long as ``SEEN``."""
SEEN = 7.0
GRAIN = 1.5
"""A step that stays within one square of this size, in pixels, is not drawn."""
SHORT = 1024
"""A path of at most so many rows is painted at once, as while somebody drags a slider;"""
CHUNK = 256
"""of a longer one so many rows …"""
IDLE_CHUNK = 256 * CHUNK
"""… and at most so many, where the path hardly moves: a power of two more."""
IDLE = 100
"""A piece of fewer lines hardly moves."""
PIECES = 64
"""So many pieces of a path are kept."""
PATIENCE = 0.005
"""Seconds after which a picture that has much to paint lets the window breathe."""
APART = 1500.0
"""So much ink at least lies between two marks, the states of a picture that a step back goes on from …"""
MARKED_BYTES = 96_000_000
"""… which take so much memory at most."""
INK = 12.0
"""A line of so many pixels takes twice as long to paint as a point: its ink is 2 …"""
PIECE_INK = 200.0
"""… and a piece takes as long as so many points, whatever is in it."""
MARKER = 14.0

ARROW = np.array([[0.5, -0.4, -0.15, -0.4, 0.5], [0, 0.45, 0, -0.45, 0]])
"""Outline of the arrow, x and y, in sizes of a marker; it points to the right."""


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
    ink: float
    """What it takes to paint the lines, in points."""
    ends: tuple[int, int]
    """The last two rows that there is a line between: where the next piece goes on."""


class Course:
    """The path of ``run`` in pieces. It keeps some: what is drawn in two pictures, or again, is laid out once."""

    def __init__(self, run: Walk) -> None:
        self._run = run
        self._frame: Frame | None = None
        self._pieces: dict[tuple[int, int, tuple[int, int]], Piece | None] = {}

    def piece(self, frame: Frame, first: int, rows: int, ends: tuple[int, int]) -> Piece | None:
        """The path from row ``first`` to ``rows - 1``, behind a piece with these ``ends``; None if it stays put."""
        if frame != self._frame:
            self._frame, self._pieces = frame, {}
        asked = first, rows, ends
        if asked not in self._pieces:
            if len(self._pieces) == PIECES:
                del self._pieces[next(iter(self._pieces))]
            self._pieces[asked] = self._lay_out(frame, first, rows, ends)
        return self._pieces[asked]

    def _lay_out(self, frame: Frame, first: int, rows: int, ends: tuple[int, int]) -> Piece | None:
        path = self._run.path
        x, y = frame.pixels(path[first:rows]).T.copy()  # two rows: NumPy is faster along them
        across, down = np.floor(x / GRAIN), np.floor(y / GRAIN)
        moved = 1 + ((across[1:] != across[:-1]) | (down[1:] != down[:-1])).nonzero()[0]
        if not len(moved):
            return None
        before, last = ends
        ends = (first + int(moved[-2]) if len(moved) > 1 else last, first + int(moved[-1]))
        corners = np.empty((2, len(moved) + 2))
        corners[:, :2] = frame.pixels(path[[before, last]]).T
        corners[0, 2:], corners[1, 2:] = x[moved], y[moved]
        ways = corners[:, 1:] - corners[:, :-1]
        lengths = np.hypot(*ways)
        joints = corners[:, 1:-1].T[turns(ways, lengths)]
        dots = corners[:, 2:].T[np.hypot(x[moved] - x[moved - 1], y[moved] - y[moved - 1]) >= SEEN]
        (left, top), (right, bottom) = corners.min(axis=1).tolist(), corners.max(axis=1).tolist()
        if left >= 0 and right <= frame.width and top >= 0 and bottom <= frame.height:  # the most common case by far
            lines = np.concatenate([corners[:, 1:-1], corners[:, 2:]])[:, lengths[1:] > 0].T
        else:
            lines = clip(corners[:, 1:-1].T, corners[:, 2:].T, frame, margin=4 * WIDTH)
            joints, dots = inside(frame, joints, DOT), inside(frame, dots, DOT)
            reach = 4 * WIDTH
            left, right = max(left, -reach), min(right, frame.width + reach)
            top, bottom = max(top, -reach), min(bottom, frame.height + reach)
        area = QRectF(QPointF(left, top), QPointF(right, bottom)) if len(lines) else QRectF()
        lines = lengthened(distinct(lines))
        lengths = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
        return Piece(lines, joints, dots, area, len(lines) + float(lengths.sum()) / INK, ends)


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


class Mark(NamedTuple):
    """What a picture was like when so many rows of each of its trails were there."""

    picture: QPixmap
    drawn: list[int]
    ends: list[tuple[int, int]]

    def within(self, rows: Sequence[int]) -> bool:
        """Whether it shows no more than so many rows of each trail."""
        return all(drawn <= count for drawn, count in zip(self.drawn, rows, strict=True))


class Strokes(KeptPicture):
    """Paths that grow. A step forward paints the new steps only, however long the path; all else paints anew.

    With ``marked`` it now and then keeps the picture as it is, so that a step back has only few lines to paint.
    Where paths meet, the one that came there later lies above, but for a few hundred rows of many at once.
    """

    def __init__(self, view: pg.ViewBox, widen: float = 0.0, marked: bool = False) -> None:
        super().__init__(view)
        self._widen = widen
        self._marked = marked
        self._marks: list[Mark] = []
        self._apart = APART
        self._ink = 0.0
        self._trails: list[Trail] = []
        self._discs = Discs()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)

    @property
    def settled(self) -> bool:
        """Whether all rows that are to be seen are painted, or no paint is to be seen."""
        return not self.isVisible() or all(trail.drawn >= trail.rows for trail in self._trails)

    def show_trails(self, trails: list[Trail]) -> None:
        self._trails = trails
        self.redraw()

    def grow(self, rows: Sequence[int], until: float | None = None) -> None:
        """Show so many rows of each trail; paint until then (``time.perf_counter``), or for as long as ``PATIENCE``."""
        for trail, count in zip(self._trails, rows, strict=True):
            trail.rows = count
        if self.frame is not None:
            self._go_to_mark(rows)
        self._paint_missing(time.perf_counter() + PATIENCE if until is None else until)

    def draw(self, painter: QPainter, frame: Frame) -> None:
        self._marks, self._apart = [], APART
        self._begin()
        self._catch_up(painter, frame, time.perf_counter() + PATIENCE)

    @Slot()
    def _go_on(self) -> None:
        self._paint_missing(time.perf_counter() + PATIENCE)

    def _begin(self) -> None:
        """Nothing of the paths is there."""
        self._ink = 0.0
        for trail in self._trails:
            trail.drawn, trail.ends, trail.chunk = 1, (0, 0), CHUNK

    def _go_to_mark(self, rows: Sequence[int]) -> None:
        """Take up the newest mark on the way to ``rows``, if the picture shows more, or less than that mark."""
        back = any(trail.drawn > trail.rows for trail in self._trails)
        mark = next((mark for mark in reversed(self._marks) if mark.within(rows)), None)
        if mark is None and back:
            self._pixmap.fill(Qt.GlobalColor.transparent)
            self._begin()
            self.update()
        elif mark is not None and (back or not mark.within([trail.drawn for trail in self._trails])):
            self._pixmap, self._ink = QPixmap(mark.picture), 0.0
            for trail, drawn, ends in zip(self._trails, mark.drawn, mark.ends, strict=True):
                trail.drawn, trail.ends, trail.chunk = drawn, ends, CHUNK
            self.update()

    def _mark(self) -> None:
        """Keep the picture as it is, if it is far enough beyond the last mark."""
        drawn = [trail.drawn for trail in self._trails]
        if not self._marked or self._ink < self._apart or any(not mark.within(drawn) for mark in self._marks[-1:]):
            return
        self._ink = 0.0
        self._marks.append(Mark(self._pixmap.copy(), drawn, [trail.ends for trail in self._trails]))
        size = 4 * self._pixmap.width() * self._pixmap.height()
        if len(self._marks) * size > MARKED_BYTES:
            del self._marks[::2]
            self._apart *= 2

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
        while missing := [trail for trail in self._trails if trail.drawn < trail.rows]:
            if time.perf_counter() > until:
                self._timer.start()
                break
            trail = min(missing, key=lambda trail: trail.drawn)
            if all(other.drawn <= trail.drawn for other in self._trails):  # side by side, but for those that ended
                self._mark()
            cut = trail.rows if trail.rows <= SHORT else next_cut(trail.drawn, trail.chunk, trail.rows)
            touched |= self._paint(painter, frame, trail, cut)
        return touched

    def _paint(self, painter: QPainter, frame: Frame, trail: Trail, rows: int) -> QRectF:
        """Paint the next rows, up to ``rows`` in all; the rectangle that was touched."""
        piece = trail.course.piece(frame, trail.drawn - 1, rows, trail.ends)
        if piece is not None and len(piece.lines) >= IDLE:
            trail.chunk = CHUNK
        elif rows - trail.drawn == trail.chunk:  # a few rows say nothing of the next
            trail.chunk = min(2 * trail.chunk, IDLE_CHUNK)
        trail.drawn = rows
        self._ink += PIECE_INK
        if piece is None:
            return QRectF()
        trail.ends = piece.ends
        if not len(piece.lines):
            return QRectF()
        self._ink += piece.ink
        wider = 2 * self._widen
        draw_lines(painter, piece.lines, trail.color, WIDTH + wider)
        self._discs.draw(painter, piece.joints, trail.color, WIDTH + wider, frame.ratio)
        self._discs.draw(painter, piece.dots, trail.color, DOT + wider, frame.ratio)
        edge = DOT / 2 + self._widen + 1
        return piece.area.adjusted(-edge, -edge, edge, edge)


def next_cut(drawn: int, chunk: int, rows: int) -> int:
    """Where a path of ``drawn`` rows is cut next, ``rows`` at last: at whole multiples of ``chunk`` or, where there
    are too few rows, of its half and so on, so that paths painted side by side meet, and pieces are met again."""
    while (cut := 1 + ((drawn - 1) // chunk + 1) * chunk) > rows and chunk > CHUNK:
        chunk //= 2
    return min(cut, rows)


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
        self._casing = Strokes(view, widen=CASING, marked=True)
        self._casing.setOpacity(0.8)
        self._casing.setZValue(11)
        self._played = Strokes(view, marked=True)
        self._played.setZValue(12)
        self._markers: list[Marker] = []
        view.sigRangeChanged.connect(self._place_markers)
        view.sigResized.connect(self._place_markers)

    @property
    def settled(self) -> bool:
        """Whether all is painted; a long history takes more than one frame."""
        return all(strokes.settled for strokes in (self._ahead, self._casing, self._played))

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
        while len(self._markers) < len(runs):
            self._markers.append(Marker(self.parent()))
        self._ahead.show_trails([Trail(Course(run), color) for run, color in runs])
        courses = [(Course(run), color) for run, color in runs]
        self._casing.show_trails([Trail(course, QColor(theme.panel)) for course, _color in courses])
        self._played.show_trails([Trail(course, color) for course, color in courses])
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
        self._played.grow(rows, until)
        self._casing.grow(rows, until)
        if rows != counts:
            self._ahead.grow(counts, until)
        self._place_markers()

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
        self.setPos(nearest_x if outside else x, nearest_y if outside else y)
        turned = math.degrees(math.atan2(y - nearest_y, x - nearest_x)) if outside else 0.0
        if turned != self.rotation():  # Qt paints it anew even where it is the same
            self.setRotation(turned)
        if outside != self._outside:  # another path is another painting, were it the same
            self._outside = outside
            self.setPath(self._arrow if outside else self._here)
        self.show()
