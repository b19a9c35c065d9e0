"""The panels of a lab, and the racer that is looked at closely."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui.curves_view import LOWEST
from momentum_gui.gui.panels import Panels
from momentum_gui.gui.style import Look


def simulated(*racers):
    return Simulation(Experiment(objective=Ravine(), optimizers=racers, steps=5), read=None)


class Spy(QWidget):
    """A view that remembers what it was shown."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def show_simulation(self, simulation):
        self.seen.append(simulation)

    def show_step(self, step):
        self.seen.append(step)

    def show_racer(self, racer):
        self.seen.append(f"racer {racer}")


@pytest.fixture
def spy():
    return Spy()


@pytest.fixture
def panels(qtbot, spy):
    curves = QWidget()
    curves.setMinimumHeight(LOWEST)
    panels = Panels(Look("light"), curves)
    qtbot.addWidget(panels)
    panels.add("spy", "Spy", "Y", spy, "Looks on")
    panels.show()
    return panels


def test_a_closed_panel_costs_nothing(panels, spy):
    panels.show_simulation(simulated(SGD()))
    panels.show_step(3)
    assert spy.seen == []
    assert panels.opened == []


def test_a_panel_that_opens_catches_up(panels, spy):
    simulation = simulated(SGD(), Momentum())
    panels.show_simulation(simulation)
    panels.show_step(3)
    panels.show_racer(1)
    panels.switches["spy"].click()
    assert panels.opened == ["spy"]
    assert spy.seen == [simulation, "racer 1", 3]


def test_a_racer_is_picked_in_a_panel(qtbot, panels, spy):
    panels.show_simulation(simulated(SGD(), Momentum()))
    panels.open("spy")
    choice = spy.parent().choice
    assert [choice.itemText(k) for k in range(choice.count())] == ["SGD", "Momentum"]
    with qtbot.waitSignal(panels.picked) as picked:
        choice.activated.emit(1)
    assert picked.args == [1]


def test_a_panel_is_closed_by_its_cross_and_its_switch(panels, spy):
    panels.open("spy")
    spy.parent().closed.emit()
    assert panels.opened == []
    assert not panels.switches["spy"].isChecked()
    panels.open("no such panel")
    assert panels.opened == []


def test_no_card_is_wider_than_what_is_seen_of_it(qtbot, panels, spy):
    spy.setMinimumSize(500, 3000)  # so tall that the bar for scrolling takes its room
    panels.open("spy")
    column = panels._column
    qtbot.waitUntil(lambda: column.minimumWidth() >= 500, timeout=5000)
    panels.resize(panels.minimumSizeHint().width(), 400)
    qtbot.waitUntil(lambda: column.verticalScrollBar().isVisible(), timeout=5000)
    assert column.widget().width() <= column.viewport().width()


@pytest.mark.parametrize("width", [300, 600])
def test_the_switches_stand_in_as_many_rows_as_show_their_names(panels, width):
    for name in ("weights", "sharpness", "seeds", "results"):
        panels.add(name, f"A longer name: {name}", "", Spy(), "")
    panels.resize(width, 500)
    QApplication.processEvents()
    switches = list(panels.switches.values())
    assert all(switch.width() >= switch.sizeHint().width() for switch in switches)
    assert all(panels.rect().contains(switch.geometry()) for switch in switches)
    assert len({switch.y() for switch in switches}) > 1
    panels.resize(1200, 500)
    QApplication.processEvents()
    assert len({switch.y() for switch in switches}) == 1


def in_view(panels, view):
    """How much of the panel around ``view`` is above the part that is seen, and how much below."""
    panels._column.make_room()
    QApplication.processEvents()
    column, panel = panels._column, view.parent()
    top = panel.mapTo(column.viewport(), panel.rect().topLeft()).y()
    return max(0, -top), max(0, top + panel.height() - column.viewport().height())


@pytest.fixture
def low(panels, spy):
    """Panels in a low window, with the spy's opened."""
    panels.resize(340, 400)
    spy.setMinimumHeight(100)
    QApplication.processEvents()
    panels.open("spy")
    return panels


def test_a_panel_that_opens_is_seen_whole(low, spy):
    assert in_view(low, spy) == (0, 0)


def test_a_panel_that_grows_stays_in_view(low, spy):
    assert in_view(low, spy) == (0, 0)
    spy.setMinimumHeight(220)
    assert in_view(low, spy) == (0, 0)


def test_of_a_panel_that_is_too_high_the_top_is_seen(low, spy):
    spy.setMinimumHeight(900)
    above, below = in_view(low, spy)
    assert above == 0
    assert below > 0


def test_who_has_scrolled_away_stays_there(low, spy):
    assert in_view(low, spy) == (0, 0)
    bar = low._column.verticalScrollBar()
    assert bar.value() > 10
    bar.setValue(3)
    spy.setMinimumHeight(220)
    in_view(low, spy)
    assert bar.value() == 3
