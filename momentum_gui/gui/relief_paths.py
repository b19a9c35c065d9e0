"""The racers' paths on the relief: draped over it, drawn step by step onto kept pictures."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.params import Array
from momentum_gui.gui.courses import CASING, DOT, GRAIN, SEEN, WIDTH
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.polylines import Discs, clip, distinct, draw_lines, lengthened
from momentum_gui.gui.relief import Scene, Terrain
from momentum_gui.gui.style import Theme, racer_color

PIECE = 5.0
"""A draped path is straight for at most so many pixels."""
SKETCHY = 3.0
"""A sketched path is so many times coarser."""
LAYERS = 8
"""At most so many pictures for the played paths, however many racers there are."""
FAINT = 0.3
"""Opacity of what is not played yet, or hidden by the relief."""


@dataclass
class Thread:
    """One path: ``drawn`` rows of it are on its picture; ``last`` is the row at which its last line ends."""

    run: SurfaceRun
    color: QColor
    coarseness: float = 1.0
    drawn: int = 1
    last: int = 0
    kept: "Kept | None" = None
    """The pieces from the first row on, and what they were made for: turning the block needs them again."""

    def pieces(self, rows: int, terrain: Terrain, scale: float) -> tuple[Array, Array, Array]:
        """The rows that are not drawn yet, up to so many in all, as pieces on the block: where each begins and ends,
        and where there are steps long enough for a dot, (n, 3) each. One unit of the block is ``scale`` pixels."""
        fineness = 2.0 ** round(math.log2(scale))  # a few pixels more or less are not worth new pieces
        kept = self.kept
        if self.drawn == 1 and kept and kept.terrain is terrain and (kept.rows, kept.fineness) == (rows, fineness):
            self.drawn, self.last = rows, kept.last
            return kept.pieces
        first = self.drawn
        chosen = np.concatenate([[self.last], np.arange(first, rows)])
        self.drawn = rows
        cells = terrain.cells(self.run.path[chosen])
        pixels_a_cell = fineness * 2 * terrain.halves[0] / (terrain.z.shape[1] - 1)
        grains = np.floor(cells * (pixels_a_cell / GRAIN / self.coarseness))
        moved = 1 + np.flatnonzero((grains[1:] != grains[:-1]).any(axis=1))
        if len(moved):
            self.last = int(chosen[moved[-1]])
        corners = cells[np.concatenate([[0], moved])]
        begin, end = draped(terrain, corners, PIECE * self.coarseness / pixels_a_cell)
        long = np.hypot(*np.diff(corners, axis=0).T) * pixels_a_cell >= SEEN
        stops = terrain.raised(corners[1:][long & terrain.holds(corners[1:])])
        pieces = terrain.raised(begin), terrain.raised(end), stops
        if first == 1:
            self.kept = Kept(rows, terrain, fineness, self.last, pieces)
        return pieces


class Kept(NamedTuple):
    """The pieces of a path's first rows on a terrain."""

    rows: int
    terrain: Terrain
    fineness: float
    last: int
    pieces: tuple[Array, Array, Array]


