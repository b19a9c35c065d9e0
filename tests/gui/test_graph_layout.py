"""Where a drawn network's units and weights are."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QLineF, QPointF, QRectF

from momentum_gui.gui.graph_layout import columns, distance, drawn_sizes, edges_between, found_at, skipped

AREA = QRectF(0, 20, 400, 300)


def matrices(*sizes):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in pairwise(sizes)]


@pytest.mark.parametrize("sizes", [(2, 2), (2, 4, 2), (2, 512, 3), (30, 8, 8, 8, 8, 8, 8, 8, 8, 10)])
def test_every_node_lies_within_the_area_and_off_the_others(sizes):
    nodes = columns(sizes, AREA, label=40, widest=56)
    assert len(nodes) == len(drawn_sizes(sizes))
    every = [node.area for column in nodes for node in column]
    assert all(AREA.adjusted(40, -1, 0, 1).contains(area) for area in every)
    assert not any(one.intersects(other) for k, one in enumerate(every) for other in every[:k])


def test_every_weight_has_an_edge_and_the_heaviest_of_a_layer_the_whole_share():
    sizes = (2, 3, 4)
    weights = matrices(*sizes)
    edges = edges_between(columns(sizes, AREA, 0, 56), weights)
    assert [edge.weight for edge in edges] == [*weights[0].ravel(), *weights[1].ravel()]
    assert max(edge.share for edge in edges[:6]) == max(edge.share for edge in edges[6:]) == 1


def test_only_the_first_units_and_layers_are_drawn_and_nothing_leads_over_a_gap():
    sizes = (2, *[12] * 6, 3)
    nodes = columns(sizes, AREA, 0, 56)
    assert skipped(sizes) == 2
    assert [len(column) for column in nodes] == [2, 8, 8, 8, 8, 3]
    edges = edges_between(nodes, matrices(*sizes))
    assert len(edges) == 2 * 8 + 3 * 8 * 8
    assert max(edge.target.column for edge in edges) == 4


def test_the_mouse_finds_a_node_then_the_nearest_edge_then_nothing():
    sizes = (2, 2)
    nodes = columns(sizes, AREA, 0, 56)
    edges = edges_between(nodes, matrices(*sizes))
    assert found_at(nodes[1][1].area.center(), nodes, edges) is nodes[1][1]
    assert found_at(edges[0].line.pointAt(0.3) + QPointF(0, 2), nodes, edges) is edges[0]
    crossing = max((edges[1], edges[2]), key=lambda edge: edge.share)
    assert found_at(edges[1].line.pointAt(0.5), nodes, edges) is crossing
    assert found_at(QPointF(200, 0), nodes, edges) is None


def test_distance_to_a_piece_of_a_line():
    line = QLineF(0, 0, 10, 0)
    assert distance(line, QPointF(5, 3)) == 3
    assert distance(line, QPointF(13, 4)) == 5
    assert distance(QLineF(1, 1, 1, 1), QPointF(4, 5)) == 5
