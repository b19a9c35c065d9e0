"""The surface as a relief that can be turned, with the racers' paths on it: the plan view, seen from the side."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import contourpy
import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from momentum_gui.core.params import Array
from momentum_gui.core.surfaces import Surface
from momentum_gui.gui.contours import Levels
from momentum_gui.gui.markers import star
from momentum_gui.gui.relief import (
    PLINTH,
    Camera,
    Paint,
    Part,
    Scene,
    Terrain,
    half_sides,
    render,
    rendered,
    shaded,
)
from momentum_gui.gui.relief_axes import corners, draw_axes
from momentum_gui.gui.relief_paths import FAINT, ReliefPaths
from momentum_gui.gui.style import SPACE, Look, blend, racer_color, racer_marker
from momentum_gui.gui.trails import MARKER
from momentum_gui.i18n import _

AZIMUTH, ELEVATION = 28.0, 48.0
LOWEST, HIGHEST = 10.0, 85.0
"""The range of the elevation, in degrees."""
TURN = 0.4
"""Degrees a pixel."""
TURN_BY_KEY = 5.0
CLOSEST, WIDEST = 6.0, 0.5
"""The range of the zoom."""
REST = 180
"""Milliseconds after which a picture that rests is drawn finely."""
PATIENCE = 0.005
"""Seconds of drawing finely after which the window may breathe."""
QUICK, FINE = 160, 448
"""Samples along the longer side of the block while something moves, and at rest."""
QUICK_PIXELS, FINE_PIXELS = 0.5, 1.5
"""Pixels of the rendered picture for each of the screen, while something moves and at rest."""
RING = 8.0
"""Radius of the ring around the start."""


class ReliefView(QWidget):
    """The part of the plane that the plan view shows, as a block. Drag to turn, wheel to zoom, double-click to reset.

    It renders coarsely while something moves and finely once it rests; what does not change is kept as a picture.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._surface: Surface | None = None
        self._levels = Levels(0.0, 1.0, 1.0)
        self._part = Part(-1.0, 1.0, -1.0, 1.0)
        self._simulation: Any = None
        self._start = (0.0, 0.0)
        self._step = 0
        self.azimuth, self.elevation, self.zoom = AZIMUTH, ELEVATION, 1.0
        self._held: QPointF | None = None
        self._fine = False
        """Whether the block is drawn finely."""
        self._detailed = False
        """Whether the paths are more than a sketch."""
        self._terrain: Terrain | None = None
        self._rings: tuple[Array, NDArray[np.int32]] = np.empty((0, 3)), np.empty(0, np.int32)
        self._colors: Paint | None = None
        self._scene: Scene | None = None
        self._ground = QPixmap()
        self._ratio: float | None = None
        """Device pixels of a logical one, where it is not painted for the screen."""
        self._paths = ReliefPaths()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._refine)
        self._refining: Iterator[None] | None = None
        self._breath = QTimer(self)
        self._breath.setSingleShot(True)
        self._breath.timeout.connect(self._go_on)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("Relief of the surface with the racers' paths"))
        look.changed.connect(self.restyle)

    # ---- what it shows

    def show_simulation(self, simulation: Any) -> None:
        """Show a simulation of surface runs."""
        experiment = simulation.experiment
        self._simulation = simulation
        self._start = experiment.start_point
        if experiment.objective != self._surface:
            self._surface = experiment.objective
            self._levels = Levels.of(self._surface)
            self._stir(terrain=True)
        self._paths.show_runs(simulation.runs, self._look.theme)
        self._detailed, self._refining = False, None  # others may follow soon, as while the start is dragged
        self._rest.start()
        self._explain()
        self.update()

    def show_step(self, step: int) -> None:
        """Move the playhead to ``step``."""
        self._step = step
        self.update()

    def show_part(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
        """Show this part of the plane."""
        part = Part(*map(float, (*x_range, *y_range)))
        if part != self._part:
            self._part = part
            self._stir(terrain=True)

    @property
    def part(self) -> Part:
        """The part of the plane that is shown."""
        return self._part

    @property
    def settled(self) -> bool:
        """Whether the picture is as fine as it gets."""
        return not self._rest.isActive() and self._refining is None

    @Slot()
    def reset(self) -> None:
        """Look from where one looks at first."""
        self.look_from(AZIMUTH, ELEVATION, 1.0)

    def look_from(self, azimuth: float, elevation: float, zoom: float) -> None:
        """Turn and zoom."""
        self.azimuth = azimuth % 360
        self.elevation = min(HIGHEST, max(LOWEST, elevation))
        self.zoom = min(CLOSEST, max(WIDEST, zoom))
        self._stir()

    @Slot()
    def restyle(self) -> None:
        if self._simulation is not None:
            self._paths.show_runs(self._simulation.runs, self._look.theme)
        self._explain()
        self._colors = None
        self._stir()

    def pixel(self, x: float, y: float) -> QPointF:
        """Where the point (x, y) of the plane is seen, if it lies in the part shown."""
        terrain = self._made()
        place = self._camera().project(terrain.raised(terrain.cells(np.array([[x, y]], float))))[0]
        return QPointF(*place)

    def _explain(self) -> None:
        lines = [_("The part of the plane that the plan shows, seen from the side.")]
        if self._terrain is not None and self._terrain.heights.compressed:
            lines.append(_("High places are drawn lower than they are, so that the valley keeps its shape."))
        lines.append(_("Drag or use the arrow keys to turn it, the wheel to zoom, a double click to reset."))
        self.setToolTip("\n".join(lines))

    # ---- coarse and fine

    @contextmanager
    def as_fine_as(self, ratio: float) -> Iterator[None]:
        """While this lasts it is as fine as it gets, for a device of so many pixels for each logical one."""
        if self._surface is None:
            yield
            return
        self._fine, self._ratio = False, ratio
        for _part in self._refined():
            pass
        try:
            yield
        finally:
            self._ratio = None
            self._stir()

    def _stir(self, terrain: bool = False) -> None:
        """Something moved: draw it quickly now and finely when it rests."""
        self._fine = self._detailed = False
        self._scene = self._refining = None
        if terrain:
            self._terrain = None
        self._rest.start()
        self.update()

    @Slot()
    def _refine(self) -> None:
        """Begin to draw finely; until that is done, all goes on with the quick picture."""
        if self._surface is not None:
            self._refining = self._refined()
            self._breath.start()

    @Slot()
    def _go_on(self) -> None:
        """Draw finely for a while."""
        until = time.perf_counter() + PATIENCE
        if self.size().isEmpty():  # it was put away meanwhile
            self._refining = None
        if self._refining is None:
            return
        for _part in self._refining:
            if time.perf_counter() > until:
                self._breath.start()
                return
        self._refining = None

    def _refined(self) -> Iterator[None]:
        """Draw the block finely, then its paths, bit by bit."""
        if not self._fine:
            yield from self._refined_ground()
            self.update()
            yield
        self._detailed = True
        self.update()

    def _refined_ground(self) -> Iterator[None]:
        assert self._surface is not None
        terrain, rings, paint = self._terrain, self._rings, self._colors
        if terrain is None or max(terrain.z.shape) < FINE:
            terrain = Terrain.of(self._surface, self._levels, self._part, FINE)
            yield
            rings, paint = self._level_lines(terrain, 2), None
            yield
        paint = paint or self._paint(terrain)
        ratio = self._ratio or self.devicePixelRatioF()
        finer, width, height = self._pixels(ratio, FINE_PIXELS)
        strips = rendered(terrain, self._camera().finer(finer), paint, width, height, smooth=True)
        scene = next(strips)
        for _strip in strips:
            yield
        self._terrain, self._rings, self._colors, self._fine = terrain, rings, paint, True
        self._draw_ground(scene, finer, ratio)

    def _made(self) -> Terrain:
        """The terrain, made if it has to be."""
        if self._terrain is None:
            assert self._surface is not None
            self._terrain = Terrain.of(self._surface, self._levels, self._part, QUICK)
            self._rings = self._level_lines(self._terrain, 1)
            self._colors = None
            self._explain()
        return self._terrain

    def _level_lines(self, terrain: Terrain, stride: int) -> tuple[Array, NDArray[np.int32]]:
        """The level lines as points (n, 3) of the block, and whether each is joined to the next; through each
        ``stride``-th sample."""
        heights, _shares = self._levels.bands(terrain.lowest, terrain.highest)
        generator: Any = contourpy.contour_generator(z=terrain.z[::stride, ::stride], name="serial")
        points, joined = [np.empty((0, 3))], [np.empty(0, np.int32)]
        for z in terrain.heights.z(np.array(heights)):
            for line in generator.lines(float(z)):
                place = terrain.raised(line * stride)
                place[:, 2] = z
                points.append(place)
                joined.append(np.append(np.ones(len(line) - 1, np.int32), 0))
        return np.concatenate(points), np.concatenate(joined).astype(np.int32)

    def _area(self) -> tuple[float, float, float, float]:
        """Where the block has room: what the axes leave."""
        metrics = QFontMetricsF(self._look.font(0.9))
        side, line = metrics.horizontalAdvance("−0000") + SPACE, metrics.height()
        left, top, bottom = side + SPACE, line + SPACE, 2.4 * line
        return left, top, max(20.0, self.width() - left - side), max(20.0, self.height() - top - bottom)

    def _camera(self) -> Camera:
        halves = half_sides(self._part)
        return Camera.fitting(halves, self.azimuth, self.elevation, self._area()).zoomed(self.zoom)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._look.theme.panel))
        if self._surface is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ratio = self._ratio or self.devicePixelRatioF()
        if self._scene is None or self._ground.size() != self.size() * ratio:
            self._draw_quick_ground(ratio)
        assert self._scene is not None
        assert self._terrain is not None
        painter.drawPixmap(0, 0, self._ground)
        if self._detailed:
            self._paths.draw(painter, self._terrain, self._scene, self.size(), ratio, self._step)
        else:
            self._paths.sketch(painter, self._terrain, self._scene, self._step)
        self._draw_places(painter, self._terrain, self._scene)

    def _pixels(self, ratio: float, share: float) -> tuple[float, int, int]:
        """How many pixels of the rendered picture there are for one of the widget, ``share`` for one of the screen;
        and its width and height."""
        finer = ratio * share
        return finer, math.ceil(self.width() * finer), math.ceil(self.height() * finer)

    def _draw_quick_ground(self, ratio: float) -> None:
        terrain = self._made()
        if self._colors is None:
            self._colors = self._paint(terrain)
        finer, width, height = self._pixels(ratio, QUICK_PIXELS)
        scene = render(terrain, self._camera().finer(finer), self._colors, width, height, smooth=False)
        self._draw_ground(scene, finer, ratio)

    def _draw_ground(self, scene: Scene, finer: float, ratio: float) -> None:
        """Paint all that stays while the playhead moves: the block as rendered, its level lines and its axes."""
        terrain, camera = self._made(), self._camera()
        height, width = scene.pixels.shape
        image = QImage(scene.pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        # The scene answers what hides what in logical pixels.
        self._scene = scene.coarser(finer)
        self._ground = QPixmap(self.size() * ratio)
        self._ground.setDevicePixelRatio(ratio)
        self._ground.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._ground)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, width / finer, height / finer), image)
        theme = self._look.theme
        self._draw_line(painter, *self._rings, QPen(QColor(theme.level_line), 1.0))
        self._draw_edges(painter, terrain, camera)
        draw_axes(painter, self._look, terrain, camera, QRectF(self.rect()))
        painter.end()

    def _paint(self, terrain: Terrain) -> Paint:
        theme = self._look.theme
        heights, shares = self._levels.bands(terrain.lowest, terrain.highest)
        ramp = blend(theme.ramp, 256)
        bands = [(color.red(), color.green(), color.blue()) for color in (ramp[min(255, int(s * 256))] for s in shares)]
        shadow = (6, 9, 14) if theme.dark else (52, 72, 102)
        table = shaded(bands, shadow, 0.85 if theme.dark else 0.72, 0.16 if theme.dark else 0.5)
        return Paint(terrain.heights.z(np.array(heights)), table)

    def _draw_line(self, painter: QPainter, points: Array, joined: NDArray[np.int32], pen: QPen) -> None:
        """Draw what is seen of lines through ``points`` (n, 3); ``joined`` says which are joined to the next."""
        if not len(points):
            return
        assert self._scene is not None
        seen = self._scene.sees(points)
        joined = joined.copy()
        joined[:-1] &= seen[:-1] & seen[1:]
        pixels = self._scene.camera.project(points)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(pg.arrayToQPath(*pixels.T, joined, finiteCheck=False))

    def _draw_edges(self, painter: QPainter, terrain: Terrain, camera: Camera) -> None:
        """The rim of the block, and the edges of the walls that are seen."""
        rows, columns = terrain.z.shape
        across, up = np.arange(columns, dtype=float), np.arange(rows, dtype=float)
        rims = [
            terrain.raised(np.stack(np.broadcast_arrays(x, y), axis=1))
            for x, y in ((across, 0.0), (across, rows - 1.0), (0.0, up), (columns - 1.0, up))
        ]
        joined = np.concatenate([np.append(np.ones(len(rim) - 1, np.int32), 0) for rim in rims]).astype(np.int32)
        color = QColor(self._look.theme.muted)
        color.setAlphaF(0.7)
        self._draw_line(painter, np.concatenate(rims), joined, QPen(color, 1.0))
        front, left, right, _back = corners(terrain, camera)
        feet = camera.project(np.stack([left, front, right]) * (1, 1, 0) - (0, 0, PLINTH))
        tops = camera.project(np.stack([left, front, right]))
        for foot, top in zip(feet, tops, strict=True):
            painter.drawLine(QPointF(*foot), QPointF(*top))
        for one, other in ((feet[0], feet[1]), (feet[1], feet[2])):
            painter.drawLine(QPointF(*one), QPointF(*other))

    def _draw_places(self, painter: QPainter, terrain: Terrain, scene: Scene) -> None:
        """The minima, the start and the racers' markers; faint where the block hides them."""
        look, theme = self._look, self._look.theme
        outline = QColor(theme.panel)
        shape = star(8.0 * look.scale)
        assert self._surface is not None
        runs = {index: run for index, run in self._simulation.runs.items() if run.count}  # some can't even start
        racers = [tuple(run.path[min(self._step, run.count - 1)]) for run in runs.values()]
        minima = self._surface.minima
        cells = terrain.cells(np.array([*minima, self._start, *racers], float))
        points = terrain.raised(cells)
        pixels = [QPointF(*pixel) for pixel in scene.camera.project(points)]
        held, seen = terrain.holds(cells), scene.sees(points)

        def lies(place: int) -> bool:
            """Whether the place lies on the block; the painter's opacity is right for it."""
            painter.setOpacity(1.0 if seen[place] else FAINT)
            return bool(held[place])

        painter.setPen(QPen(outline, 1.5))
        painter.setBrush(QColor(theme.text))
        for place in range(len(minima)):
            if lies(place):
                painter.drawPath(shape.translated(pixels[place]))
        if lies(len(minima)):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, width in ((outline, 4.5), (QColor(theme.text), 2.0)):
                painter.setPen(QPen(color, width))
                painter.drawEllipse(pixels[len(minima)], RING * look.scale, RING * look.scale)
        size = MARKER * look.scale
        for place, (index, run) in enumerate(runs.items(), len(minima) + 1):
            if lies(place):
                painter.setPen(QPen(outline, 1.5 * look.scale))
                painter.setBrush(racer_color(index, run.optimizer.color, theme))
                shape = QTransform.fromScale(size, size).map(Symbols[racer_marker(index)])
                painter.drawPath(shape.translated(pixels[place]))
        painter.setOpacity(1.0)

    # ---- mouse and keys

    def sizeHint(self) -> QSize:
        return QSize(60 * SPACE, 50 * SPACE)

    def minimumSizeHint(self) -> QSize:
        return QSize(24 * SPACE, 20 * SPACE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stir()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            way = event.position() - self._held
            self._held = event.position()
            self.look_from(self.azimuth - TURN * way.x(), self.elevation + TURN * way.y(), self.zoom)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.look_from(self.azimuth, self.elevation, self.zoom * 1.0015 ** event.angleDelta().y())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """While it has the focus, the arrows turn the block and move no playhead."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._turn_of(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        turn = self._turn_of(event)
        if turn is None:
            super().keyPressEvent(event)
        else:
            self.look_from(self.azimuth + turn[0], self.elevation + turn[1], self.zoom)

    def _turn_of(self, event: QKeyEvent) -> tuple[float, float] | None:
        keys = {
            Qt.Key.Key_Left: (TURN_BY_KEY, 0.0),
            Qt.Key.Key_Right: (-TURN_BY_KEY, 0.0),
            Qt.Key.Key_Up: (0.0, TURN_BY_KEY),
            Qt.Key.Key_Down: (0.0, -TURN_BY_KEY),
        }
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        return keys.get(Qt.Key(event.key())) if plain else None
