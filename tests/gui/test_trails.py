import itertools

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui import trails
from momentum_gui.gui.courses import CHUNK, Course
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.style import LIGHT, Look, racer_color
from momentum_gui.gui.trails import APART, Trails


class Shown(pg.GraphicsView):
    """A view of 400 x 300 pixels with trails on a white ground."""

    def __init__(self, look):
        super().__init__(background="w")
        self.view = pg.ViewBox(lockAspect=True, enableMenu=False)
        self.setCentralItem(self.view)
        self.resize(400, 300)
        self.view.setRange(xRange=(-6, 6), yRange=(-4, 4), padding=0)
        self.trails = Trails(self.view, look)

    def pixels(self, markers=True):
        """What is painted when all is, (height, width, 3)."""
        self.grab()
        while not self.trails.settled:
            QApplication.processEvents()
        for marker in self.trails._markers:
            marker.setOpacity(1.0 if markers else 0.0)
        image = self.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.array(image.constBits()).reshape(image.height(), -1)
        return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)

    def settle(self, qtbot):
        self.grab()
        qtbot.waitUntil(lambda: self.trails.settled)


@pytest.fixture
def shown(qtbot):
    look = Look("light")
    widget = Shown(look)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def race(*optimizers, steps=60, surface=None, noise=0.0, start=(-5.0, -2.0)):
    """The runs of racers, all done."""
    surface = surface or Ravine()
    runs = {k: SurfaceRun(racer, surface, start, steps, noise, 0) for k, racer in enumerate(optimizers)}
    for run in runs.values():
        run.advance(steps)
    return runs


def painted(pixels, color, tolerance=30):
    """Where ``pixels`` have about ``color``, (height, width) of bool."""
    return np.abs(pixels - np.array(QColor(color).getRgb()[:3])).max(axis=-1) <= tolerance


def place(widget, point):
    """The column and row of the pixel at ``point``."""
    pixel = Frame.of(widget.view).pixel(*point)
    return int(pixel.x()), int(pixel.y())


def test_the_racers_color_is_along_its_path(shown):
    runs = race(Momentum(lr=0.2, mu=0.5))
    shown.trails.show_runs(runs, 60)
    where = painted(shown.pixels(), racer_color(0, "", LIGHT))
    path = runs[0].path[:12]
    for a, b in itertools.pairwise(path):
        for share in (0.0, 0.3, 0.7):
            column, row = place(shown, a + share * (b - a))
            assert where[row - 1 : row + 2, column - 1 : column + 2].any()
    assert not where[:100, 300:].any()


def test_a_chosen_color_is_taken(shown):
    shown.trails.show_runs(race(SGD(lr=0.3, color="#aa00aa")), 60)
    assert painted(shown.pixels(), "#aa00aa").sum() > 200


def test_beyond_the_playhead_the_path_is_faint(shown):
    runs = race(SGD(lr=0.45))
    shown.trails.show_runs(runs, 3)
    pixels = shown.pixels(markers=False)
    full = painted(pixels, racer_color(0, "", LIGHT))
    mixed = QColor.fromRgbF(*(0.75 + 0.25 * c for c in racer_color(0, "", LIGHT).getRgbF()[:3]))
    faint = painted(pixels, mixed)
    a, b, c = runs[0].path[1], runs[0].path[2], runs[0].path[6]
    column, row = place(shown, (a + b) / 2)
    assert full[row - 1 : row + 2, column - 1 : column + 2].any()
    column, row = place(shown, c)
    assert faint[row - 1 : row + 2, column - 1 : column + 2].any()
    assert not full[row - 1 : row + 2, column - 1 : column + 2].any()


@pytest.mark.parametrize("stride", [1, 7])
@pytest.mark.parametrize("racer", [SGD(lr=0.45), Momentum(lr=0.1, mu=0.9), Momentum(lr=0.02, mu=0.95)])
def test_step_by_step_gives_the_picture_that_painting_anew_gives(shown, racer, stride):
    shown.trails.show_runs(race(racer, steps=210, noise=0.5), 0)
    shown.grab()
    for step in range(0, 211, stride):
        shown.trails.show_step(step)
    grown = shown.pixels()
    shown.trails.restyle()
    anew = shown.pixels()
    assert np.abs(grown - anew).max() <= 8  # smooth edges upon each other are rounded in another order


