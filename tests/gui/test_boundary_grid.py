"""The numbers along the edges of the racers' planes: round, in the table's own units, where they belong."""

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from momentum_gui.assets import read
from momentum_gui.core.datasets import Moons, Scale
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Adam, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.boundary_grid import MOST_NUMBERS, SMALL, BoundaryGrid, round_numbers
from momentum_gui.gui.class_map import Cut


def test_numbers_are_round_and_in_the_units_of_their_source():
    found = round_numbers(Scale(mean=100.0, deviation=20.0), -2.0, 2.0, 4)
    assert [text for _place, text in found] == ["60", "80", "100", "120", "140"]
    assert [place for place, _text in found] == pytest.approx([-2.0, -1.0, 0.0, 1.0, 2.0])


@pytest.mark.parametrize(("low", "high"), [(-1.37, 2.61), (-3e-7, 5e-7), (0.1, 0.2), (-4e9, 4e9)])
@pytest.mark.parametrize("most", [0.3, 2, 50])
def test_there_are_few(low, high, most):
    found = round_numbers(Scale(), low, high, most)
    assert len(found) <= MOST_NUMBERS + 1
    assert all(low <= place <= high for place, _text in found)


@pytest.fixture
def grid(qtbot, look):
    network = Network(hidden=(4,), bias=True, data=Moons(samples=60))
    racers = (SGD(), Momentum(), Adam())
    simulation = Simulation(Experiment(objective=network, steps=5, optimizers=racers), read)
    grid = BoundaryGrid(look)
    grid.look = look
    qtbot.addWidget(grid)
    grid.resize(560, 520)
    grid.show_simulation(simulation, simulation.dataset, Cut(0, 1, (0.0, 0.0)))
    with qtbot.waitExposed(grid):
        grid.show()
    return grid


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_the_edges_have_room_for_the_numbers(grid, scale):
    grid.look.choose(scale=scale)
    grid.restyle()
    QApplication.processEvents()
    metrics = QFontMetrics(grid.look.font(SMALL))
    across, up = grid.tiles[0].numbers()
    assert across
    assert up
    left, bottom = (
        min(tile.x() for tile in grid.tiles.values()),
        max(tile.geometry().bottom() for tile in grid.tiles.values()),
    )
    assert all(metrics.horizontalAdvance(text) < left for _place, text in up)
    assert grid.height() - bottom - 1 >= metrics.height()
    grid.grab()


def test_there_is_room_for_the_numbers_of_a_larger_window(grid):
    grid.resize(200, 200)
    QApplication.processEvents()
    few = grid.tiles[0].numbers()[1]
    grid.restyle()
    grid.resize(900, 800)
    QApplication.processEvents()
    more = grid.tiles[0].numbers()[1]
    assert len(more) > len(few)
    left = min(tile.x() for tile in grid.tiles.values())
    assert all(QFontMetrics(grid.look.font(SMALL)).horizontalAdvance(text) < left for _place, text in more)


def test_they_stand_where_the_tiles_draw_them(grid):
    tile = grid.tiles[1]
    frame, (across, _up) = tile.frame, tile.numbers()
    seen = tile.grid(100)
    for place, text in across:
        share = (float(text.replace("−", "-")) - seen.left) / (seen.right - seen.left)
        assert frame.pixel(place, 0.0).x() == pytest.approx(share * tile.area.width())
