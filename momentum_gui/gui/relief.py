"""A surface as a solid block seen from the side: its heights, the camera, and what hides what. NumPy only.

The camera is orthographic, so every column of the picture shows one straight line of the plane. Walked along from
front to back, a point is seen where it rises above all before it: the floating horizon (Wright 1973), here for all
columns at once.

Coordinates of the block: x and y from -1 to 1 on its longer side, equally scaled; z from 0, the lowest height that
is seen, to ``HEIGHT``.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from momentum_gui.core.params import Array
from momentum_gui.core.surfaces import Surface
from momentum_gui.gui.contours import HUGE, Levels, sample

Floats = NDArray[np.floating]
"""Heights and slopes are kept and drawn in single precision: half the memory to walk through for each picture."""

HEIGHT = 0.54
PLINTH = 0.07
"""How far the block goes on below its lowest point."""
MIDDLE = 0.3
"""Where the median height of the surface's domain comes to lie, as a share of its highest; or lower, uncompressed."""
LIGHT = 0.9
"""The light falls from the left, from the front and from above: as a share of it, how much slopes count."""
SHADES = 64
"""Between full light and full shadow."""
FINE = 4096
"""So many heights are told apart where a pixel's band is looked up."""
STRIP = 128
"""Columns of a picture that are rendered at once: what they need fits the processor's cache."""

BEHIND = 30_000
WALL = -1
BELOW = -2
"""What a pixel shows instead of a sample: the ground behind the block, its wall, the ground below it."""


class Part(NamedTuple):
    """A rectangle of the plane."""

    left: float
    right: float
    bottom: float
    top: float


class Heights(NamedTuple):
    """How heights become z: ``((f - floor) ** power - low) / span * HEIGHT``, from 0 to ``HEIGHT``."""

    floor: float
    power: float
    low: float
    span: float

    @classmethod
    def of(cls, levels: Levels, lowest: float, highest: float) -> "Heights":
        """Those that show ``lowest`` to ``highest`` whole, compressed as much as the level lines' places ask for."""
        floor = min(levels.floor, lowest)
        power = min(1.0, levels.power * math.log(MIDDLE) / math.log(0.5))
        low, high = (max(0.0, height - floor) ** power for height in (lowest, highest))
        return cls(floor, power, low, max(high - low, 1e-300))

    @property
    def compressed(self) -> bool:
        return self.power < 1.0

    def z(self, heights: Array) -> Array:
        """The z of ``heights``."""
        raised = np.maximum(heights - self.floor, 0.0) ** self.power
        return np.clip((raised - self.low) / self.span, 0.0, 1.0) * HEIGHT


@dataclass(frozen=True)
class Terrain:
    """The block over ``part`` of the plane: z on a grid (rows, columns), rows from the bottom, and the
    normals (3, rows x columns) of its surface."""

    part: Part
    heights: Heights
    lowest: float
    highest: float
    z: Floats
    normals: Floats

    @classmethod
    def of(cls, surface: Surface, levels: Levels, part: Part, size: int) -> "Terrain":
        """``surface`` over ``part``, ``size`` samples along its longer side."""
        x_half, y_half = half_sides(part)
        columns, rows = max(9, round(size * x_half)), max(9, round(size * y_half))
        x, y = np.meshgrid(np.linspace(part.left, part.right, columns), np.linspace(part.bottom, part.top, rows))
        values = sample(surface, x, y)
        # Where the surface has no number it is as high as its highest: a mesa, not a needle that flattens the rest.
        known = values[np.abs(values) < HUGE]
        lowest, highest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        heights = Heights.of(levels, lowest, highest)
        z = heights.z(values.clip(lowest, highest)).astype(np.float32)
        y_slope, x_slope = np.gradient(z, 2 * y_half / (rows - 1), 2 * x_half / (columns - 1))
        upright = 1 / np.sqrt(1 + x_slope * x_slope + y_slope * y_slope)
        normals = np.stack([-x_slope * upright, -y_slope * upright, upright]).reshape(3, -1).astype(np.float32)
        return cls(part, heights, lowest, highest, z, normals)

    @property
    def halves(self) -> tuple[float, float]:
        """Half of the block's sides along x and y."""
        return half_sides(self.part)

    def cells(self, points: Array) -> Array:
        """``points`` (n, 2) of the plane as (column, row) of the grid, broken."""
        part, (rows, columns) = self.part, self.z.shape
        scale = (columns - 1) / (part.right - part.left), (rows - 1) / (part.top - part.bottom)
        return (points - (part.left, part.bottom)) * scale

    def raised(self, cells: Array) -> Array:
        """Where (column, row) of the grid, ``cells`` (n, 2), lie on the block: (n, 3)."""
        rows, columns = self.z.shape
        x_half, y_half = self.halves
        x = (2 * cells[:, 0] / (columns - 1) - 1) * x_half
        y = (2 * cells[:, 1] / (rows - 1) - 1) * y_half
        return np.stack([x, y, between(self.z, cells[:, 0], cells[:, 1])], axis=1)

    def holds(self, cells: Array) -> NDArray[np.bool_]:
        """Which of ``cells`` (n, 2) lie on the block."""
        rows, columns = self.z.shape
        return np.all((cells >= 0) & (cells <= (columns - 1, rows - 1)), axis=1)