def test_several_racers_cover_the_same_ground_step_by_step_and_at_once(shown):
    runs = race(SGD(lr=0.45), Momentum(lr=0.1, mu=0.9), Momentum(lr=0.02, mu=0.95), steps=210, noise=0.5)
    shown.trails.show_runs(runs, 0)
    shown.grab()
    for step in range(211):
        shown.trails.show_step(step)
    grown = (shown.pixels() < 250).any(axis=-1)
    shown.trails.restyle()
    assert (grown == (shown.pixels() < 250).any(axis=-1)).all()


def test_who_comes_later_lies_above(shown):
    early, late = Path((-4, -3), (4, 3), (4, 3.5), (3, 3.5)), Path((-4, 3), (-3.9, 3), (-4, 3), (4, -3))
    for order in ((early, late), (late, early)):
        shown.trails.show_runs(dict(enumerate(order)), 0)
        shown.grab()
        for step in range(4):
            shown.trails.show_step(step)
        column, row = place(shown, (0, 0))
        assert painted(shown.pixels(), racer_color(order.index(late), "", LIGHT))[row, column]


def test_a_step_back_takes_the_path_away_again(shown):
    shown.trails.show_runs(race(SGD(lr=0.45)), 10)
    before = shown.pixels()
    shown.trails.show_step(40)
    assert (shown.pixels() != before).any()
    shown.trails.show_step(10)
    assert (shown.pixels() == before).all()


def test_a_growing_run_is_drawn_as_far_as_it_has_come(shown):
    run = SurfaceRun(SGD(lr=0.45), Ravine(), (-5.0, -2.0), 60, 0.0, 0)
    shown.trails.show_runs({0: run}, 60)
    nothing = shown.pixels(markers=False)
    assert not painted(nothing, racer_color(0, "", LIGHT)).any()
    run.advance(20)
    shown.trails.show_step(60)
    some = painted(shown.pixels(markers=False), racer_color(0, "", LIGHT)).sum()
    run.advance(40)
    shown.trails.show_step(60)
    assert painted(shown.pixels(markers=False), racer_color(0, "", LIGHT)).sum() > some > 0


def test_a_run_that_flies_off_is_drawn_where_it_crosses_the_view(shown):
    runs = race(SGD(lr=0.6), steps=200)
    path = runs[0].path
    assert np.abs(path).max() > 1e5
    shown.trails.show_runs(runs, 200)
    where = painted(shown.pixels(), racer_color(0, "", LIGHT))
    a, b = path[20], path[21]
    crossing = a + (0 - a[1]) / (b[1] - a[1]) * (b - a)
    column, row = place(shown, crossing)
    assert where[row, column - 2 : column + 3].any()
    assert where[5, :].any()
    assert where[-5, :].any()


class Path:
    """A run of given points."""

    def __init__(self, *points):
        self.path = np.array(points, float)
        self.count = len(points)
        self.optimizer = SGD()


def test_coordinates_up_to_the_limit_are_drawn(shown):
    shown.trails.show_runs({0: Path((-1e12, -1e12), (1e12, 1e12), (-1e12, 1e12), (1e12, -1e12))}, 3)
    where = painted(shown.pixels(), racer_color(0, "", LIGHT))
    for point in ((-3, -3), (3, 3), (-3, 3), (3, -3)):
        column, row = place(shown, point)
        assert where[row - 2 : row + 3, column - 2 : column + 3].any()
    for zoom in (0.1, 1e12):
        shown.view.setRange(xRange=(-zoom, zoom), yRange=(-zoom, zoom), padding=0)
        assert painted(shown.pixels(), racer_color(0, "", LIGHT)).sum() > 200


def test_a_lasting_oscillation_is_drawn_at_once(shown, qtbot):
    back_and_forth = Path(*[(-4, -3), (4, 3)] * 20_000)
    shown.trails.show_runs({0: back_and_forth}, 40_000)
    shown.settle(qtbot)
    column, row = place(shown, (0, 0))
    assert painted(shown.pixels(markers=False), racer_color(0, "", LIGHT))[row - 1 : row + 2, column].any()