class ReliefPaths:
    """The paths as pictures of the widget's size: one faint, of all there is; casings; and one for each racer.

    A step forward draws the new steps only; another camera, terrain or size draws all anew.
    """

    def __init__(self) -> None:
        self._runs: Mapping[int, SurfaceRun] = {}
        self._played: list[Thread] = []
        self._whole: list[Thread] = []
        self._sketched: list[tuple[Thread, Thread]] = []
        """Those that are only sketched: the whole path and what is played of it."""
        self._pictures: list[QPixmap] = []
        self._discs = Discs()
        self._panel = QColor()
        self._scene: Scene | None = None

    def show_runs(self, runs: Mapping[int, SurfaceRun], theme: Theme) -> None:
        self._runs, self._panel = runs, QColor(theme.panel)
        colors = [racer_color(index, run.optimizer.color, theme) for index, run in runs.items()]
        self._played = [Thread(run, color) for run, color in zip(runs.values(), colors, strict=True)]
        self._whole = [Thread(run, color) for run, color in zip(runs.values(), colors, strict=True)]
        self._sketched = [
            (Thread(run, color, SKETCHY), Thread(run, color, SKETCHY))
            for run, color in zip(runs.values(), colors, strict=True)
        ]
        self._scene = None

    def sketch(self, painter: QPainter, terrain: Terrain, scene: Scene, step: int) -> None:
        """Draw the paths as plain lines, for as long as the block turns: coarser, faint all the way where they are not
        played to their ends, and nothing of them where they are hidden."""
        for whole, played in self._sketched:
            count = whole.run.count
            rows = min(step + 1, count)
            for thread, shown, opacity in ((whole, count if rows < count else 0, FAINT), (played, rows, 1.0)):
                if shown < 2:
                    continue
                thread.drawn, thread.last = 1, 0
                begin, end, _stops = thread.pieces(shown, terrain, scene.camera.scale)
                lines = np.hstack([scene.camera.project(begin), scene.camera.project(end)])
                seen = np.all((lines > -30) & (lines < 16_000), axis=1) & scene.sees(begin)
                painter.setOpacity(opacity)
                lines = lines[seen]
                draw_lines(painter, lines[distinct(lines)], thread.color, WIDTH)
        painter.setOpacity(1.0)

    def draw(self, painter: QPainter, terrain: Terrain, scene: Scene, size: QSize, ratio: float, step: int) -> None:
        """Bring the pictures up to ``step`` and draw them, in logical pixels."""
        rows = [min(step + 1, thread.run.count) for thread in self._played]
        back = any(count < thread.drawn for thread, count in zip(self._played, rows, strict=True))
        if back or self._scene is not scene:  # a scene belongs to one terrain, size and pixel ratio
            self._clear(size, ratio)
            self._scene = scene
        faint, casing, *layers = self._pictures
        for k, (whole, played, count) in enumerate(zip(self._whole, self._played, rows, strict=True)):
            self._grow(whole, whole.run.count, terrain, scene, ratio, [(faint, whole.color, 0.0)], everything=True)
            if whole.kept and whole.kept.rows == count and played.drawn == 1:
                played.kept = whole.kept  # all is played: the same pieces
            inks = [(casing, self._panel, CASING), (layers[k % LAYERS], played.color, 0.0)]
            self._grow(played, count, terrain, scene, ratio, inks, everything=False)
        painter.setOpacity(FAINT)
        painter.drawPixmap(0, 0, faint)
        painter.setOpacity(0.8)
        painter.drawPixmap(0, 0, casing)
        painter.setOpacity(1.0)
        for layer in layers:
            painter.drawPixmap(0, 0, layer)

    def _clear(self, size: QSize, ratio: float) -> None:
        count = 2 + min(LAYERS, len(self._runs))
        pixels = size * ratio
        if len(self._pictures) != count or self._pictures[0].size() != pixels:
            self._pictures = [QPixmap(pixels) for _k in range(count)]
        for picture in self._pictures:
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
        for thread in (*self._played, *self._whole):
            thread.drawn, thread.last = 1, 0

    def _grow(
        self,
        thread: Thread,
        rows: int,
        terrain: Terrain,
        scene: Scene,
        ratio: float,
        inks: list[tuple[QPixmap, QColor, float]],
        everything: bool,
    ) -> None:
        """Draw a path up to so many rows, in each of the inks (picture, colour, how much wider); what is hidden
        only if ``everything`` is to be seen."""
        if rows <= thread.drawn:
            return
        begin, end, stops = thread.pieces(rows, terrain, scene.camera.scale)
        lines = np.hstack([scene.camera.project(begin), scene.camera.project(end)])
        shown = np.all((lines > -30) & (lines < 16_000), axis=1) & np.any(lines[:, :2] != lines[:, 2:], axis=1)
        if not everything:
            shown &= scene.sees(begin) & scene.sees(end)
        if not everything:
            stops = stops[scene.sees(stops)]
        dots = scene.camera.project(stops)
        lines = lines[shown]
        lines = lines[distinct(lines)]
        for picture, color, wider in inks:
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if len(lines):
                draw_lines(painter, lengthened(lines), color, WIDTH + 2 * wider)
                if not wider:  # a casing's own joints are not seen
                    self._discs.draw(painter, lines[:, 2:], color, WIDTH, ratio)
            self._discs.draw(painter, dots, color, DOT + 2 * wider, ratio)
            painter.end()


def draped(terrain: Terrain, corners: Array, piece: float) -> tuple[Array, Array]:
    """The lines from corner to corner (n, 2), in cells of the grid, as far as they lie on the block, cut into pieces
    at most ``piece`` long: where each begins and ends."""
    rows, columns = terrain.z.shape
    lines = clip(corners[:-1], corners[1:], Frame(columns - 1, rows - 1, 0, 0, 1, 1), margin=0)
    begin, way = lines[:, :2], lines[:, 2:] - lines[:, :2]
    count = np.ceil(np.hypot(*way.T) / piece).clip(1, 4096).astype(np.int64)
    which = np.repeat(np.arange(len(lines)), count)
    number = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    share = np.stack([number, number + 1]) / count[which]
    first, last = (begin[which] + way[which] * part[:, None] for part in share)
    return first, last