def half_sides(part: Part) -> tuple[float, float]:
    """Half of the sides along x and y of a block over ``part``."""
    width, height = part.right - part.left, part.top - part.bottom
    longer = max(width, height)
    return width / longer, height / longer


def between(grid: Floats, column: Floats, row: Floats) -> Floats:
    """``grid`` at broken columns and rows, bilinear; at its border where they lie outside."""
    rows, columns = grid.shape
    column, row = column.clip(0, columns - 1.001), row.clip(0, rows - 1.001)
    left, low = column.astype(np.int32), row.astype(np.int32)
    right, up = column - left, row - low
    corner = low * columns + left
    flat = grid.ravel()
    lower = flat.take(corner) * (1 - right) + flat.take(corner + 1) * right
    upper = flat.take(corner + columns) * (1 - right) + flat.take(corner + columns + 1) * right
    return lower * (1 - up) + upper * up


@dataclass(frozen=True)
class Camera:
    """An orthographic view of the block, whose middle is seen at the pixel (x, y); one unit is ``scale`` pixels.

    ``azimuth`` turns the block, seen from above, clockwise; ``elevation`` is 90 where it is seen from above. Degrees.
    """

    azimuth: float
    elevation: float
    scale: float
    x: float
    y: float

    @classmethod
    def fitting(
        cls, halves: tuple[float, float], azimuth: float, elevation: float, area: tuple[float, float, float, float]
    ) -> "Camera":
        """The camera that shows a block as large as the rectangle ``area`` (left, top, width, height) allows."""
        left, top, width, height = area
        plain = cls(azimuth, elevation, 1.0, 0.0, 0.0)
        across, along = plain.extent(halves)
        up = 2 * along * plain.sin + (HEIGHT + PLINTH) * plain.cos
        scale = max(1.0, min(width / (2 * across), height / up))
        return cls(azimuth, elevation, scale, left + width / 2, top + height / 2)

    @property
    def sin(self) -> float:
        return math.sin(math.radians(self.elevation))

    @property
    def cos(self) -> float:
        return math.cos(math.radians(self.elevation))

    def zoomed(self, factor: float) -> "Camera":
        return Camera(self.azimuth, self.elevation, self.scale * factor, self.x, self.y)

    def finer(self, ratio: float) -> "Camera":
        """The same view in a picture with ``ratio`` times the pixels."""
        return Camera(self.azimuth, self.elevation, self.scale * ratio, self.x * ratio, self.y * ratio)

    def extent(self, halves: tuple[float, float]) -> tuple[float, float]:
        """How far a block reaches to the side and to the back of its middle."""
        turn = math.radians(self.azimuth)
        cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
        return halves[0] * cos + halves[1] * sin, halves[0] * sin + halves[1] * cos

    def turned(self, points: Array) -> tuple[Array, Array]:
        """How far ``points`` (n, 2 or 3) of the block lie to the right of its middle, and how far behind it."""
        turn = math.radians(self.azimuth)
        x, y = points[:, 0], points[:, 1]
        return x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)

    def project(self, points: Array) -> Array:
        """The pixels (n, 2) of ``points`` (n, 3) of the block."""
        right, back = self.turned(points)
        up = back * self.sin + (points[:, 2] - (HEIGHT - PLINTH) / 2) * self.cos
        pixels = np.empty((len(points), 2))
        pixels[:, 0] = self.x + self.scale * right
        pixels[:, 1] = self.y - self.scale * up
        return pixels


