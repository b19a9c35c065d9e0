"""The racers' paths, drawn step by step onto kept pictures, and their markers."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsPathItem, QStyleOptionGraphicsItem, QWidget

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.gui.courses import CASING, CHUNK, DOT, WIDTH, Course
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.polylines import Discs, draw_lines
from momentum_gui.gui.style import Look, racer_color, racer_marker

CASING_OPACITY = 0.8
SHORT = 1024
"""A path of at most so many rows is painted at once, as while somebody drags a slider; a longer one by ``CHUNK`` …"""
IDLE_CHUNK = 256 * CHUNK
"""… and at most by so many, where it hardly moves: a power of two more."""
IDLE = 100
"""A piece of fewer lines hardly moves."""
PATIENCE = 0.005
"""Seconds after which a picture that has much to paint lets the window breathe."""
APART = 1500.0
"""So much ink at least lies between two marks, the states of a picture that a step back goes on from …"""
MARKED_BYTES = 192_000_000
"""… which take so much memory at most, half of it …"""
BETWEEN = 12
"""… for those on the way between two others, at most so many, in more parts than these, …"""
PARTS = 4
FINEST = 16
"""… of so many rows at least."""
PIECE_INK = 200.0
"""A piece takes as long to paint as so many points, whatever is in it."""
MARKER = 14.0

ARROW = np.array([[0.5, -0.4, -0.15, -0.4, 0.5], [0, 0.45, 0, -0.45, 0]])
"""Outline of the arrow, x and y, in sizes of a marker; it points to the right."""


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
    """What a picture was like when so many rows of each of its trails were there, painted with so much ink."""

    covered: QRectF
    """Where it was painted upon."""
    layers: list[QPixmap]
    """What was there."""
    drawn: list[int]
    ends: list[tuple[int, int]]
    ink: float

    def within(self, rows: Sequence[int]) -> bool:
        """Whether it shows no more than so many rows of each trail."""
        return all(drawn <= max(1, count) for drawn, count in zip(self.drawn, rows, strict=True))


def memory(marks: Sequence[Mark]) -> int:
    """How many bytes the pictures of ``marks`` take."""
    return sum(4 * layer.width() * layer.height() for mark in marks for layer in mark.layers)


class Strokes(KeptPicture):
    """Paths that grow. A step forward paints the new steps only, however long the path; all else paints anew.

    With ``marked`` it now and then keeps the picture as it is, so that a step back has only few lines to paint: one
    such mark after the other as the paths grow, and where somebody goes back, some more between the last of them and
    the playhead, for who goes back will go on doing so. With ``cased`` the paths have a casing.
    Where paths meet, the one that came there later lies above, but for a few hundred rows of many at once.
    """

    def __init__(self, view: pg.ViewBox, cased: bool = False, marked: bool = False) -> None:
        super().__init__(view, (CASING_OPACITY, 1.0) if cased else (1.0,))
        self._wider = (CASING, 0.0) if cased else (0.0,)
        self._casing = QColor()
        self._marked = marked
        self._marks: list[Mark] = []
        self._between: list[Mark] = []
        self._last = Mark(QRectF(), [], [], [], 0.0)
        """The newest mark that was made or taken up."""
        self._back = False
        """Whether the last step went back."""
        self._apart = APART
        self._ink = 0.0
        self._covered = QRectF()
        self._trails: list[Trail] = []
        self._discs = Discs()
        self.patience = PATIENCE
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)

    @property
    def settled(self) -> bool:
        """Whether all rows that are to be seen are painted, or no paint is to be seen."""
        return not self.isVisible() or all(trail.drawn >= trail.rows for trail in self._trails)

    def show_trails(self, trails: list[Trail], casing: QColor | None = None) -> None:
        """Other trails, and the colour of their casings."""
        self._trails, self._casing = trails, casing or QColor()
        self.redraw()

    def grow(self, rows: Sequence[int], until: float | None = None) -> None:
        """Show so many rows of each trail; paint until then (``time.perf_counter``), or for as long as ``PATIENCE``."""
        for trail, count in zip(self._trails, rows, strict=True):
            trail.rows = count
        if self.frame is not None:
            self._go_to_mark(rows)
        self._paint_missing(time.perf_counter() + self.patience if until is None else until)

    def draw_layers(self, painters: list[QPainter], frame: Frame) -> None:
        self._marks, self._between, self._apart, self._back = [], [], APART, False
        self._ink, self._covered = 0.0, QRectF()
        for trail in self._trails:
            trail.drawn, trail.ends, trail.chunk = 1, (0, 0), CHUNK
        self._last = self._state()
        self._marks.append(self._last)
        self._catch_up(painters, frame, time.perf_counter() + self.patience)

    @Slot()
    def _go_on(self) -> None:
        self._paint_missing(time.perf_counter() + self.patience)

    def _state(self) -> Mark:
        """The picture as it is."""
        trails = self._trails
        layers = self.copied(self._covered)
        return Mark(
            self._covered, layers, [trail.drawn for trail in trails], [trail.ends for trail in trails], self._ink
        )

    def _go_to_mark(self, rows: Sequence[int]) -> None:
        """Take up the newest mark on the way to ``rows``, if the picture shows more, or less than that mark."""
        back = any(trail.drawn > max(1, trail.rows) for trail in self._trails)
        if back:
            self._between = [mark for mark in self._between if mark.within(rows)]
        elif self._back:
            self._back = False
            for trail in self._trails:
                trail.chunk = max(CHUNK, trail.chunk)
        mark = next((mark for mark in reversed(self._marks) if mark.within(rows)), self._marks[0])
        mark = max((mark, *self._between[-1:]), key=lambda mark: mark.ink)
        if back or not mark.within([trail.drawn for trail in self._trails]):
            self._take_up(mark)
            if back:
                self._prepare(rows)

    def _take_up(self, mark: Mark) -> None:
        """Have the picture as it was."""
        self.replace(self._covered, mark.covered, mark.layers)
        self._show(self._covered | mark.covered)
        self._covered, self._ink, self._last = mark.covered, mark.ink, mark
        for trail, drawn, ends in zip(self._trails, mark.drawn, mark.ends, strict=True):
            trail.drawn, trail.ends, trail.chunk = drawn, ends, CHUNK

    def _prepare(self, rows: Sequence[int]) -> None:
        """On a way back: paint what is left to ``rows`` in such pieces that there can be marks in between."""
        self._back = True
        far = max(count - trail.drawn for count, trail in zip(rows, self._trails, strict=True))
        chunk = CHUNK
        while chunk > FINEST and PARTS * chunk >= far:
            chunk //= 2
        for trail in self._trails:
            trail.chunk = chunk

    def _mark(self) -> None:
        """Keep the picture as it is, if it is far enough beyond the last mark."""
        newest = self._marks[-1]
        if newest.within([trail.drawn for trail in self._trails]) and self._ink - newest.ink >= self._apart:
            self._last = self._state()
            self._marks.append(self._last)
            if memory(self._marks) > MARKED_BYTES / 2:
                del self._marks[1::2]
                self._apart *= 2
        elif self._back and self._ink - self._last.ink >= APART:
            self._last = self._state()
            self._between.append(self._last)
            if len(self._between) > BETWEEN or memory(self._between) > MARKED_BYTES / 2:
                del self._between[::2]

    def _show(self, area: QRectF) -> None:
        """Let ``area`` be seen as it is now; an empty one would be the whole picture to Qt."""
        if not area.isEmpty():
            self.update(area)

    def _paint_missing(self, until: float) -> None:
        """Paint what is missing; if the whole picture has to be painted anew, that is left to the next ``paint``."""
        frame = self.frame
        if frame is None:
            self.update()
        elif not self.settled:
            with self.painters() as painters:
                self._show(self._catch_up(painters, frame, until))

    def _catch_up(self, painters: list[QPainter], frame: Frame, until: float) -> QRectF:
        """Paint missing rows until then, the others soon after; the rectangle that was touched."""
        touched = QRectF()
        while missing := [trail for trail in self._trails if trail.drawn < trail.rows]:
            if time.perf_counter() > until:
                self._timer.start()
                break
            trail = min(missing, key=lambda trail: trail.drawn)
            side_by_side = all(other.drawn <= trail.drawn for other in self._trails)  # but for those that ended
            if self._marked and side_by_side:
                self._mark()
            cut = trail.rows if trail.rows <= SHORT else next_cut(trail.drawn, trail.chunk, trail.rows)
            area = self._paint(painters, frame, trail, cut)
            touched |= area
            self._covered = self._covered | area  # another one: marks have the one before
        return touched

    def _paint(self, painters: list[QPainter], frame: Frame, trail: Trail, rows: int) -> QRectF:
        """Paint the next rows, up to ``rows`` in all; the rectangle that was touched."""
        piece = trail.course.piece(frame, trail.drawn - 1, rows, trail.ends)
        if piece is not None and len(piece.lines) >= min(IDLE, 0.4 * trail.chunk):
            trail.chunk = min(trail.chunk, CHUNK)
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
        colors = (self._casing, trail.color)[-len(painters) :]
        for painter, color, wider in zip(painters, colors, self._wider, strict=True):
            draw_lines(painter, piece.lines, color, WIDTH + 2 * wider)
            diameters = WIDTH + 2 * wider, DOT + 2 * wider
            self._discs.copy(painter, piece.discs, color, diameters, frame.ratio)
        edge = DOT / 2 + self._wider[0] + 1
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
        self._played = Strokes(view, cased=True, marked=True)
        self._played.setZValue(12)
        self._shown = True
        self._markers: list[Marker] = []
        view.sigRangeChanged.connect(self._place_markers)
        view.sigResized.connect(self._place_markers)

    @property
    def settled(self) -> bool:
        """Whether all is painted; a long history takes more than one frame."""
        return self._ahead.settled and self._played.settled

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """While this lasts, what is painted anew is painted whole, however long it takes."""
        for strokes in (self._ahead, self._played):
            strokes.patience = math.inf
        try:
            yield
        finally:
            for strokes in (self._ahead, self._played):
                strokes.patience = PATIENCE

    @property
    def shown_markers(self) -> "list[Marker]":
        """The racers' markers, where they are now."""
        return [marker for marker in self._markers if marker.isVisible()]

    def show_paths(self, shown: bool) -> None:
        """Whether there are paths, or the markers alone."""
        self._shown = shown
        self.show_step(self._step)

    def show_runs(self, runs: Mapping[int, SurfaceRun], step: int) -> None:
        """Other runs, by their racer's place in the list, at ``step``."""
        self._runs, self._step = runs, step
        self.restyle()

    def restyle(self) -> None:
        theme, scale = self._look.theme, self._look.scale
        runs = [(run, racer_color(index, run.optimizer.color, theme)) for index, run in self._runs.items()]
        while len(self._markers) < len(runs):
            self._markers.append(Marker(self.parent()))
        courses = [(Course(run), color) for run, color in runs]
        self._ahead.show_trails([Trail(course, color) for course, color in courses])
        self._played.show_trails([Trail(course, color) for course, color in courses], QColor(theme.panel))
        for marker, (index, (_run, color)) in zip(self._markers, zip(self._runs, runs, strict=True), strict=False):
            marker.dress(racer_marker(index), color, QColor(theme.panel), scale)
        self.show_step(self._step)

    def show_step(self, step: int) -> None:
        """Move the playhead to ``step``, and look how far the runs have come."""
        self._step = step
        counts = [run.count for run in self._runs.values()]
        rows = [min(step + 1, count) for count in counts]
        self._played.setVisible(self._shown)
        self._ahead.setVisible(self._shown and rows != counts)  # what is played hides it: not painted if that is all
        until = time.perf_counter() + PATIENCE  # for both of them together
        self._played.grow(rows, until)
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