def test_a_long_history_is_painted_in_turns(shown, qtbot):
    rng = np.random.default_rng(0)
    shown.trails.show_runs({0: Path(*rng.uniform(-3, 3, (60_000, 2)))}, 60_000)
    shown.grab()
    assert not shown.trails.settled
    qtbot.waitUntil(lambda: shown.trails.settled, timeout=20000)
    column, row = place(shown, (0, 0))
    assert painted(shown.pixels(markers=False), racer_color(0, "", LIGHT))[
        row - 5 : row + 6, column - 5 : column + 6
    ].all()


def test_steps_far_apart_have_dots(shown):
    shown.trails.show_runs({0: Path((-5, 0), (-3, 0), (-1, 0), (0.5, 0))}, 3)
    where = painted(shown.pixels(markers=False), racer_color(0, "", LIGHT))
    column, row = place(shown, (-3, 0))
    dot = where[row - 6 : row + 7, column].sum()
    between = where[row - 6 : row + 7, column + 20].sum()
    assert dot >= between + 2


def test_zooming_keeps_the_path_where_it_is(shown):
    runs = race(Momentum(lr=0.2, mu=0.5))
    shown.trails.show_runs(runs, 60)
    shown.pixels()
    shown.view.setRange(xRange=(-5.5, -3), yRange=(-2.5, 1), padding=0)
    where = painted(shown.pixels(), racer_color(0, "", LIGHT))
    column, row = place(shown, (runs[0].path[1] + runs[0].path[2]) / 2)
    assert where[row - 1 : row + 2, column - 1 : column + 2].any()


def test_the_marker_is_at_the_playhead_and_rests_at_the_last_row(shown):
    runs = race(SGD(lr=0.3), Momentum(lr=0.1), steps=30)
    shown.trails.show_runs(runs, 4)
    frame = Frame.of(shown.view)
    markers = shown.trails._markers
    assert (markers[0].pos() - frame.pixel(*runs[0].path[4])).manhattanLength() < 1e-6
    shown.trails.show_step(1000)
    assert (markers[1].pos() - frame.pixel(*runs[1].path[30])).manhattanLength() < 1e-6


def test_a_marker_outside_of_the_view_becomes_an_arrow_at_the_border(shown):
    shown.trails.show_runs({0: Path((0, 0), (0, 1e12), (1e12, 0))}, 1)
    marker = shown.trails._markers[0]
    assert 0 < marker.pos().y() < 20
    assert marker.rotation() == pytest.approx(-90)
    shown.trails.show_step(2)
    assert 380 < marker.pos().x() < 400
    assert marker.rotation() == pytest.approx(0, abs=1)


def test_racers_that_are_switched_off_leave_nothing(shown):
    empty = shown.pixels()
    shown.trails.show_runs(race(SGD(lr=0.3), Momentum(lr=0.1)), 60)
    assert (shown.pixels() != empty).any()
    shown.trails.show_runs({}, 60)
    assert (shown.pixels() == empty).all()


def wanderers(count, steps):
    """Paths that run from left to right, up and down at random."""
    rng = np.random.default_rng(0)
    x = np.linspace(-5, 5, steps)
    return {k: Path(*np.column_stack([x, rng.uniform(-4, 4, steps)])) for k in range(count)}


def test_a_step_back_in_a_long_history_paints_few_lines(shown, qtbot, monkeypatch):
    shown.trails.show_runs(wanderers(1, 30_000), 29_999)
    shown.settle(qtbot)
    lines = []
    draw = trails.draw_lines
    monkeypatch.setattr(
        trails, "draw_lines", lambda painter, some, *a: (lines.append(len(some)), draw(painter, some, *a))[1]
    )
    shown.trails.show_step(29_998)
    shown.settle(qtbot)  # what lies ahead is painted once
    there = {}
    for step in (29_990, 27_000, 16_000, 20_000, 100):
        lines.clear()
        shown.trails.show_step(step)
        shown.settle(qtbot)
        assert sum(lines) <= 2 * (APART + 2 * CHUNK)  # path and casing
        there[step] = shown.pixels()
    for step, pixels in there.items():
        shown.trails.show_step(step)
        shown.trails.restyle()
        shown.settle(qtbot)
        assert np.abs(pixels - shown.pixels()).max() <= 8