@dataclass(frozen=True)
class Paint:
    """The colours of a block: ``table`` (bands, SHADES, 3), 0 to 255, of the bands between ``edges`` in z."""

    edges: Array
    table: Array

    @cached_property
    def _bands(self) -> NDArray[np.intp]:
        """The row of the table for each of ``FINE`` equal steps of z."""
        bands: NDArray[np.intp] = np.searchsorted(self.edges, np.arange(FINE) / FINE * HEIGHT)
        return np.asarray(bands * SHADES, np.intp)

    @cached_property
    def _packed(self) -> NDArray[np.uint32]:
        red, green, blue = (self.table[..., k].round().astype(np.uint32) for k in range(3))
        return np.asarray((0xFF000000 | (red << 16) | (green << 8) | blue).ravel(), np.uint32)

    def of(self, z: Floats, light: Floats) -> NDArray[np.uint32]:
        """0xAARRGGBB of the bands at ``z`` in so much light, 0 to 1."""
        step = (z * np.float32(FINE / HEIGHT)).astype(np.int32).clip(0, FINE - 1)
        shade = (light * np.float32(SHADES)).astype(np.int32).clip(0, SHADES - 1)
        return np.asarray(self._packed[self._bands.take(step) + shade], np.uint32)


@dataclass(frozen=True)
class Scene:
    """What a camera sees of a terrain, at the resolution it was asked for.

    ``pixels`` (rows, columns) are 0xAARRGGBB. ``horizon`` (samples, columns) is the upper edge, in pixels from the
    top, of all that lies up to each sample from front to back; ``front`` and ``back`` are where a column's line enters
    and leaves the block. Columns begin at ``first``.
    """

    camera: Camera
    pixels: NDArray[np.uint32]
    horizon: Floats
    front: Floats
    back: Floats
    first: int
    ratio: float = 1.0
    """Columns of the picture to one pixel in which it is asked."""

    def coarser(self, ratio: float) -> "Scene":
        """The same scene asked in pixels that are ``ratio`` times as large."""
        horizon = self.horizon / np.float32(ratio)
        return replace(self, camera=self.camera.finer(1 / ratio), horizon=horizon, ratio=self.ratio * ratio)

    def sees(self, points: Array, tolerance: float = 2.5) -> NDArray[np.bool_]:
        """Which of ``points`` (n, 3) of the block no other part of it hides, give or take so many pixels."""
        samples, columns = self.horizon.shape
        if not columns:
            return np.ones(len(points), bool)
        pixels = self.camera.project(points)
        _right, back = self.camera.turned(points)
        column = (np.floor(pixels[:, 0] * self.ratio).clip(-1e6, 1e6).astype(np.int64) - self.first).clip(
            0, columns - 1
        )
        depth = np.maximum(self.back - self.front, 1e-9)[column]
        before = np.floor((back - self.front[column]) / depth * (samples - 1)).astype(np.int64) - 2
        hidden = self.horizon[before.clip(0, samples - 1), column] < pixels[:, 1] - tolerance
        return (before < 0) | ~hidden


