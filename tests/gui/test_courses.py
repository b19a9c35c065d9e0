import numpy as np
import pytest

from momentum_gui.gui.courses import CHUNK, Course
from momentum_gui.gui.kept_picture import Frame


class Path:
    """What has these points."""

    def __init__(self, *points):
        self.path = np.array(points, float)


def wanderer(steps):
    """A path that runs from left to right, up and down at random."""
    y = np.random.default_rng(0).uniform(-4, 4, steps)
    return Path(*np.column_stack([np.linspace(-5, 5, steps), y]))


@pytest.mark.parametrize("zoom", [6, 2])  # all of the path is in the view, or some
def test_small_pieces_give_what_a_large_one_gives(zoom):
    path = wanderer(1000)
    frame = Frame(400, 300, -zoom, 0.75 * zoom, 200 / zoom, 200 / zoom)
    whole = Course(path).piece(frame, 0, 1000, (0, 0))
    for size in (7, 100, CHUNK, 300):
        course, ends, pieces = Course(path), (0, 0), []
        for first in range(0, 999, size):
            piece = course.piece(frame, first, min(first + size, 999) + 1, ends)
            if piece is not None:
                pieces.append(piece)
                ends = piece.ends
        assert np.array_equal(np.concatenate([piece.lines for piece in pieces]), whole.lines)
        discs = {tuple(disc) for piece in pieces for disc in piece.discs}
        assert {tuple(disc) for disc in whole.discs} <= discs  # a block does not know of the dot that it begins at
        assert len(discs) - len(whole.discs) <= 1000 / size + 1
        assert sum(piece.ink for piece in pieces) == pytest.approx(whole.ink)
        assert ends == whole.ends


def test_a_piece_may_begin_before_what_is_laid_out_or_end_behind_it():
    path = wanderer(1000)
    frame = Frame(400, 300, -6, 4.5, 400 / 12, 400 / 12)
    course = Course(path)
    assert course.piece(frame, 0, 1, (0, 0)) is None
    late = course.piece(frame, 100, 121, (99, 100))
    early = course.piece(frame, 90, 111, (89, 90))
    both = course.piece(frame, 90, 121, (89, 90))
    assert np.array_equal(both.lines, np.concatenate([early.lines, late.lines[10:]]))
    assert course.piece(frame, 90, 611, (89, 90)).ends == (609, 610)


def test_a_path_that_stays_put_gives_no_piece():
    path = Path(*[(0, 0)] * 20, (1, 1), *[(1.0001, 1)] * 20)
    course, frame = Course(path), Frame(400, 300, -6, 4.5, 400 / 12, 400 / 12)
    assert course.piece(frame, 0, 20, (0, 0)) is None
    there = course.piece(frame, 19, 25, (0, 0))
    assert len(there.lines) == 1
    assert there.ends == (0, 20)
    assert course.piece(frame, 24, 41, there.ends) is None
