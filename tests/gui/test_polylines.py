import numpy as np

from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.polylines import clip, distinct, turns

FRAME = Frame(400, 300, -6, 4.5, 400 / 12, 400 / 12)


def test_clip_cuts_lines_to_the_view():
    begin = np.array([[-100.0, 150], [10, 10], [500, 500], [50, -1e15], [200, 200]])
    end = np.array([[100.0, 150], [20, 20], [900, 900], [50, 1e15], [200, 200]])
    lines = clip(begin, end, FRAME, margin=0)
    assert lines.tolist() == [[0, 150, 100, 150], [10, 10, 20, 20], [50, 0, 50, 300]]


def test_what_falls_upon_another_is_not_distinct():
    lines = np.array([[0.0, 0, 10, 10], [10, 10, 0, 0], [0.1, 0, 10.1, 10], [0, 0, 10, 11]])
    assert distinct(lines).tolist() == [True, False, False, True]


def test_a_path_turns_where_its_ways_part():
    ways = np.diff(np.array([[0.0, 0], [0, 0], [10, 0], [20, 0.1], [20, 10], [20, 20]]), axis=0).T
    assert turns(ways, np.hypot(*ways)).tolist() == [False, False, True, False]