def render(terrain: Terrain, camera: Camera, paint: Paint, width: int, height: int, smooth: bool) -> Scene:
    """The picture, ``width`` x ``height`` pixels, of a terrain; ``smooth`` interpolates between its samples."""
    *_parts, scene = rendered(terrain, camera, paint, width, height, smooth)
    return scene


def rendered(terrain: Terrain, camera: Camera, paint: Paint, width: int, height: int, smooth: bool) -> Iterator[Scene]:
    """The scene of ``render`` again and again, each time with ``STRIP`` more columns of it done; the last is whole.

    No column needs another, so whoever has no time for all goes on with the next ones later.
    """
    across, along = camera.extent(terrain.halves)
    first = max(0, math.ceil(camera.x - across * camera.scale - 0.5))
    end = min(width, math.floor(camera.x + across * camera.scale + 0.5))
    pixels = np.zeros((height, width), np.uint32)
    if end <= first:
        yield Scene(camera, pixels, np.empty((0, 0)), np.empty(0), np.empty(0), 0)
        return
    right = (np.arange(first, end) + 0.5 - camera.x) / camera.scale
    front, back, wall_x = crossing(right, camera, *terrain.halves)
    count = int(min(1600, max(32, 2 * along * camera.scale * max(0.5, camera.sin))))
    horizon = np.empty((count, end - first), np.float32)
    scene = Scene(camera, pixels, horizon, front, back, first)
    for begin in range(0, end - first, STRIP):
        part = slice(begin, min(begin + STRIP, end - first))
        columns = Columns(right[part], front[part], back[part], wall_x[part])
        horizon[:, part], pixels[:, first:end][:, part] = _columns(
            terrain, camera, paint, columns, count, height, smooth
        )
        yield scene


class Columns(NamedTuple):
    """Some columns of a picture: how far right of the block's middle, and where their lines enter and leave it."""

    right: Floats
    front: Floats
    back: Floats
    wall_x: NDArray[np.bool_]
    """Whether they enter by a wall of constant x."""


def _columns(
    terrain: Terrain, camera: Camera, paint: Paint, columns_: Columns, count: int, height: int, smooth: bool
) -> tuple[Floats, NDArray[np.uint32]]:
    """The horizon (count, columns) and the pixels (height, columns) of some columns."""
    right, front, back, wall_x = columns_
    x_half, y_half = terrain.halves
    rows, columns = terrain.z.shape
    share = np.linspace(0, 1, count, dtype=np.float32)[:, None]

    # Every column's line over the grid, from front to back.
    turn = math.radians(camera.azimuth)
    cos, sin = math.cos(turn), math.sin(turn)
    begin = np.stack([right * cos - front * sin, right * sin + front * cos])
    way = np.stack([-(back - front) * sin, (back - front) * cos])
    to_cells = np.array([(columns - 1) / (2 * x_half), (rows - 1) / (2 * y_half)])[:, None]
    begin = ((begin + np.array([[x_half], [y_half]])) * to_cells).astype(np.float32)
    way = (way * to_cells).astype(np.float32)
    column, row = begin[0] + share * way[0], begin[1] + share * way[1]
    np.clip(column, 0, columns - 1, out=column)
    np.clip(row, 0, rows - 1, out=row)
    nearest = (row + np.float32(0.5)).astype(np.int32)
    nearest *= columns
    nearest += (column + np.float32(0.5)).astype(np.int32)
    z = between(terrain.z, column, row).astype(np.float32) if smooth else terrain.z.ravel().take(nearest)

    # Pixels from the top; the horizon rises from front to back.
    middle = (HEIGHT - PLINTH) / 2
    base = camera.y - camera.scale * (front * camera.sin - middle * camera.cos)
    slant = (-camera.scale * camera.sin * (back - front)).astype(np.float32)
    horizon = base.astype(np.float32) + share * slant - z * np.float32(camera.scale * camera.cos)
    np.minimum.accumulate(horizon, axis=0, out=horizon)

    # The sample that each pixel shows: written where the horizon rises past a pixel, and handed on downwards.
    wide = len(right)
    edge = np.ceil(horizon - np.float32(0.5)).clip(0, height).astype(np.int32)
    bottom = np.ceil(base + camera.scale * PLINTH * camera.cos - 0.5).clip(0, height).astype(np.int32)
    everywhere = np.arange(wide, dtype=np.int32)
    shown = np.full((height + 1, wide), BEHIND, np.int16)
    rises = wide + np.flatnonzero(edge[1:] < edge[:-1])
    shown.ravel()[edge.ravel().take(rises) * wide + rises % wide] = rises // wide
    shown[edge[0], everywhere] = WALL  # the first sample has no thickness
    shown[np.maximum(bottom, edge[0]), everywhere] = BELOW
    np.minimum.accumulate(shown, axis=0, out=shown)
    shown = shown[:height]

    # Colours: of its band, in the light that falls upon it. The light comes from the left of the camera.
    picture = np.zeros(height * wide, np.uint32)
    light_x, light_y = -0.85 * cos + 0.3 * sin, -0.85 * sin - 0.3 * cos
    places = np.flatnonzero((shown >= 0) & (shown < BEHIND))
    seen = shown.ravel().take(places).astype(np.int32) * np.int32(wide) + (places % wide).astype(np.int32)
    cell = nearest.ravel().take(seen)
    light = lit([normal.take(cell) for normal in terrain.normals], light_x, light_y)
    picture[places] = paint.of(z.ravel().take(seen), light)
    places = np.flatnonzero(shown == WALL)
    line, place = np.divmod(places, wide)
    wall_z = (base[place] - line - 0.5) / max(1e-9, camera.scale * camera.cos)
    face = np.where(wall_x, 0.85 * abs(cos) * np.sign(sin * cos), -0.85 * abs(sin) * np.sign(sin * cos))
    picture[places] = paint.of(wall_z, 0.17 + 0.13 * face[place])
    return horizon, picture.reshape(height, wide)