def test_few_rows_at_a_time_do_not_make_the_next_pieces_large(shown, qtbot, monkeypatch):
    rows = []
    lay_out = Course._lay_out
    monkeypatch.setattr(
        Course,
        "_lay_out",
        lambda self, f, first, last, e: (rows.append(last - first), lay_out(self, f, first, last, e))[1],
    )
    shown.trails.show_runs(wanderers(1, 20_000), 10_000)
    shown.settle(qtbot)
    for step in range(10_001, 10_030):
        shown.trails.show_step(step)
    rows.clear()
    shown.trails.restyle()
    shown.settle(qtbot)
    assert max(rows) <= CHUNK + 1


def test_marks_are_made_side_by_side(shown, qtbot, monkeypatch):
    monkeypatch.setattr(trails, "APART", 0.0)
    shown.trails.show_runs(wanderers(3, 60), 0)
    shown.grab()
    for step in range(60):
        shown.trails.show_step(step)
    assert shown.trails._played._marks
    for mark in shown.trails._played._marks:
        assert len(set(mark.drawn)) == 1


@pytest.mark.parametrize("pictures", [20, 5])  # of a large screen only few find room
def test_marks_take_bounded_memory(shown, qtbot, monkeypatch, pictures):
    monkeypatch.setattr(trails, "MARKED_BYTES", pictures * 2 * 4 * 400 * 300)
    shown.trails.show_runs(wanderers(2, 30_000), 29_999)
    shown.settle(qtbot)
    strokes = shown.trails._played
    assert len(strokes._marks) > 1
    drawn = [mark.drawn for mark in strokes._marks]
    assert drawn == sorted(drawn)
    between = 0
    for step in range(29_900, 0, -300):
        shown.trails.show_step(step)
        shown.settle(qtbot)
        between = max(between, len(strokes._between))
        assert trails.memory([*strokes._marks, *strokes._between]) <= trails.MARKED_BYTES
    assert between


def test_who_goes_back_on_and_on_paints_little_more_than_once(shown, qtbot, monkeypatch):
    count = 12_000
    shown.trails.show_runs(wanderers(2, count), count - 1)
    shown.settle(qtbot)
    monkeypatch.setattr(trails, "PATIENCE", 60.0)  # each step is painted whole
    shown.trails.show_step(count - 2)
    shown.settle(qtbot)  # what lies ahead, too
    lines = []
    draw = trails.draw_lines
    monkeypatch.setattr(
        trails, "draw_lines", lambda painter, some, *a: (lines.append(len(some)), draw(painter, some, *a))[1]
    )
    far, stride, there = 2000, 20, {}
    for step in range(count - 2, count - 2 - far, -stride):
        shown.trails.show_step(step)
        there[step] = shown.pixels() if step % 400 == 398 else None
    assert sum(lines) < 3 * 4 * far  # of two paths and their casings; without marks in between more than 6 times
    for step in [step for step, pixels in there.items() if pixels is not None]:
        shown.trails.show_step(step)
        shown.trails.restyle()
        shown.settle(qtbot)
        anew = shown.pixels()
        for one, other in ((there[step], anew), (anew, there[step])):
            assert (other < 250).any(axis=-1)[(one < 240).any(axis=-1)].all()
        assert (np.abs(there[step] - anew).max(axis=-1) > 8).mean() < 0.02  # who lies above may differ
    assert shown.trails._played._between == []


def test_nothing_of_other_racers_is_left_by_a_mark(shown, qtbot):
    shown.trails.show_runs(wanderers(2, 12_000), 11_999)
    shown.settle(qtbot)
    runs = race(SGD(lr=0.3), Momentum(lr=0.1))
    shown.trails.show_runs(runs, 60)
    shown.trails.show_step(3)
    shown.settle(qtbot)
    back = shown.pixels()
    shown.trails.restyle()
    shown.settle(qtbot)
    assert (back == shown.pixels()).all()
