import numpy as np
import pytest

from momentum_gui.core.datasets import Dataset, Scale
from momentum_gui.core.network import MLP, Network, softmax
from momentum_gui.gui.class_map import (
    FEWEST_POINTS,
    MOST_POINTS,
    Cut,
    Grid,
    affordable,
    boundaries,
    class_map,
    levels,
    predictions,
    shares,
    unit_maps,
)


def linear(classes=2):
    """A network without hidden layers whose class k has the output x if k = 0, y if k = 1, else 0."""
    mlp = MLP(Network(hidden=()), 2, classes)
    w = np.zeros((2, classes))
    w[0, 0] = w[1, 1] = 1.0
    return mlp, w.ravel()


def test_a_grid_has_square_cells_and_about_the_points_asked_for():
    grid = Grid.over(-2, 2, -1, 1, 5000)
    assert grid.columns * grid.rows == pytest.approx(5000, rel=0.05)
    assert np.diff(grid.x)[0] == pytest.approx(np.diff(grid.y)[0], rel=0.05)
    assert grid.x[0] - grid.left == pytest.approx(grid.right - grid.x[-1])
    assert Grid.over(0, 1, 0, 1, 10**9).columns ** 2 <= 1.1 * MOST_POINTS
    assert Grid.over(0, 1, 0, 1, 1).columns ** 2 >= 0.9 * FEWEST_POINTS


def test_probabilities_are_those_of_the_network_at_the_cells_middles():
    mlp, w = linear()
    grid = Grid.over(-1, 1, -1, 1, 400)
    result = class_map(mlp, w, grid)
    assert result.probabilities.shape == (grid.rows, grid.columns, 2)
    for row, column in ((0, 0), (3, 11), (grid.rows - 1, 0)):
        point = np.array([[grid.x[column], grid.y[row]]])
        assert result.probabilities[row, column] == pytest.approx(mlp.probabilities(w, point)[0])


def test_the_line_between_two_classes_is_where_they_are_equally_likely():
    (line,) = class_map(*linear(), Grid.over(-1, 1, -1, 1, 400)).lines
    assert line[:, 0] == pytest.approx(line[:, 1])


def test_three_classes_meet():
    mlp, w = linear(3)
    lines = np.concatenate(class_map(mlp, w, Grid.over(-1, 1, -1, 1, 2500)).lines)
    x, y = lines.T
    two_best = np.sort(np.stack([x, y, np.zeros_like(x)]), axis=0)[1:]
    assert two_best[0] == pytest.approx(two_best[1], abs=0.05)


def test_equal_classes_have_no_line():
    grid = Grid.over(-1, 1, -1, 1, 400)
    z = np.zeros((grid.rows, grid.columns, 3))
    z[..., 1] = 5.0
    assert boundaries(grid, z) == []


@pytest.mark.parametrize("classes", [2, 3])
def test_shares_are_the_softmax_however_sure(classes):
    z = np.random.default_rng(0).normal(scale=300, size=(20, 20, classes))
    with np.errstate(all="ignore"):
        assert shares(z) == pytest.approx(softmax(z), abs=1e-15)


def test_large_networks_get_fewer_points():
    small, large = MLP(Network(hidden=(8,)), 2, 2), MLP(Network(hidden=(512, 512)), 2, 2)
    assert affordable(small, 0.01) > 20 * affordable(large, 0.01) > 0


def test_predictions():
    mlp, w = linear()
    assert list(predictions(mlp, w, np.array([[1.0, 0.0], [0.0, 1.0]]))) == [0, 1]


def test_a_cut_holds_the_other_features_at_their_training_mean():
    x = np.array([[1.0, 10.0, 100.0], [3.0, 30.0, 300.0]])
    data = Dataset(x, np.array([0, 1]), x, np.array([0, 1]), ("a", "b"), ("u", "v", "w"))
    cut = Cut.through(data, 2, 0)
    assert cut.inputs(np.array([[7.0, 8.0]])).tolist() == [[8.0, 20.0, 7.0]]
    assert cut.points(x).tolist() == [[100.0, 1.0], [300.0, 3.0]]


def test_a_regressions_map_holds_its_numbers_and_level_lines():
    mlp = MLP(Network(hidden=()), 2, 0)
    grid = Grid.over(-1, 1, -1, 1, 400)
    result = class_map(mlp, np.array([1.0, 0.0]), grid)  # the number is x
    assert result.probabilities.shape == (grid.rows, grid.columns, 1)
    assert result.probabilities[0, :, 0] == pytest.approx(grid.x)
    places = sorted(round(float(line[0, 0]), 6) for line in result.lines)
    assert places == pytest.approx([-0.5, 0.0, 0.5])
    for line in result.lines:
        assert np.ptp(line[:, 0]) < 1e-9


def test_what_is_level_or_not_finite_has_no_lines():
    grid = Grid.over(-1, 1, -1, 1, 400)
    assert levels(grid, np.zeros((grid.rows, grid.columns)), Scale()) == []
    assert levels(grid, np.full((grid.rows, grid.columns), np.nan), Scale()) == []


def test_unit_maps_are_the_layers_outputs_the_last_as_probabilities():
    mlp = MLP(Network(hidden=(3, 12, 2, 5), bias=True, activation="tanh"), 2, 3)
    w, grid = mlp.start(np.random.default_rng(0)), Grid.over(-1, 1, -1, 1, 300)
    maps = unit_maps(mlp, w, grid, 2, 8)
    assert [each.shape[2] for each in maps] == [3, 8, 3]
    outputs = mlp.forward(mlp.layers(w), grid.points)
    assert maps[0].reshape(-1, 3) == pytest.approx(outputs[0])
    assert maps[1].reshape(-1, 8) == pytest.approx(outputs[1][:, :8])
    assert maps[2].sum(axis=-1) == pytest.approx(np.ones((grid.rows, grid.columns)))


def test_level_lines_of_a_table_are_at_round_numbers_of_its_own():
    mlp = MLP(Network(hidden=()), 2, 0)
    grid = Grid.over(-1, 1, -1, 1, 400)
    scale = Scale(mean=1030.0, deviation=100.0)
    result = class_map(mlp, np.array([1.0, 0.0]), grid, None, scale)  # the number is x: from 935 to 1125 in its units
    heights = sorted(round(scale.own(float(line[0, 0])), 6) for line in result.lines)
    assert heights == [950, 1000, 1050, 1100]