def crossing(right: Floats, camera: Camera, x_half: float, y_half: float) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Where the lines at ``right`` of the block's middle enter and leave it, and whether they enter by a wall of
    constant x."""
    turn = math.radians(camera.azimuth)
    cos, sin = math.cos(turn), math.sin(turn)
    with np.errstate(divide="ignore", invalid="ignore"):
        by_x = np.sort(np.stack([(right * cos - x_half) / sin, (right * cos + x_half) / sin]), axis=0)
        by_y = np.sort(np.stack([(-right * sin - y_half) / cos, (-right * sin + y_half) / cos]), axis=0)
    # A line parallel to a pair of walls is nowhere between them or everywhere.
    by_x = np.nan_to_num(by_x, nan=0.0, posinf=1e9, neginf=-1e9)
    by_y = np.nan_to_num(by_y, nan=0.0, posinf=1e9, neginf=-1e9)
    front = np.maximum(by_x[0], by_y[0])
    back = np.maximum(front, np.minimum(by_x[1], by_y[1]))
    return front, back, by_x[0] > by_y[0]


def lit(normals: Sequence[Floats], light_x: float, light_y: float) -> Floats:
    """How much light falls upon places with these normals (x, y, z), 0 to 1 (Lambert)."""
    x, y, z = normals
    return np.maximum(0, z + np.float32(LIGHT * light_x) * x + np.float32(LIGHT * light_y) * y) * 0.62 + 0.12


LEVEL = 0.74
"""How much falls upon a level place."""


def shaded(bands: Sequence[Sequence[int]], shadow: Sequence[int], dim: float, bright: float) -> Array:
    """The table of a Paint: ``bands`` as they are in the light of a level place, with so much of ``shadow`` where no
    light falls and so much white in full light."""
    light = np.linspace(0, 1, SHADES)[None, :, None]
    plain = np.array(bands, float)[:, None, :]
    darker = plain + (np.array(shadow, float) - plain) * dim * np.clip(1 - light / LEVEL, 0, 1)
    return darker + (255 - darker) * bright * np.clip((light - LEVEL) / (1 - LEVEL), 0, 1)
