"""The network's units; questions are answered here, as the simulation thread would."""

import numpy as np
import pytest
from PySide6.QtCore import QLineF, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from momentum_gui.assets import read
from momentum_gui.core.datasets import Csv, Digits, Moons, Peaks
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.graph_view import Edge, GraphView, distance
from momentum_gui.gui.style import Look


def trained(data=None, hidden=(12, 3), steps=100, files=read, bias=True):
    network = Network(hidden=hidden, bias=bias, init="he", data=data or Moons(samples=200))
    optimizers = (SGD(lr=0.05), Momentum(lr=0.1))
    simulation = Simulation(Experiment(objective=network, steps=steps, optimizers=optimizers), files)
    simulation.advance(steps)
    return simulation


@pytest.fixture
def view(qtbot):
    view = GraphView(Look("light"))
    view.resize(340, 320)
    qtbot.addWidget(view)
    view.asked.connect(lambda key, job: view.answer(key, job()))
    with qtbot.waitExposed(view):
        view.show()
    return view


def show(view, simulation, step=100, racer=0):
    view.show_simulation(simulation)
    view.show_racer(racer)
    view.show_step(step)
    for _round in range(40):
        if view.settled and view._drawn is not None and view._drawn.run is simulation.runs[racer]:
            break
        QTest.qWait(25)
    assert view.settled


def test_every_drawn_weight_is_the_networks(view):
    simulation = trained()
    show(view, simulation)
    run = simulation.runs[0]
    assert [len(nodes) for nodes in view.nodes] == [2, 8, 3, 2]
    layers = run.mlp.layers(run.weights)
    assert len(view.edges) == 2 * 8 + 8 * 3 + 3 * 2
    for edge in view.edges:
        weights, _bias = layers[edge.source.column]
        assert edge.weight == weights[edge.source.unit, edge.target.unit]
    for column in range(3):
        assert max(edge.share for edge in view.edges if edge.source.column == column) == 1


def test_units_show_what_they_make_of_the_plane(view):
    simulation = trained()
    show(view, simulation)
    run, grid = simulation.runs[0], view._answered.grid
    first, second, last = view._maps
    outputs = run.mlp.forward(run.mlp.layers(run.weights), grid.points)
    assert first.shape == (grid.rows, grid.columns, 8)
    assert second.reshape(-1, 3) == pytest.approx(outputs[1])
    assert last.reshape(-1, 2) == pytest.approx(run.mlp.probabilities(run.weights, grid.points))
    view.grab()


def test_the_mouse_reads_a_weight_and_a_bias(view):
    simulation = trained()
    show(view, simulation)
    edge = max((edge for edge in view.edges if edge.source.column == 0), key=lambda edge: edge.share)
    view._find(edge.line.pointAt(0.3))
    assert isinstance(view._found, Edge)
    text = view.found_text()
    assert text.startswith(("x → layer 1, unit", "y → layer 1, unit"))
    value = float(text.rpartition(": ")[2].replace("−", "-"))
    assert value == pytest.approx(view._found.weight, rel=1e-3)
    view._find(view.nodes[1][4].area.center())
    bias = simulation.runs[0].mlp.layers(simulation.runs[0].weights)[0][1][0, 4]
    assert view.found_text().startswith("layer 1, unit 5: bias")
    assert float(view.found_text().rpartition("bias ")[2].replace("−", "-")) == pytest.approx(bias, rel=1e-3, abs=1e-9)
    view._find(None)
    assert view.found_text() == ""


def test_another_racer_and_an_earlier_step_have_their_own_weights(view):
    simulation = trained()
    show(view, simulation, racer=1)
    assert view._drawn.weights is simulation.runs[1].weights
    show(view, simulation, step=0, racer=1)
    QTest.qWait(200)
    QApplication.processEvents()
    step, start = simulation.runs[1].weights_at(0)
    assert view._drawn.step == step == 0
    assert np.array_equal(view._drawn.weights, start)


def test_layers_beyond_the_fourth_are_left_out_and_said(view):
    show(view, trained(hidden=(4, 4, 4, 4, 6, 6)))
    assert [len(nodes) for nodes in view.nodes] == [2, 4, 4, 4, 4, 2]
    assert not [edge for edge in view.edges if edge.target.column == 5]
    assert "2" in view._rest_text(view._run)
    view.grab()


def test_digits_show_the_first_layers_weights_as_images(view):
    simulation = trained(Digits(), hidden=(16,))
    show(view, simulation)
    assert not view.edges
    assert len(view.nodes[0]) == 16
    view._find(view.nodes[0][3].area.center())
    column = simulation.runs[0].mlp.layers(simulation.runs[0].weights)[0][0][:, 3]
    assert view.found_text().startswith("Unit 4: weights from")
    assert f"{column.max():.3g}" in view.found_text()
    before = view.grab().toImage()
    view._find(None)
    assert view.grab().toImage() != before


def test_regressions_tables_and_linear_networks_are_drawn(view):
    show(view, trained(Peaks(samples=100)))
    assert [len(nodes) for nodes in view.nodes] == [2, 8, 3, 1]
    view.grab()
    rows = "".join(f"{k % 3},{(k * 7) % 5},{k % 2},{'abc'[k % 3]}\n" for k in range(60))
    table = ("u,v,w,kind\n" + rows).encode()
    show(view, trained(Csv(path="t.csv", label="kind"), hidden=(), files=lambda name: table, bias=False))
    assert [len(nodes) for nodes in view.nodes] == [3, 3]
    view._find(view.nodes[1][1].area.center())
    assert view.found_text() == "class b"
    view.grab()


def test_without_a_racer_it_says_so(view):
    view.show_racer(-1)
    view.show_step(0)
    assert view.settled
    view.grab()


def test_distance_to_a_piece_of_a_line():
    line = QLineF(0, 0, 10, 0)
    assert distance(line, QPointF(5, 3)) == 3
    assert distance(line, QPointF(13, 4)) == 5
    assert distance(QLineF(1, 1, 1, 1), QPointF(4, 5)) == 5


def test_what_the_mouse_found_stays_found_while_weights_change(view):
    simulation = trained()
    show(view, simulation)
    view._mouse = view.nodes[1][2].area.center()
    view._find(view._mouse)
    before = view.found_text()
    show(view, simulation, step=0)
    assert view.found_text().startswith("layer 1, unit 3")
    assert view.found_text() != before
