"""The surface as a relief that can be turned, with the racers' paths on it: the plan view, seen from the side."""

import math
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
from momentum_gui.gui.relief import HEIGHT, PLINTH, Camera, Paint, Part, Scene, Terrain, half_sides, render, shaded
from momentum_gui.gui.relief_paths import FAINT, ReliefPaths
from momentum_gui.gui.style import SPACE, Look, blend, racer_color, racer_marker
from momentum_gui.gui.ticks import linear_texts, linear_ticks, number_text, round_heights
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
        self._terrain: Terrain | None = None
        self._rings: tuple[Array, NDArray[np.int32]] = np.empty((0, 3)), np.empty(0, np.int32)
        self._colors: Paint | None = None
        self._scene: Scene | None = None
        self._ground = QPixmap()
        self._paths = ReliefPaths()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._refine)
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
        return not self._rest.isActive()

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

    def _stir(self, terrain: bool = False) -> None:
        """Something moved: draw it quickly now and finely when it rests."""
        self._fine = False
        self._scene = None
        if terrain:
            self._terrain = None
        self._rest.start()
        self.update()

    @Slot()
    def _refine(self) -> None:
        self._fine = True
        self._scene = None
        if self._terrain is not None and max(self._terrain.z.shape) < FINE:
            self._terrain = None
        self.update()

    def _made(self) -> Terrain:
        """The terrain, made if it has to be."""
        if self._terrain is None:
            assert self._surface is not None
            self._terrain = Terrain.of(self._surface, self._levels, self._part, FINE if self._fine else QUICK)
            self._rings = self._level_lines(self._terrain)
            self._colors = None
            self._explain()
        return self._terrain

    def _level_lines(self, terrain: Terrain) -> tuple[Array, NDArray[np.int32]]:
        """The level lines as points (n, 3) of the block, and whether each is joined to the next."""
        heights, _shares = self._levels.bands(terrain.lowest, terrain.highest)
        stride = 2 if self._fine else 1
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
        ratio = self.devicePixelRatioF()
        if self._scene is None or self._ground.size() != self.size() * ratio:
            self._draw_ground(ratio)
        assert self._scene is not None
        assert self._terrain is not None
        painter.drawPixmap(0, 0, self._ground)
        self._paths.draw(painter, self._terrain, self._scene, self.size(), ratio, self._step, self._fine)
        self._draw_places(painter, self._terrain, self._scene)

    def _draw_ground(self, ratio: float) -> None:
        """Paint all that stays while the playhead moves: the block, its level lines and its axes."""
        terrain, camera = self._made(), self._camera()
        if self._colors is None:
            self._colors = self._paint(terrain)
        paint = self._colors
        finer = ratio * (FINE_PIXELS if self._fine else QUICK_PIXELS)
        width, height = math.ceil(self.width() * finer), math.ceil(self.height() * finer)
        scene = render(terrain, camera.finer(finer), paint, width, height, smooth=self._fine)
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
        self._draw_axes(painter, terrain, camera)
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
        front, left, right, _back = self._corners(terrain, camera)
        feet = camera.project(np.stack([left, front, right]) * (1, 1, 0) - (0, 0, PLINTH))
        tops = camera.project(np.stack([left, front, right]))
        for foot, top in zip(feet, tops, strict=True):
            painter.drawLine(QPointF(*foot), QPointF(*top))
        for one, other in ((feet[0], feet[1]), (feet[1], feet[2])):
            painter.drawLine(QPointF(*one), QPointF(*other))

    def _corners(self, terrain: Terrain, camera: Camera) -> tuple[Array, Array, Array, Array]:
        """The front, left, right and back corner of the block's surface, (3,) each."""
        rows, columns = terrain.z.shape
        cells = np.array([(0, 0), (columns - 1, 0), (columns - 1, rows - 1), (0, rows - 1)], float)
        corners = terrain.raised(cells)
        _right, back = camera.turned(corners)
        front = int(back.argmin())
        # Counter-clockwise around the block, seen from above: to the right of the front comes the next corner.
        return corners[front], corners[front - 1], corners[(front + 1) % 4], corners[front - 2]

    def _draw_axes(self, painter: QPainter, terrain: Terrain, camera: Camera) -> None:
        front, left, right, _back = self._corners(terrain, camera)
        look = self._look
        painter.setFont(look.font(0.9))
        for corner in (left, right):
            along = int(abs(corner[1] - front[1]) > abs(corner[0] - front[0]))
            self._draw_side_axis(painter, camera, front, corner, along)
        self._draw_height_axis(painter, terrain, camera, left)

    def _draw_side_axis(self, painter: QPainter, camera: Camera, front: Array, corner: Array, along: int) -> None:
        """Ticks along the foot of the block from the ``front`` corner to another one: x (along 0) or y (1)."""
        ends = np.stack([front, corner]) * (1, 1, 0) - (0, 0, PLINTH)
        pixels = camera.project(ends)
        length = math.dist(*pixels)
        if length < 60:
            return
        outward = ends[0].copy()
        outward[along] = 0.0
        out = camera.project(np.stack([np.zeros(3), outward]))
        direction = (out[1] - out[0]) / max(1e-9, math.dist(*out))
        # Never flat: a label must clear the foot of the block.
        direction = np.array([direction[0], max(direction[1], 0.35)])
        direction /= math.hypot(*direction)
        low, high = self._part[2 * along], self._part[2 * along + 1]
        half = half_sides(self._part)[along]
        metrics = QFontMetricsF(painter.font())
        ticks = linear_ticks(low, high, max(2, int(length / (5 * metrics.averageCharWidth() + 36))))
        shares = [(tick - low) / (high - low) for tick in ticks]
        line, text = QPen(QColor(self._look.theme.muted), 1.0), QColor(self._look.theme.muted)
        reach = metrics.height() * 0.5 + 9
        for share, label in zip(shares, linear_texts(ticks), strict=True):
            if not 0.05 < share < 0.95:
                continue
            place = ends[0].copy()
            place[along] = (2 * share - 1) * half
            foot = camera.project(place[None])[0]
            painter.setPen(line)
            painter.drawLine(QPointF(*foot), QPointF(*(foot + 4 * direction)))
            painter.setPen(text)
            wide = metrics.horizontalAdvance(label) / 2
            _draw_text(painter, foot + (reach + wide * abs(direction[0])) * direction, label)
        font = self._look.font(0.95)
        font.setItalic(True)
        painter.save()
        painter.setFont(font)
        painter.setPen(QColor(self._look.theme.text))
        middle = pixels.mean(axis=0) + 2.5 * reach * direction * (1 + 0.45 * abs(direction[0]))
        _draw_text(painter, middle, "xy"[along])
        painter.restore()

    def _draw_height_axis(self, painter: QPainter, terrain: Terrain, camera: Camera, corner: Array) -> None:
        """Heights beside the left corner: as many round ones as there is room for, from the lowest up."""
        post = np.array([(*corner[:2], 0.0), (*corner[:2], HEIGHT)])
        foot, top = camera.project(post)
        theme, metrics = self._look.theme, QFontMetricsF(painter.font())
        shift = np.array([-6.0, 0.0])
        painter.setPen(QPen(QColor(theme.line), 1.0))
        painter.drawLine(QPointF(*(foot + shift)), QPointF(*(top + shift)))
        if foot[1] - top[1] < 1.5 * metrics.height():
            return
        used = math.inf
        for value in round_heights(terrain.lowest, terrain.highest):
            z = float(terrain.heights.z(np.array([value]))[0])
            place = camera.project(np.array([(*corner[:2], z)]))[0] + shift
            if used - place[1] < 1.35 * metrics.height():
                continue
            used = place[1]
            label = number_text(value, 3)
            painter.setPen(QPen(QColor(theme.muted), 1.0))
            painter.drawLine(QPointF(*place), QPointF(place[0] - 4, place[1]))
            painter.setPen(QColor(theme.muted))
            _draw_text(painter, place - (8 + metrics.horizontalAdvance(label) / 2, 0), label)
        font = self._look.font(0.95)
        font.setItalic(True)
        painter.setPen(QColor(theme.text))
        painter.setFont(font)
        _draw_text(painter, top + shift - (0, 0.75 * metrics.height()), "f")
        if terrain.heights.compressed:
            painter.setFont(self._look.font(0.85))
            painter.setPen(QColor(theme.muted))
            corner_ = QRectF(self.rect()).adjusted(SPACE, SPACE / 2, -SPACE, -SPACE / 2)
            painter.drawText(corner_, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, _("heights compressed"))

    def _draw_places(self, painter: QPainter, terrain: Terrain, scene: Scene) -> None:
        """The minima, the start and the racers' markers; faint where the block hides them."""
        look, theme = self._look, self._look.theme
        outline = QColor(theme.panel)
        shape = star(8.0 * look.scale)
        assert self._surface is not None
        for pixel in self._found(painter, terrain, scene, self._surface.minima):
            painter.setPen(QPen(outline, 1.5))
            painter.setBrush(QColor(theme.text))
            painter.drawPath(shape.translated(pixel))
        for pixel in self._found(painter, terrain, scene, [self._start]):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, width in ((outline, 4.5), (QColor(theme.text), 2.0)):
                painter.setPen(QPen(color, width))
                painter.drawEllipse(pixel, RING * look.scale, RING * look.scale)
        size = MARKER * look.scale
        for index, run in self._simulation.runs.items():
            if not run.count:  # it could not even start
                continue
            row = min(self._step, run.count - 1)
            for pixel in self._found(painter, terrain, scene, [tuple(run.path[row])]):
                painter.setPen(QPen(outline, 1.5 * look.scale))
                painter.setBrush(racer_color(index, run.optimizer.color, theme))
                shape = QTransform.fromScale(size, size).map(Symbols[racer_marker(index)])
                painter.drawPath(shape.translated(pixel))
        painter.setOpacity(1.0)

    def _found(self, painter: QPainter, terrain: Terrain, scene: Scene, places: Any) -> Any:
        """The pixels of those of ``places`` that lie on the block; the painter's opacity is right for each."""
        if not len(places):
            return
        cells = terrain.cells(np.array(places, float))
        points = terrain.raised(cells)
        pixels = scene.camera.project(points)
        for held, seen, pixel in zip(terrain.holds(cells), scene.sees(points), pixels, strict=True):
            if held:
                painter.setOpacity(1.0 if seen else FAINT)
                yield QPointF(*pixel)

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


def _draw_text(painter: QPainter, middle: Array, text: str) -> None:
    box = QRectF(middle[0] - 100, middle[1] - 50, 200, 100)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
