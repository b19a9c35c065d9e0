"""The network's units; questions are answered here, as the simulation thread would."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from momentum_gui.assets import read
from momentum_gui.core.datasets import Csv, Digits, Moons, Peaks
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.weight_change import WeightChange
from momentum_gui.gui.graph_layout import Edge
from momentum_gui.gui.graph_view import GraphView
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
    assert all(view.width() - 3 < node.area.right() <= view.width() - 1 for node in view.nodes[-1]), "with its border"
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


def test_what_the_mouse_found_stays_found_while_weights_change(view):
    simulation = trained()
    show(view, simulation)
    view._mouse = view.nodes[1][2].area.center()
    view._find(view._mouse)
    before = view.found_text()
    show(view, simulation, step=0)
    assert view.found_text().startswith("layer 1, unit 3")
    assert view.found_text() != before


# -- a weight is set by hand


def click(qtbot, view, place):
    qtbot.mouseMove(view, place.toPoint())
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())


@pytest.fixture
def proposals(view):
    told = []
    view.proposed.connect(lambda *proposal: told.append(proposal))
    return told


def typed(qtbot, view, text):
    view.edit.selectAll()
    qtbot.keyClicks(view.edit, text)
    qtbot.keyClick(view.edit, Qt.Key.Key_Return)


def test_a_click_on_a_line_sets_its_weight_from_the_step_shown_on(qtbot, view, proposals):
    simulation = trained()
    show(view, simulation, step=40, racer=1)
    edge = max((edge for edge in view.edges if edge.source.column == 1), key=lambda edge: edge.share)
    click(qtbot, view, edge.line.pointAt(0.5))
    found = view._found
    assert isinstance(found, Edge)
    assert view.edit.isVisible()
    assert float(view.edit.text()) == pytest.approx(found.weight, rel=1e-5)
    assert view._edit_text() == "Enter sets it from step 40 on, Esc does not"
    view.grab()
    typed(qtbot, view, "-0,25")
    assert proposals == [(1, WeightChange(40, 2, found.source.unit + 1, found.target.unit + 1, -0.25))]
    assert not view.edit.isVisible()
    place = simulation.runs[1].mlp.place(*proposals[0][1].weight)
    assert view._drawn.weights[place] == found.weight, "the weight that is named is the one that was drawn"


def test_a_click_on_a_unit_sets_its_bias(qtbot, view, proposals):
    show(view, trained(), step=100)
    click(qtbot, view, view.nodes[3][1].area.center())
    typed(qtbot, view, "2")
    assert proposals == [(0, WeightChange(100, 3, 0, 2, 2.0))]
    click(qtbot, view, view.nodes[0][0].area.center())
    assert not view.edit.isVisible(), "a feature has no bias"


def test_escape_and_a_click_elsewhere_set_nothing(qtbot, view, proposals):
    show(view, trained())
    for leave in (lambda: qtbot.keyClick(view.edit, Qt.Key.Key_Escape), view.edit.clearFocus):
        click(qtbot, view, view.edges[0].line.pointAt(0.5))
        qtbot.keyClicks(view.edit, "7")
        leave()
        assert not view.edit.isVisible()
    assert proposals == []


@pytest.mark.parametrize("text", ["abc", "", "nan", "1e7", "-inf"])
def test_what_is_no_weight_is_told_in_a_sentence_and_stays_to_be_mended(qtbot, view, proposals, text):
    show(view, trained())
    click(qtbot, view, view.edges[0].line.pointAt(0.5))
    view.edit.selectAll()
    qtbot.keyClick(view.edit, Qt.Key.Key_Delete)
    typed(qtbot, view, text)
    assert proposals == []
    assert view.edit.isVisible()
    assert view.edit.toolTip() == f"“{text}”: a number, at least -1000000, at most 1000000"


def test_skipped_layers_do_not_shift_the_outputs(qtbot, view, proposals):
    simulation = trained(hidden=(4, 4, 4, 4, 6, 6))
    show(view, simulation)
    click(qtbot, view, view.nodes[-1][0].area.center())
    typed(qtbot, view, "1")
    assert proposals[0][1].weight == (7, 0, 1)
    assert simulation.runs[0].mlp.sizes[7] == 2


def test_a_racer_that_ended_earlier_is_not_set_where_it_is_not(qtbot, view):
    simulation = trained(steps=100)
    run = simulation.runs[0]
    show(view, simulation)
    run.count = 60  # as after a stop at step 59
    click(qtbot, view, view.edges[0].line.pointAt(0.5))
    assert not view.edit.isVisible()
    assert QToolTip.text() == "This racer ended at step 59: go back there to set a weight."


def test_another_racer_or_another_network_ends_the_edit(qtbot, view):
    show(view, trained())
    click(qtbot, view, view.edges[0].line.pointAt(0.5))
    view.show_racer(1)
    assert not view.edit.isVisible()
    click(qtbot, view, view.edges[0].line.pointAt(0.5))
    assert view.edit.isVisible()
    view.show_simulation(trained(hidden=(5,)))
    assert not view.edit.isVisible()


HINT = "Point at a line to read its weight; click to set it."


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
def test_the_hint_is_seen_whole_however_large_the_text(view, scale):
    view._look.choose(scale=scale)
    show(view, trained())
    view.resize(round(340 * (1 + (scale - 1) / 4)), view.minimumHeight())
    assert view._fitting(HINT) == HINT
    line = view.fontMetrics().height()
    assert view._foot_lines == (1 if scale == 1 else 2)
    # units, what is left out, what the colours mean, the hint: one below the other
    lowest = max(node.area.bottom() for nodes in view.nodes for node in nodes)
    assert lowest + line + 1 <= view.height() - (1 + view._foot_lines) * line


def test_a_name_that_is_wider_than_the_panel_ends_in_an_ellipsis(view):
    show(view, trained())
    for text in ("x" * 300, "much too long " * 30):
        assert view._fitting(text).endswith("…")
        assert view._lines_of(view._fitting(text)) <= view._foot_lines
