"""The block of a surface: its heights, the camera's projection, and what hides what."""

import math

import numpy as np
import pytest

from momentum_gui.core.surfaces import Himmelblau, Ravine, Rosenbrock
from momentum_gui.gui.contours import Levels
from momentum_gui.gui.relief import (
    HEIGHT,
    PLINTH,
    SHADES,
    Camera,
    Heights,
    Paint,
    Part,
    Terrain,
    between,
    half_sides,
    render,
    shaded,
)

BANDS = ((0, 0, 255), (255, 0, 0))
"""Low places are blue, high ones red."""


class Ramp:
    """Rises along y, from 0 at y = -1 to 1 at y = 1."""

    domain = (-1.0, 1.0, -1.0, 1.0)
    minima = ()

    def value(self, x, y):
        return (y + 1) / 2 + 0.0 * x


class Wall(Ramp):
    """Level, but for a wall across the middle."""

    def value(self, x, y):
        return np.where(np.abs(y) < 0.1, 1.0, 0.0) + 0.0 * x


SQUARE = Part(-1.0, 1.0, -1.0, 1.0)


def terrain(surface, part=SQUARE, size=101):
    return Terrain.of(surface, Levels.of(surface), part, size)


def paint(edge=HEIGHT / 2):
    return Paint(np.array([edge]), shaded(BANDS, (0, 0, 0), 0.0, 0.0))


def picture(block, azimuth=0.0, elevation=45.0, smooth=True, size=200):
    camera = Camera.fitting(block.halves, azimuth, elevation, (10, 10, size - 20, size - 20))
    return render(block, camera, paint(), size, size, smooth)


def colors_down(scene, column):
    """The colours that follow each other down a column, (red, blue) each."""
    pixels = scene.pixels[:, column]
    seen = [(int(p >> 16 & 255), int(p & 255)) for p in pixels if p]
    return [color for k, color in enumerate(seen) if k == 0 or color != seen[k - 1]]


def test_the_longer_side_is_two_units_long():
    assert half_sides(Part(0, 12, 0, 6)) == (1, 0.5)
    assert half_sides(Part(0, 3, 10, 16)) == (0.5, 1)


def test_seen_from_above_north_is_up_and_from_the_side_heights_are():
    above = Camera(0, 90, 100, 200, 150)
    assert above.project(np.array([[1, 0, 0.3], [0, 1, 0.1]])) == pytest.approx(np.array([[300, 150], [200, 50]]))
    side = Camera(0, 0, 100, 200, 150)
    middle = (HEIGHT - PLINTH) / 2
    points = np.array([[0.5, -1, middle], [0.5, 1, middle + 0.2]])
    assert side.project(points) == pytest.approx(np.array([[250, 150], [250, 130]]))


