"""Ghosts: the paths of pinned runs."""

import pyqtgraph as pg
import pytest

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.expression import Expression
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui.ghosts import MOST, Ghosts, pinned_runs
from momentum_gui.gui.style import Look, racer_color


def simulated(*racers, steps=200):
    made = Simulation(Experiment(objective=Ravine(curvature=0.2, kappa=20), optimizers=racers, steps=steps), read=None)
    made.advance(steps)
    return made


@pytest.fixture
def plot(qtbot):
    plot = pg.PlotWidget(enableMenu=False)
    plot.resize(400, 300)
    plot.hideAxis("left")
    plot.hideAxis("bottom")
    plot.setBackground("w")
    plot.setXRange(-6, 6)
    plot.setYRange(-4, 4)
    qtbot.addWidget(plot)
    plot.show()
    return plot


def colored(plot, color):
    """How many pixels are nearer to ``color`` than to white."""
    image = plot.grab().toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(abs(each.hue() - color.hue()) < 12 and each.saturation() > 60 for each in pixels)


def test_a_ghost_is_drawn_and_goes(qtbot, plot):
    look = Look("light")
    ghosts = Ghosts(plot.getViewBox(), look)
    blue = racer_color(1, "", look.theme)
    ghosts.show_pinned(simulated(SGD(lr=0.4, enabled=False), Momentum(lr=0.3, mu=0.8)))
    assert colored(plot, blue) > 100
    ghosts.show_pinned(None)
    assert colored(plot, blue) == 0


def test_dashes_leave_gaps(qtbot, plot):
    look = Look("light")
    ghosts = Ghosts(plot.getViewBox(), look)
    blue = racer_color(1, "", look.theme)
    race = simulated(SGD(enabled=False), Momentum(lr=0.05, mu=0.5))
    ghosts.show_pinned(race)
    dashed = colored(plot, blue)
    import momentum_gui.gui.ghosts as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FARTHEST", 0)
        ghosts.redraw()
        assert colored(plot, blue) > 1.3 * dashed


def test_a_diverging_ghost_is_drawn_where_it_is_seen(qtbot, plot):
    look = Look("light")
    ghosts = Ghosts(plot.getViewBox(), look)
    ghosts.show_pinned(simulated(SGD(lr=1.0)))
    assert colored(plot, racer_color(0, "", look.theme)) > 20


def test_so_many_are_pinned():
    assert len(pinned_runs(simulated(*[SGD()] * (MOST + 3), steps=2))) == MOST
    assert not pinned_runs(None)


def test_a_run_that_could_not_even_start_leaves_no_ghost(qtbot, plot):
    """log(0) is minus infinity: not one row is recorded."""
    surface = Expression(formula="log(x)")
    race = Simulation(Experiment(objective=surface, optimizers=(SGD(),), start=(0.0, 0.0), steps=5), read=None)
    race.advance(5)
    assert race.runs[0].count == 0
    look = Look("light")
    ghosts = Ghosts(plot.getViewBox(), look)
    ghosts.show_pinned(race)
    assert colored(plot, racer_color(0, "", look.theme)) == 0