def test_a_quarter_turn_brings_the_right_side_to_the_front():
    camera = Camera(90, 30, 100, 0, 0)
    right, back = camera.turned(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert right == pytest.approx([0, 1])
    assert back == pytest.approx([-1, 0])


def test_projection_is_an_isometry_on_the_picture_plane():
    # A cube's edges, seen along any direction, have squared lengths that sum to 2 (Gauss's axonometric theorem).
    camera = Camera(33, 41, 1, 0, 0)
    edges = camera.project(np.vstack([np.zeros(3), np.eye(3)]))
    assert ((edges[1:] - edges[0]) ** 2).sum() == pytest.approx(2)


@pytest.mark.parametrize("azimuth", [0, 28, 90, 135, 271])
@pytest.mark.parametrize("elevation", [10, 48, 85])
def test_the_block_fits_the_room_it_has(azimuth, elevation):
    x, y = half_sides(Part(-6, 6, -4, 4))
    camera = Camera.fitting((x, y), azimuth, elevation, (20, 30, 300, 200))
    corners = [(a, b, z) for a in (-x, x) for b in (-y, y) for z in (-PLINTH, HEIGHT)]
    pixels = camera.project(np.array(corners))
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    assert (low >= np.array([20, 30]) - 1e-6).all()
    assert (high <= np.array([320, 230]) + 1e-6).all()


def test_heights_keep_their_order_and_the_median_lies_low():
    surface = Rosenbrock()
    levels = Levels.of(surface)
    x, y = np.meshgrid(np.linspace(-2, 2, 49), np.linspace(-1, 3, 49))
    values = surface.value(x, y)
    heights = Heights.of(levels, float(values.min()), float(values.max()))
    assert heights.compressed
    z = heights.z(np.sort(values.ravel()))
    assert (np.diff(z) >= 0).all()
    assert z[-1] == pytest.approx(HEIGHT)
    assert z[0] == 0
    assert float(np.median(z)) == pytest.approx(0.3 * HEIGHT, rel=0.1)


def test_heights_that_need_no_compression_are_drawn_as_they_are():
    heights = Heights.of(Levels(0.0, 1.0, 1.0), 0.0, 8.0)
    assert not heights.compressed
    assert heights.z(np.array([0.0, 2.0, 8.0])) == pytest.approx(np.array([0, 0.25, 1]) * HEIGHT)


def test_bilinear_interpolation_is_exact_on_a_plane():
    y, x = np.mgrid[0:5, 0:7].astype(float)
    places = np.array([[0.0, 0.0], [1.25, 3.5], [6.0, 4.0]])
    expected = 2 * places[:, 0] - 3 * places[:, 1]
    assert between(2 * x - 3 * y, *places.T) == pytest.approx(expected, abs=0.01)


def test_points_of_the_plane_lie_where_the_terrain_is():
    block = terrain(Himmelblau(), Part(-6, 6, -6, 6))
    cells = block.cells(np.array([[3.0, 2.0], [-6, 6], [7, 0]]))
    assert list(block.holds(cells)) == [True, True, False]
    place = block.raised(cells[:1])[0]
    assert place[:2] == pytest.approx([0.5, 1 / 3])
    assert place[2] == pytest.approx(0, abs=0.01)  # a minimum of value 0


@pytest.mark.parametrize("smooth", [True, False])
def test_from_the_low_side_one_sees_the_slope_from_the_high_side_the_wall_only(smooth):
    block = terrain(Ramp())
    # From the top of the picture down: the high, red half, the low, blue half, and the wall of the plinth.
    assert colors_down(picture(block, 0, smooth=smooth), 100) == [(255, 0), (0, 255)]
    # A slope that falls away from a low camera is hidden: what is seen is the wall, red above and blue below.
    scene = picture(block, 180, 10, smooth)
    assert colors_down(scene, 100) == [(255, 0), (0, 255)]
    behind = block.raised(block.cells(np.array([[0.0, -0.8]])))
    assert not scene.sees(behind)[0]
    assert picture(block, 0, 45, smooth).sees(behind)[0]


def test_a_wall_hides_what_lies_behind_it():
    block = terrain(Wall(), size=201)
    scene = picture(block, 0, 30)
    before, top, behind, far = block.raised(block.cells(np.array([[0, -0.5], [0, 0.0], [0, 0.2], [0, 0.8]])))
    assert list(scene.sees(np.stack([before, top, behind]))) == [True, True, False]
    # The wall is HEIGHT high: it hides HEIGHT / tan(30) behind its far side …
    assert HEIGHT / math.tan(math.radians(30)) + 0.1 > 0.9
    assert not scene.sees(far[None])[0]
    # … and less from higher up.
    assert picture(block, 0, 60).sees(far[None])[0]
    # On the screen there is the wall's colour where the hidden place would be.
    column, line = scene.camera.project(behind[None])[0].astype(int)
    assert scene.pixels[line, column] >> 16 & 255 == 255
    # Turned by half, the place is in front of the wall.
    turned = picture(block, 180, 30)
    assert turned.sees(behind[None])[0]
    column, line = turned.camera.project(behind[None])[0].astype(int)
    assert turned.pixels[line, column] & 255 == 255


@pytest.mark.parametrize("azimuth", [0, 28, 90, 180, 211, 270])
def test_the_picture_is_where_the_projection_says(azimuth):
    block = terrain(Ravine(angle=20), Part(-6, 6, -4, 4))
    scene = picture(block, azimuth, 40)
    filled = np.argwhere(scene.pixels)
    rows, columns = block.z.shape
    ends = np.array([(a, b) for a in (0, columns - 1) for b in (0, rows - 1)], float)
    tops = block.raised(ends)
    pixels = scene.camera.project(np.vstack([tops, np.hstack([tops[:, :2], np.full((4, 1), -PLINTH)])]))
    assert filled[:, 1].min() == pytest.approx(pixels[:, 0].min(), abs=1.5)
    assert filled[:, 1].max() == pytest.approx(pixels[:, 0].max(), abs=1.5)
    assert filled[:, 0].min() == pytest.approx(pixels[:, 1].min(), abs=2.5)
    assert filled[:, 0].max() == pytest.approx(pixels[:, 1].max(), abs=2.5)


def test_a_question_in_larger_pixels_gets_the_same_answer():
    block = terrain(Wall(), size=201)
    scene = picture(block, 20, 35)
    points = block.raised(block.cells(np.random.default_rng(0).uniform(-1, 1, (200, 2))))
    same = scene.coarser(2.0).sees(points, tolerance=1.25) == scene.sees(points, tolerance=2.5)
    assert same.all()


@pytest.mark.parametrize(
    "value",
    [
        lambda x, y: 0 * x,
        lambda x, y: 1e300 * (x + y),
        lambda x, y: np.full_like(x, np.nan),
        lambda x, y: np.where(x > 0, np.inf, y),
        lambda x, y: 1 / (x * x + y * y),
        lambda x, y: 1e-300 * x,
    ],
)
@pytest.mark.parametrize("azimuth", [0, 33])
def test_no_surface_breaks_it(value, azimuth):
    class Odd(Ramp):
        pass

    Odd.value = staticmethod(value)
    block = terrain(Odd(), size=31)
    assert np.isfinite(block.z).all()
    assert (block.z >= 0).all()
    assert (block.z <= HEIGHT * 1.0001).all()
    scene = picture(block, azimuth)
    assert scene.pixels.any()
    assert scene.sees(block.raised(np.array([[5.0, 5.0]]))).shape == (1,)


@pytest.mark.parametrize("part", [Part(1e13, 3e13, -1e13, 1e13), Part(1 - 1e-9, 1 + 1e-9, 1 - 1e-9, 1 + 1e-9)])
def test_far_out_and_close_by_it_still_is_a_block(part):
    block = terrain(Rosenbrock(), part, 31)
    assert np.isfinite(block.z).all()
    assert picture(block).pixels.any()


def test_a_level_place_has_its_bands_own_colour():
    table = shaded(BANDS, (0, 0, 0), 0.5, 0.5)
    light = np.array([0.74])
    assert Paint(np.array([0.3]), table).of(np.array([0.1]), light)[0] & 255 == pytest.approx(255, abs=4)
    dark, bright = table[0, 0], table[0, SHADES - 1]
    assert dark == pytest.approx([0, 0, 127.5])
    assert bright == pytest.approx([127.5, 127.5, 255])
